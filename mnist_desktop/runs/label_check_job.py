"""Checks the labels of a split: by the network in use, and by others that have read it before."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.splits import make_split
from mnist_desktop.errors import JobCancelled, MnistDesktopError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.label_check import LabelCheck
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.model_ref import BUNDLED_NAME
from mnist_desktop.runs.reading_job import SplitReadings, is_same_dataset
from mnist_desktop.runs.record import caveat
from mnist_desktop.runs.run import Run

logger = logging.getLogger(__name__)

MOST = 8  # networks are asked beside the one in use

NamedReadings = tuple[str, Readings]


@dataclass(frozen=True, eq=False)
class LabelCheckRequest:
    """The labels of a split are to be checked.

    Attributes
    ----------
    readings : SplitReadings
        How the network in use read the split.
    dataset : Dataset
        The digits in use.
    runs : tuple of Run
        The kept runs; those that have read other digits are left out.
    """

    readings: SplitReadings
    dataset: Dataset
    runs: tuple[Run, ...]


@dataclass(frozen=True, eq=False)
class CheckedLabels:
    """The labels of a split, and who has checked them.

    Attributes
    ----------
    readings : SplitReadings
        Of the network in use.
    check : LabelCheck
        What all of the networks make of the labels.
    others : tuple of str
        The names of the other networks.
    is_learnt : bool
        Whether the network in use has learnt from these digits.
    """

    readings: SplitReadings
    check: LabelCheck
    others: tuple[str, ...]
    is_learnt: bool

    @property
    def names(self) -> str:
        """The other networks, in a line of their own."""
        return f"The others: {', '.join(self.others)}." if self.others else ""

    @property
    def words(self) -> str:
        """Who has checked them, and what that is worth."""
        these = f"{self.readings.classes.noun}s"
        if self.others:
            by = f"this network and {formats.count(len(self.others), 'other')}"
        else:
            by = "this network alone"
        if self.is_learnt:
            return f"Checked by {by}. It has learnt these {these}: many wrong labels fit."
        if self.others:
            return f"Checked by {by}: the more agree, the likelier a label is wrong."
        return f"Checked by {by}; once you keep more runs of these {these}, they are asked, too."


def check_labels(
    request: LabelCheckRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> CheckedLabels:
    """Check labels by what is kept of other networks' readings; nothing is read anew.

    Of test digits each run keeps how it read them, and so does the program for its bundled reader
    and MNIST's. Of validation digits those runs are asked that held out the same ones, and kept
    how their network read them. Of training digits nothing is kept. The runs that are asked are
    those that read the validation digits best; what has learnt from the digits before is not asked.

    Parameters
    ----------
    request : LabelCheckRequest
        What to check.
    on_progress : callable
        Called with a `PhaseProgress`.
    should_stop : callable
        Asked before each run is read.

    Raises
    ------
    JobCancelled
        If it was stopped.
    """
    on_progress(PhaseProgress("Asking the other networks"))
    own, found = request.readings, _bundled_readings(request)
    asked = () if own.split_name == "training" else _best_first(request.runs)
    for run in asked:
        if should_stop():
            raise JobCancelled
        if len(found) == MOST:
            break
        if run.record.id != own.model.run_id and not run.record.caveat:
            found += _kept_readings(run, request)
    check = LabelCheck((own.readings, *(readings for _, readings in found)))
    _ = check.suspicion, check.agreeing  # computed here, and not while they are first shown
    return CheckedLabels(own, check, tuple(name for name, _ in found), _is_learnt(request))


def _is_learnt(request: LabelCheckRequest) -> bool:
    """Whether the network in use has learnt from the digits whose labels it checks."""
    own = request.readings
    if own.split_name != "test":
        return own.split_name == "training"
    records = (run.record for run in request.runs if run.record.id == own.model.run_id)
    return bool(caveat(next(records, None), request.dataset.name))


def _bundled_readings(request: LabelCheckRequest) -> list[NamedReadings]:
    """How the bundled reader read the digits, if that is known and it is not in use itself."""
    own = request.readings
    if own.split_name != "test" or not request.dataset.verified or own.model.is_bundled:
        return []
    try:
        return [(BUNDLED_NAME, bundled_reader.readings_of_mnist())]
    except MnistDesktopError as error:  # a damaged installation is told elsewhere
        logger.warning("The bundled reader is not asked: %s", error)
        return []


def _best_first(runs: Sequence[Run]) -> list[Run]:
    """Sort runs by how well they read validation digits; those without any come last."""

    def quality(run: Run) -> float:
        kept = run.record.kept_metrics
        return -1.0 if kept is None or kept.val_accuracy is None else kept.val_accuracy

    return sorted(runs, key=quality, reverse=True)


def _kept_readings(run: Run, request: LabelCheckRequest) -> list[NamedReadings]:
    """How a run read the digits, if it has kept that and it can be read."""
    own = request.readings
    find_scores = _test_scores if own.split_name == "test" else _validation_scores
    try:
        scores = (
            find_scores(run, request)
            if is_same_dataset(run, request.dataset, own.split_name)
            else None
        )
    except MnistDesktopError as error:  # the page of the runs says so
        logger.warning("A run is not asked: %s", error)
        return []
    return [] if scores is None else [(run.record.name, Readings(own.readings.labels, scores))]


def _test_scores(run: Run, request: LabelCheckRequest) -> NDArray[np.float32] | None:
    """Scores of the test digits (n, 10), if they have the labels that are to be checked.

    Raises
    ------
    StorageError
        If they cannot be read.
    """
    scores, labels = run.test_scores()
    return scores if np.array_equal(labels, request.readings.readings.labels) else None


def _validation_scores(run: Run, request: LabelCheckRequest) -> NDArray[np.float32] | None:
    """Scores of the validation digits (n, 10), if a run held out the same and kept its reading.

    Raises
    ------
    StorageError
        If they cannot be read.
    """
    epoch = run.record.kept_epoch or len(run.record.history)
    split = request.readings.split
    theirs = make_split(request.dataset, "validation", run.record.validation_share)
    is_same = split is not None and np.array_equal(theirs.indices, split.indices)
    return run.validation_scores(epoch) if is_same and epoch in run.validation_epochs() else None
