"""What a training reports while it runs, and how it can be controlled."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.progress import PhaseProgress, ShouldStop
from mnist_desktop.training.config import (
    MAX_EPOCHS,
    MAX_LOSS,
    MAX_SECONDS,
    ROUNDING,
    check_amounts,
    check_integer,
)
from mnist_desktop.training.validation_reading import ValidationReading

PAUSE_STEP = 0.1  # seconds between two checks whether a pause is over


@dataclass(frozen=True)
class BatchProgress:
    """How far a training is within an epoch.

    Attributes
    ----------
    epoch, epochs : int
        The current epoch, from 1, and how many there will be.
    batch, batches : int
        Batches done in this epoch, and how many there are.
    loss, accuracy : float
        Mean over this epoch so far, on training digits as the network learns from them.
    seconds_left : float or None
        Estimated time to the end of the last epoch; None until there is an estimate.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    accuracy: float
    seconds_left: float | None

    @property
    def share(self) -> float:
        """Fraction of all epochs that is done, 0 to 1."""
        return (self.epoch - 1 + self.batch / self.batches) / self.epochs


@dataclass(frozen=True)
class EpochMetrics:
    """The results of one epoch.

    Attributes
    ----------
    epoch : int
        From 1.
    loss, accuracy : float
        Mean over the epoch, on training digits as the network learned from them.
    val_loss, val_accuracy : float or None
        After the epoch, on the validation digits; None if there are none.
    seconds : float
        Time the epoch took, validation included.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float

    def __post_init__(self) -> None:
        """Check values that may come from an untrusted file."""
        check_integer("Epoch", self.epoch, 1, MAX_EPOCHS)
        has_held_out = not (self.val_loss is None and self.val_accuracy is None)
        losses = (self.loss, self.val_loss) if has_held_out else (self.loss,)
        accuracies = (self.accuracy, self.val_accuracy) if has_held_out else (self.accuracy,)
        check_amounts("An epoch's losses", *losses, most=MAX_LOSS)
        check_amounts("An epoch's accuracies", *accuracies, most=1 + ROUNDING)
        check_amounts("An epoch's seconds", self.seconds, most=MAX_SECONDS)


@dataclass(frozen=True)
class WatchedReading:
    """How the watched image was read with the weights after an epoch.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    scores : tuple of float
        Ten scores that add up to 1.
    """

    epoch: int
    scores: tuple[float, ...]


class TrainingControls:
    """Controls a training while it runs; any thread may use it at any time.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28), or None
        An image to read after each epoch.
    keeps_best : bool
        Whether to keep the weights after the best epoch, and not those after the last.
    is_suspended : bool
        Whether the training is to end at once, so that it can be resumed later.
    is_cancelled : bool
        Whether it is to end at once and keep nothing.
    """

    def __init__(self) -> None:
        self.image: NDArray[np.uint8] | None = None
        self.keeps_best = False
        self.is_suspended = False
        self.is_cancelled = False
        self._runs = threading.Event()
        self._runs.set()

    def begin(self) -> None:
        """Prepare for the next training."""
        self.is_suspended = self.is_cancelled = False
        self.go_on()

    @property
    def is_paused(self) -> bool:
        """Whether the training is to wait."""
        return not self._runs.is_set()

    def pause(self) -> None:
        """Pause the training until `go_on`."""
        self._runs.clear()

    def go_on(self) -> None:
        """Resume the training after a pause."""
        self._runs.set()

    def suspend(self) -> None:
        """End the training at once, keeping all that is needed to resume it."""
        self.is_suspended = True

    def cancel(self) -> None:
        """End the training at once and keep nothing."""
        self.is_cancelled = True

    @property
    def ends_at_once(self) -> bool:
        """Whether it is suspended or cancelled."""
        return self.is_suspended or self.is_cancelled

    def wait_while_paused(self, should_stop: ShouldStop) -> None:
        """Wait while the training is paused and has not been asked to end."""
        while self.is_paused and not self.ends_at_once and not should_stop():
            self._runs.wait(PAUSE_STEP)


Progress = PhaseProgress | BatchProgress | EpochMetrics | WatchedReading | ValidationReading
