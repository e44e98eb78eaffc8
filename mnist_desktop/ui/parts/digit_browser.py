"""A grid of digits with one of them enlarged next to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.formats import percent
from mnist_desktop.inference.explanation import SimilarDigits
from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.parts.digit_list import DigitList, ShownDigit
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.prediction_views import ProbabilityBars, digit_image
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme, label

WIDTH = 212
LARGE = 28 * 5
SMALL = 32


class DigitBrowser(QWidget):
    """A `DigitList`, and a `DigitDetail` once a digit is chosen.

    Signals
    -------
    similar_requested(object)
        The training digits most like this image, ndarray (28, 28), are wanted.
    pad_requested(object)
        This image, ndarray (28, 28), is to be shown on the drawing pad.
    """

    similar_requested = Signal(object)
    pad_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.list = DigitList()
        self.detail = DigitDetail()
        self._column = QScrollArea()
        self._column.setObjectName("digitColumn")
        self._column.setWidget(self.detail)
        self._column.setWidgetResizable(True)
        self._column.setFrameShape(QFrame.Shape.NoFrame)
        self._column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column.setFixedWidth(WIDTH + 12)
        self._column.hide()
        self.list.digit_chosen.connect(self._on_list_digit_chosen)
        self.list.clicked.connect(self._on_list_clicked)
        self.detail.pad_requested.connect(self.pad_requested)
        self.detail.close_requested.connect(self.close_detail)
        add_shortcut(self, "Esc", self.close_detail, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT // 2)
        row.addWidget(self.list, 1)
        row.addWidget(self._column)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.list.set_theme(theme)
        self.detail.set_theme(theme)

    @property
    def is_open(self) -> bool:
        """Whether a digit is opened large."""
        return not self._column.isHidden()

    @Slot(object)
    def show_similar(self, similar: SimilarDigits) -> None:
        """Show the digits most like an image, if it still is the one that is open."""
        if self.detail.shown is not None and similar.image is self.detail.shown.image:
            self.detail.similar.show_digits(similar)

    @Slot()
    def close_detail(self) -> None:
        """Give the full width to the list again."""
        self._column.hide()
        self.list.clearSelection()
        self.list.setFocus()

    @Slot(QModelIndex)
    def _on_list_clicked(self, index: QModelIndex) -> None:
        """Open a digit again that was closed and still is the current one."""
        if not self.is_open:
            self._on_list_digit_chosen(self.list.gallery.digit(index.row()))

    @Slot(object)
    def _on_list_digit_chosen(self, shown: ShownDigit | None) -> None:
        if shown is None:
            self._column.hide()
            return
        self.detail.show_digit(shown)
        self._column.show()
        self.list.scrollTo(self.list.currentIndex())
        self.similar_requested.emit(shown.image)


class DigitDetail(QWidget):
    """One digit large: what it is, what it was read as, and which digits are like it.

    Signals
    -------
    pad_requested(object)
        This image, ndarray (28, 28), is to be shown on the drawing pad.
    close_requested()
        The user has seen enough of it.
    """

    pad_requested = Signal(object)
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("digitDetail")
        self.shown: ShownDigit | None = None
        self._name = label("", "field")
        self._name.setObjectName("digitNameLabel")
        close = QToolButton()
        close.setText("✕")
        close.setAccessibleName("Close")
        close.setToolTip("Close this digit (Esc)")
        close.clicked.connect(self.close_requested)
        self._picture = _LargeDigit()
        self._words = label("", "title", wrap=True)
        self._words.setObjectName("digitWordsLabel")
        self._numbers = label("", "field", wrap=True)
        self._numbers.setObjectName("digitNumbersLabel")
        self.bars = ProbabilityBars()
        self._similar_name = label("Most similar training digits", "field")
        self.similar = SimilarStrip()
        self.pad_button = QPushButton("Se&nd to the pad")
        self.pad_button.setObjectName("sendToPadButton")
        self.pad_button.setToolTip("Show this digit on the drawing pad and read it there")
        self.pad_button.clicked.connect(self._on_pad_button_clicked)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, 0, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._words)
        layout.addWidget(self._numbers)
        layout.addWidget(self.bars)
        layout.addWidget(self._similar_name)
        layout.addWidget(self.similar)
        layout.addWidget(self.pad_button)
        layout.addStretch()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.bars.set_theme(theme)
        self.similar.set_theme(theme)

    def show_digit(self, shown: ShownDigit) -> None:
        """Show a digit."""
        self.shown = shown
        self._name.setText(f"{shown.split.capitalize()} digit {shown.number:,}")
        self._picture.show_image(shown.image)
        self._words.setText(_describe(shown))
        self._numbers.setVisible(bool(shown.scores))
        self._numbers.setText(f"Loss {shown.loss:.4f}, margin {percent(shown.margin, 1)}")
        self.bars.setVisible(bool(shown.scores))
        self.bars.show_prediction(
            Prediction(shown.predicted, True, shown.scores) if shown.scores else NO_INK
        )
        self.similar.show_digits(None)

    @Slot()
    def _on_pad_button_clicked(self) -> None:
        if self.shown is not None:
            self.pad_requested.emit(self.shown.image)


def _describe(shown: ShownDigit) -> str:
    if shown.predicted is None:
        return f"A {shown.label}"
    score = percent(max(shown.scores), 1)
    if shown.is_wrong:
        return f"✗ A {shown.label}, read as {shown.predicted} with {score}"
    return f"✓ A {shown.label}, read correctly with {score}"


@guarded
class _LargeDigit(QWidget):
    """One image, each pixel a square."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(LARGE, LARGE)
        self.setAccessibleName("The digit")
        self._image: NDArray[np.uint8] = np.zeros((28, 28), np.uint8)

    def show_image(self, image: NDArray[np.uint8]) -> None:
        """Show grey values (28, 28)."""
        self._image = image
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), digit_image(self._image))
        painter.end()


@guarded
class SimilarStrip(QWidget):
    """The digits most like one, side by side with their labels."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Most similar training digits")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self.digits: SimilarDigits | None = None

    def sizeHint(self) -> QSize:
        """A row of pictures and a line of text."""
        return QSize(5 * (SMALL + 6), SMALL + 20)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_digits(self, digits: SimilarDigits | None) -> None:
        """Show digits; None while they are looked for."""
        self.digits = digits
        if digits is not None:
            self.setAccessibleDescription(", ".join(str(one) for one in digits.labels))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pictures, and their labels below."""
        if self.digits is None:
            return
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.text))
        for number, (image, digit) in enumerate(
            zip(self.digits.images, self.digits.labels, strict=True)
        ):
            place = QRectF(number * (SMALL + 6), 0, SMALL, SMALL)
            painter.drawImage(place, digit_image(image))
            below = QRectF(place.left(), SMALL + 2, SMALL, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(digit))
        painter.end()
