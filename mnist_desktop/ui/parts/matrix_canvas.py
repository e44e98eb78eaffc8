"""A confusion matrix whose cells, rows and columns can be chosen with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.figures.confusion import MakeCells, MatrixMaker, matrix_layout
from mnist_desktop.evaluation.figures.matrix_layout import Cell, MatrixLayout
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.matrix_grid import paint_cells
from mnist_desktop.ui.parts.matrix_marks import CellCard, paint_band, paint_card, paint_outline
from mnist_desktop.ui.parts.shortcuts import is_key
from mnist_desktop.workers.figures import FigureController

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

    Until its figure is drawn the same is painted by Qt, in the same places; so are the marks of
    what is chosen or pointed at, and a card that says what is in a cell. The figure is not drawn
    again for any of them.

    A click chooses a cell, on a digit next to the matrix a row or column; drawn over several it
    chooses a block, with Shift up to the cell, with Ctrl in addition. On the keyboard the arrows
    move, Shift extends, Shift+Space and Ctrl+Space take the row and the column, Ctrl+A all, Return
    opens, Escape lets go.

    Attributes
    ----------
    cells : ndarray of bool, shape (10, 10)
        What is chosen; row: true digit, column: predicted digit.
    card_of : callable or None
        Takes a cell and says what is in it: a `CellCard`.

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
        self._pointed: Cell | None = None
        self._is_dragging = False
        self.card_of: Callable[[Cell], CellCard] | None = None
        self.setMouseTracking(True)
        self.setProperty("showsFocus", True)  # by the mark of the cell that has the keyboard
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_cells(self, cells: MakeCells) -> None:
        """Show a matrix, at once.

        Parameters
        ----------
        cells : callable
            Takes a theme's `FigureColors` and gives the `MatrixCells`; called from other threads.
        """
        self.show_figure(MatrixMaker(cells))
        self.repaint_over()

    @property
    def layout_of_cells(self) -> MatrixLayout:
        """Where cells lie, in pixels of the screen."""
        return matrix_layout(self.frame)

    def cell_rect(self, true: int, predicted: int) -> QRectF:
        """Where a cell lies in the widget."""
        ratio = self.devicePixelRatioF()
        return QRectF(*(side / ratio for side in self.layout_of_cells.cell_area(true, predicted)))

    @property
    def pointed_cell(self) -> Cell | None:
        """The cell that is marked because the mouse or the keyboard is on it."""
        return self._pointed

    def clear_choice(self) -> None:
        """Choose nothing."""
        self._choose(np.zeros((CLASSES, CLASSES), bool))

    # With the mouse

    def answer_mouse(self) -> None:
        """Answer the mouse here, also before there is a figure."""
        self.canvas.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose."""
        ends = self._ends_at(event)
        if event.button() != Qt.MouseButton.LeftButton or ends is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        modifiers = event.modifiers()
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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark and report the cell under the mouse, and extend the selection."""
        ends = self._ends_at(event)
        self._point_at(ends[0] if ends is not None and ends[0] == ends[1] else None)
        if self._is_dragging and ends is not None:
            self._extend_to(ends[1])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open what was chosen, unless more is being collected with Ctrl."""
        if event.button() != Qt.MouseButton.LeftButton or not self._is_dragging:
            return
        self._is_dragging = False
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._open()

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing once the mouse has left, but the cell that has the keyboard."""
        super().leaveEvent(event)
        self._point_at(self._current if self.hasFocus() else None)

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._pointed:
            self._pointed = cell
            self.repaint_over()
            self.pointed.emit(cell)

    def _ends_at(self, event: QMouseEvent) -> tuple[Cell, Cell] | None:
        """First and last cell of what lies under the mouse: a cell, a row or a column."""
        if self.make is None:
            return None
        place = event.position() * self.devicePixelRatioF()
        return self.layout_of_cells.ends_at(place.x(), place.y())

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
        elif is_key(event, "Ctrl+Space"):
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
        mine = is_key(event, "Ctrl+A") or is_key(event, "Ctrl+Space")
        lets_go = event.key() == Qt.Key.Key_Escape and bool(self.cells.any())
        return mine or lets_go or Qt.Key(event.key()) in STEPS or super().owns_key(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show and report the cell that has the keyboard."""
        super().focusInEvent(event)
        self._tell_current()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._point_at(None)
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
        self._point_at(self._current)
        self.repaint_over()

    def paint_over(self, painter: QPainter) -> None:
        """Paint the matrix until its figure is there, the marks, and the card."""
        make = self.make
        if not isinstance(make, MatrixMaker):
            return
        colors = self._theme.figure
        if not self.is_current:
            painter.save()
            painter.scale(1 / self.devicePixelRatioF(), 1 / self.devicePixelRatioF())
            paint_cells(painter, self.layout_of_cells, make.cells(colors), colors)
            painter.restore()
        pointed = self._pointed
        if pointed is not None:
            self._paint_bands(painter, pointed)
        for true, predicted in zip(*np.nonzero(self.cells), strict=True):
            paint_outline(painter, self.cell_rect(int(true), int(predicted)), self._theme)
        if self.hasFocus():
            paint_outline(painter, self.cell_rect(*self._current), self._theme, is_cursor=True)
        if pointed is not None:
            paint_outline(painter, self.cell_rect(*pointed), self._theme)
            if self.card_of is not None:
                area = QRectF(self.rect())
                paint_card(
                    painter, self.cell_rect(*pointed), area, self.card_of(pointed), self._theme
                )

    def _paint_bands(self, painter: QPainter, cell: Cell) -> None:
        """Tint the row and the column of a cell."""
        last, (true, predicted) = CLASSES - 1, cell
        for first, end in (((true, 0), (true, last)), ((0, predicted), (last, predicted))):
            paint_band(painter, self.cell_rect(*first).united(self.cell_rect(*end)), self._theme)
