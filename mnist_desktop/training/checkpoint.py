"""A training in progress: its history so far, and all it needs to be resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.errors import TrainingError
from mnist_desktop.training.config import MAX_EPOCHS, MAX_SECONDS, TrainingConfig, check_amounts
from mnist_desktop.training.learning_history import (
    BatchMetrics,
    BatchRecorder,
    EpochRecorder,
    EpochScores,
)
from mnist_desktop.training.progress import EpochMetrics

MAX_CHUNKS = 10**9
Arrays = tuple[NDArray[Any], ...]
# Lists of arrays in a state, by the first letter of the arrays' names in a file.
LISTS = {"v": "variables", "m": "metrics", "b": "best"}


@dataclass(frozen=True)
class StateOutline:
    """The settings and progress of a training, without its weights.

    Attributes
    ----------
    config : TrainingConfig
        Its settings.
    progress : (int, int)
        Completed epochs, and completed chunks of batches in the next epoch.
    history : tuple of EpochMetrics
        The completed epochs.
    """

    config: TrainingConfig
    progress: tuple[int, int]
    history: tuple[EpochMetrics, ...] = ()

    def __post_init__(self) -> None:
        """Check values that may come from an untrusted file."""
        epochs, chunks = self.progress
        if not (0 <= epochs <= MAX_EPOCHS and 0 <= chunks < MAX_CHUNKS):
            raise ValueError(f"its progress is {self.progress}")

    @classmethod
    def from_words(cls, arrays: Mapping[str, NDArray[Any]]) -> StateOutline:
        """Read the outline from a state's arrays; raises as `TrainingState.from_arrays`."""
        words = json.loads(arrays["words"].tobytes())
        progress = int(words["epochs_done"]), int(words["chunks_done"])
        history = tuple(EpochMetrics(**epoch) for epoch in words["history"])
        return cls(TrainingConfig.from_json(words["config"]), progress, history)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Everything a training needs to resume as if it had never stopped.

    Attributes
    ----------
    config : TrainingConfig
        Its settings.
    digits : str
        Fingerprint of the digits it learns from.
    epochs_done, chunks_done : int
        Completed epochs, and completed chunks of batches in the next epoch.
    seconds : float
        Time in the fit so far.
    history : tuple of EpochMetrics
        The completed epochs.
    variables : tuple of ndarray
        Weights, random state and optimizer state.
    metrics : tuple of ndarray
        Sums over the current epoch.
    best : tuple of ndarray
        Weights and random state after the best epoch; empty if no digits are held out.
    best_epoch : int
        The number of that epoch; 0 if no digits are held out.
    running_means : ndarray of float32, shape (k, 2)
        Of the batches of the current epoch.
    batches : BatchMetrics
        Of the completed epochs.
    validation : EpochScores
        Of the completed epochs.
    """

    config: TrainingConfig
    digits: str
    epochs_done: int
    chunks_done: int
    seconds: float
    history: tuple[EpochMetrics, ...]
    variables: Arrays
    metrics: Arrays
    best: Arrays
    best_epoch: int
    running_means: NDArray[np.float32]
    batches: BatchMetrics
    validation: EpochScores

    def __post_init__(self) -> None:
        """Check values that may come from an untrusted file."""
        StateOutline(self.config, self.progress)
        numbers = [epoch.epoch for epoch in self.history]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError("its epochs are not numbered from 1 on")
        if self.epochs_done != len(numbers):
            epochs = formats.count(len(numbers), "epoch")
            raise ValueError(f"its progress is {self.progress} with {epochs}")
        if not 0 <= self.best_epoch <= len(numbers):
            raise ValueError(f"its best epoch is {self.best_epoch} of {len(numbers)}")
        if bool(self.best) != bool(self.best_epoch):
            raise ValueError("the weights of its best epoch are missing")
        check_amounts("Its seconds", self.seconds, most=MAX_SECONDS)
        if self.running_means.shape != (len(self.running_means), 2):
            raise ValueError("its running means are not pairs")
        arrays = (*self.variables, *self.metrics, *self.best, self.running_means, self.batches.rows)
        if any(array.dtype.kind not in "biuf" for array in arrays):
            raise ValueError("it holds values that are not numbers")

    @property
    def progress(self) -> tuple[int, int]:
        """Completed epochs, and completed chunks in the next epoch."""
        return self.epochs_done, self.chunks_done

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays, to be stored in a ``.npz`` file."""
        words = {
            "config": self.config.as_json(),
            "digits": self.digits,
            "epochs_done": self.epochs_done,
            "chunks_done": self.chunks_done,
            "seconds": self.seconds,
            "history": [asdict(epoch) for epoch in self.history],
            "best_epoch": self.best_epoch,
        }
        found: dict[str, NDArray[Any]] = {
            "words": np.frombuffer(json.dumps(words).encode(), np.uint8),
            "running_means": self.running_means,
            "batches": self.batches.rows,
            "epochs": self.validation.epochs,
            "scores": self.validation.scores,
        }
        for letter, name in LISTS.items():
            for number, array in enumerate(getattr(self, name)):
                found[f"{letter}{number}"] = array
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> TrainingState:
        """Rebuild a state from `as_arrays`.

        Raises
        ------
        KeyError, TypeError, ValueError, MnistDesktopError
            If something is missing or invalid.
        """
        words = json.loads(arrays["words"].tobytes())
        lists = {
            name: tuple(
                arrays[f"{letter}{number}"]
                for number in range(sum(key[0] == letter and key[1:].isdigit() for key in arrays))
            )
            for letter, name in LISTS.items()
        }
        return cls(
            config=TrainingConfig.from_json(words["config"]),
            digits=str(words["digits"]),
            epochs_done=int(words["epochs_done"]),
            chunks_done=int(words["chunks_done"]),
            seconds=float(words["seconds"]),
            history=tuple(EpochMetrics(**epoch) for epoch in words["history"]),
            best_epoch=int(words["best_epoch"]),
            running_means=arrays["running_means"],
            batches=BatchMetrics.from_rows(arrays["batches"]),
            validation=EpochScores(arrays["epochs"], arrays["scores"]),
            **lists,
        )


