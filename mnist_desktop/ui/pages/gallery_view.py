"""The digits page: the images behind the numbers, with the misread ones marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.splits import Split
from mnist_desktop.evaluation.readings import KINDS, ORDERS
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.ui.parts.class_boxes import name_labels
from mnist_desktop.ui.parts.digit_browser import DigitBrowser
from mnist_desktop.ui.parts.digit_model import GalleryModel
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme, label

NOT_LOADED = "The digits are being loaded …"


class GalleryView(QWidget):
    """Digits of a split, chosen by cells of the confusion matrix and by right or wrong, and sorted.

    Attributes
    ----------
    browser : DigitBrowser
        Shows them.
    """

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
        self._gallery = GalleryModel()
        self.browser = DigitBrowser(
            self._gallery, "galleryCountLabel", "the {}'s label", count_lines=2
        )
        digits = {str(digit): str(digit) for digit in range(CLASSES)}
        any_digit = {"any": "any", **digits}
        self.true_box = _chooser("trueDigitComboBox", any_digit, "Only this true digit")
        self.read_box = _chooser("predictedDigitComboBox", any_digit, "Only what was read as this")
        self.kind_box = _chooser("correctnessComboBox", KINDS, "Right or wrong")
        orders = {key: name for key, (name, _) in ORDERS.items()}
        self.order_box = _chooser("orderComboBox", orders, "What the digits are sorted by")
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
        """Show all digits that were read rightly or wrongly, one of `KINDS`; of none read, none."""
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
        largest_first = ORDERS[self.order_box.currentData()][1]
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
        self.browser.explain_readings(are_read=readings is not None, classes=classes)
        name_labels(self.true_box, classes)
        name_labels(self.read_box, classes)
        for box in (self.read_box, self.kind_box, self.order_box, self.direction_button):
            box.setEnabled(readings is not None)
        self._show_digits_of(self._cells)
        self.all_button.setVisible(
            not (self._cells is None and self._chosen is None and self.kind_box.currentIndex() == 0)
        )
        if split is None:
            self._gallery.show(None, None, np.empty(0, np.intp))
            self.browser.count.setText(NOT_LOADED)
            return
        order, kind = self.order_box.currentData(), self.kind_box.currentData()
        if readings is None:
            labels = split.digits.labels[split.indices]
            digit = self.true_box.currentIndex() - 1
            is_shown = (labels == digit) | (digit < 0)
            indices = np.flatnonzero(is_shown & (kind == "all" and _are_rows(self._cells)))
        else:
            indices = readings.find(self._cells, kind)
            if self._chosen is not None:
                indices = np.intersect1d(self._chosen, indices)
            indices = readings.sort(indices, order, descending=self.direction_button.isChecked())
        self._gallery.show(split, readings, indices, order)
        self.browser.count.setText(self._describe(len(indices), split))

    def _describe(self, count: int, split: Split) -> str:
        of = f"{count:,} of {split.count}"
        if self._note:
            return f"{of}. {self._note}"
        if self._readings is not None and self._readings.epoch is not None:
            of += f" after epoch {self._readings.epoch}"
        if self._chosen is not None:
            return f"{of}: {self._words}"
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
