"""Changes of kept runs, and the list of runs that they lead to before any file is changed.

What a change comes to is known beforehand, so that a list can show it at once, while the files are
changed on another thread; where that fails, the list is put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mnist_desktop.errors import MnistDesktopError, RunNotFoundError, StorageError
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.runs.run import DamagedRun, Run
from mnist_desktop.runs.run_columns import words
from mnist_desktop.runs.store import RunStore, newest_first

Runs = Mapping[str, Run]  # by their ids, the newest first


def by_id(runs: Iterable[Run]) -> Runs:
    """Put runs under their ids, in their order."""
    return {run.record.id: run for run in runs}


@dataclass(frozen=True, eq=False)
class RunListing:
    """The runs there are.

    Attributes
    ----------
    runs : tuple of Run
        The complete ones, the newest first.
    damaged : tuple of DamagedRun
        The folders that cannot be read.
    """

    runs: tuple[Run, ...]
    damaged: tuple[DamagedRun, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """What is other in a list of runs.

    Attributes
    ----------
    there : tuple of Run
        Runs that are there now, or are others than they were.
    gone : tuple of str
        Ids of runs that are not there any more.
    """

    there: tuple[Run, ...] = ()
    gone: tuple[str, ...] = ()

    def applied(self, runs: Runs) -> Runs:
        """The list as it is with it."""
        after = {**runs, **by_id(self.there)}
        for run_id in self.gone:
            after.pop(run_id, None)
        is_in_order = all(run.record.id in runs for run in self.there)
        return after if is_in_order else by_id(newest_first(after.values()))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a change.

    Attributes
    ----------
    difference : Difference
        What was done.
    left : tuple of Run
        What was not, and can be tried again.
    error : MnistDesktopError or None
        Why not; the first reason.
    """

    difference: Difference = Difference()
    left: tuple[Run, ...] = ()
    error: MnistDesktopError | None = None


@dataclass(frozen=True, eq=False)
class Edit:
    """A run is to get another name, note or star; what is None stays."""

    run: Run
    name: str | None = None
    note: str | None = None
    starred: bool | None = None

    def foreseen(self, runs: Runs) -> Difference:
        """What it comes to."""
        run = runs.get(self.run.record.id)
        if run is None:
            return Difference()
        record = run.record.changed(self.name, self.note, self.starred)
        return Difference(there=(replace(run, record=record),))

    def make(self, store: RunStore) -> Outcome:
        """Change the file."""
        try:
            run = store.change(
                self.run.record.id, name=self.name, note=self.note, starred=self.starred
            )
        except MnistDesktopError as error:
            return Outcome(left=(self.run,), error=error)
        return Outcome(Difference(there=(run,)))


@dataclass(frozen=True, eq=False)
class Deletion:
    """Runs are to be put aside; for a day they can be restored."""

    runs: tuple[Run, ...]

    def foreseen(self, runs: Runs) -> Difference:  # noqa: ARG002 - as the others
        """What it comes to."""
        return Difference(gone=tuple(run.record.id for run in self.runs))

    def make(self, store: RunStore) -> Outcome:
        """Put one after the other aside; what comes after one that cannot be stays."""
        gone: list[str] = []
        first: MnistDesktopError | None = None
        for run in self.runs:
            try:
                store.delete(run.record.id)
            except RunNotFoundError as error:  # as was asked for, by another program
                first = first or error
            except MnistDesktopError as error:
                left = self.runs[len(gone) :]
                return Outcome(Difference(gone=tuple(gone)), left, first or error)
            gone.append(run.record.id)
        return Outcome(Difference(gone=tuple(gone)), error=first)


@dataclass(frozen=True, eq=False)
class Restoration:
    """A deletion is to be taken back."""

    runs: tuple[Run, ...]

    def foreseen(self, runs: Runs) -> Difference:  # noqa: ARG002 - as the others
        """What it comes to."""
        return Difference(there=self.runs)

    def make(self, store: RunStore) -> Outcome:
        """Take back what can be; what is gone for good keeps no other from it."""
        there: list[Run] = []
        left: list[Run] = []
        first: MnistDesktopError | None = None
        for run in self.runs:
            try:
                there.append(store.restore(run.record.id))
            except MnistDesktopError as error:
                first = first or error
                if isinstance(error, StorageError):
                    left.append(run)
        return Outcome(Difference(there=tuple(there)), tuple(left), first)


Change = Edit | Deletion | Restoration


@dataclass(frozen=True, eq=False)
class ChangeOrder:
    """A change is to be made in a store."""

    store: RunStore
    change: Change


def make_change(
    order: ChangeOrder,
    *,
    on_progress: OnProgress,  # noqa: ARG001
    should_stop: ShouldStop,  # noqa: ARG001
) -> Outcome:
    """Change the files; it is over in no time, and is not stopped half way."""
    return order.change.make(order.store)


def list_runs(
    store: RunStore,
    *,
    on_progress: OnProgress,  # noqa: ARG001
    should_stop: ShouldStop,
) -> RunListing:
    """List the runs there are, with the words by which they are found.

    Raises
    ------
    JobCancelled
        If it was stopped.
    StorageError
        If their folder cannot be read.
    """
    runs = tuple(store.runs(should_stop))
    for run in runs:
        words(run)
    return RunListing(runs, store.damaged)
