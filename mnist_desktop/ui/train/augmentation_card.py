"""The card on which augmentation is set, beside what it does to a digit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import Digits, Images
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.training.augmentation import CHANGES, OFF, STANDARD, Augmentation, Change
from mnist_desktop.training.augmentation_limits import augmentation_warning
from mnist_desktop.training.augmentation_preview import PreviewRequest
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.focus import FocusRing
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import UNIT, label
from mnist_desktop.ui.train.augmented_digits import AugmentedDigits
from mnist_desktop.ui.train.fields import DecimalBox, range_problem, set_look, typed_number
from mnist_desktop.workers.augmentation import AugmentationController

WARNING_LINES = 3
SLIDER_HEIGHT = 22  # pixels; a focused handle is cut at less
LOADING = "TensorFlow is being loaded; the digits then appear by themselves …"
ABOUT = "Each time a digit is used in training, it is changed at random, up to these amounts."


UNITS = {"px": " px", "°": "°", "%": "%"}


def amount_box(name: str, change: Change) -> DecimalBox:
    """Make an input for the amount of a change in its unit."""
    by = change.shown_by
    box = DecimalBox(f"{name}SpinBox", 0, change.most * by, step=change.step * by)
    box.setDecimals(2)
    box.setSuffix(UNITS[change.unit])
    return box


class AmountRow:
    """A change with its slider and its box, which follow each other."""

    def __init__(self, name: str, change: Change) -> None:
        self.name, self.change = name, change
        self.title = label(change.title, "field")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{name}Slider")
        self.slider.setRange(0, round(change.most / change.step))
        self.slider.setMinimumHeight(SLIDER_HEIGHT)
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.box = amount_box(name, change)
        self.title.setBuddy(self.box)
        for part in (self.title, self.slider, self.box):
            part.setToolTip(change.sentence)
        self.slider.setAccessibleName(f"{change.title}, slider")
        self.box.setAccessibleName(change.title)

    @property
    def typed(self) -> float:
        """The amount that is typed."""
        return typed_number(self.box) / self.change.shown_by

    @property
    def slid(self) -> float:
        """The amount that the slider stands at."""
        return round(self.slider.value() * self.change.step, 9)

    def show_amount(self, amount: float, source: QWidget | None = None) -> None:
        """Show an amount, on all parts but the one that it comes from."""
        for part in (self.slider, self.box):
            if part is not source:
                part.blockSignals(True)
        if source is not self.slider:
            self.slider.setValue(round(amount / self.change.step))
        if source is not self.box:
            self.box.lineEdit().blockSignals(True)
            self.box.setValue(amount * self.change.shown_by)
            self.box.lineEdit().blockSignals(False)
        for part in (self.slider, self.box):
            part.blockSignals(False)


@guarded
class AugmentationCard(QDialog):
    """Sets how far training digits are changed, and shows it with one of them.

    Parameters
    ----------
    augmentation : Augmentation
        What it begins with.
    digits : Digits
        Of which one is shown.
    previews : AugmentationController
        Changes the digit as a training does.
    parent : QWidget
        Above which it is shown.

    Signals
    -------
    chosen(object)
        An `Augmentation`: the user has accepted it.
    """

    chosen = Signal(object)

    def __init__(
        self,
        augmentation: Augmentation,
        digits: Digits,
        previews: AugmentationController,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("augmentationCard")
        self.setWindowTitle("Augmentation")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.augmentation = augmentation
        self._digits, self._previews = digits, previews
        self._digit, self._seed = 0, 1
        self._any = np.random.default_rng(1)
        self._make_parts()
        self._lay_out()
        self._focus_ring = FocusRing(self)
        previews.waiting.connect(self._on_previews_waiting)
        previews.previewed.connect(self._on_previews_previewed)
        previews.failed.connect(self._on_previews_failed)
        self.finished.connect(previews.forget)
        self._show_all(augmentation)

    # Its parts

    def _make_parts(self) -> None:
        self._rows = {name: AmountRow(name, change) for name, change in CHANGES.items()}
        for row in self._rows.values():
            row.slider.valueChanged.connect(self._on_slider_value_changed)
            row.box.valueChanged.connect(self._on_box_changed)
            row.box.lineEdit().textChanged.connect(self._on_box_changed)
        self.preview = AugmentedDigits()
        self.warning = FixedLines("problem", WARNING_LINES)
        self.warning.setObjectName("augmentationWarning")
        make = self._button
        self.another_button = make("&Another digit", "anotherDigitButton", "Show another digit")
        self.another_button.clicked.connect(self._on_another_button_clicked)
        self.shuffle_button = make(
            "S&huffle", "shuffleButton", "Show the same digit with other random changes"
        )
        self.shuffle_button.clicked.connect(self._on_shuffle_button_clicked)
        self.standard_button = make(
            "&Standard", "standardButton", "What the presets use: a little shift, rotation, scale"
        )
        self.standard_button.clicked.connect(self._on_standard_button_clicked)
        self.off_button = make("&Off", "offButton", "Leave the digits as they are")
        self.off_button.clicked.connect(self._on_off_button_clicked)
        kinds = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        self.ok_button = self._buttons.button(kinds.Ok)
        self.ok_button.setProperty("primary", True)
        self.ok_button.setObjectName("augmentationOkButton")
        self.ok_button.setToolTip("Train with these amounts (Return)")
        cancel = self._buttons.button(kinds.Cancel)
        cancel.setObjectName("augmentationCancelButton")
        cancel.setToolTip("Leave augmentation as it was (Esc)")
        self._buttons.accepted.connect(self._on_buttons_accepted)
        self._buttons.rejected.connect(self.reject)

    @staticmethod
    def _button(text: str, name: str, tip: str) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        made.setToolTip(tip)
        made.setAutoDefault(False)
        return made

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(UNIT)
        grid.setVerticalSpacing(UNIT + UNIT // 2)  # as high as the preview beside it
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(1, 140)
        for place, row in enumerate(self._rows.values()):
            for column, part in enumerate((row.title, row.slider, row.box)):
                grid.addWidget(part, place, column)
        left = QVBoxLayout()
        left.addLayout(grid)
        left.addStretch()
        left.addLayout(_in_a_row(self.standard_button, self.off_button))
        right = QVBoxLayout()
        right.setSpacing(UNIT)
        right.addWidget(self.preview)
        right.addStretch()
        right.addLayout(_in_a_row(self.another_button, self.shuffle_button))
        sides = QHBoxLayout()
        sides.setSpacing(UNIT * 3)
        sides.addLayout(left, 1)
        sides.addLayout(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        layout.setSpacing(UNIT)
        layout.addWidget(label(ABOUT, "muted"))
        layout.addLayout(sides)
        layout.addWidget(self.warning)
        layout.addWidget(self._buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Show where the focus is, once there is a window to watch."""
        super().showEvent(event)
        if (handle := self.windowHandle()) is not None:
            self._focus_ring.follow(handle)

    # What it holds

    def _show_all(self, augmentation: Augmentation) -> None:
        self.augmentation = augmentation
        for name, row in self._rows.items():
            row.show_amount(augmentation.amounts[name])
        self._look()

    def _problem(self) -> str:
        """Say what is wrong with a number that is typed; usually nothing."""
        wrong = {row.change.title: range_problem(row.box) for row in self._rows.values()}
        return next((f"{title}: {words}" for title, words in wrong.items() if words), "")

    def _look(self) -> None:
        """Show what is set: what is wrong with it, and what it does to the digit."""
        problem = self._problem()
        for row in self._rows.values():
            is_wrong = bool(range_problem(row.box))
            if bool(row.box.property("problem")) != is_wrong:
                set_look(row.box, problem=is_wrong)
        self.ok_button.setEnabled(not problem)
        self.warning.setText(problem or augmentation_warning(self.augmentation))
        if not problem:
            image = self._digits.images[self._digit]
            self._previews.request(PreviewRequest(image, self.augmentation, self._seed))

    def _set(self, row: AmountRow, amount: float, source: QWidget) -> None:
        self.augmentation = replace(self.augmentation, **{row.name: amount})
        row.show_amount(amount, source)
        self._look()

    # What is done with it

    @Slot()
    def _on_slider_value_changed(self) -> None:
        row = next(one for one in self._rows.values() if one.slider is self.sender())
        self._set(row, row.slid, row.slider)

    @Slot()
    def _on_box_changed(self) -> None:
        source = self.sender()
        row = next(one for one in self._rows.values() if source in (one.box, one.box.lineEdit()))
        self._set(row, row.typed, row.box)

    @Slot()
    def _on_another_button_clicked(self) -> None:
        self._digit = int(self._any.integers(len(self._digits)))
        self._look()

    @Slot()
    def _on_shuffle_button_clicked(self) -> None:
        self._seed += 1
        self._look()

    @Slot()
    def _on_standard_button_clicked(self) -> None:
        self._show_all(STANDARD)

    @Slot()
    def _on_off_button_clicked(self) -> None:
        self._show_all(OFF)

    @Slot()
    def _on_buttons_accepted(self) -> None:
        self.chosen.emit(self.augmentation)
        self.accept()

    @Slot()
    def _on_previews_waiting(self) -> None:
        self.preview.show_words(LOADING)

    @Slot(object)
    def _on_previews_previewed(self, images: Images) -> None:
        self.preview.show_images(images)

    @Slot(object)
    def _on_previews_failed(self, error: MnistDesktopError) -> None:
        self.preview.show_words(str(error))


def _in_a_row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(UNIT)
    for one in buttons:
        row.addWidget(one)
    return row
