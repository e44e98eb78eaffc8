"""A digit large, its ink in the colours of what it does, and an eraser that takes ink away."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.digits.erasing import RADIUS, erased
from mnist_desktop.inference.ink_parts import InkPart
from mnist_desktop.ui.parts.focus import RING
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

# Ink that speaks for a digit, and against it: blue and orange, distinct to everybody.
FOR, AGAINST = (0.35, 0.62, 1.0), (1.0, 0.55, 0.2)
OUTLINE = "#c9d2e3"  # of the eraser and of a part, on black paper in either theme
ARROWS: Mapping[int, QPointF] = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
LEFT = Qt.MouseButton.LeftButton
NO_HEAT: tuple[NDArray[np.float64], InkPart | None] = (np.zeros((SIDE, SIDE)), None)


def heat_image(heat: NDArray[np.float64], image: NDArray[np.uint8]) -> QImage:
    """Colour ink (28, 28) by its heat, -1 to 1."""
    share = np.abs(heat)[..., np.newaxis]
    tint = np.where(heat[..., np.newaxis] >= 0, FOR, AGAINST)
    colour = (1 - share) + share * tint
    pixels = np.ascontiguousarray((colour * image[..., np.newaxis]).round().astype(np.uint8))
    return QImage(pixels.data, SIDE, SIDE, SIDE * 3, QImage.Format.Format_RGB888).copy()


@guarded
class ErasableDigit(QWidget):
    """Shows a digit, each pixel a square, and takes away the ink that the mouse is dragged over.

    With the keyboard, the arrow keys move the eraser and Space uses it.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        What is left of the digit.

    Signals
    -------
    changed()
        `image` is another one; the eraser may still be at work.
    settled()
        The eraser has been lifted, or something was undone.
    """

    changed = Signal()
    settled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("whyDigit")
        self.setAccessibleName("The digit; erase ink with the arrow keys and Space")
        self.setToolTip("Drag over ink to erase it (arrow keys and Space)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("showsFocus", True)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.image: NDArray[np.uint8] = np.zeros((SIDE, SIDE), np.uint8)
        self._before: list[NDArray[np.uint8]] = []  # images that undoing brings back
        self._heat, self._part = NO_HEAT
        self._theme = LIGHT
        self._shows_focus = False
        self._eraser: QPointF | None = None  # where it is, in pixels of the image
        self._at_press: NDArray[np.uint8] | None = None  # the image before the eraser went down

    # What it shows

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_digit(self, image: NDArray[np.uint8]) -> None:
        """Show another digit, as yet without colours."""
        self.image = image
        self._before.clear()
        self._at_press = None
        self.show_heat(*NO_HEAT)

    def show_heat(self, heat: NDArray[np.float64], part: InkPart | None) -> None:
        """Colour the ink by its heat (28, 28), and put a frame around a part."""
        self._heat, self._part = heat, part
        self.update()

    @property
    def can_undo(self) -> bool:
        """Whether ink has been erased."""
        return bool(self._before)

    @Slot()
    def undo(self) -> None:
        """Bring back what was erased last."""
        if self._before:
            self._return_to(self._before.pop())

    @Slot()
    def reset(self) -> None:
        """Bring back all that was erased."""
        if self._before:
            first = self._before[0]
            self._before.clear()
            self._return_to(first)

    def _return_to(self, image: NDArray[np.uint8]) -> None:
        self.image, self._at_press = image, None
        self.update()
        self.changed.emit()
        self.settled.emit()

    # The eraser

    def _erase(self, start: QPointF, end: QPointF) -> None:
        image = erased(self.image, (start.x(), start.y()), (end.x(), end.y()))
        if image is not self.image:
            self.image = image
            self.changed.emit()

    def _settle(self, before: NDArray[np.uint8]) -> None:
        if before is not self.image:
            self._before.append(before)
            self.settled.emit()

    def _place(self, event: QMouseEvent) -> QPointF:
        return event.position() * SIDE / self.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the eraser down."""
        if event.button() == LEFT:
            self._at_press = self.image
            self._eraser = self._place(event)
            self._erase(self._eraser, self._eraser)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the eraser over the digit, or show where it is."""
        place = self._place(event)
        if self._at_press is not None:
            self._erase(self._eraser or place, place)
        self._eraser = place
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the eraser."""
        if event.button() == LEFT and self._at_press is not None:
            before, self._at_press = self._at_press, None
            self._settle(before)

    def leaveEvent(self, event: QEvent) -> None:
        """Show no eraser where there is none."""
        super().leaveEvent(event)
        self._eraser = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the eraser with the arrow keys, and use it with Space."""
        place = self._eraser or QPointF(SIDE / 2, SIDE / 2)
        step = ARROWS.get(event.key())
        if step is not None:
            moved = place + step
            self._eraser = QPointF(min(max(moved.x(), 0), SIDE), min(max(moved.y(), 0), SIDE))
        elif event.key() == Qt.Key.Key_Space:
            before, self._eraser = self.image, place
            self._erase(place, place)
            self._settle(before)
        else:
            super().keyPressEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus where it has come by a key."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in BY_KEY
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no focus."""
        super().focusOutEvent(event)
        self._shows_focus = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pixels, the frame of the part, the eraser, and the focus."""
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), heat_image(self._heat, self.image))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, part = self.width() / SIDE, self._part
        if part is not None:
            painter.setPen(QPen(QColor(OUTLINE), 1.5, Qt.PenStyle.DashLine))
            wide, high = part.right - part.left, part.bottom - part.top
            frame = QRectF(part.left * scale, part.top * scale, wide * scale, high * scale)
            painter.drawRoundedRect(frame, 4, 4)
        if self._eraser is not None:
            painter.setPen(QPen(QColor(OUTLINE), 1.5))
            painter.drawEllipse(self._eraser * scale, RADIUS * scale, RADIUS * scale)
        if self._shows_focus:
            painter.setPen(QPen(QColor(self._theme.accent), RING))
            half = RING / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))


@guarded
class HeatScale(QWidget):
    """The colours of a digit's ink, and what they mean."""

    BAR = 12  # pixels high

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("whyScale")
        self.setAccessibleName("What the colours mean")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._texts = ("against", "no difference", "for")

    def sizeHint(self) -> QSize:
        """A bar and a line of text."""
        return QSize(0, self.BAR + UNIT // 2 + self.fontMetrics().height())

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_name(self, name: str) -> None:
        """Say for which digit or class the colours speak; for none, they only have names."""
        self._texts = (f"against {name}".strip(), "no difference", f"for {name}".strip())
        self.setAccessibleDescription(f"Orange {self._texts[0]}, blue {self._texts[2]}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bar and the words under its ends and its middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.5, 0.5, self.width() - 1, self.BAR - 1)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, colour in ((0, AGAINST), (0.5, (1.0, 1.0, 1.0)), (1, FOR)):
            colours.setColorAt(place, QColor.fromRgbF(*colour))
        painter.setPen(QColor(self._theme.border))
        painter.setBrush(colours)
        painter.drawRoundedRect(bar, 4, 4)
        painter.setPen(QColor(self._theme.muted))
        below = self.rect().adjusted(0, self.BAR + UNIT // 2, 0, 0)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)
        for text, side in zip(self._texts, (*sides, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, text)
