"""A page that has nothing to show yet: says what will be there and offers what fills it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mnist_desktop.ui.parts.theme import UNIT, label


class EmptyPage(QWidget):
    """Title, one sentence and one button.

    Signals
    -------
    action_requested()
        The button was pressed.
    """

    action_requested = Signal()

    def __init__(self, title: str, text: str, action: str) -> None:
        super().__init__()
        self._heading = label(title, "title")
        self._sentence = label(text, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setFixedWidth(380)
        self._button = QPushButton(action)
        self._button.clicked.connect(self.action_requested)
        layout = QVBoxLayout(self)
        layout.setSpacing(UNIT)
        layout.addStretch()
        layout.addWidget(self._heading, 0, Qt.AlignmentFlag.AlignHCenter)
        # Not by alignment: an aligned label is as high as one line, however it wraps.
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self._sentence)
        row.addStretch()
        layout.addLayout(row)
        layout.addSpacing(UNIT)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()

    def set_text(self, text: str, *, offers_action: bool, title: str = "") -> None:
        """Say something else, with or without the button, and under another title if it has one."""
        self._heading.setText(title or self._heading.text())
        self._sentence.setText(text)
        self._button.setVisible(offers_action)
