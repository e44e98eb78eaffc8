"""What a grid of digits shows: a picture and a caption each, and one of them in full."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QImage

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.disputed_labels import DisputedLabel
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.splits import Split
from mnist_desktop.evaluation.label_check import ORDER, LabelCheck
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.model_index import Index
from mnist_desktop.ui.parts.prediction_views import digit_image

LETTERS = 8  # of a class's name in a caption


@dataclass(frozen=True)
class Caption:
    """What stands below a digit; its index does not: beside a label, it reads as a reading.

    Attributes
    ----------
    label : str
        What it is, in short.
    read_as : str or None
        What it was read as, where that is something else.
    figure : str
        A score, or what the digits are sorted by; empty if no network has read it.
    """

    label: str
    read_as: str | None = None
    figure: str = ""

    @property
    def text(self) -> str:
        """The first line, such as ``"7"`` or ``"7 → 1"``."""
        return self.label if self.read_as is None else f"{self.label} → {self.read_as}"


@dataclass(frozen=True, eq=False)
class ShownDigit:
    """One digit of a list.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        Grey values.
    name : str
        Which one it is, such as ``"Test digit 1,234"``.
    number : int
        Its index in its file.
    label : int
        What it is.
    scores : tuple of float
        Ten scores that add up to 1; empty if no network has read it.
    loss, margin : float
        What follows from them; 0 without scores.
    classes : ClassNames
        What the labels stand for.
    is_disputed : bool
        Whether people dispute its label.
    label_note : str
        What people or networks say of its label, in a sentence or two; mostly empty.
    """

    image: NDArray[np.uint8]
    name: str
    number: int
    label: int
    scores: tuple[float, ...] = ()
    loss: float = 0.0
    margin: float = 0.0
    classes: ClassNames = DIGITS
    is_disputed: bool = False
    label_note: str = ""

    @property
    def predicted(self) -> int | None:
        """What it was read as."""
        return int(best_labels(np.array([self.scores]))[0]) if self.scores else None

    @property
    def is_wrong(self) -> bool:
        """Whether it was read as another digit."""
        return self.predicted is not None and self.predicted != self.label


@guarded
class DigitModel(QAbstractListModel):
    """What a `DigitList` shows: a picture and a caption a row, and one digit in full."""

    @property
    def classes(self) -> ClassNames:
        """What the labels stand for."""
        return DIGITS

    @property
    def lines(self) -> int:
        """How many lines stand below the pictures."""
        return 1

    @property
    def note_lines(self) -> int:
        """How many lines are needed for what is said of the label of an open digit."""
        return 0

    def picture(self, row: int) -> QImage:
        """Return the picture of a row, at any size."""
        raise NotImplementedError

    def caption(self, row: int) -> Caption:
        """Return what stands below a row's picture."""
        raise NotImplementedError

    def words(self, row: int) -> str:
        """Describe a row in a sentence, for tooltips and screen readers."""
        raise NotImplementedError

    def is_disputed(self, _row: int) -> bool:
        """Whether people dispute the label of a row, which is marked then."""
        return False

    def digit(self, row: int) -> ShownDigit:
        """Return the digit of a row, to be shown large."""
        raise NotImplementedError

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Hand out the words of a digit."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.caption(index.row()).text
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(index.row())
        return None


