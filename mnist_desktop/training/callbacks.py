"""What Keras is asked to tell during a fit, as plain records for plain callables.

Importing this module imports Keras: it is done by the trainer, inside its function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import JobCancelled
from mnist_desktop.evaluation.metrics import evaluate_scores
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.training.checkpoint import TrainingLog, TrainingState
from mnist_desktop.training.progress import (
    BatchProgress,
    EpochMetrics,
    TrainingControls,
    WatchedReading,
)
from mnist_desktop.training.validation_reading import compare_epochs
from mnist_desktop.training.work_clock import WorkClock

UPDATES_PER_SECOND = 20
KEEP_SECONDS = 30.0  # of an epoch are lost at most when the program is ended by force

KeepState = Callable[[TrainingState], None]
ReadImage = Callable[[Any, NDArray[np.uint8]], tuple[float, ...]]


@dataclass(frozen=True, eq=False)
class Validation:
    """Digits held out, and how a network reads them.

    Attributes
    ----------
    read : callable
        Takes a Keras model and returns their scores, ndarray of float64, shape (n, 10).
    digits : Digits
        The digits.
    """

    read: Callable[[Any], NDArray[np.float64]]
    digits: Digits


@dataclass(frozen=True)
class Plan:
    """How long a fit is.

    Attributes
    ----------
    epochs, batches : int
        How many epochs there will be, and how many batches each has.
    chunk : int
        How many batches Keras counts as one.
    skipped : int
        Chunks of the first epoch that were learnt before the training was taken up again.
    """

    epochs: int
    batches: int
    chunk: int
    skipped: int = 0


class ProgressCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports batches and epochs, has the training saved, and ends the fit when it is told to.

    Parameters
    ----------
    plan : Plan
        How long the fit is.
    log : TrainingLog
        Takes note of everything.
    controls : TrainingControls
        Read after each chunk of batches.
    on_progress : callable
        Called with a `BatchProgress` at most 20 times a second and at the end of each epoch's
        batches, and after each epoch with an `EpochMetrics` and, before it, a `ValidationReading`.
    should_stop : callable
        Read after each chunk of batches; when it answers True, Keras leaves the fit with all it
        has learnt so far.
    running_means : callable
        Returns the running means of the last chunk, ndarray of float32, shape (k, 2).
    read_image : callable
        Takes the network and an image and returns ten scores.
    clock : WorkClock
        Tells how long everything takes.
    validation : Validation, optional
        Digits that are read after each epoch; in place of Keras's own validation, which would
        tell loss and accuracy but not which digit was read as what.
    keep_state : callable, optional
        Called with a `TrainingState` after each epoch, and every 30 seconds of a longer one.

    Attributes
    ----------
    stopped : bool
        Whether the fit was ended by ``should_stop``.
    diverged : bool
        Whether it was ended because the loss was no number any more.
    batches_done : int
        Batches learnt from in all epochs together.

    Raises
    ------
    JobCancelled
        Out of the fit, once the training is suspended and saved.
    """

    def __init__(
        self,
        plan: Plan,
        log: TrainingLog,
        controls: TrainingControls,
        *,
        on_progress: OnProgress,
        should_stop: ShouldStop,
        running_means: Callable[[], NDArray[np.float32]],
        read_image: ReadImage,
        clock: WorkClock,
        validation: Validation | None = None,
        keep_state: KeepState | None = None,
    ) -> None:
        super().__init__()
        self.stopped = False
        self.diverged = False
        self.batches_done = 0
        self._plan = plan
        self._log = log
        self._controls = controls
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._running_means = running_means
        self._read_image = read_image
        self._validation = validation
        self._keep_state = keep_state
        self._epoch = 0
        self._skipped = plan.skipped
        self._clock = clock
        self._began = self._kept = self._clock()
        self._epoch_started = 0.0
        self._last_report = 0.0
        self._warm: tuple[float, int] | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Note the epoch and the time."""
        self._epoch = epoch
        self._epoch_started = self._clock()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note and report a chunk, save the training if it is time to, and stop if it is."""
        logs = logs or {}
        if self._skipped > batch:
            return
        if not math.isfinite(float(logs.get("loss", math.nan))):
            self.diverged = self.model.stop_training = True
            return
        now, plan = self._clock(), self._plan
        done = min((batch + 1) * plan.chunk, plan.batches)
        self.batches_done = self._epoch * plan.batches + done
        self._log.batches.add(self._running_means())
        if self._warm is None:  # the first chunk holds compiling, which no later one repeats
            self._warm = (now, self.batches_done)
        if done >= plan.batches or now - self._last_report >= 1 / UPDATES_PER_SECOND:
            self._last_report = now
            self._on_progress(self._batch_progress(done, logs, now))
        if self._controls.is_suspended or (done < plan.batches and now - self._kept > KEEP_SECONDS):
            self._keep(self._epoch, batch + 1)
        if self._controls.is_paused:
            self._pause(batch + 1)
        if self._controls.ends_at_once:
            raise JobCancelled
        self._stop_if_requested()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Read the validation digits, report the epoch and save the training."""
        if self.diverged:
            return
        logs = logs or {}
        self._skipped = 0
        self._log.batches.end_epoch(epoch)
        held_out = scores = None
        if self._validation is not None:
            scores = self._validation.read(self.model)
            held_out = evaluate_scores(scores, self._validation.digits.labels)
        metrics = EpochMetrics(
            epoch=epoch + 1,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            val_loss=None if held_out is None else held_out.loss,
            val_accuracy=None if held_out is None else held_out.accuracy,
            seconds=self._clock() - self._epoch_started,
        )
        if self._validation is not None and scores is not None:
            digits, before = self._validation.digits, self._log.epochs.predicted_after(epoch)
            reading = compare_epochs(
                epoch + 1, digits.images, digits.labels, before, best_labels(scores)
            )
            self._on_progress(reading)
        self._log.note_epoch(metrics, scores)
        self._on_progress(metrics)
        image = self._controls.image
        if image is not None and image.any():
            self._on_progress(WatchedReading(epoch + 1, self._read_image(self.model, image)))
        if not self.stopped:  # an epoch that was cut short is none to go on from
            self._keep(epoch + 1, 0)
        self._stop_if_requested()

    @property
    def seconds(self) -> float:
        """Time that the fit has worked since it began."""
        return self._clock() - self._began

    def _keep(self, epochs_done: int, chunks_done: int) -> None:
        if self._keep_state is not None:
            self._keep_state(self._log.state(epochs_done, chunks_done, self.seconds))
        self._kept = self._clock()

    def _pause(self, chunks_done: int) -> None:
        """Save the training and wait; what was known of its pace is forgotten."""
        self._keep(self._epoch, chunks_done)
        self._on_progress(PhaseProgress("Paused"))
        with self._clock.stopped():
            self._controls.wait_while_paused(self._should_stop)
        self._on_progress(PhaseProgress("Training"))
        self._warm = None

    def _stop_if_requested(self) -> None:
        if self._should_stop():
            self.stopped = True
            self.model.stop_training = True

    def _batch_progress(self, done: int, logs: dict[str, Any], now: float) -> BatchProgress:
        return BatchProgress(
            epoch=self._epoch + 1,
            epochs=self._plan.epochs,
            batch=done,
            batches=self._plan.batches,
            loss=float(logs["loss"]),
            accuracy=float(logs["accuracy"]),
            seconds_left=self._seconds_left(now),
        )

    def _seconds_left(self, now: float) -> float | None:
        if self._warm is None or self.batches_done <= self._warm[1]:
            return None
        since, batches_then = self._warm
        pace = (now - since) / (self.batches_done - batches_then)
        return pace * (self._plan.epochs * self._plan.batches - self.batches_done)
