"""Places that stay where they are, whatever is in them."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def keep_place(widget: QWidget) -> None:
    """Have a widget's place left free while it is hidden, so that nothing beside it moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def in_the_middle(part: QWidget) -> QWidget:
    """Put a widget halfway down in whatever height there is."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addStretch()
    layout.addWidget(part)
    layout.addStretch()
    return page