@guarded
class GalleryModel(DigitModel):
    """Digits of a split; nothing is made for one before it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._split: Split | None = None
        self._readings: Readings | None = None
        self._order = "index"
        self._check: LabelCheck | None = None
        self.indices: NDArray[np.intp] = np.empty(0, np.intp)

    def show(
        self,
        split: Split | None,
        readings: Readings | None,
        indices: NDArray[np.intp],
        order: str = "index",
        check: LabelCheck | None = None,
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
            What they are sorted by, of `mnist_desktop.evaluation.readings.ORDERS`, or by how
            suspicious their labels are; stands below.
        check : LabelCheck or None
            What networks make of the labels of all digits of the split, once they were asked.
        """
        self.beginResetModel()
        self._split, self._readings = split, readings
        self.indices, self._order, self._check = indices, order, check
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Count the digits shown."""
        return 0 if parent.isValid() else len(self.indices)

    @property
    def classes(self) -> ClassNames:
        """What the labels stand for."""
        return DIGITS if self._split is None else self._split.classes

    @property
    def lines(self) -> int:
        """One for the label, one for a figure, and one for a name that it was read as."""
        if self._readings is None:
            return 1
        return 2 if self.classes.are_digits else 3

    @property
    def note_lines(self) -> int:
        """Two for what people saw, if that is known of any of them, and one for networks."""
        is_known = self._split is not None and bool(self._split.disputed)
        return 2 * is_known + (self._check is not None)

    def is_showing(self, readings: Readings) -> bool:
        """Whether digits are shown as a network read them in these readings."""
        return self._readings is readings

    def digit(self, row: int) -> ShownDigit:
        """Return the digit of a row."""
        place, number, label = self._at(row)
        shown = ShownDigit(
            self._image(number),
            self._name(number),
            number,
            label,
            classes=self.classes,
            is_disputed=self.is_disputed(row),
            label_note="\n".join(f"{one[:1].upper()}{one[1:]}" for one in self._label_notes(row)),
        )
        if (readings := self._readings) is None:
            return shown
        return replace(
            shown,
            scores=tuple(readings.scores[place].tolist()),
            loss=float(readings.losses[place]),
            margin=float(readings.margin[place]),
        )

    def picture(self, row: int) -> QImage:
        """Return the image of a row."""
        _, number, _ = self._at(row)
        return digit_image(self._image(number))

    def caption(self, row: int) -> Caption:
        """Return the label, what it was misread as, and what the digits are sorted by."""
        place, _, label = self._at(row)
        readings = self._readings
        if readings is None:
            return Caption(self.classes.short(label, LETTERS))
        predicted = int(readings.predicted[place])
        if self._order == "loss":
            figure = f"loss {readings.losses[place]:.2f}"
        elif self._order == "margin":
            figure = f"by {percent(readings.margin[place], 1)}"
        elif self._order == ORDER and self._check is not None:
            figure = self._check.figure(place, self.classes)
        else:
            figure = percent(readings.confidence[place], 1)
        short = self.classes.shortened(LETTERS)
        return Caption(short[label], None if predicted == label else short[predicted], figure)

    def words(self, row: int) -> str:
        """Return, for example, “Test digit 1,234: a 7, read as 1 (83.1%)”."""
        place, number, label = self._at(row)
        said = f"{self._name(number)}: {self.classes.one(label)}"
        if self._readings is not None:
            read = self.classes.of(int(self._readings.predicted[place]))
            said += f", read as {read} ({percent(self._readings.confidence[place], 1)})"
        return "; ".join((said, *self._label_notes(row)))

    def is_disputed(self, row: int) -> bool:
        """Whether people dispute the label of a row."""
        return self._dispute(row) is not None

    def _dispute(self, row: int) -> DisputedLabel | None:
        _, number, _ = self._at(row)
        return None if self._split is None else self._split.disputed.get(number)

    def _label_notes(self, row: int) -> list[str]:
        """What people, and networks that were asked, say of the label of a row."""
        notes, dispute = [], self._dispute(row)
        if dispute is not None:
            notes.append(f"label disputed: {dispute.words}")
        if self._check is not None:
            place, _, _ = self._at(row)
            notes.append(self._check.words(place, self.classes))
        return notes

    def _at(self, row: int) -> tuple[int, int, int]:
        """Place in the split, index in the file, and label of a row."""
        split = self._split
        assert split is not None  # noqa: S101 - a row exists only with a split
        place = int(self.indices[row])
        number = int(split.indices[place])
        return place, number, int(split.digits.labels[number])

    def _image(self, number: int) -> NDArray[np.uint8]:
        assert self._split is not None  # noqa: S101 - a row exists only with a split
        image: NDArray[np.uint8] = self._split.digits.images[number]
        return image

    def _name(self, number: int) -> str:
        assert self._split is not None  # noqa: S101 - a row exists only with a split
        return f"{self._split.name.capitalize()} {self.classes.noun} {number:,}"
