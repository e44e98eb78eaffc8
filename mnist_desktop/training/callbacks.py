"""What Keras is asked to tell during a fit, as plain records for plain callables.

Importing this module imports Keras: it is done by the trainer, inside its function.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Labels
from mnist_desktop.evaluation.report import evaluate_scores
from mnist_desktop.training.config import (
    BatchProgress,
    EpochMetrics,
    OnProgress,
    ShouldStop,
    WatchedReading,
)
from mnist_desktop.training.learning_history import BatchRecorder, EpochRecorder

ReadWatched = Callable[[Any], tuple[float, ...] | None]
ReadValidation = Callable[[Any], NDArray[np.float64]]

UPDATES_PER_SECOND = 20


@dataclass(frozen=True, eq=False)
class Validation:
    """Digits held out, and how a network reads them.

    Attributes
    ----------
    read : callable
        Takes a Keras model and returns their scores, ndarray of float64, shape (n, 10).
    labels : ndarray of uint8, shape (n,)
        What they are.
    """

    read: ReadValidation
    labels: Labels


class ProgressCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports batches and epochs, and ends the fit when it is told to.

    Parameters
    ----------
    epochs, batches : int
        How many epochs there will be, and how many batches each has.
    chunk : int
        How many batches Keras counts as one.
    on_progress : callable
        Called with a `BatchProgress` at most 20 times a second and at the end of each epoch's
        batches, and with an `EpochMetrics` after each epoch.
    should_stop : callable
        Read after each chunk of batches; when it answers True, Keras leaves the fit with all it
        has learnt so far.
    batch_recorder : BatchRecorder
        Told the running means of each chunk.
    running_means : callable
        Returns the running means of the last chunk, ndarray of float32, shape (k, 2).
    validation : Validation, optional
        Digits that are read after each epoch; in place of Keras's own validation, which would
        tell loss and accuracy but not which digit was read as what.
    read_watched : callable, optional
        Called with the network after each epoch; returns ten scores, or None.

    Attributes
    ----------
    epoch_recorder : EpochRecorder
        Holds the scores of the validation digits.
    history : list of EpochMetrics
        The epochs so far; the last one may be cut short by a stop.
    stopped : bool
        Whether the fit was ended by ``should_stop``.
    batches_done : int
        Batches learnt from in all epochs together.
    """

    def __init__(
        self,
        *,
        epochs: int,
        batches: int,
        chunk: int,
        on_progress: OnProgress,
        should_stop: ShouldStop,
        batch_recorder: BatchRecorder,
        running_means: Callable[[], NDArray[np.float32]],
        validation: Validation | None = None,
        read_watched: ReadWatched | None = None,
    ) -> None:
        super().__init__()
        self.epoch_recorder = EpochRecorder()
        self.history: list[EpochMetrics] = []
        self.stopped = False
        self.batches_done = 0
        self._epochs = epochs
        self._batches = batches
        self._chunk = chunk
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._batch_recorder = batch_recorder
        self._running_means = running_means
        self._validation = validation
        self._read_watched = read_watched
        self._epoch = 0
        self._epoch_started = 0.0
        self._last_report = 0.0
        self._warm: tuple[float, int] | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Note the epoch and the time."""
        self._epoch = epoch
        self._epoch_started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Report, unless that was done just now, and stop if it is time to."""
        now = time.perf_counter()
        done = min((batch + 1) * self._chunk, self._batches)
        self.batches_done = self._epoch * self._batches + done
        self._batch_recorder.add(self._running_means())
        if self._warm is None:  # the first chunk holds compiling, which no later one repeats
            self._warm = (now, self.batches_done)
        if done >= self._batches or now - self._last_report >= 1 / UPDATES_PER_SECOND:
            self._last_report = now
            self._on_progress(self._batch_progress(done, logs or {}, now))
        if self._should_stop():
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Read the validation digits and report the epoch."""
        logs = logs or {}
        self._batch_recorder.end_epoch(epoch)
        held_out = None
        if self._validation is not None:
            scores = self._validation.read(self.model)
            held_out = evaluate_scores(scores, self._validation.labels)
            self.epoch_recorder.add(epoch + 1, scores)
        metrics = EpochMetrics(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=None if held_out is None else held_out.loss,
            val_accuracy=None if held_out is None else held_out.accuracy,
            seconds=time.perf_counter() - self._epoch_started,
        )
        self.history.append(metrics)
        self._on_progress(metrics)
        if self._read_watched is not None:
            watched = self._read_watched(self.model)
            if watched is not None:
                self._on_progress(WatchedReading(epoch + 1, watched))
        if self._should_stop():
            self.stopped = True
            self.model.stop_training = True

    def _batch_progress(self, done: int, logs: dict[str, Any], now: float) -> BatchProgress:
        return BatchProgress(
            epoch=self._epoch + 1,
            epochs=self._epochs,
            batch=done,
            batches=self._batches,
            loss=float(logs.get("loss", float("nan"))),
            accuracy=float(logs.get("accuracy", float("nan"))),
            seconds_left=self._seconds_left(now),
        )

    def _seconds_left(self, now: float) -> float | None:
        if self._warm is None or self.batches_done <= self._warm[1]:
            return None
        since, batches_then = self._warm
        pace = (now - since) / (self.batches_done - batches_then)
        return pace * (self._epochs * self._batches - self.batches_done)
