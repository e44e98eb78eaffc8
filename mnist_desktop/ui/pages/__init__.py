"""The pages in the middle."""
