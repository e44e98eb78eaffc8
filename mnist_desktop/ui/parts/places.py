"""Places that stay where they are, whatever is in them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def keep_place(widget: QWidget) -> None:
    """Have a widget's place left free while it is hidden, so that nothing beside it moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
