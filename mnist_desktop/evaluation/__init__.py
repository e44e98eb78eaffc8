"""What a network got right and wrong."""
