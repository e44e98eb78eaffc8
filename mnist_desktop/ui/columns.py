"""The window's three columns: training, the pages, drawing."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.ui.parts.focus import focus_first
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT

NARROW = 1164  # all three columns need as much, in pixels; in less, training folds to a rail
SIDE_LEAST, SIDE_MOST = 304, 520
MIDDLE_WIDTH = 528  # what the pages' controls need
# A side column's width, as a function of the width of all three: 304 at 1,164 and 440 at 1,880.
SIDE_SHARE = 0.19
LEFT, RIGHT = 0, 2  # places in the splitter


@guarded
class Columns(QWidget):
    """Puts panels next to the pages; each side folds to a rail, and takes the width it is given.

    Where all three do not fit, the left one is folded, and its rail opens it as a drawer over the
    pages.

    Parameters
    ----------
    left : QWidget or None
        The column of training; None in the Reader, where the pages begin at the window's edge.
    middle, right : QWidget
        What the other columns hold.

    Signals
    -------
    changed()
        A column is folded, unfolded, or of a width that the user gave it.
    """

    changed = Signal()

    def __init__(self, left: QWidget | None, middle: QWidget, right: QWidget) -> None:
        super().__init__()
        self.left, self._middle, self.right = left, _card(middle), right
        self._is_left_folded = self._is_right_folded = False
        self._is_narrow = self._is_drawn_out = False
        self._given: tuple[int, int] | None = None  # widths that the user chose
        self.left_rail = _Rail("trainRail", "Train", "left", "Show the training panel (Ctrl+1)")
        self.right_rail = _Rail("drawRail", "Draw", "right", "Show the drawing panel (Ctrl+2)")
        self.left_rail.clicked.connect(self.toggle_left)
        self.right_rail.clicked.connect(self.toggle_right)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(UNIT)
        self._splitter.setChildrenCollapsible(False)
        for part in (*self._sides[:-1], self._middle, right):
            self._splitter.addWidget(part)
        self._splitter.setStretchFactor(self._splitter.indexOf(self._middle), 1)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)
        for side in self._sides:
            side.setMaximumWidth(SIDE_MOST)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self.left_rail, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._splitter, 1)
        row.addWidget(self.right_rail, 0, Qt.AlignmentFlag.AlignTop)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        self._arrange()

    # What the user does

    @Slot()
    def toggle_left(self) -> None:
        """Fold or unfold the column of training; in a narrow window, open or close its drawer."""
        if self.left is None:
            return
        if self._is_narrow:
            self._is_drawn_out = not self._is_drawn_out
        else:
            self._is_left_folded = not self._is_left_folded
        had_focus = self.left.isAncestorOf(self.focusWidget() or self)
        self._arrange()
        if self._is_drawn_out:  # it closes once the focus leaves it
            focus_first(self.left)
        elif had_focus and not self.left.isVisible():
            self.left_rail.setFocus()
        self.changed.emit()

    @Slot()
    def toggle_right(self) -> None:
        """Fold or unfold the column of drawing."""
        self._is_right_folded = not self._is_right_folded
        self._arrange()
        self.changed.emit()

    def close_drawer(self) -> None:
        """Close the drawer of a narrow window, if it is open."""
        if self._is_drawn_out:
            self.toggle_left()

    @Slot()
    def show_left(self) -> None:
        """Show the column of training, wherever it is."""
        if self.left is not None and not self.left.isVisible():
            self.toggle_left()

    @Slot()
    def show_right(self) -> None:
        """Show the column of drawing."""
        if self._is_right_folded:
            self.toggle_right()

    @Slot(int, int)
    def _on_splitter_moved(self, _position: int, _index: int) -> None:
        sizes = self._splitter.sizes()
        left, right = self._given or (self._side_width(),) * 2
        left = sizes[LEFT] if self._is_left_in_place else left
        self._given = (left, right if self._is_right_folded else sizes[-1])
        self.changed.emit()

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Close the drawer once something beside it is used."""
        if now is None or self.left is None or not self._is_drawn_out:
            return
        is_beside = self._splitter.isAncestorOf(now) or self.right_rail is now
        if is_beside and not self.left.isAncestorOf(now):
            self.toggle_left()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the drawer on Escape."""
        if event.key() == Qt.Key.Key_Escape and self._is_drawn_out:
            self.toggle_left()
        else:
            super().keyPressEvent(event)

    # What is remembered

    @property
    def state(self) -> str:
        """What `restore` takes: which sides are folded, and the widths that the user gave them."""
        folded = "l" * self._is_left_folded + "r" * self._is_right_folded
        widths = "" if self._given is None else f"{self._given[0]} {self._given[1]}"
        return f"{folded or '-'} {widths}".strip()

    def restore(self, state: str) -> None:
        """Fold the sides, and make them as wide, as they were; nonsense is left alone."""
        folded, *widths = state.split() or ["-"]
        if folded not in ("-", "l", "r", "lr"):
            return
        self._is_left_folded, self._is_right_folded = "l" in folded, "r" in folded
        if len(widths) == 2 and all(width.isdecimal() for width in widths):
            left, right = (min(max(int(width), SIDE_LEAST), SIDE_MOST) for width in widths)
            self._given = (left, right)
        self._arrange()
        self.changed.emit()

    # Where everything is

    @property
    def _sides(self) -> tuple[QWidget, ...]:
        return (self.right,) if self.left is None else (self.left, self.right)

    @property
    def _is_left_in_place(self) -> bool:
        return self.left is not None and not (self._is_narrow or self._is_left_folded)

    def _side_width(self) -> int:
        share = round(SIDE_LEAST + (self.width() - NARROW) * SIDE_SHARE)
        return min(max(share, SIDE_LEAST), SIDE_MOST)

    def minimumSizeHint(self) -> QSize:
        """The width without training, which can fold, and the height of the highest column."""
        parts = (self._middle, *self._sides)
        height = max(part.minimumSizeHint().height() for part in parts)
        right = self.right_rail.width() if self._is_right_folded else self._least(self.right)
        width = MIDDLE_WIDTH + UNIT + right
        if self.left is not None:
            width += self.left_rail.sizeHint().width() + UNIT
        return QSize(width, height)

    def _least(self, side: QWidget) -> int:
        return max(SIDE_LEAST, side.minimumSizeHint().width())

    def fit(self) -> None:
        """Put everything in its place again: what the columns hold needs another size."""
        for side in self._sides:
            side.setMinimumWidth(self._least(side))
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold training where it no longer fits; give the sides their share of the width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        sides = sum(map(self._least, self._sides))
        self._is_narrow = self.width() < max(NARROW, sides + MIDDLE_WIDTH + UNIT * 2)
        if not self._is_narrow:
            self._is_drawn_out = False
        self._place_left()
        self.right.setVisible(not self._is_right_folded)
        self.left_rail.setVisible(self.left is not None and not self._is_left_in_place)
        self.right_rail.setVisible(self._is_right_folded)
        left, right = self._given or (self._side_width(),) * 2
        if self._is_left_in_place:
            self._splitter.setSizes([left, 10_000, right])
        else:
            self._splitter.setSizes([10_000, right])
        self.updateGeometry()

    def _place_left(self) -> None:
        """Put the column of training beside the pages, or over them as a drawer, or away."""
        if self.left is None:
            return
        is_beside = self._splitter.indexOf(self.left) == LEFT
        if self._is_left_in_place:
            if not is_beside:
                self._splitter.insertWidget(LEFT, self.left)
                self._splitter.setStretchFactor(1, 1)
            self.left.show()
            return
        if is_beside:
            self.left.setParent(self)
        beside = self.left_rail.sizeHint().width() + UNIT
        self.left.setGeometry(QRect(beside, 0, self._least(self.left) + UNIT * 3, self.height()))
        self.left.setVisible(self._is_drawn_out)
        self.left.raise_()


@guarded
class _Rail(QToolButton):
    """What is left of a column that is folded: a button as high as the window that unfolds it."""

    def __init__(self, name: str, text: str, picture: str, tip: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setText(text)
        self.setIcon(icon(picture))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setAccessibleName(tip.split(" (", maxsplit=1)[0])
        self.setToolTip(in_words(tip))
        self.setFixedHeight(UNIT * 8)

    def sizeHint(self) -> QSize:
        """As narrow as its word."""
        return QSize(UNIT * 7, UNIT * 8)


def _card(widget: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("card", True)
    card.setMinimumWidth(MIDDLE_WIDTH)
    inside = QVBoxLayout(card)
    inside.setContentsMargins(1, 4, 1, 1)
    inside.addWidget(widget)
    return card
