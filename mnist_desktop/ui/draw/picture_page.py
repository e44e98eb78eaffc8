"""How a picture lies on the pad, with a box around each of its digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.ui.parts.theme import Theme

# Around the page and below it, where the hint stands, in fractions of the pad's side.
MARGIN, FOOT = 0.03, 0.12
HANDLE = 6.0  # pixels; what the chosen box is dragged by
HINT = "Clear or Esc: draw again"


def page_place(picture: Picture, pad: QRectF) -> QRectF:
    """Where the page is, as large as it fits above the hint."""
    side = pad.width()
    room = pad.adjusted(MARGIN * side, MARGIN * side, -MARGIN * side, -FOOT * side)
    return _fitted(picture, room)


def _fitted(picture: Picture, room: QRectF) -> QRectF:
    height, width = picture.page.shape
    scale = min(room.width() / width, room.height() / height)
    place = QRectF(0, 0, width * scale, height * scale)
    place.moveCenter(room.center())
    return place


def paint_plain(painter: QPainter, picture: Picture, room: QRectF) -> None:
    """Paint a picture alone, as large as there is room."""
    _paint_page(painter, picture, _fitted(picture, room))


def _paint_page(painter: QPainter, picture: Picture, place: QRectF) -> None:
    page: NDArray[np.uint8] = np.ascontiguousarray(picture.page)
    height, width = page.shape
    image = QImage(page.data, width, height, width, QImage.Format.Format_Grayscale8)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, max(page.shape) > 64)
    painter.drawImage(place, image)


def paint_picture(
    painter: QPainter,
    picture: Picture,
    pad: QRectF,
    boxes: Sequence[Box],
    chosen: int,
    *,
    theme: Theme,
) -> None:
    """Paint a picture on the pad, its boxes with the chosen one marked, and how to leave it."""
    place = page_place(picture, pad)
    _paint_page(painter, picture, place)
    scale = place.width() / picture.page.shape[1]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, (left, top, right, bottom) in enumerate(boxes):
        frame = QRectF(left, top, right - left, bottom - top)
        frame = QRectF(
            place.left() + frame.left() * scale,
            place.top() + frame.top() * scale,
            frame.width() * scale,
            frame.height() * scale,
        )
        painter.setPen(QPen(QColor(theme.accent), 2.5 if number == chosen else 1))
        painter.drawRect(frame.adjusted(-2, -2, 2, 2))
        if number == chosen:
            _paint_handles(painter, frame.adjusted(-2, -2, 2, 2), QColor(theme.accent))
    painter.setPen(QColor(theme.muted))
    foot = QRectF(pad.left(), pad.bottom() - FOOT * pad.height(), pad.width(), FOOT * pad.height())
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, HINT)


def _paint_handles(painter: QPainter, frame: QRectF, colour: QColor) -> None:
    corners = (frame.topLeft(), frame.topRight(), frame.bottomLeft(), frame.bottomRight())
    for corner in corners:
        handle = QRectF(0, 0, HANDLE, HANDLE)
        handle.moveCenter(corner)
        painter.fillRect(handle, colour)
