"""Two rows of the live view: digits that are read otherwise now, and the drawing through time."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.formats import percent
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.training.validation_reading import ChangedDigit
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.prediction_views import digit_image
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme

TILE = 6 * UNIT  # pixels, the side of a digit
NAMED_TILE = 14 * UNIT  # what a digit takes whose class has a name
NAMED_STEP, STEP_LETTERS = 8 * UNIT, 8  # of an epoch with a name
CHANGED_LETTERS = 6  # of each of two names
BAR = 5 * UNIT  # pixels, of a score of 1


class _Strip(QWidget):
    """A row as high as what it paints, whatever that is."""

    def __init__(self, name: str, accessible_name: str, tip: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible_name)
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def _line(self) -> int:
        return QFontMetrics(self.font()).height()


@guarded
class ChangedDigits(_Strip):
    """Some digits that an epoch has the network read otherwise, with what it read before."""

    def __init__(self) -> None:
        super().__init__(
            "changedDigits",
            "Digits whose reading has changed",
            "Validation digits that the last epoch has read otherwise: before → now; blue is "
            "right, orange is wrong",
        )
        self._digits: tuple[ChangedDigit, ...] = ()
        self._classes = DIGITS

    def sizeHint(self) -> QSize:
        """A digit with a line below it."""
        return QSize(4 * TILE, TILE + self._line() + 4)

    def show_digits(self, digits: tuple[ChangedDigit, ...], classes: ClassNames = DIGITS) -> None:
        """Show as many of these as there is room for."""
        self._digits, self._classes = digits, classes
        words = (
            f"{classes.one(one.label)}: {classes.of(one.before)}, now {classes.of(one.after)}"
            for one in digits
        )
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the digits side by side."""
        painter = QPainter(self)
        names = self._classes.shortened(CHANGED_LETTERS)
        step = TILE + UNIT if self._classes.are_digits else NAMED_TILE + UNIT
        wide = step - UNIT
        for number, one in enumerate(self._digits[: (self.width() + UNIT) // step]):
            left = number * step
            picture = QRectF(left + (wide - TILE) // 2, 0, TILE, TILE)
            painter.drawImage(picture, digit_image(one.image))
            is_right = one.after == one.label
            painter.setPen(QColor(self._theme.right if is_right else self._theme.wrong))
            painter.drawText(
                QRectF(left, TILE + 2, wide, self._line()),
                Qt.AlignmentFlag.AlignCenter,
                f"{names[one.before]} → {names[one.after]}",
            )


@guarded
class DrawingSteps(_Strip):
    """What the network that learns reads on the pad after each epoch, as bars of its score."""

    def __init__(self) -> None:
        super().__init__(
            "drawingSteps",
            "What the network reads on the pad",
            "After each epoch: the digit that the network reads on the drawing pad; the higher "
            "the bar, the higher its score",
        )
        self._readings: list[WatchedReading] = []
        self._classes = DIGITS

    def sizeHint(self) -> QSize:
        """A bar with a line above and below it."""
        return QSize(4 * TILE, BAR + 2 * self._line() + 4)

    def clear(self, classes: ClassNames = DIGITS) -> None:
        """Begin with no epoch."""
        self._readings, self._classes = [], classes
        self._tell()

    def add(self, reading: WatchedReading) -> None:
        """Add an epoch."""
        self._readings.append(reading)
        self._tell()

    def _tell(self) -> None:
        name = self._classes.of
        words = (f"epoch {one.epoch}: {name(_best(one))}" for one in self._readings)
        self.setAccessibleDescription(", ".join(words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the last epochs, as many as there is room for."""
        painter, theme, line = QPainter(self), self._theme, self._line()
        if not self._readings:
            painter.setPen(QColor(theme.muted))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, NOTHING_DRAWN)
            return
        column = max(TILE, QFontMetrics(self.font()).horizontalAdvance("100%") + UNIT)
        if not self._classes.are_digits:
            column = NAMED_STEP
        for number, one in enumerate(self._readings[-(self.width() // column) :]):
            left, best = number * column, _best(one)
            place = QRectF(left, 0, column - UNIT, line)
            painter.setPen(QColor(theme.text))
            name = self._classes.short(best, STEP_LETTERS)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
            height = BAR * one.scores[best]
            painter.fillRect(
                QRectF(left, line + 2 + BAR - height, column - UNIT, height), QColor(theme.accent)
            )
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                place.translated(0, line + BAR + 4),
                Qt.AlignmentFlag.AlignCenter,
                percent(one.scores[best], 0),
            )


NOTHING_DRAWN = "What is on the drawing pad is read after each epoch by the network that learns."


def _best(reading: WatchedReading) -> int:
    return max(range(len(reading.scores)), key=reading.scores.__getitem__)
