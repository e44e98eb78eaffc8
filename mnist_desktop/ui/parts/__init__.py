"""What the columns of the window share."""
