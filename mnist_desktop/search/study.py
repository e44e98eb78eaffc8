"""A search as it is kept: its space, its goal, and the trials that all its workers have made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.errors import InvalidInputError, InvalidSettingError
from mnist_desktop.progress import ShouldStop
from mnist_desktop.search.database import StudyStorageError
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.settings import CONVOLUTIONAL, DENSE, SETTINGS
from mnist_desktop.search.space import VALIDATION_SHARE, Space, built_layers
from mnist_desktop.search.storage import close_storage, open_storage, patiently, told

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

# What this program notes of a study, and of each trial.
ABOUT, KEPT = "mnist-desktop", "mnist-desktop-kept"
PARAMETERS, SECONDS, REASON = "parameters", "seconds", "reason"
UNTRAINED, AGAIN, ATTEMPT, BEAT, CURVE = "untrained", "again", "attempt", "beat", "curve"
VERSION = 1

STARTUP_TRIALS = 8  # are drawn at random, and none is pruned before so many have finished
COMPLETE, PRUNED, FAILED, INTERRUPTED = "complete", "pruned", "failed", "interrupted"
RUNNING, WAITING = "running", "waiting"

Found = TypeVar("Found")


@dataclass(frozen=True)
class TrialSummary:
    """One trial.

    Attributes
    ----------
    number : int
        From 0, in the order in which trials were begun.
    state : {"complete", "pruned", "failed", "interrupted", "running", "waiting"}
        Pruned: ended early, because it did not look good or was outside the limits. Interrupted:
        its worker ended before it did, and its settings are tried again under another number.
    score : float or None
        The accuracy on the validation digits of a trial that is complete.
    parameters : int or None
        Of its network; None while that is not known.
    seconds : float or None
        How long its training took.
    settings : dict
        What was drawn, and the layers of a network that was built of that.
    reason : str
        Why it was pruned or has failed; empty for others.
    is_trained : bool
        Whether it was trained at all.
    curve : tuple of float
        Accuracy on the validation digits in the course of its training: after each epoch of one
        that has ended, after each quarter of one that is running.
    """

    number: int
    state: str
    score: float | None
    parameters: int | None
    seconds: float | None
    settings: dict[str, Any]
    reason: str
    is_trained: bool
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Search:
    """A study that is open.

    Attributes
    ----------
    name : str
        Its name.
    url : str
        Where it is kept.
    storage : optuna.storages.BaseStorage
        The same, open.
    study : optuna.Study
        What draws settings and keeps trials.
    space : Space
        Where settings are searched.
    goal : Goal
        What they are searched for.
    digits : str
        The fingerprint of the training digits that it was begun with.
    should_stop : callable
        When it answers True, a storage that does not answer is no longer waited for.
    """

    name: str
    url: str
    storage: BaseStorage
    study: Study
    space: Space
    goal: Goal
    digits: str
    should_stop: ShouldStop = lambda: False
    # What is known of trials that have ended, by number and state: that does not change any more.
    _ended: dict[tuple[int, str], TrialSummary] = field(default_factory=dict, init=False)

    def close(self) -> None:
        """Close what is open of its storage: the connections to a server."""
        close_storage(self.storage)

    def use(self, action: Callable[[], Found]) -> Found:
        """Do something with the study; wait while its storage does not answer.

        Raises
        ------
        StudyStorageError
            If the storage cannot be used.
        """

        def once() -> Found:
            with told(self.url):
                return action()

        return patiently(once, should_stop=self.should_stop)

    def trials(self) -> list[TrialSummary]:
        """All trials, in order, but for those that were put back before anything was drawn.

        Raises
        ------
        StudyStorageError
            If they cannot be read.
        """
        found = self.use(lambda: self.study.get_trials(deepcopy=False))
        tried_again = {one.user_attrs[AGAIN] for one in found if AGAIN in one.user_attrs}
        with told(self.url):
            all_of_them = [self._summary(one, tried_again) for one in found]
        return [one for one in all_of_them if one.settings or one.state != WAITING]

    def _summary(self, trial: FrozenTrial, tried_again: set[int]) -> TrialSummary:
        state = _state(trial, tried_again)
        if not trial.state.is_finished():
            return _summary(trial, state)
        known = self._ended.get((trial.number, state))
        if known is None:
            known = self._ended[trial.number, state] = _summary(trial, state)
        return known

    def kept_runs(self) -> dict[str, str]:
        """Ids of the runs in which the best settings were trained again, by their seeds.

        Raises
        ------
        StudyStorageError
            If they cannot be read.
        """
        noted = self.use(lambda: self.study.user_attrs.get(KEPT, {}))
        return dict(noted.get("runs", {}))

    def check_digits(self, blind: Dataset) -> None:
        """Make sure that trials learn from the same digits as those before.

        Raises
        ------
        InvalidInputError
            If they would not.
        """
        if blind.fingerprint != self.digits:
            raise InvalidInputError(
                f"The search “{self.name}” was begun with other digits; give the same with --data, "
                "or start a search with another name."
            )


def without_test_digits(dataset: Dataset) -> Dataset:
    """Put the validation digits in the place of the test digits, which are not even looked at.

    What a training tests its network with are then digits that settings may be chosen by.
    """
    _, held_out = split_training_digits(dataset.train, VALIDATION_SHARE)
    return replace(dataset, test=dataset.train.take(held_out))


def best_of(trials: Sequence[TrialSummary]) -> TrialSummary | None:
    """The complete trial with the best score; of several, the one with the fewest parameters."""
    complete = [one for one in trials if one.score is not None]
    return max(complete, key=lambda one: (one.score, -(one.parameters or 0)), default=None)


def begin_search(name: str, url: str, space: Space, goal: Goal, blind: Dataset) -> Search:
    """Create a study, with the presets of its space as the first trials.

    Parameters
    ----------
    name, url : str
        What to call it, and where to keep it.
    space, goal
        Where to look, and for what.
    blind : Dataset
        What `without_test_digits` has returned.

    Raises
    ------
    InvalidInputError
        If there is a study of this name already.
    StudyStorageError
        If it cannot be kept there.
    """
    import optuna

    storage = open_storage(url, create=True)
    about = {
        "version": VERSION,
        "space": {one: list(values) for one, values in space.values.items()},
        "goal": goal.as_json(),
        "digits": blind.fingerprint,
    }
    with told(url):
        try:
            study = optuna.create_study(
                storage=storage, study_name=name, directions=goal.directions
            )
        except optuna.exceptions.DuplicatedStudyError:
            raise InvalidInputError(
                f"There is a search “{name}” already; without a space or limits of its own, the "
                "command resumes it."
            ) from None
        study.set_user_attr(ABOUT, about)
        for recipe in space.recipes():
            study.enqueue_trial(recipe)
    return _with_optuna(Search(name, url, storage, study, space, goal, blind.fingerprint))


def open_search(name: str, url: str, *, create: bool = False) -> Search | None:
    """Open a study; None if there is none of this name.

    Parameters
    ----------
    name, url : str
        What it is called, and where it is kept.
    create : bool, optional
        Whether one is to be begun there if there is none: then its file need not exist.

    Raises
    ------
    InvalidInputError
        If its file does not exist.
    StudyStorageError
        If it cannot be read, or was not made by this version of the program.
    """
    import optuna

    storage = open_storage(url, create=create)
    with told(url):
        names = [one.study_name for one in storage.get_all_studies()]
        if name not in names:
            return None
        study = optuna.load_study(study_name=name, storage=storage)
        about = study.user_attrs.get(ABOUT, {})
    try:
        if about["version"] != VERSION:
            raise ValueError
        space = Space({one: tuple(values) for one, values in about["space"].items()})
        search = Search(
            name, url, storage, study, space, Goal(**about["goal"]), str(about["digits"])
        )
    except (KeyError, TypeError, ValueError, AttributeError, InvalidSettingError):
        raise StudyStorageError(
            f"The search “{name}” was made by another program, or by a later version of this one; "
            "start one with another name."
        ) from None
    return _with_optuna(search)


def _with_optuna(search: Search) -> Search:
    """Choose how settings are drawn, and when a trial is pruned.

    Trials that are running count as poor ones when settings are drawn (Optuna's *constant liar*),
    so that workers at the same time do not all try the same.
    """
    from optuna.pruners import MedianPruner
    from optuna.samplers import TPESampler

    search.study.sampler = TPESampler(n_startup_trials=STARTUP_TRIALS, constant_liar=True)
    search.study.pruner = MedianPruner(n_startup_trials=STARTUP_TRIALS)
    return search


def _summary(trial: FrozenTrial, state: str) -> TrialSummary:
    notes = trial.user_attrs
    drawn = trial.params
    if state == WAITING:  # what it will be given; nothing is drawn yet
        drawn = trial.system_attrs.get("fixed_params", {})
    settings = {one: drawn[one] for one in SETTINGS if one in drawn}  # a server keeps no order
    # A database does not tell all of a running trial as it was at one moment.
    with suppress(KeyError):
        if PARAMETERS in notes and settings["architecture"] in (CONVOLUTIONAL, DENSE):
            settings["layers"] = built_layers(settings)
    return TrialSummary(
        number=trial.number,
        state=state,
        score=trial.values[0] if state == COMPLETE else None,
        parameters=notes.get(PARAMETERS),
        seconds=notes.get(SECONDS),
        settings=settings,
        reason=notes.get(REASON, "Its worker ended before it did." if state == FAILED else ""),
        is_trained=UNTRAINED not in notes,
        curve=tuple(notes.get(CURVE) or trial.intermediate_values.values()),
    )


def _state(trial: FrozenTrial, tried_again: set[int]) -> str:
    from optuna.trial import TrialState

    if trial.number in tried_again:
        return INTERRUPTED
    return {
        TrialState.COMPLETE: COMPLETE,
        TrialState.PRUNED: PRUNED,
        TrialState.FAIL: FAILED,
        TrialState.RUNNING: RUNNING,
        TrialState.WAITING: WAITING,
    }[trial.state]
