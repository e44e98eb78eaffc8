"""What is kept of each training: one folder a run, written atomically.

A run's folder holds ``run.json`` (settings, digits, results, versions), ``history.json``,
``test-scores.npz``, ``batches.npz``, ``validation-scores.npz``, ``state.npz`` (to train on),
``model.keras`` and ``model.tflite``. It is filled under another name and renamed when everything is
on the disk and can be read back, so that a folder with a run's name is a complete run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.labels import rounded
from mnist_desktop.digits.stroke_file import Drawing, as_lines
from mnist_desktop.errors import (
    OTHER_HOME,
    JobCancelled,
    RunNotFoundError,
    StorageError,
    drive_is_gone,
    reason,
    way_on,
)
from mnist_desktop.files.arrays import write_arrays
from mnist_desktop.files.held import remove_tree, rename
from mnist_desktop.files.locks import locked
from mnist_desktop.files.writing import replace_file, sync_file, sync_folder, write_text
from mnist_desktop.foreign.trusted_networks import trust
from mnist_desktop.printable import printable
from mnist_desktop.progress import ShouldStop
from mnist_desktop.runs.record import (
    RunRecord,
    clean_name,
    distinct_name,
    make_record,
    record_as_json,
)
from mnist_desktop.runs.run import (
    BATCHES_FILE,
    HISTORY_FILE,
    RECORD_FILE,
    SCORES_FILE,
    STATE_FILE,
    TAUGHT_FILE,
    VALIDATION_FILE,
    DamagedRun,
    Run,
    read_record,
    why,
)
from mnist_desktop.runs.unfinished import DAMAGE, make_runs_folder
from mnist_desktop.training.conversion import LITERT_FILE, write_model
from mnist_desktop.training.network_names import name_of
from mnist_desktop.training.trainer import TrainingResult

logger = logging.getLogger(__name__)

LEFTOVER_SECONDS = 24 * 3600
LOCK_FILE = ".lock"
LOCK_SECONDS = 5.0
# The clocks of file systems tick in up to 2 s (FAT's do): a file that was changed within them may
# be changed once more without a sign of it.
SETTLED_NS = 2_000_000_000


class RunStore:
    """All kept runs, in one folder; any thread may use it.

    What was read of a run is kept and taken again as long as its files are the same, so that to
    list many runs once more costs little.

    Parameters
    ----------
    root : Path
        The folder; it is made when the first run is kept.

    Attributes
    ----------
    damaged : tuple of DamagedRun
        The folders that `runs` found last and that hold no complete run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: tuple[DamagedRun, ...] = ()
        self._was_there = False
        self._listed_at = 0
        self._known: dict[str, tuple[_Stamp, Run]] = {}

    def runs(self, should_stop: ShouldStop = lambda: False) -> list[Run]:
        """All complete runs, the newest first; a damaged one is passed over and logged.

        Parameters
        ----------
        should_stop : callable, optional
            Asked before each run.

        Raises
        ------
        StorageError
            If their folder cannot be read, or was there before and is not any more.
        JobCancelled
            If it was stopped.
        """
        self._listed_at = self._changed_at()
        with self._read_told():
            found, damaged = [], []
            for folder in self._folders():
                if should_stop():
                    raise JobCancelled
                try:
                    found.append(self._read(folder))
                except DAMAGE as error:
                    if isinstance(error, OSError) and drive_is_gone(error):
                        raise
                    if folder.exists():  # else another program has deleted it just now
                        name = printable(str(folder))
                        logger.warning("Passed over the damaged run %s: %s", name, why(error))
                        damaged.append(DamagedRun(folder.name, why(error)))
        self.damaged = tuple(sorted(damaged, key=lambda one: one.name))
        there = {run.folder.name for run in found}
        self._known = {name: known for name, known in self._known.copy().items() if name in there}
        return newest_first(found)

    def _folders(self) -> list[Path]:
        """The folders that may be runs.

        Raises
        ------
        OSError
            If their folder cannot be read, or was there before and is not any more.
        """
        try:
            with os.scandir(self.root) as entries:
                names = [one.name for one in entries if one.name[0] != "." and one.is_dir()]
        except FileNotFoundError:
            if self._was_there:
                raise
            return []
        self._was_there = True
        return [self.root / name for name in names]

    def _names(self) -> set[str]:
        """The names of all complete runs."""
        found = set()
        for folder in self._folders():
            with contextlib.suppress(*DAMAGE):
                found.add(self._read(folder).record.name)
        return found

    def _read_told(self) -> contextlib.AbstractContextManager[None]:
        return _told(f"Your runs in {self.root} cannot be read")

    def _read(self, folder: Path) -> Run:
        """Read a run; once more if another program has put it aside and back meanwhile."""
        try:
            return self._read_or_known(folder)
        except DAMAGE:
            if not folder.is_dir():
                raise
            return self._read_or_known(folder)

    def _read_or_known(self, folder: Path) -> Run:
        """Read a run, unless its files are those that were read before."""
        stamp = _stamp(folder)
        known = self._known.get(folder.name)
        if known is not None and known[0] == stamp:
            return known[1]
        is_settled = max(max(one[2:]) for one in stamp) < time.time_ns() - SETTLED_NS
        run = Run(read_record(folder), folder, _size(folder))
        if is_settled:
            self._known[folder.name] = (stamp, run)
        return run

    def has_changed(self) -> bool:
        """Whether runs may have come or gone since `runs` was called last."""
        return self._changed_at() not in (0, self._listed_at)

    def _changed_at(self) -> int:
        try:
            return self.root.stat().st_mtime_ns
        except OSError:
            return 0

    def get(self, run_id: str) -> Run:
        """Open one run; no other is read.

        Raises
        ------
        RunNotFoundError
            If there is no complete run with this id.
        StorageError
            If the folder of the runs was there before and is not any more.
        """
        with self._read_told():
            if run_id and Path(run_id).name == run_id and not run_id.startswith("."):
                try:
                    return self._read(self.root / run_id)
                except DAMAGE as error:
                    if isinstance(error, OSError) and drive_is_gone(error):
                        raise
            if self._was_there:
                self.root.stat()
        raise RunNotFoundError(
            f"There is no run {run_id!r}; the page Runs and the command 'mnist-desktop runs' list "
            "those there are."
        )

    def keep(
        self,
        result: TrainingResult,
        dataset: Dataset,
        name: str = "",
        taught: Sequence[Drawing] = (),
        *,
        base_saw_test: bool = False,
    ) -> Run:
        """Write a training's result as a new run.

        Parameters
        ----------
        result : TrainingResult
            What came of the training.
        dataset : Dataset
            The digits it was done with.
        name : str, optional
            What to call the run, by its architecture otherwise. Where another run has the name
            already, this one gets a number: two runs of one name could not be distinguished.
        taught : sequence of Drawing, optional
            Drawings of the user's that it was taught.
        base_saw_test : bool, optional
            As `RunRecord` has it.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        try:
            make_runs_folder(self.root)
            self._remove_leftovers()
            folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self.root))
            try:
                wanted = clean_name(name) or clean_name(name_of(result.config))
                name = distinct_name(wanted, self._names())
                record = make_record(result, dataset, name, base_saw_test=base_saw_test)
                _fill(folder, record, result, dataset, taught)
                size = _size(folder)
                place = self._move_in(folder, f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{record.id}")
                self._was_there = True
                trust(place / LITERT_FILE, self.root)
                with contextlib.suppress(OSError):  # it is in place
                    sync_folder(self.root)
            finally:
                remove_tree(folder)
        except OSError as error:
            raise StorageError(
                f"The run could not be kept in {self.root} ({reason(error)}); "
                f"{way_on(error, OTHER_HOME)}."
            ) from error
        return Run(replace(record, id=place.name), place, size)

    def delete(self, run_id: str) -> None:
        """Put a run aside; for a day it can be restored, then its files go for good.

        Raises
        ------
        RunNotFoundError
            If there is no run with this id.
        """
        with self._locked():
            run = self.get(run_id)
            with _told(f"“{run.record.name}” could not be deleted"):
                os.utime(run.folder)  # the day begins now
                rename(run.folder, self._deleted(run_id))

    def restore(self, run_id: str) -> Run:
        """Take back a deletion.

        Raises
        ------
        RunNotFoundError
            If its files are gone for good.
        """
        with self._locked():
            if not self._deleted(run_id).is_dir():
                raise RunNotFoundError(
                    "The run cannot be restored: another program has done so, or it was deleted "
                    "more than a day ago and is gone."
                )
            with _told("The run could not be restored"):
                rename(self._deleted(run_id), self.root / run_id)
            return self.get(run_id)

    def _deleted(self, run_id: str) -> Path:
        return self.root / f".deleted-{run_id}"

    def change(
        self,
        run_id: str,
        *,
        name: str | None = None,
        note: str | None = None,
        starred: bool | None = None,
    ) -> Run:
        """Give a run another name, a note or a star; what is left out stays.

        Raises
        ------
        RunNotFoundError
            If there is no run with this id.
        StorageError
            If it cannot be written.
        """
        with self._locked():
            run = self.get(run_id)
            record = run.record.changed(name, note, starred)
            text = json.dumps(record_as_json(record), indent=1)
            place = run.folder / RECORD_FILE
            with _told(f"“{run.record.name}” could not be changed"):
                replace_file(place, lambda path: write_text(path, text), _read_json)
                return Run(record, run.folder, _size(run.folder))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other programs from changing what is changed here.

        Raises
        ------
        StorageError
            If another program does not finish with it in time.
        """
        with _told("The runs could not be changed"):
            self.root.stat()  # it would be made anew for the lock
        refusal = "Another program is changing the runs; try again in a moment."
        with locked(self.root / LOCK_FILE, LOCK_SECONDS, refusal):
            yield

    def _move_in(self, folder: Path, run_id: str) -> Path:
        """Give a finished folder its name; another one if a run has taken it just now."""
        count = 1
        while True:
            place = self.root / (run_id if count == 1 else f"{run_id}-{count}")
            if self._deleted(place.name).exists():  # it may want its name back
                count += 1
                continue
            try:
                rename(folder, place)
            except OSError:
                if not place.exists():
                    raise
                count += 1
            else:
                return place

    def _remove_leftovers(self) -> None:
        """Remove what a program that was killed had not finished writing or deleting."""
        with os.scandir(self.root) as entries:
            names = [one.name for one in entries if one.name.startswith((".new-", ".deleted-"))]
        for folder in (self.root / name for name in names):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > LEFTOVER_SECONDS:
                    remove_tree(folder)


