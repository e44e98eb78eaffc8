"""One of two networks that are compared: a run's, or the bundled reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.formats import NOT_MEASURED, percent
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.reading_job import bundled_results
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run import Run, learning_curves

FIGURES: Mapping[str, Callable[[RunRecord], str]] = {
    "Test accuracy": lambda r: percent(r.test_accuracy),
    "Test loss": lambda r: f"{r.test_loss:.4f}",
    "Training sample accuracy": lambda r: percent(r.train_accuracy),
    "Parameters": lambda r: f"{r.parameters:,}",
    "Epochs": lambda r: str(len(r.history)),
    "Training time": lambda r: f"{r.fit_seconds:.1f} s",
}


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
        What `FIGURES` names, in words.
    confusion : ndarray of int64, shape (10, 10)
        Of the test digits.
    curves : LearningCurves or None
        How it has learnt, if that is known.
    """

    model: ModelRef
    run: Run | None
    name: str
    figures: tuple[str, ...]
    confusion: NDArray[np.int64]
    curves: LearningCurves | None = None


def of_run(run: Run) -> Contestant:
    """Compare a run's network."""
    record = run.record
    figures = tuple(write(record) for write in FIGURES.values())
    model = ModelRef(record.id)
    return Contestant(model, run, record.name, figures, record.confusion, learning_curves(run))


def of_bundled() -> Contestant:
    """Compare the bundled reader, of which its results on MNIST's test digits are kept."""
    found = bundled_results().evaluation
    figures = (percent(found.accuracy), f"{found.loss:.4f}", *(NOT_MEASURED,) * (len(FIGURES) - 2))
    return Contestant(BUNDLED, None, "Bundled reader", figures, found.confusion)
