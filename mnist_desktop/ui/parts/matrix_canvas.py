"""A confusion matrix whose cells, rows and columns can be chosen with mouse and keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen

from mnist_desktop.evaluation.confusion import CLASSES
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.workers.figures import FigureController

Cell = tuple[int, int]  # true digit, predicted digit
STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Home: (0, -CLASSES),
    Qt.Key.Key_End: (0, CLASSES),
    Qt.Key.Key_PageUp: (-CLASSES, 0),
    Qt.Key.Key_PageDown: (CLASSES, 0),
}


def block(first: Cell, last: Cell) -> NDArray[np.bool_]:
    """All cells between two corners, shape (10, 10)."""
    cells = np.zeros((CLASSES, CLASSES), bool)
    (top, bottom), (left, right) = (sorted(pair) for pair in zip(first, last, strict=True))
    cells[top : bottom + 1, left : right + 1] = True
    return cells


@guarded
class MatrixFigure(FigureHolder):
    """Holds a figure of a matrix and the cells that are chosen in it.

    A click chooses a cell, on a digit next to the matrix a row or column; drawn over several it
    chooses a block, with Shift up to the cell, with Ctrl in addition. On the keyboard the arrows
    move, Shift extends, Shift+Space and Ctrl+Space take the row and the column, Ctrl+A all, Return
    opens, Escape lets go.

    Attributes
    ----------
    cells : ndarray of bool, shape (10, 10)
        What is chosen; row: true digit, column: predicted digit.

    Signals
    -------
    chosen(object)
        The user wants to see the digits of these cells, ndarray of bool, shape (10, 10).
    pointed(object)
        The cell under the mouse or the keyboard, (true, predicted), or None.
    """

    chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, name: str, figures: FigureController) -> None:
        super().__init__(name, figures)
        self.cells = np.zeros((CLASSES, CLASSES), bool)
        self._before = self.cells  # what Ctrl adds to
        self._anchor: Cell | None = None
        self._current: Cell = (0, 0)
        self._is_dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def clear_choice(self) -> None:
        """Choose nothing."""
        self._choose(np.zeros((CLASSES, CLASSES), bool))

    # With the mouse

    def mouse_pressed(self, event: Any) -> None:
        """Begin to choose."""
        ends = self._ends_at(event)
        if event.button != 1 or ends is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        modifiers = event.guiEvent.modifiers()
        extends = bool(modifiers & Qt.KeyboardModifier.ShiftModifier) and self._anchor is not None
        adds = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._before = self.cells.copy() if adds else np.zeros((CLASSES, CLASSES), bool)
        if not extends:
            self._anchor = ends[0]
        self._is_dragging = True
        self._extend_to(ends[1])
        if adds and not extends and self._before[ends[0]] and ends[0] == ends[1]:
            self._before[ends[0]] = False  # a second time takes it away
            self._is_dragging = False
            self._choose(self._before)

    def mouse_moved(self, event: Any) -> None:
        """Report the cell under the mouse, and extend the selection."""
        ends = self._ends_at(event)
        self.pointed.emit(ends[0] if ends is not None and ends[0] == ends[1] else None)
        if self._is_dragging and ends is not None:
            self._extend_to(ends[1])

    def mouse_released(self, event: Any) -> None:
        """Open what was chosen, unless more is being collected with Ctrl."""
        if event.button != 1 or not self._is_dragging:
            return
        self._is_dragging = False
        if not event.guiEvent.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._open()

    def mouse_left(self, event: Any) -> None:
        """Report that the mouse has left."""
        self.pointed.emit(self._current if self.hasFocus() else None)

    def _ends_at(self, event: Any) -> tuple[Cell, Cell] | None:
        """First and last cell of what lies under the mouse: a cell, a row or a column."""
        if not self.axes:
            return None
        axes = self.axes[0]
        x, y = axes.transData.inverted().transform((event.x, event.y))
        column, row = round(float(x)), round(float(y))
        in_columns, in_rows = 0 <= column < CLASSES, 0 <= row < CLASSES
        if in_columns and in_rows:
            return (row, column), (row, column)
        if in_rows and column < 0:
            return (row, 0), (row, CLASSES - 1)
        if in_columns and row >= CLASSES:
            return (0, column), (CLASSES - 1, column)
        return None

    # With the keyboard

    def answer_key(self, event: QKeyEvent) -> bool:
        """Move, choose and open."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        row, column = self._current
        if key in STEPS:
            self._step(*STEPS[key], extend=shift)
        elif key == Qt.Key.Key_Space and shift:
            self._choose(block((row, 0), (row, CLASSES - 1)))
        elif key == Qt.Key.Key_Space and control:
            self._choose(block((0, column), (CLASSES - 1, column)))
        elif key == Qt.Key.Key_A and control:
            self._choose(np.ones((CLASSES, CLASSES), bool))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if not self.cells.any():
                self._choose(block(self._current, self._current))
            self._open()
        elif key == Qt.Key.Key_Escape and self.cells.any():
            self.clear_choice()
        else:
            return super().answer_key(event)
        return True

    def owns_key(self, event: QKeyEvent) -> bool:
        """Keep Ctrl+A and Ctrl+Space, the arrows, and Escape while there is a choice to let go."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        mine = control and event.key() in (Qt.Key.Key_A, Qt.Key.Key_Space)
        lets_go = event.key() == Qt.Key.Key_Escape and bool(self.cells.any())
        return mine or lets_go or Qt.Key(event.key()) in STEPS or super().owns_key(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show and report the cell that has the keyboard."""
        super().focusInEvent(event)
        self._tell_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self.repaint_over()

    def _step(self, down: int, right: int, *, extend: bool) -> None:
        last = CLASSES - 1
        row, column = self._current
        place = (min(max(row + down, 0), last), min(max(column + right, 0), last))
        if extend:
            if self._anchor is None:
                self._anchor = self._current
            self._before = np.zeros((CLASSES, CLASSES), bool)
            self._extend_to(place)
        else:
            self._anchor = self._current = place
            self._choose(block(place, place))
        self._tell_current()

    # Either way

    def _extend_to(self, place: Cell) -> None:
        assert self._anchor is not None  # noqa: S101 - set where choosing began
        self._current = place
        self._choose(self._before | block(self._anchor, place))

    def _choose(self, cells: NDArray[np.bool_]) -> None:
        self.cells = cells
        self.repaint_over()

    def _open(self) -> None:
        if self.cells.any():
            self.chosen.emit(self.cells.copy())

    def _tell_current(self) -> None:
        self.pointed.emit(self._current)
        self.repaint_over()

    def paint_over(self, painter: QPainter) -> None:
        """Frame the chosen cells, and the one the keyboard is on."""
        if not self.axes:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.text), 2.4))
        for true, predicted in zip(*np.nonzero(self.cells), strict=True):
            painter.drawRect(self._cell_area(int(true), int(predicted)))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._theme.accent), 2, Qt.PenStyle.DashLine))
            painter.drawRect(self._cell_area(*self._current).adjusted(3, 3, -3, -3))

    def _cell_area(self, true: int, predicted: int) -> QRectF:
        corners = [
            self.place_of(self.axes[0], predicted + side, true + side) for side in (-0.5, 0.5)
        ]
        return QRectF(*corners).adjusted(1, 1, -1, -1)
