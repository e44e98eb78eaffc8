"""The digits page: the pictures behind the numbers, right and wrong ones told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.ui.prediction_views import digit_image
from mnist_desktop.ui.theme import LIGHT, UNIT, Theme, label

CELL = QSize(76, 92)
PICTURE = 56
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class ShownDigit:
    """One picture of the gallery: grey values (28, 28), its labels, its place in the split."""

    image: NDArray[np.uint8]
    label: int
    predicted: int | None
    score: float
    place: int


class GalleryModel(QAbstractListModel):
    """A selection of digits; nothing is made for one before it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._digits: Digits | None = None
        self._scores: NDArray[np.floating[Any]] | None = None
        self._places: NDArray[np.intp] = np.empty(0, np.intp)

    def show(
        self,
        digits: Digits | None,
        scores: NDArray[np.floating[Any]] | None,
        places: NDArray[np.intp],
    ) -> None:
        """Show the digits at the given places of a split, with scores (n, 10) if there are any."""
        self.beginResetModel()
        self._digits, self._scores, self._places = digits, scores, places
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the digits shown."""
        return 0 if parent.isValid() else len(self._places)

    def digit(self, row: int) -> ShownDigit:
        """Return the digit of a row."""
        assert self._digits is not None  # noqa: S101 - a row exists only with digits
        place = int(self._places[row])
        true = int(self._digits.labels[place])
        if self._scores is None:
            return ShownDigit(self._digits.images[place], true, None, 0.0, place)
        predicted = int(self._scores[place].argmax())
        score = float(self._scores[place, predicted])
        return ShownDigit(self._digits.images[place], true, predicted, score, place)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Describe a digit in words, for tooltips and screen readers."""
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        shown = self.digit(index.row())
        text = f"Digit {shown.place:,}: a {shown.label}"
        if shown.predicted is not None:
            text += f", read as {shown.predicted} with {shown.score * 100:.1f} %"
        return text


class _DigitDelegate(QStyledItemDelegate):
    """Paints a digit with its labels; a misread one has a frame and an arrow, not colour alone."""

    theme = LIGHT

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, GalleryModel)  # noqa: S101 - the only model it is used with
        shown, theme = model.digit(index.row()), self.theme
        rect: QRect = option.rect
        picture = QRect(
            rect.left() + (rect.width() - PICTURE) // 2, rect.top() + 6, PICTURE, PICTURE
        )
        painter.save()
        painter.drawImage(picture, digit_image(shown.image))
        is_wrong = shown.predicted is not None and shown.predicted != shown.label
        if is_wrong:
            painter.setPen(QPen(QColor(theme.wrong), 2))
            painter.drawRect(picture.adjusted(-1, -1, 1, 1))
        font = QFont(option.font)
        font.setBold(is_wrong)
        painter.setFont(font)
        painter.setPen(QColor(theme.wrong if is_wrong else theme.text))
        text = f"{shown.label} → {shown.predicted}" if is_wrong else str(shown.label)
        below = QRect(rect.left(), picture.bottom() + 4, rect.width(), 20)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


class DigitList(QListView):
    """A grid of digits that is fast at sixty thousand."""

    def __init__(self) -> None:
        super().__init__()
        self.gallery = GalleryModel()
        self._delegate = _DigitDelegate(self)
        self.setModel(self.gallery)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(2000)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()


class GalleryView(QWidget):
    """The test digits of a run, chosen by true digit, predicted digit, and right or wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("galleryView")
        self.setAccessibleName("Test digits")
        self._digits: Digits | None = None
        self._scores: NDArray[np.floating[Any]] | None = None
        any_digit = ["any", *(str(digit) for digit in range(10))]
        self.true_box = _chooser("trueDigitComboBox", any_digit, "Only this true digit")
        self.read_box = _chooser("predictedDigitComboBox", any_digit, "Only what was read as this")
        self.kind_box = _chooser(
            "correctnessComboBox", ["right and wrong", "only right", "only wrong"], "Right or wrong"
        )
        self._count = label("", "muted")
        self.list = DigitList()
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        for text, box in (("True", self.true_box), ("Read as", self.read_box), ("", self.kind_box)):
            if text:
                row.addWidget(label(text, "muted"))
            row.addWidget(box)
            box.currentIndexChanged.connect(self._on_filter_changed)
        row.addStretch()
        row.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(row)
        layout.addWidget(self.list, 1)
        self.show_digits(None, None)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.list.set_theme(theme)

    def show_digits(
        self,
        digits: Digits | None,
        scores: NDArray[np.floating[Any]] | None,
    ) -> None:
        """Show a split, with a run's scores (n, 10) if one is chosen."""
        self._digits, self._scores = digits, scores
        self.read_box.setEnabled(scores is not None)
        self.kind_box.setEnabled(scores is not None)
        self._on_filter_changed()

    def select(self, true: int, predicted: int) -> None:
        """Show what was read as one digit and is another, or the same."""
        boxes = (self.true_box, self.read_box, self.kind_box)
        for box, index in zip(boxes, (true + 1, predicted + 1, 0), strict=True):
            box.blockSignals(True)
            box.setCurrentIndex(index)
            box.blockSignals(False)
        self._on_filter_changed()

    @Slot()
    def _on_filter_changed(self) -> None:
        if self._digits is None:
            self.list.gallery.show(None, None, np.empty(0, np.intp))
            self._count.setText("The digits are being loaded …")
            return
        labels = self._digits.labels
        wanted = np.ones(len(labels), bool)
        if self.true_box.currentIndex() > 0:
            wanted &= labels == self.true_box.currentIndex() - 1
        if self._scores is not None:
            predicted = self._scores.argmax(axis=1)
            if self.read_box.currentIndex() > 0:
                wanted &= predicted == self.read_box.currentIndex() - 1
            if self.kind_box.currentIndex() > 0:
                wanted &= (predicted == labels) == (self.kind_box.currentIndex() == 1)
        places = np.flatnonzero(wanted)
        self.list.gallery.show(self._digits, self._scores, places)
        self._count.setText(f"{len(places):,} of {len(labels):,} test digits")


def _chooser(name: str, choices: Sequence[str], tip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.addItems(choices)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    return box
