"""What is painted over a matrix: marks of cells, and the card that says what is in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from mnist_desktop.ui.parts.fonts import strong
from mnist_desktop.ui.parts.prediction_views import digit_image
from mnist_desktop.ui.parts.theme import UNIT, Theme

CARD_DIGITS = 6
DIGIT_SIDE = 40  # pixels
TINT = 20  # of 255: numbers can still be read through it
RADIUS = 6


@dataclass(frozen=True, eq=False)
class CellCard:
    """What is said of a cell.

    Attributes
    ----------
    title, text : str
        Such as ``"4 read as 9"`` and ``"14 digits, 1.4% of all 4s"``.
    images : ndarray of uint8, shape (n, 28, 28), or None
        The first digits in it, at most `CARD_DIGITS`; None where they are not known.
    """

    title: str
    text: str
    images: NDArray[np.uint8] | None = None


def paint_band(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """Tint a row or a column."""
    color = QColor(theme.text)
    color.setAlpha(TINT)
    painter.fillRect(area, color)


def paint_outline(
    painter: QPainter, cell: QRectF, theme: Theme, *, is_cursor: bool = False
) -> None:
    """Frame a cell in two tones, of which one stands out from any colour.

    Parameters
    ----------
    painter : QPainter
        Paints it.
    cell : QRectF
        Where the cell lies.
    theme : Theme
        Its text and its surface have the largest contrast there is.
    is_cursor : bool
        Whether it is the cell that has the keyboard, and not one that is chosen: dashed.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.surface), 2))
    inner = cell.adjusted(3, 3, -3, -3)
    painter.drawRect(inner)
    style = Qt.PenStyle.DashLine if is_cursor else Qt.PenStyle.SolidLine
    pen = QPen(QColor(theme.text), 2, style)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.drawRect(inner if is_cursor else cell.adjusted(1, 1, -1, -1))


def paint_card(painter: QPainter, cell: QRectF, area: QRectF, card: CellCard, theme: Theme) -> None:
    """Paint a card below a cell, or above it, within an area.

    Its size depends on whether there are digits to show, and not on what is written.
    """
    bold = strong(painter.font())
    metrics = QFontMetricsF(painter.font())
    line = metrics.lineSpacing()
    wide = CARD_DIGITS * (DIGIT_SIDE + 4) - 4 + 2 * UNIT
    tall = 2 * line + 2 * UNIT + (0 if card.images is None else DIGIT_SIDE + UNIT)
    place = QRectF(0, 0, wide, tall)
    right = area.right() - 1 - wide
    place.moveLeft(min(max(cell.center().x() - wide / 2, area.left() + 1), right))
    place.moveTop(cell.bottom() + UNIT)
    if place.bottom() >= area.bottom():
        place.moveBottom(cell.top() - UNIT)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.surface))
    painter.drawRoundedRect(place, RADIUS, RADIUS)
    inside = place.adjusted(UNIT, UNIT, -UNIT, -UNIT)
    font = painter.font()
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.setFont(bold)
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(inside.left(), inside.top(), inside.width(), line), left, card.title)
    painter.setFont(font)
    painter.setPen(QColor(theme.muted))
    text = metrics.elidedText(card.text, Qt.TextElideMode.ElideRight, inside.width())
    painter.drawText(QRectF(inside.left(), inside.top() + line, inside.width(), line), left, text)
    for number, image in enumerate(() if card.images is None else card.images[:CARD_DIGITS]):
        x = inside.left() + number * (DIGIT_SIDE + 4)
        spot = QRectF(x, inside.bottom() - DIGIT_SIDE, DIGIT_SIDE, DIGIT_SIDE)
        painter.drawImage(spot, digit_image(image))
