"""One trial: settings are drawn, a network is trained with them, and the result is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled, MnistDesktopError, as_reported
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.search.database import StudyStorageError
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.lease import Watch, give_back
from mnist_desktop.search.settings import Setting, Value
from mnist_desktop.search.space import config_of
from mnist_desktop.search.study import CURVE, PARAMETERS, REASON, SECONDS, UNTRAINED, Search
from mnist_desktop.training.architectures import count_parameters
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import BatchProgress, EpochMetrics, TrainingControls
from mnist_desktop.training.trainer import train

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, Trial, TrialState

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

# A trial is compared with others at the same fraction of its training, not after the same epoch:
# while the learning rate is high, a long training is behind a short one that ends much worse.
STEPS = 4
MOST_POINTS = 100  # of a curve that is kept


def run_trial(
    search: Search,
    blind: Dataset,
    watch: Watch,
    *,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    hold: Hold | None = None,
    is_wanted: Callable[[int], bool] = lambda _: True,
) -> bool:
    """Make one trial.

    Parameters
    ----------
    search : Search
        The study it belongs to.
    blind : Dataset
        What `without_test_digits` has returned.
    watch : Watch
        Gives signs of life for it.
    on_progress : callable
        Called with the training's progress.
    should_stop : callable
        When it answers True, the trial is given back, to be made again.
    hold : Hold, optional
        Halts the training for a while.
    is_wanted : callable, optional
        Tells of the number of a trial that has just begun whether it is still wanted. One that is
        not is put back as if it had not begun.

    Returns
    -------
    bool
        Whether a network was trained; not so if it would have been too large, or was not wanted.

    Raises
    ------
    StudyStorageError
        If the study cannot be written.
    """
    trial = search.use(search.study.ask)
    watch.hold(trial)
    try:
        if not is_wanted(trial.number):
            search.use(lambda: put_back(search, trial))
            return False
        return _Trial(search, trial, on_progress, should_stop, hold or Hold()).run(blind)
    finally:
        watch.hold(None)


def put_back(search: Search, trial: Trial) -> None:
    """Have a trial wait again of which nothing is drawn yet."""
    from optuna.trial import TrialState

    search.storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)


class _Trial:
    """A trial that has begun."""

    def __init__(
        self,
        search: Search,
        trial: Trial,
        on_progress: OnProgress,
        should_stop: ShouldStop,
        hold: Hold,
    ) -> None:
        self._search = search
        self._trial = trial
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._hold = hold
        self._controls = TrainingControls()
        self._began: float | None = None
        self._epochs = 1
        self._curve: list[float] = []  # accuracy on the validation digits after each epoch
        self._pruned_for = ""
        self._is_lost = False  # another worker has taken this one for dead

    def run(self, blind: Dataset) -> bool:
        from optuna.trial import TrialState

        config, goal = self._unless_lost(self._draw), self._search.goal
        if config is None:
            return False
        try:
            parameters = count_parameters(config)
        except MnistDesktopError as error:  # no network can be built of these layers
            self._tell(TrialState.FAIL, {UNTRAINED: True, REASON: str(error)})
            return False
        self._note({PARAMETERS: parameters})
        why = goal.why_too_large(parameters)
        if why:
            self._tell(TrialState.PRUNED, {UNTRAINED: True, REASON: why})
            return False
        self._train(config, blind, parameters)
        return True

    def _draw(self) -> TrainingConfig:
        return config_of(self._search.space.draw(self._suggest))

    def _suggest(self, setting: Setting, values: tuple[Value, ...]) -> Any:
        if not setting.is_range:
            return self._trial.suggest_categorical(setting.name, values)
        low, high = values
        suggest: Any = self._trial.suggest_int if setting.is_integer else self._trial.suggest_float
        return suggest(setting.name, low, high, log=setting.is_log)

    def _train(self, config: TrainingConfig, blind: Dataset, parameters: int) -> None:
        """Train with the settings, and tell how it ended, whatever that is."""
        from optuna.trial import TrialState

        self._epochs = config.epochs
        try:
            result = train(
                config,
                blind,
                on_progress=self._report,
                should_stop=self._ends,
                controls=self._controls,
            )
        except JobCancelled:
            if self._pruned_for:
                notes = {SECONDS: self._seconds(), REASON: self._pruned_for}
                self._tell(TrialState.PRUNED, notes)
            elif not self._is_lost:
                self._search.use(lambda: give_back(self._search, self._frozen(), is_lost=False))
        except StudyStorageError:
            raise
        except Exception as error:  # these settings cannot be trained; others can
            logger.info("Trial %d has failed", self._trial.number, exc_info=True)
            notes = {SECONDS: self._seconds(), REASON: str(as_reported(error))}
            self._tell(TrialState.FAIL, notes)
        else:
            notes = {SECONDS: result.fit_seconds, **({REASON: result.note} if result.note else {})}
            why = self._search.goal.why_too_slow(result.fit_seconds)
            if why:
                self._tell(TrialState.PRUNED, {**notes, REASON: why})
                return
            score = result.test.accuracy  # on the validation digits, which stand in their place
            values = self._search.goal.values(score, parameters, result.fit_seconds)
            self._tell(TrialState.COMPLETE, notes, values)

    def _frozen(self) -> FrozenTrial:
        found: FrozenTrial = self._search.study.get_trials(deepcopy=False)[self._trial.number]
        return found

    def _seconds(self) -> float:
        return 0.0 if self._began is None else self._hold.clock() - self._began

    def _ends(self) -> bool:
        self._hold.apply_to(self._controls)
        if self._should_stop():
            self._controls.cancel()
        return self._controls.ends_at_once

    def _report(self, progress: object) -> None:
        """Pass progress on, and end the training early if that is called for."""
        self._on_progress(progress)
        if isinstance(progress, BatchProgress):
            if self._began is None:
                self._began = self._hold.clock()
            self._prune(self._search.goal.why_too_slow(self._seconds()))
        elif isinstance(progress, EpochMetrics):
            self._curve.append(round(progress.val_accuracy or 0.0, 4))
            if not self._search.goal.front:
                self._compare(progress)

    def _compare(self, epoch: EpochMetrics) -> None:
        """Report the accuracy after another quarter of the training, and see whether to go on."""
        step = STEPS * epoch.epoch // self._epochs
        if step == STEPS * (epoch.epoch - 1) // self._epochs or step == STEPS:
            return
        accuracy = epoch.val_accuracy or 0.0

        def compare() -> bool:
            self._trial.report(accuracy, step)
            return self._trial.should_prune()

        if self._unless_lost(compare):
            self._prune(f"After {step} of {STEPS} quarters, it was worse than most before it.")

    def _prune(self, reason: str) -> None:
        if reason:
            self._pruned_for = reason
            self._controls.cancel()

    def _note(self, notes: dict[str, Any]) -> None:
        def note() -> None:
            for name, value in notes.items():
                self._trial.set_user_attr(name, value)

        self._unless_lost(note)

    def _tell(
        self, state: TrialState, notes: dict[str, Any], values: list[float] | None = None
    ) -> None:
        curve = self._curve[:: -(-len(self._curve) // MOST_POINTS) or 1]
        self._note({**notes, **({CURVE: curve} if curve else {})})
        if not self._is_lost:
            self._unless_lost(
                lambda: self._search.study.tell(
                    self._trial, values, state=state, skip_if_finished=True
                )
            )

    def _unless_lost(self, action: Callable[[], Found]) -> Found | None:
        """Do something with the trial, unless it was taken from this worker meanwhile.

        Only who was silent for 40 s has lost one: a machine that slept, say.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            return self._search.use(action)
        except UpdateFinishedTrialError:
            self._is_lost = True
            self._controls.cancel()
            return None
