"""What the training panel and the live view both say of a training that is under way."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QProgressBar

from mnist_desktop.formats import time_left
from mnist_desktop.training.progress import BatchProgress

PROGRESS_STEPS = 1000
PAUSE_TIP = "Pause the training; press again to resume it (Ctrl+Space)"
STOP_TIP = "End the training and keep what it has learnt (Ctrl+.)"
STOPPING = "Stopping; what was learnt is kept …"


@dataclass(frozen=True)
class TrainingState:
    """What can be done with a training now.

    Attributes
    ----------
    can_pause : bool
        It can be paused or, if it is paused, resumed.
    is_paused : bool
        It has been asked to pause.
    is_stopping : bool
        It has been asked to end.
    """

    can_pause: bool = False
    is_paused: bool = False
    is_stopping: bool = False

    @property
    def pause_word(self) -> str:
        """What the button for pausing says."""
        return "Resume" if self.is_paused else "Pause"


def training_bar(name: str) -> QProgressBar:
    """Make a bar that shows how far a training is."""
    bar = QProgressBar()
    bar.setObjectName(name)
    bar.setAccessibleName("Progress of the training")
    bar.setRange(0, PROGRESS_STEPS)
    bar.setTextVisible(False)
    return bar


def show_share(bar: QProgressBar, progress: BatchProgress) -> None:
    """Show on a bar how far a training is."""
    bar.setRange(0, PROGRESS_STEPS)
    bar.setValue(round(progress.share * PROGRESS_STEPS))


def describe_epoch(progress: BatchProgress) -> str:
    """Say which epoch a training is in, and how long all of it will take."""
    words = f"Epoch {progress.epoch} of {progress.epochs}"
    seconds = progress.seconds_left
    return words if seconds is None else f"{words}, {time_left(seconds)}"
