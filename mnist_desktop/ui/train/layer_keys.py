"""What keys mean where layers are edited."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QKeyEvent

from mnist_desktop.ui.parts.shortcuts import is_key

# Also while the focus is in a field of a card, which would take some of them for its own text.
ANYWHERE: Mapping[str, str] = {
    "Ctrl+Z": "undo",
    "Ctrl+Shift+Z": "redo",
    "Ctrl+Y": "redo",
    "Alt+Up": "raise",
    "Alt+Down": "lower",
    "Ctrl+Shift+D": "duplicate",
    "Ins": "add",
}
# Where a field needs them for itself, they are the field's.
OUTSIDE_FIELDS: Mapping[str, str] = {
    "Ctrl+C": "copy",
    "Ctrl+V": "paste",
    "Del": "remove",
    "Up": "previous",
    "Down": "next",
    "Home": "first",
    "End": "last",
    "Space": "switch",
    "Return": "enter",
    "Enter": "enter",
}


def step_of(event: QKeyEvent) -> str:
    """Say what a key asks for wherever the focus is; empty if nothing."""
    return _step(event, ANYWHERE)


def step_on_card(event: QKeyEvent) -> str:
    """Say what a key asks for while a card has the focus; empty if nothing."""
    return step_of(event) or _step(event, OUTSIDE_FIELDS)


def _step(event: QKeyEvent, steps: Mapping[str, str]) -> str:
    return next((step for key, step in steps.items() if is_key(event, key)), "")
