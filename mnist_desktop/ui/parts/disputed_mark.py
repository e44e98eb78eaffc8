"""The mark of a digit whose label people dispute."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from mnist_desktop.ui.parts.fonts import strong
from mnist_desktop.ui.parts.theme import Theme

SIDE = 17  # pixels of the disc
RING = 2  # pixels around it, of the surface: the disc may be as dark as the picture
INSIDE = 5  # pixels of its centre from the picture's corner


def paint_disputed_mark(painter: QPainter, picture: QRect, theme: Theme) -> None:
    """Paint a disc with a question mark over the upper right corner of a picture.

    Parameters
    ----------
    painter : QPainter
        Paints it; its settings stay as they are.
    picture : QRect
        Where the digit is.
    theme : Theme
        Its colours.
    """
    centre = QPointF(picture.right() + 1 - INSIDE, picture.top() + INSIDE)
    disc = QRectF(0, 0, SIDE, SIDE)
    disc.moveCenter(centre)
    font = strong(painter.font())
    font.setPixelSize(SIDE - 5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.surface))
    painter.drawEllipse(disc.adjusted(-RING, -RING, RING, RING))
    painter.setBrush(QColor(theme.inverse))
    painter.drawEllipse(disc)
    painter.setFont(font)
    painter.setPen(QColor(theme.on_inverse))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, "?")
    painter.restore()
