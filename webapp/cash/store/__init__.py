"""What we keep for an account."""
