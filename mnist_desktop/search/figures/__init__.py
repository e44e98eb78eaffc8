"""Figures of a search: each answers one question about its trials."""
