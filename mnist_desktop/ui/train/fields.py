"""The inputs of the training form, each with its label, which also says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import label

TEXT_MARGINS = (6, 0, 0, 0)  # the style sheet's padding does not reach into spin boxes
NumberBox = QSpinBox | QDoubleSpinBox
ROUNDED = 1  # pixels by which a label can be wider than its text
CHANGED_MARK = " •"  # behind the label of a setting that is not the recipe's


@guarded
class Field(QWidget):
    """A label above an input; while the input is wrong, it says so in the label's place.

    Parameters
    ----------
    text : str
        The label, with a mnemonic.
    widget : QWidget
        The input.
    tip : str
        What the setting is.
    message : QLabel, optional
        Says what is wrong in place of the label above the input.
    beside : QWidget, optional
        Stands at the end of the label's line.
    """

    def __init__(
        self,
        text: str,
        widget: QWidget,
        tip: str,
        message: QLabel | None = None,
        *,
        beside: QWidget | None = None,
    ) -> None:
        super().__init__()
        self.name = text.replace("&", "")
        self.problem = ""
        self._text = self._shown = text
        self._widget, self._message = widget, message
        self._label = label(text, "field")
        self._label.setObjectName(f"{widget.objectName()}Label")
        self._label.setBuddy(widget)
        # A long message must not widen the column.
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        widget.setToolTip(tip)
        widget.setAccessibleName(self.name)
        # Two fields share the width of the column, however long their values may become.
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        if beside is None:
            layout.addWidget(self._label)
        else:
            head = QHBoxLayout()
            head.addWidget(self._label, 1)
            head.addWidget(beside)
            layout.addLayout(head)
        layout.addWidget(widget)

    def minimumSizeHint(self) -> QSize:
        """As wide as its name, in text of any size, and not as what may be said in its place."""
        width = self._label.fontMetrics().horizontalAdvance(self.name)
        return QSize(width + ROUNDED, super().minimumSizeHint().height())

    def show_state(self, problem: str, *, is_changed: bool) -> None:
        """Show what is wrong with the input, or else its name, marked if it was changed."""
        text = self._text + CHANGED_MARK * is_changed
        if self._message is not None:
            self._message.setText(problem)
        elif problem:
            text = problem
        if bool(problem) != bool(self.problem):
            is_told_here = problem and self._message is None
            set_look(self._label, role="problem" if is_told_here else "field")
            set_look(self._widget, problem=bool(problem))
        if text != self._shown:
            self._label.setText(text)
        self.problem, self._shown = problem, text
        self._widget.setAccessibleDescription(problem)


def set_look(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet reads, and style the widget anew."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


@guarded
class DecimalBox(QDoubleSpinBox):
    """An input for a number that may be small; shows 0.001 and not 0.001000.

    Parameters
    ----------
    name : str
        Its object name.
    low, high : float
        The range.
    step : float, optional
        By what its arrows change it; without one, by a tenth of the number's order of magnitude.
    """

    def __init__(self, name: str, low: float, high: float, step: float = 0.0) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setDecimals(6)
        self.setRange(low, high)
        if step:
            self.setSingleStep(step)
        else:
            self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        take_any_text(self)

    def textFromValue(self, value: float) -> str:
        """Write a number as people do."""
        return self.locale().toString(value, "g", 6)


def spin_box(name: str, low: int, high: int, suffix: str = "") -> QSpinBox:
    """Make an input for an integer."""
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(low, high)
    box.setSuffix(suffix)
    box.setGroupSeparatorShown(True)
    take_any_text(box)
    return box


def take_any_text(box: QAbstractSpinBox) -> None:
    """Let any text be typed: a digit that silently does not appear tells nobody why.

    What is no number in the range is shown as wrong, and gives way to the number before once the
    box is left.
    """
    box.setKeyboardTracking(False)  # the number before is not what was half typed
    box.lineEdit().setTextMargins(*TEXT_MARGINS)
    box.lineEdit().setValidator(None)  # type: ignore[arg-type]


def typed_number(box: NumberBox) -> float:
    """Return the number that is typed into a box; while that is none, the one before."""
    text = box.lineEdit().text()
    return box.value() if range_problem(box) else box.valueFromText(text)


def range_problem(box: NumberBox) -> str:
    """Say which numbers a box takes, while it holds none of them; else nothing."""
    state = box.validate(box.lineEdit().text(), 0)
    if (state[0] if isinstance(state, tuple) else state) == QValidator.State.Acceptable:
        return ""
    least, most = (f"{end:,.6f}".rstrip("0").rstrip(".") for end in (box.minimum(), box.maximum()))
    return f"From {least} to {most}{box.suffix()}"


def combo_box(name: str, choices: Mapping[str, str]) -> QComboBox:
    """Make a choice between values that have names."""
    box = QComboBox()
    box.setObjectName(name)
    # Long names must not widen the column; the list below opens as wide as it needs to be.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for key, text in choices.items():
        box.addItem(text, key)
    box.view().setMinimumWidth(box.view().sizeHintForColumn(0) + 24)
    return box
