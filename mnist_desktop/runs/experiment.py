"""The whole job of a training: teach, test, convert, keep."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.store import Run, RunStore
from mnist_desktop.training.config import (
    OnProgress,
    PhaseProgress,
    ShouldStop,
    TrainingConfig,
    Watched,
)
from mnist_desktop.training.trainer import train


@dataclass(frozen=True)
class Experiment:
    """What is to be trained, on what, and where it is kept.

    Attributes
    ----------
    config : TrainingConfig
        Settings.
    dataset : Dataset
        Digits to learn from and to test on.
    store : RunStore
        Where the run is kept.
    name : str
        What to call it; the architecture's name if empty.
    watched : Watched, optional
        An image that is read after each epoch.
    """

    config: TrainingConfig
    dataset: Dataset
    store: RunStore
    name: str = ""
    watched: Watched | None = None


def run_experiment(
    experiment: Experiment, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Run:
    """Train a network and keep the run; the window, the command line and the tests call this.

    Parameters
    ----------
    experiment : Experiment
        What to do.
    on_progress : callable
        Called with progress records, from this thread.
    should_stop : callable
        When it answers True, training ends within a second and what was learnt is kept.

    Returns
    -------
    Run
        The kept run.

    Raises
    ------
    JobCancelled
        If it was stopped before anything was learnt.
    TrainingError, StorageError
        If the training diverged, or the run could not be written.
    """
    result = train(
        experiment.config,
        experiment.dataset,
        on_progress=on_progress,
        should_stop=should_stop,
        watched=experiment.watched,
    )
    on_progress(PhaseProgress("Converting the network for the drawing pad and keeping the run"))
    return experiment.store.keep(result, experiment.dataset, experiment.name)
