"""Signs of life: a trial whose worker has ended is found, and its settings are tried again.

Each worker changes a number that is kept with its trial, every few seconds, and looks at those of
all others: one that stays the same from look to look belongs to a worker that is gone. So the
clocks of several machines need not agree, every kind of storage will do, and nobody is taken for
gone because the storage did not answer or this machine has slept: nobody could look meanwhile.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from mnist_desktop.search.database import StudyStorageError
from mnist_desktop.search.storage import told
from mnist_desktop.search.study import AGAIN, ATTEMPT, BEAT, Search

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, Trial

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # settings that end every worker, for want of memory say, are given up


@dataclass(frozen=True)
class Lease:
    """How often a worker gives a sign of life, and after what silence its trial is taken from it.

    Attributes
    ----------
    beat_seconds : float
        From one sign of life, and one look at the others, to the next.
    silent_looks : int
        After so many looks at which nothing has changed. Together it is 40 s: a machine that is
        very busy delays a beat by seconds, and a worker that was killed while it wrote to a journal
        holds up all others for ten.
    """

    beat_seconds: float = 10.0
    silent_looks: int = 4


class Watch:
    """Gives signs of life for this worker's trial and watches those of others, on a thread.

    Parameters
    ----------
    search : Search
        The study.
    lease : Lease
        How often, and how long to wait.
    """

    def __init__(self, search: Search, lease: Lease) -> None:
        self._search = search
        self._lease = lease
        self._own: Trial | None = None
        self._seen: dict[int, tuple[int, int]] = {}  # beats, and looks at which they were the same
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="search-lease", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def hold(self, trial: Trial | None) -> None:
        """Give signs of life for this trial from now on; for none if it is None."""
        self._own = trial

    def _watch(self) -> None:
        count = 0
        while not self._ended.wait(self._lease.beat_seconds):
            count += 1
            # A storage that does not answer is reported by the worker; a beat can be left out.
            with suppress(StudyStorageError), told(self._search.url):
                self._beat(count)
                self._look()
        self._search.storage.remove_session()  # this thread's own

    def _beat(self, count: int) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        own = self._own
        if own is not None:
            with suppress(UpdateFinishedTrialError):  # it has just ended
                own.set_user_attr(BEAT, count)

    def _look(self) -> None:
        """Take their trials from workers that have been silent for too long."""
        from optuna.trial import TrialState

        own = self._own
        running = self._search.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        seen: dict[int, tuple[int, int]] = {}
        for one in running:
            if own is not None and one.number == own.number:
                continue
            beat = one.user_attrs.get(BEAT, 0)
            before, silent = self._seen.get(one.number, (None, 0))
            seen[one.number] = (beat, silent + 1 if beat == before else 0)
            if seen[one.number][1] >= self._lease.silent_looks:
                logger.warning("The worker of trial %d has ended", one.number)
                give_back(self._search, one, is_lost=True)
        self._seen = seen


def give_back(search: Search, trial: FrozenTrial, *, is_lost: bool) -> None:
    """End a trial that its worker does not finish, and have its settings tried again.

    Only one of those who try at the same time succeeds; nothing happens to a trial that has
    finished meanwhile.

    Parameters
    ----------
    search : Search
        The study.
    trial : optuna.trial.FrozenTrial
        The trial.
    is_lost : bool
        Whether its worker has ended without a word. Settings that end every worker are given up; a
        worker that was asked to stop says nothing about them.
    """
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    try:
        search.study.tell(trial.number, state=TrialState.FAIL)
    except (UpdateFinishedTrialError, ValueError):
        return
    attempt = trial.user_attrs.get(ATTEMPT, 1) + is_lost
    if attempt <= MAX_ATTEMPTS:
        notes = {AGAIN: trial.number, ATTEMPT: attempt}
        search.study.enqueue_trial(trial.params, user_attrs=notes)
