"""The fields of a layer card, one for each of its settings: what can be set, set in place."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QWidget

from mnist_desktop.networks.card_kinds import ACTIVATIONS, NO_ACTIVATION, CardKind, Setting, written
from mnist_desktop.networks.layer_text import Word, WrongWordError, named_value
from mnist_desktop.networks.plan import Shape
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.train.fields import set_look
from mnist_desktop.ui.train.layer_keys import step_of

AS_SIZE = "as size"  # what a stride says that follows from the size of the window
TEXT_MARGINS = (2, 0, 0, 0)
STEPS_TO_DOUBLE = 8  # of an integer, as it is stepped upwards
Buttons = QAbstractSpinBox.StepEnabledFlag
TIP = Qt.ItemDataRole.ToolTipRole


def shown_value(setting: Setting, value: Any) -> str:
    """Write a value of a setting as its field shows it."""
    if value is None:
        return AS_SIZE
    if setting.kind == "choice":
        if value == NO_ACTIVATION and setting.name == "activation":
            return "no activation"
        return value if setting.name == "activation" else f"{value} {setting.name}"
    return written(value).replace("x", "×")


def longest_value(setting: Setting) -> str:
    """Return a text as long as any that the field of a setting usually has to show."""
    if setting.kind == "choice":
        return max((shown_value(setting, one) for one in setting.choices), key=len)
    if setting.kind == "sides":
        return AS_SIZE if setting.default is None else "10×10"
    return "0.0001" if setting.kind == "number" else written(max(int(setting.high), 99))


@guarded
class _PageKeys(QObject):
    """Leaves keys that mean something on the page to it, while a field has the focus."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        field.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let such a key go on to the page."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and step_of(event):  # type: ignore[arg-type]
            event.ignore()
            return True
        return False


class _Passing:
    """Leaves to the page what is the page's: the wheel, and keys that mean a step back."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the page take its keys before a line of text does."""
        super().focusInEvent(event)  # type: ignore[misc]
        # Only now: a filter in Python that is asked about every event of every field is slow.
        self._keys = _PageKeys(self)  # type: ignore[arg-type]

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave all other events to Qt."""
        self._keys.deleteLater()
        super().focusOutEvent(event)  # type: ignore[misc]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave a key to the page, or answer it."""
        if step_of(event):
            event.ignore()
        else:
            super().keyPressEvent(event)  # type: ignore[misc]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll: no value changes because the mouse happens to lie over it."""
        event.ignore()


