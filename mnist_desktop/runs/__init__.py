"""What is kept: runs, models, exports."""
