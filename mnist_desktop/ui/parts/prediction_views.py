"""Small views of one reading: what the network sees, and its ten scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontInfo,
    QFontMetrics,
    QImage,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.formats import percent
from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.parts.fonts import strong
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, Theme

LYING_ROWS, LYING_GAP = 5, 6  # bars of classes: rows, and pixels between their two columns
LYING_TINT = 70  # of 255: the name can be read on it


def digit_image(image: NDArray[np.uint8]) -> QImage:
    """Turn grey values (28, 28) into an image of its own memory, white ink on black."""
    pixels = np.ascontiguousarray(image)
    return QImage(pixels.data, 28, 28, 28, QImage.Format.Format_Grayscale8).copy()


def confidence_words(prediction: Prediction) -> str:
    """Say how sure a prediction is, or why it is none; nothing where there is no ink."""
    if prediction.label is None:
        return ""
    if prediction.accepted:
        share = percent(max(prediction.probabilities), 1)
        is_shortened = prediction.classes.short(prediction.label) != prediction.text
        return f"{prediction.text}, {share}" if is_shortened else share
    if prediction.is_digit:
        first, second = (prediction.classes.of(one) for one in prediction.best_two)
        return f"{prediction.reason} {first} or {second}?"
    return prediction.reason


@guarded
class InputPreview(QWidget):
    """The 28×28 image that the network sees, each pixel enlarged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputPreview")
        self.setAccessibleName("What the network sees")
        self.setToolTip(
            "What the network sees: your drawing scaled to 20 pixels and centred by weight, "
            "as all MNIST digits are."
        )
        self.image = np.zeros((28, 28), np.uint8)

    def show_image(self, image: NDArray[np.uint8]) -> None:
        """Show grey values (28, 28)."""
        self.image = image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pixels as squares."""
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), digit_image(self.image))


@guarded
class ProbabilityBars(QWidget):
    """Ten upright bars in one low row, the best one in the accent colour.

    The percentage stands above the best bar, and above others where there is room. What was
    rejected has hatched bars without a number: its scores mean nothing.

    Classes that are no digits have bars that lie, in two columns of the same room, with their
    names and percentages on them.
    """

    TRACK = 38  # pixels, of the bars between the percentages and the digits

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("probabilityBars")
        self.setAccessibleName("Scores of the ten digits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self.prediction: Prediction = NO_INK

    def sizeHint(self) -> QSize:
        """One low row."""
        return QSize(240, self.TRACK + 2 * self.fontMetrics().height())

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the scores of a prediction."""
        self.prediction = prediction
        if prediction.is_digit:
            shares = enumerate(prediction.probabilities)
            name = prediction.classes.of
            words = ", ".join(f"{name(digit)}: {percent(share, 1)}" for digit, share in shares)
        else:
            words = "Rejected: the scores of what is not one digit mean nothing"
        self.setAccessibleName(f"Scores of the ten {prediction.classes.kinds}")
        self.setAccessibleDescription(words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint bar, digit and, where there is room, percentage of each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.prediction.classes.are_digits:
            self._paint_lying(painter)
            return
        line = float(QFontMetrics(self.font()).height())
        for digit in range(CLASSES):
            self._paint_bar(painter, digit, line)
        if self.prediction.label is not None and self.prediction.is_digit:
            self._paint_percentages(painter, line)

    def _paint_lying(self, painter: QPainter) -> None:
        """Paint five rows of two bars, each with the name of its class and its percentage."""
        prediction, theme = self.prediction, self._theme
        high = self.height() / LYING_ROWS
        wide = (self.width() - LYING_GAP) / 2
        font = QFont(self.font())
        font.setPixelSize(max(1, min(QFontInfo(font).pixelSize(), int(high * 0.8))))
        bold = strong(font)
        inset = 4.0
        for label in range(CLASSES):
            column, row = divmod(label, LYING_ROWS)
            top, bottom = round(row * high), round((row + 1) * high)
            place = QRectF(column * (wide + LYING_GAP), top, wide, bottom - top - 1)
            share, is_best = prediction.probabilities[label], self._is_best(label)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.line))
            painter.drawRoundedRect(place, 2, 2)
            if share > 0.001:
                colour = QColor(theme.accent if is_best else theme.muted)
                colour.setAlpha(LYING_TINT)
                painter.setBrush(colour)
                bar = QRectF(place)
                bar.setWidth(max(3.0, wide * share))
                painter.drawRoundedRect(bar, 2, 2)
            painter.setFont(bold if is_best else font)
            metrics = QFontMetrics(painter.font())
            painter.setPen(QColor(theme.text))
            text = percent(share, 1) if share >= 0.001 else ""
            inside = place.adjusted(inset, 0, -inset, 0)
            centre = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
            painter.drawText(inside, centre | Qt.AlignmentFlag.AlignRight, text)
            room = int(inside.width()) - metrics.horizontalAdvance(f" {text}")
            name = metrics.elidedText(
                prediction.classes.of(label), Qt.TextElideMode.ElideRight, room
            )
            painter.drawText(inside, centre | Qt.AlignmentFlag.AlignLeft, name)

    def _column(self, digit: int) -> QRectF:
        step = self.width() / CLASSES
        return QRectF(digit * step, 0, step, self.height())

    def _is_best(self, digit: int) -> bool:
        """Whether it is the answer; what was not read with confidence has none."""
        return digit == self.prediction.label and self.prediction.accepted

    def _paint_bar(self, painter: QPainter, digit: int, line: float) -> None:
        theme, column = self._theme, self._column(digit)
        share, is_best = self.prediction.probabilities[digit], self._is_best(digit)
        painter.setPen(QColor(theme.text if is_best else theme.muted))
        foot = column.adjusted(0, column.height() - line, 0, 0)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, str(digit))
        wide = min(column.width() - 6, 24.0)
        track = QRectF(0, line, wide, column.height() - 2 * line - 2)
        track.moveLeft(column.center().x() - wide / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRoundedRect(track, 3, 3)
        if share > 0.001:
            track.setTop(track.bottom() - max(3.0, track.height() * share))
            colour = QColor(theme.accent if is_best else theme.muted)
            hatched = QBrush(colour, Qt.BrushStyle.BDiagPattern)
            painter.setBrush(QBrush(colour) if self.prediction.is_digit else hatched)
            painter.drawRoundedRect(track, 3, 3)

    def _paint_percentages(self, painter: QPainter, line: float) -> None:
        """Write the best one's percentage and then those that still have room."""
        best, _ = self.prediction.best_two
        metrics, taken = QFontMetrics(self.font()), QRectF()
        for digit in (best, *(other for other in range(CLASSES) if other != best)):
            share = self.prediction.probabilities[digit]
            text, column = percent(share, 1), self._column(digit)
            wide = metrics.horizontalAdvance(text) + 4.0
            place = QRectF(column.center().x() - wide / 2, 0, wide, line)
            place.moveLeft(min(max(place.left(), 0.0), self.width() - wide))
            has_room = wide <= column.width() and not place.intersects(taken)
            if digit == best or (share >= 0.001 and has_room):
                colour = self._theme.text if self._is_best(digit) else self._theme.muted
                painter.setPen(QColor(colour))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
            if digit == best:
                taken = place