_Stamp = tuple[tuple[int, int, int, int], ...]


def _stamp(folder: Path) -> _Stamp:
    """What shows whether a run's record was changed: its files, their sizes and times.

    Raises
    ------
    OSError
        If one of the files is missing.
    """
    found = (path.stat() for path in (folder, folder / RECORD_FILE, folder / HISTORY_FILE))
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in found)


def _size(folder: Path) -> int:
    """Bytes that a run's files take."""
    with os.scandir(folder) as entries:
        return sum(one.stat().st_size for one in entries if one.is_file())


def newest_first(runs: Iterable[Run]) -> list[Run]:
    """Put runs into the order in which they are listed."""
    return sorted(runs, key=lambda run: (run.record.created, run.record.id), reverse=True)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn an error of the file system into a sentence."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{what} ({reason(error)}); {way_on(error, OTHER_HOME)}.") from error


def _fill(
    folder: Path,
    record: RunRecord,
    result: TrainingResult,
    dataset: Dataset,
    taught: Sequence[Drawing],
) -> None:
    """Write all files of a run, bring them to the disk, and make sure that they can be read."""
    write_model(result.model, result.plan, folder)
    _write_results(folder, record, result, dataset)
    if taught:
        text = "".join(as_lines(taught))
        write_text(folder / TAUGHT_FILE, text)
    _sync(folder)
    read_record(folder)  # nothing is reported as kept that cannot be read


def _write_results(
    folder: Path, record: RunRecord, result: TrainingResult, dataset: Dataset
) -> None:
    np.savez_compressed(
        folder / SCORES_FILE,
        scores=rounded(result.test_scores, np.float32),
        labels=dataset.test.labels,
    )
    batches, validation = result.batches, result.validation
    if len(batches.places):
        np.savez_compressed(
            folder / BATCHES_FILE,
            places=batches.places,
            loss=batches.loss,
            accuracy=batches.accuracy,
        )
    if len(validation.epochs):
        np.savez_compressed(
            folder / VALIDATION_FILE, epochs=validation.epochs, scores=validation.scores
        )
    if result.state is not None:
        write_arrays(folder / STATE_FILE, result.state.as_arrays())
    history = [asdict(epoch) for epoch in record.history]
    write_text(folder / HISTORY_FILE, json.dumps(history, indent=1))
    write_text(folder / RECORD_FILE, json.dumps(record_as_json(record), indent=1))


def _sync(folder: Path) -> None:
    """Bring every file of a folder, and the folder, to the disk."""
    for path in folder.iterdir():
        sync_file(path)
    sync_folder(folder)


def _read_json(path: Path) -> None:
    json.loads(path.read_text(encoding="utf-8"))