class TrainingLog:
    """What a training has recorded so far.

    Parameters
    ----------
    config : TrainingConfig
        Its settings.
    digits : str
        Fingerprint of the digits it learns from.
    network : keras.Model
        The network that learns.
    count : int
        Digits in an epoch.

    Attributes
    ----------
    config : TrainingConfig
        As given.
    history : list of EpochMetrics
        The epochs so far; the last one may be cut short by a stop.
    batches : BatchRecorder
        Collects the running means of each chunk.
    epochs : EpochRecorder
        Collects the scores of the validation digits.
    best : tuple of ndarray
        The network's variables after the best epoch, chosen by the validation digits.
    best_epoch : int
        The number of that epoch; 0 if there is none.
    seconds_before : float
        Time in the fit before the training was resumed.
    """

    def __init__(self, config: TrainingConfig, digits: str, network: Any, count: int) -> None:
        self.history: list[EpochMetrics] = []
        self.batches = BatchRecorder(count, config.batch_size)
        self.epochs = EpochRecorder()
        self.best: Arrays = ()
        self.best_epoch = 0
        self.seconds_before = 0.0
        self.config = config
        self._digits = digits
        self._network = network
        self._last: Arrays = ()  # the network's variables after the last epoch with a finite loss

    def note_epoch(self, metrics: EpochMetrics, scores: NDArray[np.float64] | None) -> None:
        """Record an epoch, and the scores (n, 10) of the validation digits after it."""
        self.history.append(metrics)
        self._last = _values(self._network.variables)
        if scores is None:
            return
        self.epochs.add(metrics.epoch, scores)
        if self.best_epoch == 0 or _rank(metrics) > _rank(self.history[self.best_epoch - 1]):
            self.best, self.best_epoch = self._last, metrics.epoch

    def return_to_best(self) -> None:
        """Restore the network's variables after its best epoch."""
        if self.best:
            _assign(self._network.variables, self.best)

    def return_to_last(self) -> bool:
        """Restore the network's variables after its last completed epoch, if there is one."""
        if not self._last:
            return False
        _assign(self._network.variables, self._last)
        return True

    def state(self, epochs_done: int, chunks_done: int, seconds: float) -> TrainingState:
        """Collect everything that is needed to resume from here.

        Parameters
        ----------
        epochs_done, chunks_done : int
            Completed epochs, and completed chunks in the next epoch.
        seconds : float
            Time in this fit.
        """
        network = self._network
        return TrainingState(
            config=self.config,
            digits=self._digits,
            epochs_done=epochs_done,
            chunks_done=chunks_done,
            seconds=self.seconds_before + seconds,
            history=tuple(self.history),
            variables=_values([*network.variables, *network.optimizer.variables]),
            metrics=_values(network.metrics_variables) if chunks_done else (),
            best=self.best,
            best_epoch=self.best_epoch,
            running_means=self.batches.running_means,
            batches=self.batches.metrics,
            validation=self.epochs.scores,
        )

    def restore(self, state: TrainingState) -> None:
        """Resume from a state.

        Raises
        ------
        TrainingError
            If the state belongs to another network or to other digits.
        """
        variables = [*self._network.variables, *self._network.optimizer.variables]
        if state.digits != self._digits:
            raise TrainingError(
                "This training used other digits than those in use now; choose its digits on the "
                "page Data, then resume it."
            )
        if [tuple(one.shape) for one in variables] != [one.shape for one in state.variables]:
            raise TrainingError(
                "What was saved of this training does not fit its network; it can only be started "
                "again."
            )
        _assign(variables, state.variables)
        self.history = list(state.history)
        self.best, self.best_epoch = state.best, state.best_epoch
        self.seconds_before = state.seconds
        self.batches.restore(state.batches, state.running_means)
        self.epochs.restore(state.validation)
        if state.history:
            self._last = state.variables[: len(self._network.variables)]


def _rank(metrics: EpochMetrics) -> tuple[float, float]:
    """Rank an epoch: the higher the better. The loss decides between equal accuracies."""
    return metrics.val_accuracy or 0.0, -(metrics.val_loss or 0.0)


def _values(variables: Any) -> Arrays:
    return tuple(np.array(one.numpy()) for one in variables)


def _assign(variables: Any, values: Arrays) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
