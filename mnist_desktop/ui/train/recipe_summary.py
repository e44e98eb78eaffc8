"""What is to be known of the chosen recipe: a picture, its accuracy, its time, its size."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mnist_desktop import formats
from mnist_desktop.formats import percent
from mnist_desktop.runs.expectation import REFERENCE_DIGITS, Pace
from mnist_desktop.training.architectures import (
    ARCHITECTURES,
    OFFERED,
    Architecture,
    count_parameters,
)
from mnist_desktop.training.config import CUSTOM, TrainingConfig
from mnist_desktop.training.memory import memory_needed
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.network_picture import NetworkPicture

MUCH_MEMORY = 1e9  # bytes; worth a word


class RecipeSummary(QWidget):
    """Shows what a recipe comes to with the digits at hand, on this machine.

    Signals
    -------
    details_changed(object)
        A dict of str to str: what each recipe comes to, by its architecture's id.
    estimate_changed(str)
        What an epoch with the settings shown takes here, in words; empty while that is not known.
    """

    details_changed = Signal(object)
    estimate_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._noun = "digit"
        self._digits, self._count = "", round(REFERENCE_DIGITS / 0.95)
        self._share = 0.05
        self._pace = Pace()
        self._config: TrainingConfig | None = None
        self._is_changed = False
        self.picture = NetworkPicture()
        self._accuracy = FixedLines("strong", 1)
        self._accuracy.setObjectName("expectedAccuracyLabel")
        self._time = FixedLines("muted", 1)
        self._time.setObjectName("expectedTimeLabel")
        self._parameters = FixedLines("muted", 1)
        self._parameters.setObjectName("parametersLabel")
        words = QVBoxLayout()
        words.setSpacing(0)
        for one in (self._accuracy, self._time, self._parameters):
            words.addWidget(one)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT * 2 - 4)
        row.addWidget(self.picture)
        row.addLayout(words, 1)

    def show_digits(self, name: str, count: int, noun: str = "digit") -> None:
        """Speak of these digits.

        Parameters
        ----------
        name : {"mnist", "sample", "custom"}
            Which they are.
        count : int
            How many there are to train with, those held out included.
        noun : str, optional
            What one of them is: `ClassNames.noun`.
        """
        self._digits, self._count, self._noun = name, count, noun
        self._show()
        self._show_details()

    def show_pace(self, pace: Pace) -> None:
        """Speak of this machine."""
        self._pace = pace
        self._show()
        self._show_details()

    def show_epoch(self, config: TrainingConfig, seconds: float) -> None:
        """Correct what is expected by an epoch of a training that is under way."""
        self.show_pace(self._pace.corrected(config, self._learnt, seconds))

    @Slot(int)
    def show_validation_share(self, hundredths: int) -> None:
        """Hold so many of a hundred training digits out."""
        self._share = hundredths / 100
        self._show_details()

    def show_config(self, config: TrainingConfig, *, is_changed: bool) -> None:
        """Show settings, which may not be those of the recipe."""
        self._config, self._is_changed = config, is_changed
        self._show()

    def show_unbuilt(self) -> None:
        """Say that there is no network to speak of, because something is wrong with its layers."""
        self._config = None
        self.picture.clear()
        self._accuracy.setText("No network yet")
        self._time.setText("Its layers are not right yet.")
        self._parameters.setText("")
        self.estimate_changed.emit("")

    def _show(self) -> None:
        config = self._config
        if config is None:
            return
        one = OFFERED[config.architecture]
        self.picture.show_plan(one.plan(config), one.name)
        self._accuracy.setText(self._expected_accuracy(one, is_changed=self._is_changed))
        self._time.setText(self._expected_time(config))
        count = count_parameters(config)
        needed = memory_needed(config, count)
        text = formats.count(count, "parameter")
        if needed > MUCH_MEMORY:
            self._parameters.setText(f"{text}, {needed / 1e9:.1f} GB")
            self._parameters.setToolTip(
                f"{text}, some {needed / 1e9:.1f} GB of memory to train it with these batches"
            )
        else:
            self._parameters.setText(text)
        self.estimate_changed.emit(self._epoch_estimate(config, needed))

    def _show_details(self) -> None:
        self.details_changed.emit(
            {
                **{one.id: self._detail(one) for one in ARCHITECTURES.values()},
                CUSTOM: "Any layers, as cards or as text",
            }
        )

    def _detail(self, one: Architecture) -> str:
        parts = (self._expected_accuracy(one), self._expected_time(one.recipe))
        return " · ".join(filter(None, parts))

    def _expected_accuracy(self, one: Architecture, *, is_changed: bool = False) -> str:
        """What a recipe comes to with these digits; nothing before it is known which they are."""
        if one.id == CUSTOM:
            return "Train it to see what it reads"
        if not self._digits:
            return ""
        if self._digits not in one.accuracy:
            return f"Not measured on these {self._noun}s"
        accuracy = percent(one.accuracy[self._digits], 1)
        return f"{accuracy} as recommended" if is_changed else f"{accuracy} of test digits"

    def _expected_time(self, config: TrainingConfig) -> str:
        span = formats.duration_span(*self._pace.span(config, self._learnt))
        return f"{span} {self._where}"

    def _epoch_estimate(self, config: TrainingConfig, needed: float) -> str:
        span = formats.duration_span(*self._pace.epoch_span(config, self._learnt))
        return f"{span} an epoch {self._where}, {needed / 1e9:.1f} GB to train"

    @property
    def _learnt(self) -> int:
        """How many digits a training would learn from."""
        return round(self._count * (1 - self._share))

    @property
    def _where(self) -> str:
        return "here" if self._pace.is_measured else "on two cores"
