"""What a digit is, and where digits come from."""
