"""The training column."""
