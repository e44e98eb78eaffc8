"""What the training panel shows of a job before the job reports anything."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_desktop.runs.teaching_job import Teaching
from mnist_desktop.runs.training_job import (
    LongerTraining,
    NewTraining,
    ResumedTraining,
    TrainingRequest,
)
from mnist_desktop.training.architectures import OFFERED
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.fine_tuning import EPOCHS
from mnist_desktop.training.network_names import name_of
from mnist_desktop.training.progress import EpochMetrics

MAX_NAME = 24  # letters that fit beside what is done with it


@dataclass(frozen=True)
class JobOutline:
    """What is trained, and how far that had come before.

    Attributes
    ----------
    title : str
        What is done, in one line.
    epochs : int
        How many epochs it has in all.
    history : tuple of EpochMetrics
        Those that it learnt earlier.
    config : TrainingConfig or None
        Settings to show in the form, where they are others than those on the screen.
    trained : TrainingConfig or None
        Settings of a training whose epochs tell how long others like it take.
    """

    title: str
    epochs: int = 1
    history: tuple[EpochMetrics, ...] = ()
    config: TrainingConfig | None = None
    trained: TrainingConfig | None = None


def outline_of(request: TrainingRequest) -> JobOutline:
    """Say what a request is about, as far as that is known before it is carried out."""
    if isinstance(request, NewTraining):
        name = request.name or name_of(request.config)
        config = request.config
        return JobOutline(f"Training {quoted(name)}", config.epochs, trained=config)
    if isinstance(request, ResumedTraining):
        return _resumed(request)
    if isinstance(request, LongerTraining):
        record = request.base.record
        done = len(record.history)
        shown = _shown(record.config.changed(epochs=done + request.epochs))
        return JobOutline(
            f"Training {quoted(record.name)} on, from epoch {done + 1}",
            done + request.epochs,
            record.history,
            shown,
            shown,
        )
    if isinstance(request, Teaching):
        return JobOutline("Learning your digits", EPOCHS)
    return JobOutline("Keeping what was learnt")


def _resumed(request: ResumedTraining) -> JobOutline:
    state = request.unfinished.outline()
    if state is None:
        return JobOutline("Resuming a training")
    epochs = state.config.epochs
    name = request.unfinished.name or name_of(state.config)
    epoch = min(state.progress[0] + 1, epochs)
    title = f"Resuming {quoted(name)}, epoch {epoch} of {epochs}"
    shown = _shown(state.config)
    return JobOutline(title, epochs, state.history, shown, shown)


def quoted(name: str) -> str:
    """Put a name into quotation marks, shortened if it is long."""
    return f"“{name if len(name) <= MAX_NAME else name[: MAX_NAME - 1].rstrip() + '…'}”"


def _shown(config: TrainingConfig) -> TrainingConfig | None:
    return config if config.architecture in OFFERED else None
