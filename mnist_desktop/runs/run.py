"""A kept run, read from its folder."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.dataset import CLASSES, Labels
from mnist_desktop.digits.stroke_file import Drawing, read_drawings
from mnist_desktop.errors import (
    InvalidInputError,
    MnistDesktopError,
    StorageError,
    reason,
)
from mnist_desktop.evaluation.confusion import confusion_matrix
from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.files.arrays import read_arrays
from mnist_desktop.files.reading import ZipEndError, read_small
from mnist_desktop.foreign.trusted_networks import check_network
from mnist_desktop.printable import printable
from mnist_desktop.runs.record import (
    RunRecord,
    record_from_json,
)
from mnist_desktop.runs.unfinished import DAMAGE
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.config import MAX_EPOCHS
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE
from mnist_desktop.training.learning_history import BatchMetrics

RECORD_FILE = "run.json"
HISTORY_FILE = "history.json"
SCORES_FILE = "test-scores.npz"
BATCHES_FILE = "batches.npz"
VALIDATION_FILE = "validation-scores.npz"
STATE_FILE = "state.npz"
TAUGHT_FILE = "taught.jsonl"
MAX_REASON = 200  # characters
MAX_RECORD_BYTES = 5_000_000
ROUNDING = 0.01  # by which ten scores of 16 or 32 bits may miss 1
# Fraction of digits whose scores may give another prediction than the record counts: two scores
# that differ in 64 bits can be equal in 32.
TIES = 0.01

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Run:
    """A kept run and the folder it is in.

    Attributes
    ----------
    record : RunRecord
        What it was and its outcome.
    folder : Path
        Where its files are.
    size : int
        Bytes that they took on the disk when it was read.
    """

    record: RunRecord
    folder: Path
    size: int = 0

    def checked_litert_file(self) -> Path:
        """Make sure that the network of the drawing pad may be opened, and return its file.

        One that was not kept here is tried out in a process of its own first.

        Raises
        ------
        ModelFileError
            If it comes from elsewhere and would do harm when it is opened.
        """
        path = self.folder / LITERT_FILE
        check_network(path, self.folder.parent)
        return path

    def taught(self) -> list[Drawing]:
        """Drawings of the user's that it was taught; none for most runs."""
        path = self.folder / TAUGHT_FILE
        return (
            [one for one in read_drawings(path) if one.label is not None] if path.exists() else []
        )

    def test_scores(self) -> tuple[NDArray[np.float32], Labels]:
        """Read the scores (n, 10) and the true labels (n,) of the test digits.

        Raises
        ------
        StorageError
            If the file is missing or damaged.
        """
        scores, labels = self._arrays(
            SCORES_FILE,
            ("scores", "labels"),
            lambda scores, labels: _check_test_scores(scores, labels, self.record.confusion),
        )
        return scores, labels

    def batch_metrics(self) -> BatchMetrics:
        """Read loss and accuracy batch by batch; runs of version 0.1.0 have none.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        if not (self.folder / BATCHES_FILE).exists():
            return BatchMetrics()
        names = ("places", "loss", "accuracy")
        return BatchMetrics(*self._arrays(BATCHES_FILE, names, _check_batches))

    def state(self) -> TrainingState | None:
        """Read what is needed to train on; runs of version 0.1.0 and fine-tuned ones have none.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        path = self.folder / STATE_FILE
        if not path.exists():
            return None
        try:
            return TrainingState.from_arrays(read_arrays(path))
        except DAMAGE as error:
            raise StorageError(
                f"“{self.record.name}” cannot be trained on: {path} is damaged ({why(error)})."
            ) from error

    def validation_epochs(self) -> tuple[int, ...]:
        """Read after which epochs the readings of the validation digits were kept, if any.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        if not (self.folder / VALIDATION_FILE).exists():
            return ()
        (epochs,) = self._arrays(VALIDATION_FILE, ("epochs",), self._check_kept_epochs)
        return tuple(epochs.tolist())

    def _check_kept_epochs(self, epochs: NDArray[Any]) -> None:
        _check_epochs(epochs, len(self.record.history))

    def validation_scores(self, epoch: int) -> NDArray[np.float32]:
        """Read the scores (n, 10) of the validation digits after an epoch.

        Raises
        ------
        InvalidInputError
            If they were not kept.
        StorageError
            If the file is damaged.
        """
        kept = self.validation_epochs()
        if epoch not in kept:
            raise InvalidInputError(f"The readings after epoch {epoch} were not kept.")
        place = kept.index(epoch)

        def check(epochs: NDArray[Any], scores: NDArray[Any]) -> None:
            self._check_kept_epochs(epochs)
            _check_validation_scores(epochs, scores, self.record.dataset.validation)
            _check_scores(scores[place])

        _, scores = self._arrays(VALIDATION_FILE, ("epochs", "scores"), check)
        found: NDArray[np.float32] = scores[place].astype(np.float32)
        return found

    def _arrays(
        self, name: str, keys: tuple[str, ...], check: Callable[..., None]
    ) -> tuple[NDArray[Any], ...]:
        path = self.folder / name
        try:
            arrays = read_arrays(path, *keys)
            found = tuple(arrays[key] for key in keys)
            if any(array.dtype.kind not in "iuf" for array in found):
                raise ValueError("it holds no numbers")
            check(*found)
            return found
        except DAMAGE as error:
            raise StorageError(
                f"The results of “{self.record.name}” cannot be read: {path} is damaged "
                f"({why(error)})."
            ) from error


@dataclass(frozen=True)
class DamagedRun:
    """A folder among the runs that holds none.

    Attributes
    ----------
    name : str
        The folder's.
    reason : str
        What is not right with it, to stand in parentheses; one line.
    """

    name: str
    reason: str


def why(error: BaseException) -> str:
    """Say in words what is not right with a file of a run, to stand in parentheses."""
    if isinstance(error, OSError):
        file = f"{Path(os.fsdecode(error.filename)).name}: " if error.filename else ""
        words = f"{file}{reason(error)}"
    elif isinstance(error, ZipEndError):
        words = f"it {error}"
    elif isinstance(error, KeyError):
        words = f"it holds no {error.args[0] if error.args else 'such value'}"
    elif isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        words = "it is no JSON text"
    elif isinstance(error, ValueError | MnistDesktopError | zipfile.BadZipFile):
        words = str(error)
    else:
        words = "it does not hold what it should"
    return printable(words.rstrip("."), MAX_REASON)


def read_record(folder: Path) -> RunRecord:
    """Read the record of a folder; raises what `record_from_json` raises, and OSError."""
    try:
        folder.name.encode()
    except UnicodeEncodeError:  # nor can Qt hold such an id
        raise ValueError("its folder's name is no text; give it another") from None
    values = _read_whole(folder / RECORD_FILE, dict)
    history = _read_whole(folder / HISTORY_FILE, list)
    record = record_from_json({**values, "id": folder.name}, history)
    with os.scandir(folder) as entries:  # half the time of a call for each
        files = {entry.name for entry in entries if entry.is_file()}
    for name in (SCORES_FILE, KERAS_FILE, LITERT_FILE):
        if name not in files:
            raise ValueError(f"it holds no {name}")
    return record


def _read_whole(path: Path, kind: type) -> Any:
    """Read JSON that is an object or a list."""
    found = json.loads(read_small(path, MAX_RECORD_BYTES))
    if not isinstance(found, kind):
        raise ValueError(f"{path.name} holds no run")
    return found


def learning_curves(run: Run, *, batches: bool = False) -> LearningCurves:
    """Gather the curves of a run.

    Parameters
    ----------
    run : Run
        A kept run.
    batches : bool
        Whether to read the values of single batches, too.

    Raises
    ------
    StorageError
        If the file of the batches is damaged.
    """
    history = run.record.history
    held_out = [epoch for epoch in history if epoch.val_loss is not None]
    found = run.batch_metrics() if batches else BatchMetrics()
    return LearningCurves(
        run.record.name,
        loss=[epoch.loss for epoch in history],
        accuracy=[epoch.accuracy for epoch in history],
        val_loss=[epoch.val_loss or 0.0 for epoch in held_out],
        val_accuracy=[epoch.val_accuracy or 0.0 for epoch in held_out],
        batch_places=found.places,
        batch_loss=found.loss,
        batch_accuracy=found.accuracy,
    )


# What the arrays of a run must be, wherever they come from. Each of these functions raises a
# `ValueError` that says what is wrong.


def _check_test_scores(scores: Array, labels: Array, confusion: NDArray[np.int64]) -> None:
    """Check scores (n, 10) and labels (n,) of test digits, also against the record."""
    count = int(confusion.sum())
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds labels of the shape {labels.shape}, not of {digits}")
    if scores.shape != (count, CLASSES):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds scores of the shape {scores.shape} for {digits}")
    _check_scores(scores)
    try:
        found = confusion_matrix(labels, scores.argmax(axis=1))
    except ValueError as error:
        raise ValueError("it holds labels that are no digits") from error
    others = np.abs(found - confusion).sum() / 2
    if (found.sum(axis=1) != confusion.sum(axis=1)).any() or others > max(TIES * count, 1):
        raise ValueError("its scores are not those that the confusion matrix was counted from")


def _check_batches(places: Array, loss: Array, accuracy: Array) -> None:
    """Check where batches end (k,), in epochs, and their loss and accuracy."""
    if not all(column.shape == (places.size,) for column in (places, loss, accuracy)):
        raise ValueError("it holds columns of different lengths")
    for column, most in ((places, MAX_EPOCHS), (loss, np.inf), (accuracy, 1)):
        if not (np.isfinite(column).all() and (column >= 0).all() and (column <= most).all()):
            raise ValueError("it holds numbers that no batch can come to")
    if (np.diff(places) < 0).any():
        raise ValueError("its batches are in no order")


def _check_epochs(epochs: Array, last: int) -> None:
    """Check the numbers (k,) of epochs, given how many there were."""
    is_list = epochs.dtype.kind in "iu" and epochs.ndim == 1
    if not is_list or (len(epochs) and not 1 <= int(epochs.min()) <= int(epochs.max()) <= last):
        raise ValueError(f"it holds epochs that are not among the {last} of the run")
    if (np.diff(epochs.astype(np.int64)) <= 0).any():
        raise ValueError("its epochs are in no order")


def _check_validation_scores(epochs: Array, scores: Array, count: int) -> None:
    """Check the scores (k, n, 10) of held-out digits after some epochs."""
    if scores.shape != (len(epochs), count, CLASSES):
        digits = formats.count(count, "digit")
        raise ValueError(f"it holds scores of the shape {scores.shape} for {digits}")


def _check_scores(scores: Array) -> None:
    """Check the scores (n, 10) of some digits."""
    if not (np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1 + ROUNDING).all()):
        raise ValueError("it holds scores that are not from 0 to 1")
    if (np.abs(scores.sum(axis=-1, dtype=np.float64) - 1) > ROUNDING).any():
        raise ValueError("it holds scores that do not add up to 1")
