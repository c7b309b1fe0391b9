"""What works on runs in the background: processes of their own, beside those that answer requests."""
