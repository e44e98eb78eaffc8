"""Learning curves that can be zoomed, and show their values under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen

from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.workers.figures import FigureController

Range = tuple[float, float]
ZOOM = 1.4  # a notch of the wheel, or a press of a key
NOTCH = 120  # eighths of a degree that a wheel turns by at a time
SMALLEST_RANGE = 0.05  # of an epoch
NAME_SHOWN = 24  # characters of a run's name before its values, which are a line
DRAGGED = 6  # pixels from which on a pressed mouse means a range and not a click


class CurvesFigure(FigureHolder):
    """Holds a figure of learning curves.

    A range drawn with the mouse is zoomed to, the wheel zooms around the mouse, a double click
    shows everything again. On the keyboard ``+`` and ``-`` zoom, the arrows move, ``0`` shows
    everything.

    Signals
    -------
    range_requested(object)
        These epochs, (first, last), are to be shown; None for all of them.
    pointed(str)
        The values under the mouse, in words; empty when it is elsewhere.
    """

    range_requested = Signal(object)
    pointed = Signal(str)
    answers_wheel = True

    def __init__(self, figures: FigureController) -> None:
        super().__init__("Loss and accuracy by epoch", figures)
        self.runs: Sequence[LearningCurves] = ()
        self._epoch: float | None = None
        self._pressed: float | None = None  # where in the widget
        self._dragged_to: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # With the mouse

    def mouse_pressed(self, event: Any) -> None:
        """Begin a range, or show everything on a double click."""
        if event.button != 1 or event.inaxes is None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.dblclick:
            self.range_requested.emit(None)
        else:
            self._pressed = event.x / self.canvas.device_pixel_ratio

    def mouse_moved(self, event: Any) -> None:
        """Show the values under the mouse, and widen the range."""
        if self._pressed is not None:
            self._dragged_to = event.x / self.canvas.device_pixel_ratio
        self._epoch = float(event.xdata) if event.inaxes is not None else None
        self.pointed.emit("" if self._epoch is None else describe_values(self.runs, self._epoch))
        self.repaint_over()

    def mouse_released(self, event: Any) -> None:
        """Zoom to the range that was drawn."""
        pressed, to = self._pressed, self._dragged_to
        self._pressed = self._dragged_to = None
        self.repaint_over()
        if pressed is not None and to is not None and abs(to - pressed) >= DRAGGED:
            first, last = sorted(self._epoch_at(x) for x in (pressed, to))
            self._wish(first, last)

    def wheel_turned(self, event: Any) -> None:
        """Zoom around the mouse."""
        if event.inaxes is not None:
            # matplotlib takes each pixel of a touch pad for a notch of a wheel.
            notches = event.guiEvent.angleDelta().y() / NOTCH
            self._zoom(ZOOM**-notches, float(event.xdata))

    def mouse_left(self, event: Any) -> None:
        """Take the cross away."""
        self._epoch = None
        self.pointed.emit("")
        self.repaint_over()

    # With the keyboard

    def answer_key(self, event: QKeyEvent) -> bool:
        """Zoom and move."""
        if not self.axes:
            return super().answer_key(event)
        low, high = self.axes[0].get_xlim()
        step = (high - low) / 5
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1 / ZOOM, (low + high) / 2)
        elif key == Qt.Key.Key_Minus:
            self._zoom(ZOOM, (low + high) / 2)
        elif key == Qt.Key.Key_0:
            self.range_requested.emit(None)
        elif key == Qt.Key.Key_Left:
            self._wish(low - step, high - step)
        elif key == Qt.Key.Key_Right:
            self._wish(low + step, high + step)
        else:
            return super().answer_key(event)
        return True

    def _zoom(self, factor: float, around: float) -> None:
        low, high = self.axes[0].get_xlim()
        self._wish(around - (around - low) * factor, around + (high - around) * factor)

    def _wish(self, first: float, last: float) -> None:
        """Ask for a range within the training; all of it is None."""
        end = max((len(run.loss) for run in self.runs), default=1)
        begin = 0 if any(len(run.batch_places) for run in self.runs) else 1
        width = max(last - first, SMALLEST_RANGE)
        if width >= end - begin:
            self.range_requested.emit(None)
            return
        first = min(max(first, 0.0), end - width)
        self.range_requested.emit((first, first + width))

    def _epoch_at(self, x: float) -> float:
        area, (low, high) = self.area_of(self.axes[0]), self.axes[0].get_xlim()
        return float(low + (high - low) * (x - area.left()) / area.width())

    def paint_over(self, painter: QPainter) -> None:
        """Mark the range that is being drawn and the epoch under the mouse."""
        for axes in self.axes[:2]:
            area = self.area_of(axes)
            if self._pressed is not None and self._dragged_to is not None:
                color = QColor(self._theme.accent)
                color.setAlphaF(0.2)
                left, right = sorted((self._pressed, self._dragged_to))
                band = QRectF(QPointF(left, area.top()), QPointF(right, area.bottom()))
                painter.fillRect(band.intersected(area), color)
            if self._epoch is not None:
                x = self.place_of(axes, self._epoch, 0).x()
                painter.setPen(QPen(QColor(self._theme.muted), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QLineF(x, area.top(), x, area.bottom()))


def describe_values(runs: Sequence[LearningCurves], epoch: float) -> str:
    """Say what the curves have at the epoch nearest to a position on their axis.

    Parameters
    ----------
    runs : sequence of LearningCurves
        One or several.
    epoch : float
        The position; 2.4 belongs to the second epoch.
    """
    lines = []
    for run in runs:
        place = int(np.clip(round(epoch), 1, max(len(run.loss), 1))) - 1
        if place >= len(run.loss):
            continue
        text = f"loss {run.loss[place]:.4f}, accuracy {percent(run.accuracy[place])}"
        if place < len(run.val_loss):
            text += f"; validation {run.val_loss[place]:.4f}, {percent(run.val_accuracy[place])}"
        name = f"{printable(run.name, NAME_SHOWN)}, epoch" if len(runs) > 1 else "Epoch"
        lines.append(f"{name} {place + 1}: {text}")
    return "\n".join(lines)
