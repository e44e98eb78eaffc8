"""The whole job of a training: teach, test, convert, keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled, LowMemoryError, StorageError, TrainingError
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import UnfinishedTraining, begin_training
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import TrainingControls
from mnist_desktop.training.trainer import TrainingResult, train


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
    controls : TrainingControls
        With them it is paused and suspended.
    unfinished : UnfinishedTraining, optional
        A training that was interrupted and is taken up again.
    state : TrainingState, optional
        Where a finished training had come to, that is to learn for more epochs.
    """

    config: TrainingConfig
    dataset: Dataset
    store: RunStore
    name: str = ""
    controls: TrainingControls = field(default_factory=TrainingControls)
    unfinished: UnfinishedTraining | None = None
    state: TrainingState | None = None


class UnkeptRunError(StorageError):
    """A training came to its end, but its run could not be written.

    Attributes
    ----------
    keep : callable
        Tries again, with all that was learnt; returns the `Run` or raises a `StorageError`.
    """

    def __init__(self, message: str, keep: Callable[[], Run]) -> None:
        super().__init__(message)
        self.keep = keep


def resume(
    unfinished: UnfinishedTraining,
    dataset: Dataset,
    store: RunStore,
    controls: TrainingControls | None = None,
) -> Experiment:
    """Make the experiment that takes up a training which was interrupted.

    Raises
    ------
    TrainingError
        If nothing of it can be read.
    """
    state = _read(unfinished)
    return Experiment(
        state.config,
        dataset,
        store,
        unfinished.name,
        controls or TrainingControls(),
        unfinished,
        state,
    )


def _read(unfinished: UnfinishedTraining) -> TrainingState:
    state = unfinished.read()
    if state is None:
        raise TrainingError(
            "What was saved of this training is damaged; it can only be begun anew."
        )
    return state


@dataclass(frozen=True, eq=False)
class ResumeOrder:
    """A training that was interrupted is to be taken up again on these digits."""

    unfinished: UnfinishedTraining
    dataset: Dataset
    store: RunStore
    controls: TrainingControls


def resume_experiment(
    order: ResumeOrder, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Run:
    """Take up a training that was interrupted, and keep the run; raises as `run_experiment`."""
    experiment = resume(order.unfinished, order.dataset, order.store, order.controls)
    return run_experiment(experiment, on_progress=on_progress, should_stop=should_stop)


@dataclass(frozen=True, eq=False)
class LongerOrder:
    """The network of a run is to learn for more epochs; that makes a run of its own.

    Attributes
    ----------
    run : Run
        What it has learnt so far.
    epochs : int
        How many more.
    """

    run: Run
    epochs: int
    dataset: Dataset
    store: RunStore
    controls: TrainingControls


def train_on(order: LongerOrder, *, on_progress: OnProgress, should_stop: ShouldStop) -> Run:
    """Let a network learn for more epochs, as if so many had been planned from the start.

    Raises
    ------
    TrainingError
        If the run does not hold what is needed for that, or learnt from other digits.
    InvalidSettingError
        If it would have more epochs than there can be.
    """
    record, state = order.run.record, order.run.state()
    if state is None:
        raise TrainingError(
            f"“{record.name}” cannot be trained on: it was taught your own digits, or kept by an "
            "earlier version of the program."
        )
    experiment = Experiment(
        state.config.changed(epochs=len(record.history) + order.epochs),
        order.dataset,
        order.store,
        record.name,
        order.controls,
        state=state,
    )
    return run_experiment(experiment, on_progress=on_progress, should_stop=should_stop)


def keep_again(
    error: UnkeptRunError,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,  # noqa: ARG001
) -> Run:
    """Try once more to keep a run that could not be written.

    Raises
    ------
    UnkeptRunError
        If it still cannot.
    """
    on_progress(PhaseProgress("Keeping the run"))
    try:
        return error.keep()
    except StorageError as again:
        raise UnkeptRunError(str(again), error.keep) from again


def run_experiment(
    experiment: Experiment, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Run:
    """Train a network and keep the run; the window, the command line and the tests call this.

    Its state is saved after each epoch, and every 30 seconds of a longer one, until the run is
    kept: a program that was ended by force loses no more than the epoch it was at.

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
        If it was stopped before anything was learnt, or suspended.
    TrainingError
        If the training diverged at once.
    UnkeptRunError
        If the run could not be written; it can be tried again.
    StorageError
        If not even the folder for its state can be made.
    """
    unfinished = experiment.unfinished or begin_training(experiment.store.root, experiment.name)
    with unfinished.held():
        result = _train(experiment, unfinished, on_progress, should_stop)
        on_progress(PhaseProgress("Converting the network for the drawing pad and keeping the run"))
        try:
            run = _keep(experiment, result, unfinished)
        except StorageError as error:
            raise UnkeptRunError(
                str(error), lambda: _keep(experiment, result, unfinished)
            ) from error
        if experiment.controls.is_cancelled:  # while it was being kept
            experiment.store.delete(run.record.id)
            raise JobCancelled
        return run


def _train(
    experiment: Experiment,
    unfinished: UnfinishedTraining,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> TrainingResult:
    """Train from the last state on, if there is one; what is left of a failure can be resumed."""
    controls, is_new = experiment.controls, experiment.unfinished is None
    # Another program may have been at it since the state was read.
    state = experiment.state if is_new else _read(unfinished)
    try:
        return train(
            experiment.config,
            experiment.dataset,
            on_progress=on_progress,
            should_stop=should_stop,
            controls=controls,
            keep_state=_StateKeeper(unfinished, on_progress).keep,
            state=state,
        )
    except (JobCancelled, TrainingError, LowMemoryError):
        # What was learnt before goes only if that is wished.
        if controls.is_cancelled or (is_new and not controls.is_suspended):
            unfinished.discard()
        raise


def _keep(experiment: Experiment, result: TrainingResult, unfinished: UnfinishedTraining) -> Run:
    run = experiment.store.keep(result, experiment.dataset, experiment.name)
    unfinished.discard()
    return run


class _StateKeeper:
    """Saves states; a full disk is told once and does not end the training."""

    def __init__(self, unfinished: UnfinishedTraining, on_progress: OnProgress) -> None:
        self._unfinished = unfinished
        self._on_progress = on_progress
        self._has_told = False

    def keep(self, state: TrainingState) -> None:
        try:
            self._unfinished.write(state)
        except StorageError as error:
            if not self._has_told:
                self._has_told = True
                self._on_progress(PhaseProgress(str(error)))
