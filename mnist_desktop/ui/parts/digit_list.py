"""A grid of digits that is fast at sixty thousand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.splits import Split
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.prediction_views import digit_image
from mnist_desktop.ui.parts.theme import LIGHT, Theme

CELL = QSize(76, 104)
PICTURE = 56


@dataclass(frozen=True, eq=False)
class ShownDigit:
    """One digit of a list.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        Grey values.
    split : str
        The split it belongs to.
    number : int
        Its index in its file.
    label : int
        What it is.
    scores : tuple of float
        Ten scores that add up to 1; empty if no network has read it.
    loss, margin : float
        What follows from them; 0 without scores.
    """

    image: NDArray[np.uint8]
    split: str
    number: int
    label: int
    scores: tuple[float, ...]
    loss: float
    margin: float

    @property
    def predicted(self) -> int | None:
        """What it was read as."""
        return int(best_labels(np.array([self.scores]))[0]) if self.scores else None

    @property
    def is_wrong(self) -> bool:
        """Whether it was read as another digit."""
        return self.predicted is not None and self.predicted != self.label


@guarded
class GalleryModel(QAbstractListModel):
    """Digits of a split; nothing is made for one before it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._split: Split | None = None
        self._readings: Readings | None = None
        self._order = "index"
        self.indices: NDArray[np.intp] = np.empty(0, np.intp)

    def show(
        self,
        split: Split | None,
        readings: Readings | None,
        indices: NDArray[np.intp],
        order: str = "index",
    ) -> None:
        """Show digits.

        Parameters
        ----------
        split : Split or None
            Where they are from.
        readings : Readings or None
            How a network read all digits of the split.
        indices : ndarray of int, shape (k,)
            Which of the split, in the order they are shown in.
        order : str
            What they are sorted by, of `mnist_desktop.evaluation.readings.ORDERS`; stands below.
        """
        self.beginResetModel()
        self._split, self._readings = split, readings
        self.indices, self._order = indices, order
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the digits shown."""
        return 0 if parent.isValid() else len(self.indices)

    def digit(self, row: int) -> ShownDigit:
        """Return the digit of a row."""
        split, readings = self._split, self._readings
        assert split is not None  # noqa: S101 - a row exists only with a split
        place = int(self.indices[row])
        number = int(split.indices[place])
        image, label = split.digits.images[number], int(split.digits.labels[number])
        if readings is None:
            return ShownDigit(image, split.name, number, label, (), 0.0, 0.0)
        return ShownDigit(
            image,
            split.name,
            number,
            label,
            scores=tuple(readings.scores[place].tolist()),
            loss=float(readings.losses[place]),
            margin=float(readings.margin[place]),
        )

    def caption(self, row: int) -> tuple[str, str, bool]:
        """Return what stands below a digit: labels, sorted by what, and whether it is wrong."""
        split, readings = self._split, self._readings
        assert split is not None  # noqa: S101 - a row exists only with a split
        place = int(self.indices[row])
        number = int(split.indices[place])
        label = int(split.digits.labels[number])
        if readings is None:
            return str(label), f"{number:,}", False
        predicted = int(readings.predicted[place])
        if self._order == "loss":
            small = f"loss {readings.losses[place]:.2f}"
        elif self._order == "margin":
            small = f"by {percent(readings.margin[place], 1)}"
        elif self._order == "index":
            small = f"{number:,}"
        else:
            small = percent(readings.confidence[place], 1)
        if predicted == label:
            return str(label), small, False
        return f"{label} → {predicted}", small, True

    def image(self, row: int) -> NDArray[np.uint8]:
        """Return the image of a row, shape (28, 28)."""
        assert self._split is not None  # noqa: S101 - a row exists only with a split
        image: NDArray[np.uint8] = self._split.digits.images[self._split.indices[self.indices[row]]]
        return image

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Describe a digit in words, for tooltips and screen readers."""
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        shown = self.digit(index.row())
        text = f"{shown.split.capitalize()} digit {shown.number:,}: a {shown.label}"
        if shown.predicted is not None:
            text += f", read as {shown.predicted} with {percent(max(shown.scores), 1)}"
        return text


@guarded
class _DigitDelegate(QStyledItemDelegate):
    """Paints a digit with its labels; a misread one has a frame and an arrow, not colour alone."""

    theme = LIGHT

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme, rect = index.model(), self.theme, option.rect
        assert isinstance(model, GalleryModel)  # noqa: S101 - the only model it is used with
        text, small, is_wrong = model.caption(index.row())
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(QColor(theme.window))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 6, 6)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        picture = QRect(
            rect.left() + (rect.width() - PICTURE) // 2, rect.top() + 8, PICTURE, PICTURE
        )
        painter.drawImage(picture, digit_image(model.image(index.row())))
        if is_wrong:
            painter.setPen(QPen(QColor(theme.wrong), 2))
            painter.drawRect(picture.adjusted(-1, -1, 1, 1))
        font = QFont(option.font)
        font.setBold(is_wrong)
        painter.setFont(font)
        painter.setPen(QColor(theme.wrong if is_wrong else theme.text))
        below = QRect(rect.left(), picture.bottom() + 4, rect.width(), 17)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        font.setBold(False)
        font.setPointSizeF(max(option.font.pointSizeF() - 1.5, 7))
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        painter.drawText(below.translated(0, 15), Qt.AlignmentFlag.AlignCenter, small)
        painter.restore()


class DigitList(QListView):
    """A grid of digits.

    Signals
    -------
    digit_chosen(object)
        The keyboard or mouse went to this `ShownDigit`, or to none.
    """

    digit_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Digits")
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
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.gallery.modelReset.connect(self._on_gallery_model_reset)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def choose(self, row: int) -> None:
        """Go to a digit."""
        index = self.gallery.index(row, 0)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.scrollTo(index)

    @Slot()
    def _on_gallery_model_reset(self) -> None:
        """Report that the chosen digit no longer exists, which selections do not."""
        self.digit_chosen.emit(None)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self.digit_chosen.emit(self.gallery.digit(current.row()) if current.isValid() else None)
