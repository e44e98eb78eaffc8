"""How a picture lies on the pad, with a box around each of its digits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTextOption

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme, contrast

# Around the page and below it, where the buttons are, in fractions of the pad's side.
MARGIN, FOOT = 0.03, 0.15
HANDLE = 6.0  # pixels; what the chosen box is dragged by
# Boxes lie on the picture's own paper, whatever the theme: of these blues, and the theme's own, the
# first that is seen clearly on it is taken; for any grey there is one.
BLUES = (LIGHT.accent, DARK.accent, "#10245c", "#eaf1ff")
LEAST_CONTRAST = 3.0
VEIL = 190  # of 255: how opaque that is which hides what is not kept


def page_place(picture: Picture, pad: QRectF) -> QRectF:
    """Where the page is, as large as it fits above the buttons."""
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
    chosen: Collection[int],
    *,
    theme: Theme,
) -> None:
    """Paint a picture on the pad, and its boxes with those marked that are chosen."""
    place = page_place(picture, pad)
    _paint_page(painter, picture, place)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, box in enumerate(boxes):
        around = _on_pad(picture, place, box).adjusted(-2, -2, 2, 2).toAlignedRect()
        frame = QRectF(around).adjusted(0.5, 0.5, -0.5, -0.5)  # the middle of pixels: sharp lines
        colour = QColor(_mark_on(_paper_around(picture.page, box), theme))
        painter.setPen(QPen(colour, 3 if number in chosen else 1))
        painter.drawRect(frame)
        if number in chosen:
            _paint_handles(painter, frame, colour)


def _paper_around(page: NDArray[np.uint8], box: Box) -> int:
    """The usual grey along the edges of a box."""
    left, top, right, bottom = box
    part = page[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    return int(np.median(np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])))


def _mark_on(grey: int, theme: Theme) -> str:
    """A colour that is seen clearly on paper of this grey."""
    paper = QColor(grey, grey, grey).name()
    blues = (theme.accent, *BLUES)
    return next((one for one in blues if contrast(one, paper) >= LEAST_CONTRAST), BLUES[-1])


def paint_turned(
    painter: QPainter, picture: Picture, pad: QRectF, degrees: float, *, theme: Theme
) -> None:
    """Paint a picture as it is being turned, with a level line to turn it by."""
    place = page_place(picture, pad)
    painter.save()
    painter.setClipRect(pad.adjusted(1, 1, -1, -FOOT * pad.height()))
    painter.translate(place.center())
    painter.rotate(degrees)
    painter.translate(-place.center())
    _paint_page(painter, picture, place)
    painter.restore()
    painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DashLine))
    middle = place.center().y()
    painter.drawLine(QPointF(pad.left(), middle), QPointF(pad.right(), middle))


def paint_crop(
    painter: QPainter, picture: Picture, pad: QRectF, crop: Box, *, theme: Theme
) -> None:
    """Paint what is being cropped to, the rest of the page veiled."""
    place = page_place(picture, pad)
    kept = _on_pad(picture, place, crop)
    around = QPainterPath()
    around.addRect(place)
    around.addRect(kept)  # the odd-even rule leaves it out
    veil = QColor(theme.paper)
    veil.setAlpha(VEIL)
    painter.fillPath(around, veil)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = QColor(_mark_on(_paper_around(picture.page, crop), theme))
    painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
    painter.drawRect(kept)


def paint_words(painter: QPainter, pad: QRectF, words: str, *, theme: Theme) -> None:
    """Write what dragging does now over the top of the pad."""
    room = pad.adjusted(8, 4, -8, 0)
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter)  # it breaks lines where the pad is small
    lines = QRectF(room.topLeft(), painter.boundingRect(room, words, option).size())
    lines.setWidth(room.width())
    paper = QRectF(pad.left() + 2, pad.top() + 2, pad.width() - 4, lines.height() + 4)
    painter.fillRect(paper, QColor(theme.paper))
    painter.setPen(QColor(theme.ink))
    painter.drawText(lines, words, option)


def tools_place(pad: QRectF) -> QRectF:
    """Where the buttons for a picture are."""
    foot = FOOT * pad.height()
    return QRectF(pad.left(), pad.bottom() - foot, pad.width(), foot)


def _on_pad(picture: Picture, place: QRectF, box: Box) -> QRectF:
    """Where a box of the page is on the pad."""
    scale = place.width() / picture.page.shape[1]
    left, top, right, bottom = (edge * scale for edge in box)
    return QRectF(place.left() + left, place.top() + top, right - left, bottom - top)


def _paint_handles(painter: QPainter, frame: QRectF, colour: QColor) -> None:
    corners = (frame.topLeft(), frame.topRight(), frame.bottomLeft(), frame.bottomRight())
    for corner in corners:
        handle = QRectF(0, 0, HANDLE, HANDLE)
        handle.moveCenter(corner)
        painter.fillRect(handle, colour)
