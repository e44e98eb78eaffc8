"""The place of the pad: a square in the middle, whatever the column's size."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.ui.parts.guarded import guarded

LEAST_SIDE, MOST_SIDE = 180, 480  # pixels


@guarded
class SquarePlace(QWidget):
    """Keeps a widget a centred square, as large as this place and 480 pixels allow.

    Parameters
    ----------
    widget : QWidget
        What is kept; it becomes a child of this place.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        widget.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        """Room for a pad that a finger can draw on."""
        return QSize(LEAST_SIDE, LEAST_SIDE)

    def sizeHint(self) -> QSize:
        """As large as it can be."""
        return QSize(LEAST_SIDE, LEAST_SIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the square into the middle, and ask for no more height than it can use."""
        super().resizeEvent(event)
        self.setMaximumHeight(min(max(self.width(), LEAST_SIDE), MOST_SIDE))
        side = min(self.width(), self.height(), MOST_SIDE)
        left, top = (self.width() - side) // 2, (self.height() - side) // 2
        self._widget.setGeometry(left, top, side, side)
