"""A worker: one trial after the other, until there are enough, or time is up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError, InvalidSettingError
from mnist_desktop.formats import percent
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.lease import Lease, Watch
from mnist_desktop.search.study import (
    COMPLETE,
    FAILED,
    PRUNED,
    RUNNING,
    Search,
    TrialSummary,
    best_of,
    without_test_digits,
)
from mnist_desktop.search.trial import run_trial
from mnist_desktop.training.config import check_integer, is_number

MAX_TRIALS = 1_000_000
MAX_UNTRAINED = 200  # in a row; the space then holds next to nothing that is small enough
POLL_SECONDS = 0.5  # between two looks at what others are still at


@dataclass(frozen=True)
class Limits:
    """When a search ends; without limits, when it is stopped.

    Attributes
    ----------
    trials : int or None
        How many trials there are to be, of all workers together. Those that were not trained, as
        too large, and those that were interrupted do not count.
    minutes : float or None
        How long this worker works, without the time that it is held; a trial that is running then
        is given back.

    Raises
    ------
    InvalidSettingError
        If one of them is no such number.
    """

    trials: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        """Check both."""
        if self.trials is not None:
            check_integer("The number of trials", self.trials, 1, MAX_TRIALS)
        if self.minutes is not None and not (is_number(self.minutes) and 0 < self.minutes < 1e6):
            raise InvalidSettingError(
                f"The minutes of a search must be a number above 0, not {self.minutes!r:.40}."
            )


@dataclass(frozen=True, eq=False)
class SearchRequest:
    """A worker is to work on a study.

    Attributes
    ----------
    search : Search
        The study.
    dataset : Dataset
        Digits to learn from; its test digits are not looked at.
    limits : Limits
        When to end.
    lease : Lease
        How workers that have ended are found.
    hold : Hold
        Halts the work for a while.
    """

    search: Search
    dataset: Dataset
    limits: Limits
    lease: Lease = field(default_factory=Lease)
    hold: Hold = field(default_factory=Hold)


def work(request: SearchRequest, *, on_progress: OnProgress, should_stop: ShouldStop) -> None:
    """Make trials until there are enough of them, time is up, or it is stopped.

    Once there are enough, those that other workers are still at are waited for: of a worker that
    has ended, the trial is made again.

    Parameters
    ----------
    request : SearchRequest
        What to work on.
    on_progress : callable
        Called with the progress of each training, and with what is tried next.
    should_stop : callable
        When it answers True, the running trial is given back within a second.

    Raises
    ------
    InvalidInputError
        If the digits are not those that the search was begun with, or hardly any network of the
        space is small enough.
    StudyStorageError
        If the study cannot be read or written, even after two minutes.
    """
    search = replace(request.search, should_stop=should_stop)
    limits, hold = request.limits, request.hold
    blind = without_test_digits(request.dataset)
    search.check_digits(blind)
    ends_at = hold.clock() + 60 * limits.minutes if limits.minutes else float("inf")

    def is_over() -> bool:
        return should_stop() or hold.clock() >= ends_at

    untrained = 0
    with Watch(search, request.lease) as watch:
        while not is_over():
            if hold.is_on:
                time.sleep(POLL_SECONDS)
                continue
            trials = search.trials()
            if not _is_wanted(trials, limits):
                if not any(one.state == RUNNING for one in trials):
                    return
                time.sleep(POLL_SECONDS)
                continue
            on_progress(PhaseProgress(_outlook(trials)))
            is_trained = run_trial(
                search,
                blind,
                watch,
                on_progress=on_progress,
                should_stop=is_over,
                hold=hold,
                is_wanted=lambda number: _is_within(search, limits, number),
            )
            untrained = 0 if is_trained else untrained + 1
            if untrained == MAX_UNTRAINED:
                raise InvalidInputError(
                    f"Of {MAX_UNTRAINED} networks in a row, none was small enough; allow more "
                    "parameters, or give a --space with fewer or smaller layers."
                )


def _is_wanted(trials: Sequence[TrialSummary], limits: Limits) -> bool:
    """Whether one more trial is to be begun."""
    counted = (COMPLETE, PRUNED, FAILED, RUNNING)
    begun = sum(one.is_trained and one.state in counted for one in trials)
    return limits.trials is None or begun < limits.trials


def _is_within(search: Search, limits: Limits, number: int) -> bool:
    """Whether a trial is wanted that has just begun.

    Another worker may have begun one at the same moment, when only one was left: then it is the one
    with the lower number.
    """
    if limits.trials is None:
        return True
    return _is_wanted([one for one in search.trials() if one.number < number], limits)


def _outlook(trials: Sequence[TrialSummary]) -> str:
    done, best = sum(one.state in (COMPLETE, PRUNED) for one in trials), best_of(trials)
    if best is None:
        return "First trial"
    return (
        f"{formats.count(done, 'trial')} done, the best with {percent(best.score)} of the "
        "validation digits"
    )
