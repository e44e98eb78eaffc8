"""Figures of a network's results: functions that take arrays and return matplotlib figures.

They know nothing of Qt and never touch ``pyplot``, so they draw for the window, for files and for
notebooks alike; a `Frame` gives them size and colours.
"""
