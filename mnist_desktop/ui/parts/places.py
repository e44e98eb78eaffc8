"""Places that stay where they are, whatever is in them."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def keep_place(widget: QWidget) -> None:
    """Have a widget's place left free while it is hidden, so that nothing beside it moves."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def at_top(*parts: QWidget, spacing: int = 0) -> QWidget:
    """Put widgets below each other at the top of whatever height there is."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch()
    return page


def in_the_middle(part: QWidget) -> QWidget:
    """Put a widget halfway down in whatever height there is."""
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.addStretch()
    layout.addWidget(part)
    layout.addStretch()
    return page
