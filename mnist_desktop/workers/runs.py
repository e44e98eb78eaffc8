"""The list of runs: known to the main thread, read and changed on a worker thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.run import DamagedRun, Run
from mnist_desktop.runs.run_changes import (
    Change,
    ChangeOrder,
    Deletion,
    Difference,
    Edit,
    Outcome,
    Restoration,
    RunListing,
    Runs,
    by_id,
    list_runs,
    make_change,
)
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers.base import JobController

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ChangeEnd:
    """A change of runs has finished: the request and its outcome."""

    change: Change
    outcome: Outcome


class RunList(QObject):
    """Knows all kept runs, and has them read and changed one after the other.

    A change shows in the list at once; the files follow. What could not be changed is put back into
    the list, and reported. Other programs may change the runs as well: `read` finds out.

    Parameters
    ----------
    store : RunStore
        Where runs are kept.

    Attributes
    ----------
    store : RunStore
        The same.
    damaged : tuple of DamagedRun
        The folders that could not be read.
    is_read : bool
        Whether all runs have been read once.

    Signals
    -------
    changed()
        The list, or which folders are damaged, may have changed.
    read_failed(object)
        A `MnistDesktopError`: the runs could not be read; the list stays as it was.
    change_ended(object)
        A `ChangeEnd`: the files are changed, or could not be.
    """

    changed = Signal()
    read_failed = Signal(object)
    change_ended = Signal(object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._on_disk: Runs = {}
        self._runs: Runs = {}  # with the changes that are still to be made
        self._added: list[Run] = []  # since the reading that is under way began
        self._changes: deque[Change] = deque()  # the first may be under way
        self._under_way: Change | None = None
        self._wants_reading = False
        self._is_closed = False
        self.damaged: tuple[DamagedRun, ...] = ()
        self.is_read = False
        self._jobs = JobController(self)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self._on_jobs_failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, the newest first."""
        return tuple(self._runs.values())

    @property
    def is_busy(self) -> bool:
        """Whether runs are being read or changed."""
        return self._jobs.is_running

    def get(self, run_id: str) -> Run | None:
        """Find a run of the list."""
        return self._runs.get(run_id)

    def read(self) -> None:
        """Have all runs read that are not known yet, or were changed."""
        self._wants_reading = True
        self._start_next()

    def read_one(self, run_id: str) -> None:
        """Read one run at once, and no other: the one to start with.

        Raises
        ------
        RunNotFoundError, StorageError
            If it cannot be read.
        """
        self.add(self.store.get(run_id))

    def add(self, run: Run) -> None:
        """Take in a run that was kept just now; it is not read from the disk again."""
        self._added.append(run)
        self._on_disk = Difference(there=(run,)).applied(self._on_disk)
        self._foresee()

    def edit(
        self,
        run: Run,
        *,
        name: str | None = None,
        note: str | None = None,
        starred: bool | None = None,
    ) -> None:
        """Give a run another name, a note or a star; what is left out stays."""
        self._change(Edit(run, name, note, starred))

    def delete(self, runs: Sequence[Run]) -> None:
        """Put runs aside."""
        self._change(Deletion(tuple(runs)))

    def restore(self, runs: Sequence[Run]) -> None:
        """Take back a deletion."""
        self._change(Restoration(tuple(runs)))

    def close(self) -> None:
        """Make the changes that are still to be made, drop what is being read, end the thread."""
        self._is_closed = True
        self._jobs.close()
        if self._under_way is not None:  # it has finished, but is not reported yet
            self._changes.popleft()
            self._under_way = None
        while self._changes:
            error = self._changes.popleft().make(self.store).error
            if error is not None:
                logger.warning("%s", error)

    def _change(self, change: Change) -> None:
        self._changes.append(change)
        self._foresee()
        self._start_next()

    def _foresee(self) -> None:
        """Report the list as it will be once all changes are made."""
        runs = self._on_disk
        for change in self._changes:
            runs = change.foreseen(runs).applied(runs)
        self._runs = runs
        self.changed.emit()

    def _start_next(self) -> None:
        if self._jobs.is_running or self._is_closed:
            return
        if self._changes:
            self._under_way = self._changes[0]
            self._jobs.start(make_change, ChangeOrder(self.store, self._under_way))
        elif self._wants_reading:
            self._wants_reading = False
            self._added.clear()
            self._jobs.start(list_runs, self.store)

    @Slot(object)
    def _on_jobs_succeeded(self, result: RunListing | Outcome) -> None:
        if isinstance(result, Outcome):
            self._end_change(result)
            return
        added = Difference(there=tuple(self._added))
        self._on_disk = added.applied(by_id(result.runs))
        self.damaged = result.damaged
        self.is_read = True
        self._foresee()

    @Slot(object)
    def _on_jobs_failed(self, error: MnistDesktopError) -> None:
        if self._under_way is None:
            self.read_failed.emit(error)
        else:  # in a way that was not foreseen
            self._end_change(Outcome(error=error))

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._start_next()

    def _end_change(self, outcome: Outcome) -> None:
        change = self._changes.popleft()
        self._under_way = None
        self._on_disk = outcome.difference.applied(self._on_disk)
        if outcome.error is not None:
            self._wants_reading = True  # to see what is so
        self._foresee()
        self.change_ended.emit(ChangeEnd(change, outcome))
