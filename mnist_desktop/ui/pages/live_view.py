"""What a network that is learning does, while it learns: in the place of the matrix page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.formats import percent
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.training.progress import BatchProgress, EpochMetrics, WatchedReading
from mnist_desktop.training.validation_reading import ValidationReading
from mnist_desktop.ui.pages.live_strips import ChangedDigits, DrawingSteps
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.live_curves import LiveCurves
from mnist_desktop.ui.parts.matrix_grid import MatrixGrid
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.parts.training_state import (
    PAUSE_TIP,
    STOP_TIP,
    STOPPING,
    TrainingState,
    describe_epoch,
    show_share,
    training_bar,
)

NOTHING_CHANGED = "Changes are shown from the second epoch on"
NONE_HELD_OUT = "No {} are held out for validation"


class LiveView(QWidget):
    """Shows one training: curves, validation matrix, what an epoch has changed, the drawing.

    Everything is painted by Qt within a millisecond or two; nothing moves while it changes.

    Signals
    -------
    matrix_requested()
        The matrix of the network in use is to be shown instead.
    pause_requested(), stop_requested()
        The training is to pause or to resume; to end with what it has learnt kept.
    """

    matrix_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("liveView")
        self.setAccessibleName("The training that is under way")
        self._title = FixedLines("title", 1)
        self._title.setObjectName("liveTitleLabel")
        self._facts = FixedLines("muted", 1)
        self._facts.setObjectName("liveFactsLabel")
        self.curves = LiveCurves()
        self.curves.setObjectName("liveMiddleCurves")
        self.grid = MatrixGrid(is_compact=True)
        self.grid.setObjectName("liveMatrix")
        self.grid.setAccessibleName("Confusion matrix of the validation digits")
        self._changes = FixedLines("strong", 1)
        self._changes.setObjectName("liveChangesLabel")
        self.changed = ChangedDigits()
        self.steps = DrawingSteps()
        self.matrix_button = QPushButton("Show the matrix")
        self.matrix_button.setObjectName("showMatrixButton")
        self.matrix_button.setToolTip(
            "Show the matrix of the network at the top; the training goes on"
        )
        self.matrix_button.clicked.connect(self.matrix_requested)
        self.pause_button = _AsWideAs("Resume")
        self.pause_button.setObjectName("livePauseButton")
        self.pause_button.setToolTip(in_words(PAUSE_TIP))
        self.pause_button.clicked.connect(self.pause_requested)
        self.stop_button = QPushButton("Stop")
        self.stop_button.setObjectName("liveStopButton")
        self.stop_button.setToolTip(in_words(STOP_TIP))
        self.stop_button.clicked.connect(self.stop_requested)
        self.progress_bar = training_bar("liveProgressBar")
        self._state = TrainingState()
        self._epochs = 1
        self._classes = DIGITS
        self._grid_name = label("Validation digits after the last epoch", "strong")
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(self._title, 1)
        for button in (self.pause_button, self.stop_button, self.matrix_button):
            head.addWidget(button)
        middle = QGridLayout()
        middle.setHorizontalSpacing(UNIT * 3)
        middle.addWidget(label("Learning curves", "strong"), 0, 0)
        middle.addWidget(self._grid_name, 0, 1)
        middle.addWidget(self.curves, 1, 0)
        middle.addWidget(self.grid, 1, 1)
        middle.setColumnStretch(0, 2)
        middle.setColumnStretch(1, 3)
        middle.setRowStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(UNIT * 2, UNIT * 2, UNIT * 2, UNIT * 2)
        column.setSpacing(UNIT)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addWidget(self.progress_bar)
        column.addLayout(middle, 1)
        below = QGridLayout()
        below.setHorizontalSpacing(UNIT * 3)
        below.setVerticalSpacing(UNIT)
        below.addWidget(self._changes, 0, 0)
        below.addWidget(self.changed, 1, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(label("Your drawing, after each epoch", "strong"), 0, 1)
        below.addWidget(self.steps, 1, 1)
        below.setColumnStretch(0, 3)
        below.setColumnStretch(1, 2)
        column.addLayout(below)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for part in (self.curves, self.grid, self.changed, self.steps):
            part.set_theme(theme)

    def begin(
        self,
        title: str,
        epochs: int,
        history: Sequence[EpochMetrics] = (),
        classes: ClassNames = DIGITS,
    ) -> None:
        """Show a training from its start.

        Parameters
        ----------
        title : str
            What is done, in one line.
        epochs : int
            How many there will be.
        history : sequence of EpochMetrics
            Those that a resumed training has done before.
        classes : ClassNames
            What it learns to read.
        """
        self._classes = classes
        self._grid_name.setText(f"Validation {classes.noun}s after the last epoch")
        self._epochs = epochs
        self._title.setText(title)
        self._facts.setText("Starting …")
        self.progress_bar.setRange(0, 0)  # until there is a first report
        self.curves.begin(epochs, history)
        self.grid.show_matrix(np.zeros((CLASSES, CLASSES), np.int64), classes)
        self._changes.setText(NOTHING_CHANGED)
        self.changed.show_digits(())
        self.steps.clear(classes)

    def show_state(self, state: TrainingState) -> None:
        """Offer what can be done with the training now."""
        self._state = state
        self.pause_button.setText(state.pause_word)
        self.pause_button.setEnabled(state.can_pause)
        self.stop_button.setEnabled(not state.is_stopping)
        if state.is_stopping:
            self._facts.setText(STOPPING)

    def show_progress(self, progress: object) -> None:
        """Show what the training reports; what it does not know is left out."""
        if isinstance(progress, BatchProgress):
            self.curves.add_batch(progress)
            self._epochs = progress.epochs
            show_share(self.progress_bar, progress)
            if not self._state.is_stopping:
                self._facts.setText(describe_epoch(progress))
        elif isinstance(progress, PhaseProgress):
            self._facts.setText(f"{progress.text} …")
        elif isinstance(progress, EpochMetrics):
            self.curves.add_epoch(progress)
            self._facts.setText(self._describe(progress))
        elif isinstance(progress, ValidationReading):
            self._show_reading(progress)
        elif isinstance(progress, WatchedReading):
            self.steps.add(progress)

    def _describe(self, metrics: EpochMetrics) -> str:
        done = f"Epoch {metrics.epoch} of {self._epochs} is done"
        these = f"{self._classes.noun}s"
        if metrics.val_accuracy is None:
            self._changes.setText(NONE_HELD_OUT.format(these))
            return f"{done}: {percent(metrics.accuracy)} of the training {these} read correctly"
        return f"{done}: {percent(metrics.val_accuracy)} of the validation {these} read correctly"

    def _show_reading(self, reading: ValidationReading) -> None:
        self.grid.show_matrix(reading.matrix, self._classes)
        if reading.epoch > 1:
            corrected = formats.count(reading.corrected, self._classes.noun)
            self._changes.setText(
                f"Epoch {reading.epoch} corrected {corrected} and spoiled {reading.spoiled:,}"
            )
        self.changed.show_digits(reading.changed, self._classes)


@guarded
class _AsWideAs(QPushButton):
    """A button that always has the width its longest text needs."""

    def __init__(self, longest: str) -> None:
        super().__init__()
        self._longest = longest

    def sizeHint(self) -> QSize:
        """As wide as with the longest text."""
        metrics, hint = self.fontMetrics(), super().sizeHint()
        more = metrics.horizontalAdvance(self._longest) - metrics.horizontalAdvance(self.text())
        return QSize(hint.width() + max(more, 0), hint.height())
