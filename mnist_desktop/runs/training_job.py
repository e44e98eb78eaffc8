"""Requests for a training, and the job behind each: train, test, convert, keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

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


@dataclass(frozen=True, eq=False)
class TrainingContext:
    """What every training works with.

    Attributes
    ----------
    dataset : Dataset
        Digits to learn from and to test on.
    store : RunStore
        Where the run is kept.
    controls : TrainingControls
        With them it is paused, suspended and cancelled.
    """

    dataset: Dataset
    store: RunStore
    controls: TrainingControls = field(default_factory=TrainingControls)


class TrainingRequest(ABC):
    """Something that a training is asked for. The window, the command line and the tests run it.

    Attributes
    ----------
    can_pause : bool
        Whether it can be paused.
    is_saved : bool
        Whether its state is saved as it goes, so that it can be resumed after the program ended.
    """

    can_pause: ClassVar[bool] = True
    is_saved: ClassVar[bool] = True

    @abstractmethod
    def run(
        self, context: TrainingContext, *, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Any:
        """Do it.

        The state of a training is saved after each epoch, and every 30 seconds of a longer one,
        until the run is kept: a program that was killed loses no more than that.

        Parameters
        ----------
        context : TrainingContext
            What to work with.
        on_progress : callable
            Called with progress records, from this thread.
        should_stop : callable
            When it answers True, training ends within a second and what was learnt is kept.

        Returns
        -------
        Run
            The kept run; a `TeachingResult` where the user's digits were taught.

        Raises
        ------
        JobCancelled
            If it was stopped before anything was learnt, or suspended.
        TrainingError
            If the training diverged at once, or cannot be resumed or continued.
        UnkeptRunError
            If the run could not be written; it can be tried again.
        StorageError
            If not even the folder for its state can be made.
        """


@dataclass(frozen=True, eq=False)
class NewTraining(TrainingRequest):
    """A network is to be trained from scratch.

    Attributes
    ----------
    config : TrainingConfig
        Settings.
    name : str
        What to call the run; the architecture's name if empty.
    """

    config: TrainingConfig
    name: str = ""

    def run(
        self, context: TrainingContext, *, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Run:
        """Train it and keep the run."""
        unfinished = begin_training(context.store.root, self.name)
        job = _Job(self.config, self.name, context, unfinished, on_progress, should_stop)
        with unfinished.held():
            return job.run(None, is_new=True)


@dataclass(frozen=True, eq=False)
class ResumedTraining(TrainingRequest):
    """A training that was interrupted is to be resumed."""

    unfinished: UnfinishedTraining

    def run(
        self, context: TrainingContext, *, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Run:
        """Resume it where it left off and keep the run."""
        one = self.unfinished
        with one.held():  # another program may have been at it until now
            state = one.read()
            if state is None:
                raise TrainingError(
                    "What was saved of this training is damaged; it can only be begun anew."
                )
            job = _Job(state.config, one.name, context, one, on_progress, should_stop)
            return job.run(state, is_new=False)


@dataclass(frozen=True, eq=False)
class LongerTraining(TrainingRequest):
    """The network of a run is to learn for more epochs, as if so many had been planned.

    Attributes
    ----------
    base : Run
        What it has learnt so far; it stays as it is.
    epochs : int
        How many more.
    """

    base: Run
    epochs: int

    def run(
        self, context: TrainingContext, *, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Run:
        """Train it further and keep a run of its own."""
        record, state = self.base.record, self.base.state()
        if state is None:
            raise TrainingError(
                f"“{record.name}” cannot be trained on: it was taught your own digits, or kept by "
                "an earlier version of the program."
            )
        config = state.config.changed(epochs=len(record.history) + self.epochs)
        unfinished = begin_training(context.store.root, record.name)
        job = _Job(config, record.name, context, unfinished, on_progress, should_stop)
        with unfinished.held():
            return job.run(state, is_new=True)


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


@dataclass(frozen=True, eq=False)
class KeptAgain(TrainingRequest):
    """A run that could not be written is to be kept after all."""

    can_pause: ClassVar[bool] = False

    keep: Callable[[], Run]

    def run(
        self,
        context: TrainingContext,  # noqa: ARG002 - it has all it needs
        *,
        on_progress: OnProgress,
        should_stop: ShouldStop,  # noqa: ARG002 - it is written in one go
    ) -> Run:
        """Try once more."""
        on_progress(PhaseProgress("Keeping the run"))
        try:
            return self.keep()
        except StorageError as error:
            raise UnkeptRunError(str(error), self.keep) from error


@dataclass(frozen=True, eq=False)
class _Job:
    """A training whose folder for its state is there, and held."""

    config: TrainingConfig
    name: str
    context: TrainingContext
    unfinished: UnfinishedTraining
    on_progress: OnProgress
    should_stop: ShouldStop

    def run(self, state: TrainingState | None, *, is_new: bool) -> Run:
        controls = self.context.controls
        result = self._train(state, is_new=is_new)
        self.on_progress(
            PhaseProgress("Converting the network for the drawing pad and keeping the run")
        )
        try:
            run = self._keep(result)
        except StorageError as error:
            raise UnkeptRunError(str(error), lambda: self._keep(result)) from error
        if controls.is_cancelled:  # while it was being kept
            self.context.store.delete(run.record.id)
            raise JobCancelled
        return run

    def _train(self, state: TrainingState | None, *, is_new: bool) -> TrainingResult:
        controls = self.context.controls
        try:
            return train(
                self.config,
                self.context.dataset,
                on_progress=self.on_progress,
                should_stop=self.should_stop,
                controls=controls,
                keep_state=_StateKeeper(self.unfinished, self.on_progress).keep,
                state=state,
            )
        except (JobCancelled, TrainingError, LowMemoryError):
            # What was learnt before goes only if the user says so.
            if controls.is_cancelled or (is_new and not controls.is_suspended):
                self.unfinished.discard()
            raise

    def _keep(self, result: TrainingResult) -> Run:
        run = self.context.store.keep(result, self.context.dataset, self.name)
        self.unfinished.discard()
        return run


class _StateKeeper:
    """Saves states; a full disk is reported once and does not end the training."""

    def __init__(self, unfinished: UnfinishedTraining, on_progress: OnProgress) -> None:
        self._unfinished = unfinished
        self._on_progress = on_progress
        self._has_reported = False

    def keep(self, state: TrainingState) -> None:
        try:
            self._unfinished.write(state)
        except StorageError as error:
            if not self._has_reported:
                self._has_reported = True
                self._on_progress(PhaseProgress(str(error)))
