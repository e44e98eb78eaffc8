"""What a kept network makes of a split: the job behind every matrix, gallery and report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import edition
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import Dataset, Labels
from mnist_desktop.digits.disputed_labels import DisputedLabel, disputed_labels
from mnist_desktop.digits.splits import Split, make_split
from mnist_desktop.errors import InvalidInputError, JobCancelled, StorageError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_scores
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.run import Run

PART = 500  # digits between two checks of whether to stop: a twentieth of a second
THREADS = min(2, os.cpu_count() or 1)


@dataclass(frozen=True, eq=False)
class SplitReadings:
    """A split as a network read it.

    Attributes
    ----------
    model : ModelRef
        The network.
    split : Split or None
        The digits; None for MNIST's test digits where only their scores are here.
    readings : Readings
        The scores, in the order of the split's indices.
    epoch : int or None
        After which epoch; None for the finished network.
    """

    model: ModelRef
    split: Split | None
    readings: Readings
    epoch: int | None = None

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the scores come to."""
        return evaluate_scores(self.readings.scores, self.readings.labels)

    @property
    def split_name(self) -> str:
        """Which digits they are: ``"test"``, ``"validation"`` or ``"training"``."""
        return "test" if self.split is None else self.split.name

    @property
    def classes(self) -> ClassNames:
        """What their labels stand for."""
        return DIGITS if self.split is None else self.split.classes

    @property
    def disputed(self) -> Mapping[int, DisputedLabel]:
        """Those whose label people dispute, by their indices among the test digits."""
        return disputed_labels() if self.split is None else self.split.disputed

    @property
    def title(self) -> str:
        """Name of the split, for example ``"validation digits after epoch 3"``."""
        after = "" if self.epoch is None else f" after epoch {self.epoch}"
        return f"{self.split_name} {self.classes.noun}s{after}"


@dataclass(frozen=True, eq=False)
class SplitRequest:
    """A split is to be read.

    Attributes
    ----------
    run : Run or None
        Whose network; None for the bundled reader, or a file's.
    dataset : Dataset
        The digits in use.
    name : {"test", "validation", "training"}
        The split.
    epoch : int or None
        After which epoch, of validation digits; None for the finished network.
    file : Path or None
        A model file, for a network that is of no run.
    """

    run: Run | None
    dataset: Dataset
    name: str
    epoch: int | None = None
    file: Path | None = None

    @property
    def model(self) -> ModelRef:
        """The network that is to read it."""
        return ModelRef("" if self.run is None else self.run.record.id, self.file)


def bundled_results() -> SplitReadings:
    """What the bundled reader made of MNIST's test digits; the digits themselves need not be here.

    Raises
    ------
    ModelFileError
        If the file of its results is missing or damaged.
    """
    return SplitReadings(BUNDLED, None, bundled_reader.readings_of_mnist())


def is_same_dataset(run: Run, dataset: Dataset, split: str = "training") -> bool:
    """Whether a run was trained and tested on these digits; for ``"test"``, only the latter."""
    info = run.record.dataset
    if split == "test" and dataset.verified and info.name == dataset.name:
        return True  # there is one MNIST, whether or not its training digits are here
    counts = (info.train + info.validation, info.test)
    if (info.name, *counts) != (dataset.name, len(dataset.train), len(dataset.test)):
        return False
    return info.name != "custom" or np.array_equal(run.test_scores()[1], dataset.test.labels)


def read_split(
    request: SplitRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> SplitReadings:
    """Read a split with a network: from the scores that were kept, or with LiteRT.

    Parameters
    ----------
    request : SplitRequest
        What to read.
    on_progress : callable
        Called with a `PhaseProgress`.
    should_stop : callable
        Asked twenty times a second.

    Raises
    ------
    JobCancelled
        If it was stopped.
    InvalidInputError
        If the run was trained on other digits, or has no such epoch.
    ModelFileError, StorageError
        If the network or its scores cannot be read.
    """
    run, dataset = request.run, request.dataset
    if run is not None:
        _check_same_digits(run, dataset, request.name)
    split = make_split(dataset, request.name, 0.0 if run is None else run.record.validation_share)
    if len(split) == 0:
        raise InvalidInputError("No digits were held out for validation in this training.")
    labels = split.digits.labels[split.indices]
    scores = _kept_scores(request, labels)
    if scores is None:
        scores = _read_parts(_open(request), split, on_progress, should_stop)
    return SplitReadings(request.model, split, Readings(labels, scores), request.epoch)


def _check_same_digits(run: Run, dataset: Dataset, split: str) -> None:
    """Refuse digits that are not those of a run.

    Raises
    ------
    InvalidInputError
        If the run was trained on others.
    """
    if is_same_dataset(run, dataset, split):
        return
    if run.record.dataset.name == dataset.name and not dataset.is_whole:
        raise InvalidInputError(edition.left_out("Most of MNIST's training data"))
    raise InvalidInputError(
        f"“{run.record.name}” was trained and tested on other digits "
        f"({run.record.dataset.source}) than those in use; choose these on the page Data to see "
        "the digits behind its numbers."
    )


def _kept_scores(request: SplitRequest, labels: Labels) -> NDArray[np.float32] | None:
    """Read the scores that were kept of the digits with these labels, if there are any.

    Raises
    ------
    InvalidInputError
        If the run has no such epoch.
    ModelFileError, StorageError
        If they cannot be read, or are of other digits.
    """
    run = request.run
    if run is None:
        is_kept = request.model.is_bundled and request.name == "test" and request.dataset.verified
        return bundled_reader.readings_of_mnist().scores if is_kept else None
    if request.epoch is not None:
        scores = run.validation_scores(request.epoch)
        is_theirs = len(scores) == len(labels)
    elif request.name == "test":
        scores, kept_labels = run.test_scores()
        is_theirs = np.array_equal(kept_labels, labels)
    else:
        return None
    if not is_theirs:
        raise StorageError(
            f"The scores kept with “{run.record.name}” are not of the {request.name} digits in "
            f"use; its folder {run.folder} is damaged."
        )
    return scores


def _open(request: SplitRequest) -> Predictor:
    if request.file is not None:
        from mnist_desktop.foreign.open_foreign import open_foreign  # with all its checks

        return open_foreign(request.file)
    file = (
        bundled_reader.litert_file() if request.run is None else request.run.checked_litert_file()
    )
    return Predictor(file, threads=THREADS)


def _read_parts(
    predictor: Predictor, split: Split, on_progress: OnProgress, should_stop: ShouldStop
) -> NDArray[np.float32]:
    scores = np.empty((len(split), 10), np.float32)
    for at in range(0, len(split), PART):
        if should_stop():
            raise JobCancelled
        if at % (10 * PART) == 0:
            share = percent(at / len(split), 0)
            on_progress(PhaseProgress(f"Reading {split.count}: {share}"))
        images = split.digits.images[split.indices[at : at + PART]]
        scores[at : at + PART] = predictor.scores(images)
    return scores
