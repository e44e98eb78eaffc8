"""Plots of a search's trials that can be pointed at, clicked, stepped through, and brushed."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from mnist_desktop.search.figures.parallel import Range
from mnist_desktop.search.figures.plots import BarPlot, LinePlot, Plot
from mnist_desktop.search.figures.trial_arrays import Floats
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.workers.figures import FigureController

REACH = 12  # pixels from a point or a line within which the mouse means it
DRAGGED = 6  # pixels from which on a pressed mouse means a range and not a click
RING = 7.0  # radius in pixels
BAND = 7.0  # half the width of a brushed range, in pixels
STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}
ENDS = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1}


class TrialsFigure(FigureHolder):
    """Holds one plot of trials.

    A click chooses the trial at the mouse, arrow keys the one before or after in order of their
    numbers, Home and End the first and the last. Where trials are lines, a drag along an axis
    brushes a range of it; a double click or Escape lifts all ranges.

    Attributes
    ----------
    brush : dict of str to (float, float)
        The range of each axis that is brushed, as `ParallelLines.within` takes it.

    Signals
    -------
    trial_chosen(int)
        The number of the trial that was clicked or stepped to.
    setting_chosen(str)
        The bar of this setting was clicked.
    pointed()
        The mouse points at another trial, or at none.
    brush_changed(bool)
        `brush` is another; True once the mouse was released.
    """

    trial_chosen = Signal(int)
    setting_chosen = Signal(str)
    pointed = Signal()
    brush_changed = Signal(bool)

    def __init__(self, figures: FigureController) -> None:
        super().__init__("Trials of the search", figures)
        self.brush: dict[str, Range] = {}
        self._marked: int | None = None  # numbers of trials
        self._pointed: int | None = None
        self._pressed: tuple[float, float] | None = None  # pixels of the picture
        self._dragged: tuple[str, float] | None = None  # the axis, and where on it that began
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mark_trial(self, number: int | None) -> None:
        """Put a ring around a trial, or draw its line again, above all others; None for none."""
        self._marked = number
        self.repaint_over()

    @property
    def spoken_of(self) -> int | None:
        """The number of the trial under the mouse, or else of the one that is marked."""
        return self._marked if self._pointed is None else self._pointed

    @property
    def _plot(self) -> Plot | None:
        """The plot that is seen; another may be on its way."""
        return None if self._shown is None else self._shown.make  # type: ignore[return-value]

    # With the mouse

    def mouse_pressed(self, event: Any) -> None:
        """Begin a click or a range, or lift all ranges on a double click."""
        if event.button != 1:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.dblclick:
            self.lift_brush()
            return
        self._pressed = event.x, event.y
        if isinstance(self._plot, LinePlot):
            self._dragged = self._plot.axis_at(self.canvas.figure, event.x, event.y)

    def mouse_moved(self, event: Any) -> None:
        """Point at the nearest trial, or widen the range."""
        if self._pressed is None:
            self._point_at(self._number_at(event))
        elif self._dragged is not None and self._is_drag(event):
            self._brush_to(event)

    def mouse_released(self, event: Any) -> None:
        """Choose the trial that was clicked, or end the range."""
        if self._pressed is None or event.button != 1:
            return
        was_drag = self._is_drag(event)
        is_brush = was_drag and self._dragged is not None
        self._pressed = self._dragged = None
        if is_brush:
            self.brush_changed.emit(True)
        elif not was_drag:
            self._click(event)

    def _click(self, event: Any) -> None:
        plot = self._plot
        if isinstance(plot, BarPlot):
            if name := plot.setting_at(self.canvas.figure, event.y):
                self.setting_chosen.emit(name)
        elif (number := self._number_at(event)) is not None:
            self._choose(number)

    def mouse_left(self, event: Any) -> None:
        """Point at nothing."""
        self._point_at(None)

    def _is_drag(self, event: Any) -> bool:
        assert self._pressed is not None  # noqa: S101 - set where the button went down
        x, y = self._pressed
        away = float(np.hypot(event.x - x, event.y - y))
        return away >= DRAGGED * float(self.canvas.device_pixel_ratio)

    def _brush_to(self, event: Any) -> None:
        assert self._dragged is not None  # noqa: S101 - set where the drag began
        name, begin = self._dragged
        plot = self._plot
        if isinstance(plot, LinePlot):
            end = plot.height_at(self.canvas.figure, event.y)
            self.brush[name] = (min(begin, end), max(begin, end))
            self._point_at(None)
            self.brush_changed.emit(False)
            self.repaint_over()

    def lift_brush(self) -> None:
        """Lift all ranges."""
        self._pressed = self._dragged = None
        if self.brush:
            self.brush.clear()
            self.brush_changed.emit(True)
            self.repaint_over()

    def _number_at(self, event: Any) -> int | None:
        plot = self._plot
        if plot is None:
            return None
        reach = REACH * self.canvas.device_pixel_ratio
        row = plot.row_at(self.canvas.figure, event.x, event.y, reach)
        return None if row is None else int(plot.trials.numbers[row])

    def _point_at(self, number: int | None) -> None:
        if number != self._pointed:
            self._pointed = number
            self.pointed.emit()
            self.repaint_over()

    # With the keyboard

    def answer_key(self, event: QKeyEvent) -> bool:
        """Step through the trials, or lift the brush."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.brush:
            self.lift_brush()
        elif key in STEPS or key in ENDS:
            self._step(key)
        else:
            return super().answer_key(event)
        return True

    def owns_key(self, event: QKeyEvent) -> bool:
        """Keep the arrows, Home and End, and Escape while there is a range to lift."""
        key = Qt.Key(event.key())
        lifts = key == Qt.Key.Key_Escape and bool(self.brush)
        return lifts or key in STEPS or key in ENDS or super().owns_key(event)

    def _step(self, key: Qt.Key) -> None:
        plot = self._plot
        if plot is None or not len(plot.rows):
            return
        rows, marked = plot.rows, plot.trials.row_of(self._marked)
        if key in ENDS or marked is None:
            row = rows[ENDS.get(key, 0 if key in STEPS and STEPS[key] > 0 else -1)]
        elif STEPS[key] > 0:
            row = rows[min(int(np.searchsorted(rows, marked, "right")), len(rows) - 1)]
        else:
            row = rows[max(int(np.searchsorted(rows, marked)) - 1, 0)]
        self._choose(int(plot.trials.numbers[row]))

    def _choose(self, number: int) -> None:
        self.mark_trial(number)
        self.trial_chosen.emit(number)

    # Over the figure

    def paint_over(self, painter: QPainter) -> None:
        """Paint the ranges that are brushed, the marked trial, and the one under the mouse."""
        plot = self._plot
        if plot is None:
            return
        if isinstance(plot, LinePlot):
            for name, heights in self.brush.items():
                self._paint_range(painter, plot, name, heights)
        looks = ((self._marked, self._theme.text, 2.2), (self._pointed, self._theme.accent, 2.2))
        for number, color, width in looks:
            row = plot.trials.row_of(number)
            path = None if row is None else plot.path_of(self.canvas.figure, row)
            if path is not None:
                painter.setPen(QPen(QColor(color), width))
                self._paint_trial(painter, path)

    def _paint_trial(self, painter: QPainter, path: Floats) -> None:
        places = [self._in_widget(x, y) for x, y in path]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(places) == 1:
            painter.drawEllipse(places[0], RING, RING)
        else:
            painter.drawPolyline(QPolygonF(places))

    def _paint_range(self, painter: QPainter, plot: LinePlot, name: str, heights: Range) -> None:
        ends = [plot.pixels_of(self.canvas.figure, name, height) for height in heights]
        if None in ends:
            return
        low, high = (self._in_widget(*end) for end in ends if end is not None)
        color = QColor(self._theme.accent)
        painter.setPen(QPen(color, 1.5))
        color.setAlphaF(0.25)
        painter.setBrush(color)
        painter.drawRect(QRectF(high.x() - BAND, high.y(), 2 * BAND, low.y() - high.y()))

    def _in_widget(self, x: float, y: float) -> QPointF:
        ratio = self.canvas.device_pixel_ratio
        return QPointF(x / ratio, self.canvas.height() - y / ratio)
