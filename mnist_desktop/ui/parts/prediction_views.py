"""Small views of one reading: what the network sees, its ten scores, and why."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.formats import percent
from mnist_desktop.inference.explanation import NEIGHBOURS, Explanation
from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

# Ink that spoke for the digit, and against it: blue and orange, distinct to everybody.
FOR, AGAINST = (0.35, 0.62, 1.0), (1.0, 0.55, 0.2)


def digit_image(image: NDArray[np.uint8]) -> QImage:
    """Turn grey values (28, 28) into an image of its own memory, white ink on black."""
    pixels = np.ascontiguousarray(image)
    return QImage(pixels.data, 28, 28, 28, QImage.Format.Format_Grayscale8).copy()


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
        self.setFixedSize(28 * 3, 28 * 3)
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
    """Ten bars, one a digit, with the best one in the accent colour."""

    ROW = 17

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("probabilityBars")
        self.setAccessibleName("Scores of the ten digits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self.prediction: Prediction = NO_INK

    def sizeHint(self) -> QSize:
        """Ten rows."""
        return QSize(240, 10 * self.ROW)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the scores of a prediction."""
        self.prediction = prediction
        shares = (
            f"{digit}: {percent(share, 0)}" for digit, share in enumerate(prediction.probabilities)
        )
        self.setAccessibleDescription(", ".join(shares))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint digit, bar and percentage of each row."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        number_width = QFontMetrics(self.font()).horizontalAdvance("100.0%") + 4
        left, right = 18, self.width() - number_width
        for digit, share in enumerate(self.prediction.probabilities):
            top = digit * self.ROW
            # What was rejected has scores, too, but none to point out.
            is_best = digit == self.prediction.label and self.prediction.accepted
            painter.setPen(QColor(theme.text if is_best else theme.muted))
            painter.drawText(
                QRectF(0, top, 14, self.ROW), Qt.AlignmentFlag.AlignVCenter, str(digit)
            )
            if self.prediction.label is not None:
                painter.drawText(
                    QRectF(right, top, number_width, self.ROW),
                    Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                    percent(share, 1),
                )
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(left, top + 5, right - left - 4, self.ROW - 9)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(track, 4, 4)
            if share > 0.001:
                painter.setBrush(QColor(theme.accent if is_best else theme.muted))
                track.setWidth(max(6.0, track.width() * share))
                painter.drawRoundedRect(track, 4, 4)


@guarded
class ExplanationView(QWidget):
    """Which ink spoke for the digit and which against it, and the training digits most like it."""

    SIDE = 28 * 3
    SMALL = 36

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("explanationView")
        self.setAccessibleName("Why it was read so")
        self.setToolTip(
            "Blue ink spoke for the digit that was read, orange ink against it; white ink made no "
            "difference. On the right: the training digits that are most like your drawing."
        )
        self.setFixedHeight(self.SIDE)
        self._theme = LIGHT
        self.explanation: Explanation | None = None
        self._image: QImage | None = None

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_explanation(self, explanation: Explanation | None, image: NDArray[np.uint8]) -> None:
        """Show what spoke for the reading of an image."""
        self.explanation = explanation
        self._image = None if explanation is None else heat_image(explanation.heat, image)
        if explanation is not None:
            like = ", ".join(str(digit) for digit in explanation.labels)
            self.setAccessibleDescription(f"The most similar training digits: {like}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the coloured ink on the left and the similar digits on the right."""
        explanation = self.explanation
        if explanation is None or self._image is None:
            return
        painter = QPainter(self)
        painter.drawImage(QRectF(0, 0, self.SIDE, self.SIDE), self._image)
        left = self.SIDE + UNIT * 2
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(
            QRectF(left, 0, self.width() - left, 20), Qt.AlignmentFlag.AlignVCenter, "Most similar"
        )
        step = min(self.SMALL + 4.0, (self.width() - left) / NEIGHBOURS)
        for number, image in enumerate(explanation.neighbours):
            place = QRectF(left + number * step, 24, step - 4, step - 4)
            painter.drawImage(place, digit_image(image))
            painter.setPen(QColor(self._theme.text))
            painter.drawText(
                place.translated(0, step - 4).adjusted(0, 2, 0, -step + 20),
                Qt.AlignmentFlag.AlignHCenter,
                str(explanation.labels[number]),
            )


def heat_image(heat: NDArray[np.float64], image: NDArray[np.uint8]) -> QImage:
    """Colour ink (28, 28) by its heat, -1 to 1."""
    share = np.abs(heat)[..., np.newaxis]
    tint = np.where(heat[..., np.newaxis] >= 0, FOR, AGAINST)
    colour = (1 - share) + share * tint
    pixels = np.ascontiguousarray((colour * image[..., np.newaxis]).round().astype(np.uint8))
    return QImage(pixels.data, 28, 28, 28 * 3, QImage.Format.Format_RGB888).copy()
