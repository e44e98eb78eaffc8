"""The pad on which digits are drawn with the mouse, a pen or a finger."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.ink import Ink
from mnist_desktop.ui.theme import LIGHT, Theme

SIDE_HINT = 232  # pixels
BRUSH = 0.065  # of the pad's side
Points = tuple[tuple[float, float], ...]
HINT = "Draw a digit here"


class PaintWidget(QWidget):
    """Keeps the strokes of a drawing as vectors, in shares of the pad's side.

    So a drawing keeps its shape when the window is resized, and is rendered for the network from
    the strokes themselves, not from the screen's pixels.

    Signals
    -------
    ink_changed(object)
        The drawing is another one, also while the pen moves: the `Ink`.
    stroke_finished()
        The pen was lifted.
    history_changed()
        What can be undone or redone has changed.
    """

    ink_changed = Signal(object)
    stroke_finished = Signal()
    history_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paintWidget")
        self.setAccessibleName("Drawing pad")
        self.setAccessibleDescription("Draw a digit with the mouse; Delete clears the pad.")
        self.setToolTip("Draw a digit: press, move, release. Ctrl+Z takes a stroke back.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(SIDE_HINT, 200)
        self._theme = LIGHT
        self._strokes: list[Points] = []
        self._pen: list[tuple[float, float]] = []
        self._undo: list[list[Points]] = []
        self._redo: list[list[Points]] = []

    @property
    def ink(self) -> Ink:
        """The drawing, with the stroke that is being drawn."""
        strokes = [*self._strokes, tuple(self._pen)] if self._pen else self._strokes
        return Ink(tuple(np.array(stroke, np.float32) for stroke in strokes))

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return bool(self._redo)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's paper and ink."""
        self._theme = theme
        self.update()

    def clear(self) -> None:
        """Take all ink away; `undo` brings it back."""
        if self._strokes:
            self._change([])

    def undo(self) -> None:
        """Take the last step back: a stroke, or a clearing."""
        if self._undo:
            self._redo.append(self._strokes)
            self._set_strokes(self._undo.pop())

    def redo(self) -> None:
        """Do again what was taken back last."""
        if self._redo:
            self._undo.append(self._strokes)
            self._set_strokes(self._redo.pop())

    def _change(self, strokes: list[Points]) -> None:
        self._undo.append(self._strokes)
        self._redo.clear()
        self._set_strokes(strokes)

    def _set_strokes(self, strokes: list[Points]) -> None:
        self._strokes = strokes
        self.update()
        self.history_changed.emit()
        self.ink_changed.emit(self.ink)

    def sizeHint(self) -> QSize:
        """Propose a pad large enough for a finger."""
        return QSize(SIDE_HINT, SIDE_HINT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay square: never higher than wide.

        The wished height must not shrink with the width. A scroll area around would show its bar,
        give less width, need no bar any more, take it away, and so on until the stack is full.
        """
        super().resizeEvent(event)
        self.setMaximumHeight(max(self.width(), SIDE_HINT))

    def _pad(self) -> QRectF:
        side = min(self.width(), self.height()) - 1
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _position(self, event: QMouseEvent) -> tuple[float, float]:
        pad, position = self._pad(), event.position()
        return (
            (position.x() - pad.left()) / pad.width(),
            (position.y() - pad.top()) / pad.height(),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the pen down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pen = [self._position(event)]
            self.update()
            self.ink_changed.emit(self.ink)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw while the pen is down."""
        if self._pen and event.buttons() & Qt.MouseButton.LeftButton:
            position = self._position(event)
            if position != self._pen[-1]:
                self._pen.append(position)
                self.update()
                self.ink_changed.emit(self.ink)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the pen."""
        if event.button() == Qt.MouseButton.LeftButton and self._pen:
            stroke, self._pen = tuple(self._pen), []
            self._change([*self._strokes, stroke])
            self.stroke_finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear with Delete, Backspace or Escape."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint paper, hint and ink."""
        theme, pad = self._theme, self._pad()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.accent if self.hasFocus() else theme.border
        painter.setPen(QPen(QColor(edge), 1.5 if self.hasFocus() else 1))
        painter.setBrush(QColor(theme.paper))
        painter.drawRoundedRect(pad.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        strokes = [*self._strokes, tuple(self._pen)] if self._pen else self._strokes
        if not strokes:
            painter.setPen(QColor(theme.muted))
            painter.drawText(pad, Qt.AlignmentFlag.AlignCenter, HINT)
            return
        path = QPainterPath()
        for stroke in strokes:
            points = [
                QPointF(pad.left() + x * pad.width(), pad.top() + y * pad.height())
                for x, y in stroke
            ]
            path.moveTo(points[0])
            for point in points[1:] or points:
                path.lineTo(point)
            if len(points) == 1:  # a dot: a path of no length would not be painted
                path.lineTo(points[0] + QPointF(0.01, 0))
        painter.setClipRect(pad)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(
            QPen(
                QColor(theme.ink),
                BRUSH * pad.width(),
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
        )
        painter.drawPath(path)
