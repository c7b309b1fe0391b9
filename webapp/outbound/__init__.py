"""One HTTP call out, for any vendor: a deadline over all of it, a cap on what arrives, a word for why it failed."""
