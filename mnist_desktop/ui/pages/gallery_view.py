"""The digits page: the images behind the numbers, with the misread ones marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.splits import Split
from mnist_desktop.evaluation import label_check
from mnist_desktop.evaluation.readings import DISPUTED, KINDS, ORDERS, Readings
from mnist_desktop.runs.label_check_job import CheckedLabels
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.ui.parts.class_boxes import name_labels
from mnist_desktop.ui.parts.digit_browser import DigitBrowser
from mnist_desktop.ui.parts.digit_model import GalleryModel
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label

NOT_LOADED = "The digits are being loaded …"
ASKING = "Asking the other networks …"
NONE_KNOWN = "Which labels people dispute is known of MNIST's test digits only"
ALL_ORDERS = {**ORDERS, label_check.ORDER: (label_check.NAME, True)}
ORDER_TIPS = {
    label_check.ORDER: "Where this network, and up to eight others that have kept how they read "
    "the same, are surest of another label"
}


class GalleryView(QWidget):
    """Digits of a split, chosen by cells of the confusion matrix and by right or wrong, and sorted.

    Attributes
    ----------
    browser : DigitBrowser
        Shows them.

    Signals
    -------
    label_check_requested(object)
        What other networks make of the labels of these `SplitReadings` is wanted.
    """

    label_check_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("galleryView")
        self.setAccessibleName("Digits")
        self._split: Split | None = None
        self._readings: SplitReadings | None = None
        # Those of the network that all pages are about; `choose_indices` may show others.
        self._own: tuple[Split | None, SplitReadings | None] = (None, None)
        self._cells: NDArray[np.bool_] | None = None  # None: all of them
        self._chosen: NDArray[np.intp] | None = None  # indices given instead of cells
        self._words = ""  # what these indices are
        self._note = ""  # why there are no readings, or what is to be known of them
        self._last_checked: CheckedLabels | None = None  # of the readings that were shown then
        self._asked: SplitReadings | None = None  # whose labels are being checked
        self._gallery = GalleryModel()
        self.browser = DigitBrowser(
            self._gallery, "galleryCountLabel", "the {}'s label", count_lines=2
        )
        digits = {str(digit): str(digit) for digit in range(CLASSES)}
        any_digit = {"any": "any", **digits}
        self.true_box = _chooser("trueDigitComboBox", any_digit, "Only this true digit")
        self.read_box = _chooser("predictedDigitComboBox", any_digit, "Only what was read as this")
        kinds = {**KINDS, DISPUTED: "Label disputed"}
        self.kind_box = _chooser("correctnessComboBox", kinds, "Right or wrong")
        orders = {key: name for key, (name, _) in ALL_ORDERS.items()}
        self.order_box = _chooser("orderComboBox", orders, "What the digits are sorted by")
        for order, tip in ORDER_TIPS.items():
            row = self.order_box.findData(order)
            self.order_box.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        for box in (self.true_box, self.read_box):
            box.setPlaceholderText("several")
            box.activated.connect(self._on_digit_box_activated)
        self.kind_box.activated.connect(self._show)
        self.order_box.activated.connect(self._on_order_box_activated)
        self.direction_button = QToolButton()
        self.direction_button.setCheckable(True)
        self.direction_button.setObjectName("directionButton")
        self.direction_button.setAccessibleName("Largest first")
        self.direction_button.setToolTip("Smallest or largest first")
        self.direction_button.toggled.connect(self._on_direction_button_toggled)
        self.all_button = QPushButton("Sho&w all")
        self.all_button.setToolTip("Forget the choice and show every digit")
        self.all_button.clicked.connect(self.show_all)
        keep_place(self.all_button)
        self._lay_out()
        self._on_direction_button_toggled()
        self._show()

    def _lay_out(self) -> None:
        filters = QHBoxLayout()
        filters.setSpacing(UNIT)
        for text, box in (("True", self.true_box), ("Read as", self.read_box)):
            filters.addWidget(label(text, "muted"))
            filters.addWidget(box)
        filters.addWidget(self.kind_box)
        filters.addStretch()
        order = QHBoxLayout()
        order.setSpacing(UNIT)
        order.addWidget(label("Sorted by", "muted"))
        order.addWidget(self.order_box)
        order.addWidget(self.direction_button)
        order.addStretch()
        order.addWidget(self.all_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(filters)
        layout.addLayout(order)
        layout.addWidget(self.browser, 1)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.browser.set_theme(theme)

    def show_split(self, split: Split | None) -> None:
        """Show digits that no network has read; None while they are loaded."""
        self._own = (split, None)
        self._split, self._readings = self._own
        self._chosen, self._note = None, ""
        self._show()

    def show_note(self, note: str) -> None:
        """Say why there are digits but no readings, or what is to be known of these."""
        self._note = note
        self._show()

    def show_readings(self, readings: SplitReadings) -> None:
        """Show a split as a network read it; the requested filter stays."""
        self._own = (readings.split, readings)
        self._split, self._readings = self._own
        self._chosen, self._note = None, ""
        self._show()

    @Slot(object)
    def show_label_check(self, checked: CheckedLabels) -> None:
        """Show what networks make of the labels, or keep it until these are shown again."""
        self._last_checked = checked
        if checked.readings is self._asked:
            self._asked = None
        if self._checked is not None and self.order_box.currentData() == label_check.ORDER:
            self._show()

    @Slot()
    def give_up_label_check(self) -> None:
        """Sort by index where the labels could not be checked."""
        self._asked = None
        if self.order_box.currentData() == label_check.ORDER:
            self.order_box.setCurrentIndex(self.order_box.findData("index"))
            self._on_order_box_activated()

    def choose_cells(self, cells: NDArray[np.bool_]) -> None:
        """Show the digits behind cells of the confusion matrix, shape (10, 10)."""
        self._split, self._readings = self._own
        self._cells, self._chosen = None if cells.all() else cells, None
        with QSignalBlocker(self.kind_box):
            self.kind_box.setCurrentIndex(0)
        self._show()

    def choose_indices(
        self, readings: SplitReadings, indices: NDArray[np.intp], words: str
    ) -> None:
        """Show some digits of a split, and say in words what they are."""
        self._split, self._readings = readings.split, readings
        self._cells, self._chosen, self._words = None, indices, words
        with QSignalBlocker(self.kind_box):
            self.kind_box.setCurrentIndex(0)
        self._show()

    @Slot()
    def show_all(self) -> None:
        """Clear the requested filter."""
        self.choose_kind("all")

    def choose_kind(self, kind: str) -> None:
        """Show all digits of a kind, one of `KINDS`, or the disputed ones; of none read, none."""
        self._split, self._readings = self._own
        self._cells = self._chosen = None
        self.kind_box.setCurrentIndex(self.kind_box.findData(kind))
        self._show()

    @Slot()
    def _on_digit_box_activated(self) -> None:
        true, read = (
            np.isin(np.arange(CLASSES), box.currentIndex() - 1) | (box.currentIndex() < 1)
            for box in (self.true_box, self.read_box)
        )
        cells = np.outer(true, read)
        self._split, self._readings = self._own
        self._cells, self._chosen = None if cells.all() else cells, None
        self._show()

    @Slot()
    def _on_order_box_activated(self) -> None:
        """Begin with what one looks for: the largest loss, the smallest margin."""
        self._last_checked = self._asked = None  # more runs may have been kept since
        largest_first = ALL_ORDERS[self.order_box.currentData()][1]
        with QSignalBlocker(self.direction_button):
            self.direction_button.setChecked(largest_first)
        self._on_direction_button_toggled()

    @Slot()
    def _on_direction_button_toggled(self) -> None:
        down = self.direction_button.isChecked()
        self.direction_button.setIcon(icon("chevron-down" if down else "chevron-up"))
        self._show()

    @Slot()
    def _show(self) -> None:
        """Bring list, boxes and words into agreement with the requested filter."""
        split, readings = self._split, None if self._readings is None else self._readings.readings
        classes = DIGITS if split is None else split.classes
        self.browser.explain_readings(
            are_read=readings is not None,
            classes=classes,
            are_disputed=split is not None and bool(split.disputed),
        )
        name_labels(self.true_box, classes)
        name_labels(self.read_box, classes)
        for box in (self.read_box, self.kind_box, self.order_box, self.direction_button):
            box.setEnabled(readings is not None)
        self._offer_disputed(split)
        self._show_digits_of(self._cells)
        self.all_button.setVisible(
            not (self._cells is None and self._chosen is None and self.kind_box.currentIndex() == 0)
        )
        if split is None:
            self._gallery.show(None, None, np.empty(0, np.intp))
            self.browser.count.setText(NOT_LOADED)
            return
        if readings is None:
            indices = self._find_unread(split)
            self._gallery.show(split, None, indices)
            self.browser.count.setText(self._describe(len(indices), split))
            return
        if self._is_waiting_for_check() and self._gallery.is_showing(readings):
            self.browser.count.setText(ASKING)  # and nothing moves until there is an answer
            return
        self._show_read(split, readings)

    def _offer_disputed(self, split: Split | None) -> None:
        """Offer the disputed labels of a split that has any."""
        row, model = self.kind_box.findData(DISPUTED), self.kind_box.model()
        assert isinstance(model, QStandardItemModel)  # noqa: S101 - which boxes have
        is_known = split is not None and bool(split.disputed)
        model.item(row).setEnabled(is_known)
        model.item(row).setToolTip("" if is_known else NONE_KNOWN)

    @property
    def _checked(self) -> CheckedLabels | None:
        """The labels of the readings that are shown, once they have been checked."""
        last = self._last_checked
        return last if last is not None and last.readings is self._readings else None

    def _is_waiting_for_check(self) -> bool:
        """Whether the order that is chosen waits for the labels to be checked; asks for it."""
        if self.order_box.currentData() != label_check.ORDER or self._checked is not None:
            return False
        if self._asked is not self._readings:
            self._asked = self._readings
            self.label_check_requested.emit(self._readings)
        return True

    def _find_unread(self, split: Split) -> NDArray[np.intp]:
        """Find the digits that are wanted of those that no network has read."""
        labels, digit = split.digits.labels[split.indices], self.true_box.currentIndex() - 1
        is_shown = (labels == digit) | (digit < 0)
        is_any = self.kind_box.currentData() == "all" and _are_rows(self._cells)
        return np.flatnonzero(is_shown & is_any)

    def _show_read(self, split: Split, readings: Readings) -> None:
        """Show the digits that are wanted, in the order that is wanted or, for a moment, any."""
        order, kind = self.order_box.currentData(), self.kind_box.currentData()
        indices = readings.find(self._cells, "all" if kind == DISPUTED else kind)
        if kind == DISPUTED:
            indices = indices[np.isin(split.indices[indices], list(split.disputed))]
        if self._chosen is not None:
            indices = np.intersect1d(self._chosen, indices)
        descending = self.direction_button.isChecked()
        checked = self._checked if order == label_check.ORDER else None
        if checked is not None:
            indices = checked.check.sort(indices, descending=descending)
        elif order in ORDERS:
            indices = readings.sort(indices, order, descending=descending)
        check, names = (None, "") if checked is None else (checked.check, checked.names)
        self._gallery.show(split, readings, indices, order, check)
        self.browser.count.setText(self._describe(len(indices), split), names)

    def _describe(self, count: int, split: Split) -> str:
        of = f"{count:,} of {split.count}"
        if self._readings is not None and self._readings.epoch is not None:
            of += f" after epoch {self._readings.epoch}"
        if self._chosen is not None:
            of += f": {self._words}"
        if self.order_box.currentData() == label_check.ORDER and self._checked is not None:
            return f"{of}. {self._checked.words}"
        if self._note:
            return f"{of}. {self._note}"
        if self.kind_box.currentData() == DISPUTED and not split.disputed:
            return f"{of}. {NONE_KNOWN}."
        return of

    def _show_digits_of(self, cells: NDArray[np.bool_] | None) -> None:
        """Show in the boxes what cells were chosen; several digits have no entry of their own."""
        for axis, box in enumerate((self.true_box, self.read_box)):
            chosen = range(CLASSES) if cells is None else np.flatnonzero(cells.any(axis=1 - axis))
            index = {CLASSES: 0, 1: 1 + int(chosen[0]) if len(chosen) else 0}.get(len(chosen), -1)
            with QSignalBlocker(box):
                box.setCurrentIndex(index)


def _are_rows(cells: NDArray[np.bool_] | None) -> bool:
    """Whether cells of the matrix are whole rows: for these, the true digit alone decides."""
    return cells is None or bool((cells.any(axis=1) == cells.all(axis=1)).all())


def _chooser(name: str, choices: Mapping[str, str], tip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    for key, text in choices.items():
        box.addItem(text, key)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    return box
