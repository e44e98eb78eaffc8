"""A small curve in a table: how something went, from its lowest to its highest value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mnist_desktop.ui.parts.theme import Theme

DOT = 2.5  # radius of the mark at its end


def paint_sparkline(painter: QPainter, area: QRectF, values: Sequence[float], theme: Theme) -> None:
    """Paint a curve over a place, with a mark at its end.

    Parameters
    ----------
    painter : QPainter
        Paints; pen and brush are others afterwards.
    area : QRectF
        Where.
    values : sequence of float
        From left to right; of a single one, only the mark is painted.
    theme : Theme
        The colours.
    """
    if not values:
        return
    least, most = min(values), max(values)
    span, step = (most - least) or 1.0, area.width() / max(len(values) - 1, 1)
    points = [
        QPointF(
            area.left() + (number * step if len(values) > 1 else area.width()),
            area.bottom() - (value - least) / span * area.height(),
        )
        for number, value in enumerate(values)
    ]
    painter.setPen(QPen(QColor(theme.muted), 1.5))
    painter.drawPolyline(points)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(points[-1], DOT, DOT)
