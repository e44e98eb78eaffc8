"""The window's three columns: training, the pages, drawing."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QVBoxLayout, QWidget

from mnist_desktop.ui.parts.theme import UNIT

SIDE_WIDTH = 328
SIDE_MOST = 520
MIDDLE_WIDTH = 528  # what the pages' controls need


class Columns(QSplitter):
    """Puts panels next to the pages; both sides can be hidden, and made wider with the mouse.

    Parameters
    ----------
    left, middle, right : QWidget
        What the columns hold.

    Signals
    -------
    changed()
        A column is shown or hidden.
    """

    changed = Signal()

    def __init__(self, left: QWidget, middle: QWidget, right: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(UNIT + 4)
        self.setChildrenCollapsible(False)
        self.left = _side_column(left)
        self.right = _side_column(right)
        self._sides = ((self.left, left), (self.right, right))
        for part in (self.left, _card(middle), self.right):
            self.addWidget(part)
        self.setStretchFactor(1, 1)
        self.setSizes([SIDE_WIDTH, 10_000, SIDE_WIDTH])

    @Slot()
    def toggle_left(self) -> None:
        """Show or hide the column of training."""
        self.left.setVisible(not self.left.isVisible())
        self.fit()

    @Slot()
    def toggle_right(self) -> None:
        """Show or hide the column of drawing."""
        self.right.setVisible(not self.right.isVisible())
        self.fit()

    def fit(self) -> None:
        """Make the side columns as wide as what they hold needs."""
        for column, panel in self._sides:
            scroll_bar = column.verticalScrollBar().sizeHint().width()
            column.setMinimumWidth(panel.minimumSizeHint().width() + scroll_bar)
        self.changed.emit()

    def bring_into_view(self, widget: QWidget) -> None:
        """Scroll to something in the right column, once it has its place."""
        QTimer.singleShot(0, self, lambda: self.right.ensureWidgetVisible(widget))


def _card(widget: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("card", True)
    card.setMinimumWidth(MIDDLE_WIDTH)
    inside = QVBoxLayout(card)
    inside.setContentsMargins(1, 4, 1, 1)
    inside.addWidget(widget)
    return card


def _side_column(panel: QWidget) -> QScrollArea:
    """A column that scrolls when the window is too low for it."""
    column = QScrollArea()
    column.setWidget(panel)
    column.setWidgetResizable(True)
    column.setFrameShape(QFrame.Shape.NoFrame)
    column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column.setMaximumWidth(SIDE_MOST)
    return column
