"""What a kept network makes of a split: the job behind every matrix, gallery and report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import SIDE, Dataset, Digits
from mnist_desktop.digits.splits import Split, make_split
from mnist_desktop.errors import InvalidInputError, JobCancelled, StorageError
from mnist_desktop.evaluation.bundled_results import bundled_test_readings
from mnist_desktop.evaluation.metrics import Evaluation, evaluate_scores
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.open_model import bundled_litert_file
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
    split : Split
        The digits.
    readings : Readings
        The scores, in the order of the split's indices.
    epoch : int or None
        After which epoch; None for the finished network.
    """

    model: ModelRef
    split: Split
    readings: Readings
    epoch: int | None = None

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the scores come to."""
        return evaluate_scores(self.readings.scores, self.readings.labels)

    @property
    def title(self) -> str:
        """Name of the split, for example ``"validation digits after epoch 3"``."""
        after = "" if self.epoch is None else f" after epoch {self.epoch}"
        return f"{self.split.name} digits{after}"


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

    The split has their number, and no images.
    """
    readings = bundled_test_readings()
    none = Digits(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.uint8))
    return SplitReadings(BUNDLED, Split("test", none, np.arange(len(readings))), readings)


def has_learnt_from(model: ModelRef, dataset: Dataset) -> bool:
    """Whether a network learnt from the test digits of a dataset: the bundled one, the sample's.

    The sample's digits are all of MNIST's training file; the bundled reader learnt from 57,000 of
    its 60,000.
    """
    return model.is_bundled and dataset.name == "sample"


def is_same_dataset(run: Run, dataset: Dataset) -> bool:
    """Whether a run was trained and tested on these digits."""
    info = run.record.dataset
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
    if run is not None and not is_same_dataset(run, dataset):
        raise InvalidInputError(
            f"“{run.record.name}” was trained and tested on other digits "
            f"({run.record.dataset.source}) than those in use; choose these on the page Data to "
            "see the digits behind its numbers."
        )
    split = make_split(dataset, request.name, 0.0 if run is None else run.record.validation_share)
    if len(split) == 0:
        raise InvalidInputError("No digits were held out for validation in this training.")
    labels = split.digits.labels[split.indices]
    if run is not None and request.epoch is not None:
        scores = run.validation_scores(request.epoch)
        is_theirs = len(scores) == len(split)
    elif run is not None and request.name == "test":
        scores, kept_labels = run.test_scores()
        is_theirs = np.array_equal(kept_labels, labels)
    elif request.model.is_bundled and request.name == "test" and dataset.verified:
        scores, is_theirs = bundled_test_readings().scores, True
    else:
        scores = _read_parts(_open(request), split, on_progress, should_stop)
        is_theirs = True
    if run is not None and not is_theirs:
        raise StorageError(
            f"The scores kept with “{run.record.name}” are not of the {split.name} digits in use; "
            f"its folder {run.folder} is damaged."
        )
    return SplitReadings(request.model, split, Readings(labels, scores), request.epoch)


def _open(request: SplitRequest) -> Predictor:
    if request.file is not None:
        from mnist_desktop.foreign.open_foreign import open_foreign  # with all its checks

        return open_foreign(request.file)
    file = bundled_litert_file() if request.run is None else request.run.checked_litert_file()
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
            on_progress(
                PhaseProgress(
                    f"Reading {formats.count(len(split), f'{split.name} digit')}: {share}"
                )
            )
        images = split.digits.images[split.indices[at : at + PART]]
        scores[at : at + PART] = predictor.scores(images)
    return scores
