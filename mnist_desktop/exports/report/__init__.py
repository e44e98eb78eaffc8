"""The report on a run, in HTML and PDF."""
