"""What was read, large: a digit, or the name of a class in a size at which all ten fit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.inference.predictor import Prediction
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded

LETTERS = 8  # of a name that stands large; in full it stands beside
LARGEST_NAME = 0.45  # size of the font compared with the height there is
LEAST_SIZE = 9  # pixels
MEASURED_AT = 100.0  # pixels, the size of the font that widths are measured at


def paint_name(painter: QPainter, place: QRectF, label: int, classes: ClassNames) -> None:
    """Paint the name of a class in the middle of a place.

    Its size depends on the place and on the ten names, not on which of them it is.

    Parameters
    ----------
    painter : QPainter
        Has colour and font; the size is found here.
    place : QRectF
        Where.
    label : int
        Of the class.
    classes : ClassNames
        The ten names.
    """
    names = classes.shortened(LETTERS)
    font = QFont(painter.font())
    font.setPixelSize(round(MEASURED_AT))
    metrics = QFontMetricsF(font)
    widest = max(map(metrics.horizontalAdvance, names))
    size = min(place.height() * LARGEST_NAME, place.width() / widest * MEASURED_AT)
    font.setPixelSize(max(int(size), LEAST_SIZE))
    painter.setFont(font)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, names[label])


@guarded
class ReadLabel(FixedLines):
    """Shows what was read, in a place that is as high as a digit needs."""

    def __init__(self) -> None:
        super().__init__("digit", 1)
        self._label: int | None = None
        self._classes = DIGITS

    def show_prediction(self, prediction: Prediction) -> None:
        """Show the digit or the class, ``?`` when not sure, ``–`` when there is no ink."""
        self._label = prediction.label if prediction.accepted else None
        self._classes = prediction.classes
        self.setText(prediction.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        if self._classes.are_digits or self._label is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        paint_name(painter, QRectF(self.rect()), self._label, self._classes)
