"""What Keras is asked to tell during a fit, as plain records for plain callables.

Importing this module imports Keras: it is done by the trainer, inside its function.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras

from mnist_desktop.training.config import (
    BatchProgress,
    EpochMetrics,
    OnProgress,
    ShouldStop,
    WatchedReading,
)

ReadWatched = Callable[[Any], tuple[float, ...] | None]

UPDATES_PER_SECOND = 20


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
    read_watched : callable, optional
        Called with the network after each epoch; returns ten scores, or None.

    Attributes
    ----------
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
        read_watched: ReadWatched | None = None,
    ) -> None:
        super().__init__()
        self.history: list[EpochMetrics] = []
        self.stopped = False
        self.batches_done = 0
        self._epochs = epochs
        self._batches = batches
        self._chunk = chunk
        self._on_progress = on_progress
        self._should_stop = should_stop
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
        if self._warm is None:  # the first chunk holds compiling, which no later one repeats
            self._warm = (now, self.batches_done)
        if done >= self._batches or now - self._last_report >= 1 / UPDATES_PER_SECOND:
            self._last_report = now
            self._on_progress(self._batch_progress(done, logs or {}, now))
        if self._should_stop():
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Report the epoch."""
        logs = logs or {}
        metrics = EpochMetrics(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=float(logs["val_loss"]) if "val_loss" in logs else None,
            val_accuracy=float(logs["val_accuracy"]) if "val_accuracy" in logs else None,
            seconds=time.perf_counter() - self._epoch_started,
        )
        self.history.append(metrics)
        self._on_progress(metrics)
        if self._read_watched is not None:
            scores = self._read_watched(self.model)
            if scores is not None:
                self._on_progress(WatchedReading(epoch + 1, scores))
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