@guarded
class ValueBox(_Passing, QAbstractSpinBox):
    """Takes integers, numbers, and rows and columns such as 5×5, in the way that text does.

    What is typed counts at once if it can be read. While it cannot, the field is marked, and takes
    the value before again once it is left.

    Signals
    -------
    chosen(object)
        Another value is wanted.
    settled()
        The user is done with it.
    refused(str)
        What is wrong with what is typed; empty once nothing is.
    """

    chosen = Signal(object)
    settled = Signal()
    refused = Signal(str)

    def __init__(self, about: CardKind, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self._about, self._setting = about, setting
        self._value = setting.default
        self._problem = ""
        self.lineEdit().setTextMargins(*TEXT_MARGINS)
        self.lineEdit().textEdited.connect(self._on_line_edit_text_edited)
        self.editingFinished.connect(self._on_editing_finished)
        self._write()

    def show_value(self, value: Any) -> None:
        """Show a value; what is just being typed stays as it is typed if it means the same."""
        if value != self._value:
            self._value = value
            self._write()

    def stepBy(self, steps: int) -> None:
        """Take the next larger value, or smaller ones."""
        value = self._value
        for _ in range(abs(steps)):
            value = _stepped(self._setting, value, 1 if steps > 0 else -1)
        if value != self._value:
            self._value = value
            self._write()
            self.chosen.emit(value)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Say whether there are larger and smaller values."""
        found = Buttons.StepNone
        for direction, flag in ((1, Buttons.StepUpEnabled), (-1, Buttons.StepDownEnabled)):
            if _stepped(self._setting, self._value, direction) != self._value:
                found |= flag
        return found

    def _write(self) -> None:
        self.lineEdit().setText(shown_value(self._setting, self._value))
        self._tell("")

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            if bool(problem) != bool(self._problem):
                set_look(self, problem=bool(problem))
            self._problem = problem
            self.refused.emit(problem)

    @Slot(str)
    def _on_line_edit_text_edited(self, text: str) -> None:
        typed = "".join(text.split()).lower()
        if typed in ("", AS_SIZE.replace(" ", "")) and self._setting.default is None:
            value = None
        else:
            try:
                word = Word(f"{self._setting.name}={typed}", 0)
                _, value = named_value(self._about, word)
            except WrongWordError:
                self._tell(f"{self._setting.name} {self._setting.rule}.")
                return
        self._tell("")
        if value != self._value:
            self._value = value
            self.chosen.emit(value)

    @Slot()
    def _on_editing_finished(self) -> None:
        if self.text() != shown_value(self._setting, self._value):
            self._write()
        self.settled.emit()


def _stepped(setting: Setting, value: Any, direction: int) -> Any:
    """Return the value one step further, within the setting's range."""

    def within(number: float) -> float:
        return type(number)(min(max(number, setting.low), setting.high))

    if setting.kind == "sides":
        return _stepped_sides(setting, value, direction)
    if setting.kind == "whole":
        start = value if direction > 0 else value - 1
        step = 1 << max(0, (start // STEPS_TO_DOUBLE).bit_length() - 1)
        return within((start // step + (direction > 0)) * step)
    least = min(setting.default, 0.1)  # what is stepped up from 0 becomes something that counts
    size = max(value if direction > 0 else value * 0.999, least)
    step = 10.0 ** math.floor(math.log10(size)) / 2
    start = value / step + (1e-9 if direction > 0 else -1e-9)
    steps = math.floor(start) + 1 if direction > 0 else math.ceil(start) - 1
    return within(round(steps * step, 10))


def _stepped_sides(setting: Setting, sides: Shape | None, direction: int) -> Shape | None:
    """Return both sides one pixel further; below 1×1 is what follows from another setting."""
    if setting.default is None and (sides is None or (min(sides) == 1 and direction < 0)):
        return (1, 1) if direction > 0 else None
    low, high = int(setting.low), int(setting.high)
    return tuple(min(max(side + direction, low), high) for side in sides or ())


@guarded
class ChoiceBox(_Passing, QComboBox):
    """Takes one of several words; signals as those of `ValueBox`."""

    chosen = Signal(object)
    settled = Signal()

    def __init__(self, _about: CardKind, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        # Else it would measure all of its words.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(len(longest_value(setting)))
        for one in setting.choices:
            self.addItem(shown_value(setting, one), one)
            if one in ACTIVATIONS:
                self.setItemData(self.count() - 1, ACTIVATIONS[one], TIP)
        self.activated.connect(self._on_activated)

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self.setCurrentIndex(self.findData(value))

    @Slot()
    def _on_activated(self) -> None:
        self.chosen.emit(self.currentData())
        self.settled.emit()


@guarded
class FlagBox(_Passing, QCheckBox):
    """Takes yes or no; signals as those of `ValueBox`."""

    chosen = Signal(object)
    settled = Signal()

    def __init__(self, _about: CardKind, setting: Setting, parent: QWidget) -> None:
        super().__init__(setting.name, parent)
        self.clicked.connect(self._on_clicked)

    def show_value(self, value: Any) -> None:
        """Show a value."""
        self.setChecked(value)

    @Slot(bool)
    def _on_clicked(self, is_checked: bool) -> None:
        self.chosen.emit(is_checked)
        self.settled.emit()


Field = ValueBox | ChoiceBox | FlagBox


def make_field(about: CardKind, setting: Setting, parent: QWidget) -> Field:
    """Make the field of a setting."""
    kinds: dict[str, type[Field]] = {"choice": ChoiceBox, "flag": FlagBox}
    field = kinds.get(setting.kind, ValueBox)(about, setting, parent)
    field.setObjectName(f"{setting.name}Field")
    field.setAccessibleName(f"{setting.name} of {about.title}")
    field.setToolTip(f"{setting.name}: {setting.sentence}")
    return field
