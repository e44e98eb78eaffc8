"""A label that keeps its place whatever it says."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from mnist_desktop.ui.parts.guarded import guarded


@guarded
class ReservedLabel(QLabel):
    """A label with room for a number of lines, however many its text takes; a tip has all of it.

    Parameters
    ----------
    role : str
        In the style sheet, as for `mnist_desktop.ui.parts.theme.label`.
    lines : int
        How many lines it has room for, at least 1.
    """

    def __init__(self, role: str, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show a text, and all of it in a tip."""
        super().setText(text)
        self.setToolTip(text)

    def heightForWidth(self, _width: int) -> int:
        """Reserve the same height at any width."""
        return self._lines * self.fontMetrics().lineSpacing() + 1

    def sizeHint(self) -> QSize:
        """Ask for the lines reserved, and for no width."""
        return QSize(0, self.heightForWidth(0))

    def minimumSizeHint(self) -> QSize:
        """Need the lines reserved."""
        return self.sizeHint()
