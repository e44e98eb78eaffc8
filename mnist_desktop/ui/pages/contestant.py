"""One of two networks that are compared: a run's, or the bundled reader."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.evaluation.metrics import Evaluation
from mnist_desktop.formats import NOT_MEASURED, percent
from mnist_desktop.runs.model_ref import BUNDLED, BUNDLED_NAME, ModelRef
from mnist_desktop.runs.reading_job import bundled_results
from mnist_desktop.runs.run import Run, learning_curves
from mnist_desktop.runs.run_columns import COLUMNS, LEARNT_ACCURACY

FIGURES = (
    "Test accuracy",
    "Test loss",
    LEARNT_ACCURACY,
    "Parameters",
    "Epochs",
    "Training time",
)
COLUMN_OF = {column.name: column for column in COLUMNS}
MEASURED = 2  # the first of them, which are measured on the test digits
MNIST = "mnist"
Matrices = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Contestant:
    """What a comparison shows of a network before its readings are there.

    Attributes
    ----------
    model : ModelRef
        The network.
    run : Run or None
        Whose network it is; None for the bundled reader.
    name : str
        As it is shown.
    figures : tuple of str
        What `FIGURES` names, as the table of runs has it.
    digits : str
        Which test digits these are of; empty if they are still to be read.
    confusion : ndarray of int64, shape (10, 10), or None
        Of the test digits; None if they are still to be read.
    curves : LearningCurves or None
        How it has learnt, if that is known.
    """

    model: ModelRef
    run: Run | None
    name: str
    figures: tuple[str, ...]
    digits: str = ""
    confusion: NDArray[np.int64] | None = None
    curves: LearningCurves | None = None

    @property
    def classes(self) -> ClassNames:
        """What the labels of its test digits stand for."""
        return DIGITS if self.run is None else self.run.record.dataset.classes

    def measured(self, evaluation: Evaluation) -> Contestant:
        """Fill in what was not known before its test digits were read."""
        if self.confusion is not None:
            return self
        figures = (*_figures_of(evaluation), *self.figures[MEASURED:])
        return replace(self, figures=figures, confusion=evaluation.confusion)


def of_run(run: Run) -> Contestant:
    """Compare a run's network."""
    record = run.record
    figures = tuple(COLUMN_OF[name].text(run) for name in FIGURES)
    digits = record.dataset.source if record.dataset.name == "custom" else record.dataset.name
    return Contestant(
        ModelRef(record.id),
        run,
        record.name,
        figures,
        digits,
        record.confusion,
        learning_curves(run),
    )


def of_bundled(rival: Run) -> Contestant:
    """Compare the bundled reader with a run.

    Its results on MNIST's test digits are kept; on others it has to be measured first.
    """
    nothing = Contestant(BUNDLED, None, BUNDLED_NAME, (NOT_MEASURED,) * len(FIGURES))
    if rival.record.dataset.name != MNIST:
        return nothing
    return replace(nothing.measured(bundled_results().evaluation), digits=MNIST)


def matrices_of(first: Contestant, second: Contestant) -> Matrices | None:
    """The confusion matrices of two networks, if they are known to be of the same digits."""
    if first.confusion is None or second.confusion is None or first.digits != second.digits:
        return None
    if not np.array_equal(first.confusion.sum(axis=1), second.confusion.sum(axis=1)):
        return None
    return first.confusion, second.confusion


def _figures_of(evaluation: Evaluation) -> tuple[str, ...]:
    return percent(evaluation.accuracy), f"{evaluation.loss:.4f}"
