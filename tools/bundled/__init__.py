"""Builds the networks that come with the program."""
