"""What is kept of each training: one folder a run, written whole or not at all.

A run's folder holds ``run.json`` (settings, digits, results, versions), ``history.json``,
``test-scores.npz``, ``batches.npz``, ``validation-scores.npz``, ``state.npz`` (to train on),
``model.keras`` and ``model.tflite``. It is filled under another name and renamed when everything is
on the disk and can be read back, so that a folder with a run's name is a whole run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import __version__
from mnist_desktop.digits.dataset import CLASSES, DATASET_NAMES, MAX_DIGITS, Dataset, Labels
from mnist_desktop.digits.labels import rounded
from mnist_desktop.digits.stroke_file import Drawing, as_lines, read_drawings
from mnist_desktop.errors import (
    OTHER_HOME,
    InvalidInputError,
    JobCancelled,
    MnistDesktopError,
    RunNotFoundError,
    StorageError,
    drive_is_gone,
    reason,
    way_on,
)
from mnist_desktop.files import ZipEndError, read_small, sync_file, sync_folder
from mnist_desktop.inference.calibration import COLDEST, HOTTEST
from mnist_desktop.printable import printable
from mnist_desktop.runs.array_file import read_arrays, write_arrays
from mnist_desktop.runs.kept_arrays import (
    check_batches,
    check_epoch_scores,
    check_epochs,
    check_test_scores,
    check_validation_scores,
)
from mnist_desktop.runs.known_networks import check_network, trust
from mnist_desktop.runs.locks import locked
from mnist_desktop.runs.unfinished import DAMAGE, make_runs_folder
from mnist_desktop.runs.whole_file import replace_file
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.config import (
    MAX_EPOCHS,
    MAX_LOSS,
    MAX_SECONDS,
    ROUNDING,
    EpochMetrics,
    ShouldStop,
    TrainingConfig,
    check_amounts,
)
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE, write_model
from mnist_desktop.training.course import TrainingState
from mnist_desktop.training.learning_history import BatchMetrics
from mnist_desktop.training.trainer import TrainingResult

logger = logging.getLogger(__name__)

FORMAT = 1
RECORD_FILE = "run.json"
HISTORY_FILE = "history.json"
SCORES_FILE = "test-scores.npz"
BATCHES_FILE = "batches.npz"
VALIDATION_FILE = "validation-scores.npz"
STATE_FILE = "state.npz"
TAUGHT_FILE = "taught.jsonl"
MAX_NAME_LENGTH = 80
MAX_NOTE_LENGTH = 2000
MAX_SOURCE_LENGTH = 5000  # a path has at most 4096 bytes
SOURCE_READ = 500  # characters that are read of it; escaped they are at most ten times as many
MAX_VERSIONS = 50
MAX_VERSION_LENGTH = 100
MAX_PARAMETERS = 10**12
MAX_REASON = 200  # characters
MAX_RECORD_BYTES = 5_000_000
LEFTOVER_SECONDS = 24 * 3600
LOCK_FILE = ".lock"
LOCK_SECONDS = 5.0
# The clocks of file systems tick in up to 2 s (FAT's do): a file that was changed within them may
# be changed once more without a sign of it.
SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class DatasetInfo:
    """Which digits a run was trained and tested on.

    Attributes
    ----------
    name : {"mnist", "sample", "custom"}
        Which digits they were.
    source : str
        Where they came from, in words.
    train, validation, test : int
        How many were learnt from, held out, and tested on.
    """

    name: str
    source: str
    train: int
    validation: int
    test: int

    def __post_init__(self) -> None:
        """Check what may come from a file that somebody else has written."""
        if self.name not in DATASET_NAMES:
            raise ValueError(f"its digits have the unknown name {self.name!r:.40}")
        if not (isinstance(self.source, str) and len(self.source) <= MAX_SOURCE_LENGTH):
            raise ValueError("where its digits came from is told in no words, or in too many")
        counts = (self.train, self.validation, self.test)
        if not all(type(count) is int and 0 <= count <= MAX_DIGITS for count in counts):
            raise ValueError(f"its digits cannot be counted: {counts!r:.80}")
        if not (self.train and self.test):
            raise ValueError("it has learnt from no digits, or was tested on none")


@dataclass(frozen=True)
class RunRecord:
    """What a run was and what came of it.

    Attributes
    ----------
    id : str
        Name of its folder, from the time and the architecture.
    name : str
        What the user calls it.
    created : str
        When it was kept, ISO 8601 in UTC.
    config : TrainingConfig
        Settings it was trained with.
    dataset : DatasetInfo
        Digits it was trained and tested on.
    parameters : int
        Weights of its network.
    history : tuple of EpochMetrics
        Its epochs.
    stopped : bool
        Whether it was ended before its last epoch was done.
    train_accuracy, train_loss : float
        On 10,000 of the digits it learnt from, after training.
    test_accuracy, test_loss : float
        On the test digits.
    confusion : ndarray of int64, shape (10, 10)
        On the test digits; row: true digit, column: predicted digit.
    fit_seconds, total_seconds : float
        Time in the fit, and with building and evaluating.
    versions : mapping of str to str
        Of Python and the libraries.
    temperature : float
        What its scores of drawings are calibrated with.
    note : str
        What the user has written about it.
    starred : bool
        Whether the user has given it a star.
    """

    id: str
    name: str
    created: str
    config: TrainingConfig
    dataset: DatasetInfo
    parameters: int
    history: tuple[EpochMetrics, ...]
    stopped: bool
    train_accuracy: float
    train_loss: float
    test_accuracy: float
    test_loss: float
    confusion: NDArray[np.int64]
    fit_seconds: float
    total_seconds: float
    versions: Mapping[str, str]
    temperature: float = 1.0  # runs of version 0.1.0 were not calibrated
    note: str = ""
    starred: bool = False

    def __post_init__(self) -> None:
        """Check what may come from a file that somebody else has written."""
        check_amounts("Its accuracies", self.train_accuracy, self.test_accuracy, most=1 + ROUNDING)
        check_amounts("Its losses", self.train_loss, self.test_loss, most=MAX_LOSS)
        check_amounts("Its seconds", self.fit_seconds, self.total_seconds, most=MAX_SECONDS)
        check_amounts("Its temperatures", self.temperature, most=HOTTEST + ROUNDING)
        if self.temperature < COLDEST - ROUNDING:
            raise ValueError(f"its temperature is below {COLDEST}")
        if type(self.parameters) is not int or not 0 <= self.parameters < MAX_PARAMETERS:
            raise ValueError(f"its parameters cannot be counted: {self.parameters!r:.40}")
        if not (isinstance(self.stopped, bool) and isinstance(self.starred, bool)):
            raise ValueError("whether it was stopped or has a star is not known")
        self._check_texts()
        self._check_epochs()
        self._check_confusion()

    def _check_texts(self) -> None:
        versions = (*self.versions.keys(), *self.versions.values())
        try:
            "".join((self.name, self.note, *versions))
        except TypeError:
            raise ValueError("its name, note or versions are no text") from None
        is_short = len(self.name) <= MAX_NAME_LENGTH and len(self.note) <= MAX_NOTE_LENGTH
        longest = max(map(len, versions), default=0)
        if not is_short or len(self.versions) > MAX_VERSIONS or longest > MAX_VERSION_LENGTH:
            raise ValueError("its name, note or versions are longer than they can be")
        if not "".join(versions).isprintable():
            raise ValueError("its versions are no text that can be shown")
        datetime.fromisoformat(self.created).astimezone()  # which the year 1 has not everywhere

    def _check_epochs(self) -> None:
        """Not against the config: a lesson has the config of the network that it taught."""
        numbers = [epoch.epoch for epoch in self.history]
        if len(numbers) > MAX_EPOCHS or numbers != list(range(1, len(numbers) + 1)):
            raise ValueError("its epochs are not numbered from 1 on")

    def _check_confusion(self) -> None:
        matrix, count = self.confusion, self.dataset.test
        if matrix.shape != (CLASSES, CLASSES) or matrix.min() < 0 or matrix.max() > MAX_DIGITS:
            raise ValueError("its confusion matrix holds what cannot be counted")
        if matrix.sum() != count:
            raise ValueError(
                f"its confusion matrix counts {matrix.sum():,} digits, but it was tested on "
                f"{count:,}"
            )
        if abs(np.trace(matrix) / count - self.test_accuracy) > ROUNDING:
            raise ValueError(
                f"its confusion matrix and its test accuracy of {self.test_accuracy:.4f} are not "
                "of the same test"
            )

    @property
    def validation_share(self) -> float:
        """Share of the training digits that were held out; a lesson holds none out."""
        return self.config.validation_share if self.dataset.validation else 0.0

    def changed(
        self, name: str | None = None, note: str | None = None, starred: bool | None = None
    ) -> RunRecord:
        """Return a copy with another name, note or star; what is None or no name stays."""
        return replace(
            self,
            name=_clean_name(name or "") or self.name,
            note=self.note if note is None else _clean_note(note),
            starred=self.starred if starred is None else starred,
        )


@dataclass(frozen=True, eq=False)
class Run:
    """A kept run and the folder it is in.

    Attributes
    ----------
    record : RunRecord
        What it was and what came of it.
    folder : Path
        Where its files are.
    size : int
        Bytes that they took on the disk when it was read.
    """

    record: RunRecord
    folder: Path
    size: int = 0

    @property
    def litert_file(self) -> Path:
        """The network that the drawing pad uses.

        Raises
        ------
        ModelFileError
            If it comes from somebody else and would do harm when it is opened.
        """
        path = self.folder / LITERT_FILE
        check_network(path, self.folder.parent)
        return path

    def taught(self) -> list[Drawing]:
        """Drawings of the user's that it was taught; none for most runs."""
        path = self.folder / TAUGHT_FILE
        return (
            [one for one in read_drawings(path) if one.label is not None] if path.exists() else []
        )

    def test_scores(self) -> tuple[NDArray[np.float32], Labels]:
        """Read the scores (n, 10) and the true labels (n,) of the test digits.

        Raises
        ------
        StorageError
            If the file is missing or damaged.
        """
        scores, labels = self._arrays(
            SCORES_FILE,
            ("scores", "labels"),
            lambda scores, labels: check_test_scores(scores, labels, self.record.confusion),
        )
        return scores, labels

    def batch_metrics(self) -> BatchMetrics:
        """Read loss and accuracy batch by batch; runs of version 0.1.0 have none.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        if not (self.folder / BATCHES_FILE).exists():
            return BatchMetrics()
        names = ("places", "loss", "accuracy")
        return BatchMetrics(*self._arrays(BATCHES_FILE, names, check_batches))

    def state(self) -> TrainingState | None:
        """Read what is needed to train on; runs of version 0.1.0 and lessons have none.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        path = self.folder / STATE_FILE
        if not path.exists():
            return None
        try:
            return TrainingState.from_arrays(read_arrays(path))
        except DAMAGE as error:
            raise StorageError(
                f"“{self.record.name}” cannot be trained on: {path} is damaged ({why(error)})."
            ) from error

    def validation_epochs(self) -> tuple[int, ...]:
        """Read after which epochs the readings of the validation digits were kept, if any.

        Raises
        ------
        StorageError
            If the file is damaged.
        """
        if not (self.folder / VALIDATION_FILE).exists():
            return ()
        (epochs,) = self._arrays(VALIDATION_FILE, ("epochs",), self._check_kept_epochs)
        return tuple(epochs.tolist())

    def _check_kept_epochs(self, epochs: NDArray[Any]) -> None:
        check_epochs(epochs, len(self.record.history))

    def validation_scores(self, epoch: int) -> NDArray[np.float32]:
        """Read the scores (n, 10) of the validation digits after an epoch.

        Raises
        ------
        InvalidInputError
            If they were not kept.
        StorageError
            If the file is damaged.
        """
        kept = self.validation_epochs()
        if epoch not in kept:
            raise InvalidInputError(f"The readings after epoch {epoch} were not kept.")
        place = kept.index(epoch)

        def check(epochs: NDArray[Any], scores: NDArray[Any]) -> None:
            self._check_kept_epochs(epochs)
            check_validation_scores(epochs, scores, self.record.dataset.validation)
            check_epoch_scores(scores[place])

        _, scores = self._arrays(VALIDATION_FILE, ("epochs", "scores"), check)
        found: NDArray[np.float32] = scores[place].astype(np.float32)
        return found

    def _arrays(
        self, name: str, keys: tuple[str, ...], check: Callable[..., None]
    ) -> tuple[NDArray[Any], ...]:
        path = self.folder / name
        try:
            arrays = read_arrays(path, *keys)
            found = tuple(arrays[key] for key in keys)
            if any(array.dtype.kind not in "iuf" for array in found):
                raise ValueError("it holds no numbers")
            check(*found)
            return found
        except DAMAGE as error:
            raise StorageError(
                f"The results of “{self.record.name}” cannot be read: {path} is damaged "
                f"({why(error)})."
            ) from error


@dataclass(frozen=True)
class DamagedRun:
    """A folder among the runs that holds none.

    Attributes
    ----------
    name : str
        The folder's.
    reason : str
        What is not right with it, to stand in parentheses; one line.
    """

    name: str
    reason: str


def why(error: BaseException) -> str:
    """Say in words what is not right with a file of a run, to stand in parentheses."""
    if isinstance(error, OSError):
        file = f"{Path(os.fsdecode(error.filename)).name}: " if error.filename else ""
        words = f"{file}{reason(error)}"
    elif isinstance(error, ZipEndError):
        words = f"it {error}"
    elif isinstance(error, KeyError):
        words = f"it holds no {error.args[0] if error.args else 'such value'}"
    elif isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        words = "it is no JSON text"
    elif isinstance(error, ValueError | MnistDesktopError | zipfile.BadZipFile):
        words = str(error)
    else:
        words = "it does not hold what it should"
    return printable(words.rstrip("."), MAX_REASON)


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
        The folders that `runs` found last and that hold no whole run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: tuple[DamagedRun, ...] = ()
        self._was_there = False
        self._listed_at = 0
        self._known: dict[str, tuple[_Stamp, Run]] = {}

    def runs(self, should_stop: ShouldStop = lambda: False) -> list[Run]:
        """All whole runs, the newest first; a damaged one is passed over and logged.

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
        run = Run(_read_record(folder), folder, _size(folder))
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
            If there is no whole run with this id.
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
    ) -> Run:
        """Write a training's result as a new run.

        Parameters
        ----------
        result : TrainingResult
            What came of the training.
        dataset : Dataset
            The digits it was done with.
        name : str, optional
            What to call the run; its architecture otherwise.
        taught : sequence of Drawing, optional
            Drawings of the user's that it was taught.

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
                record = _make_record(result, dataset, name)
                write_model(result.model, folder)
                _write_results(folder, record, result, dataset)
                if taught:
                    text = "".join(as_lines(taught))
                    (folder / TAUGHT_FILE).write_text(text, encoding="utf-8")
                _sync(folder)
                _read_record(folder)  # nothing is told to be kept that cannot be read
                size = _size(folder)
                place = self._move_in(folder, f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{record.id}")
                self._was_there = True
                trust(place / LITERT_FILE, self.root)
                with contextlib.suppress(OSError):  # it is in place
                    sync_folder(self.root)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
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
                run.folder.rename(self._deleted(run_id))

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
                self._deleted(run_id).rename(self.root / run_id)
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
                replace_file(place, lambda path: _write_text(path, text), _read_json)
                return Run(record, run.folder, _size(run.folder))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other programs from changing what is changed here.

        Raises
        ------
        StorageError
            If another program does not come to its end with that.
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
                folder.rename(place)
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
                    shutil.rmtree(folder, ignore_errors=True)


_Stamp = tuple[tuple[int, int, int, int], ...]


def _stamp(folder: Path) -> _Stamp:
    """What tells whether a run's record was changed: which files it is in, their sizes and times.

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


def _make_record(result: TrainingResult, dataset: Dataset, name: str) -> RunRecord:
    return RunRecord(
        id=result.config.architecture,  # the time comes before it once the folder has its name
        name=_clean_name(name) or architecture(result.config.architecture).name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        config=result.config,
        dataset=DatasetInfo(
            name=dataset.name,
            source=dataset.source,
            train=result.train_count,
            validation=result.validation_count,
            test=len(dataset.test),
        ),
        parameters=result.parameters,
        history=result.history,
        stopped=result.stopped,
        train_accuracy=result.train.accuracy,
        train_loss=result.train.loss,
        test_accuracy=result.test.accuracy,
        test_loss=result.test.loss,
        confusion=result.test.confusion,
        fit_seconds=result.fit_seconds,
        total_seconds=result.total_seconds,
        versions=_versions(),
        temperature=result.temperature,
        note=result.note,
    )


def _clean_name(name: str) -> str:
    beginning = name[: 10 * MAX_NAME_LENGTH]  # a file of somebody else's may hold megabytes
    return "".join(filter(str.isprintable, beginning)).strip()[:MAX_NAME_LENGTH]


def _clean_note(note: str) -> str:
    beginning = note[: 10 * MAX_NOTE_LENGTH]
    letters = (letter for letter in beginning if letter.isprintable() or letter in "\n\t")
    return "".join(letters).strip()[:MAX_NOTE_LENGTH]


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version  # not before the first paint

    found = {"mnist-desktop": __version__, "python": platform.python_version()}
    for package in ("keras", "tensorflow-cpu", "tensorflow", "numpy", "ai-edge-litert"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


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
    (folder / HISTORY_FILE).write_text(json.dumps(history, indent=1), encoding="utf-8")
    (folder / RECORD_FILE).write_text(
        json.dumps(record_as_json(record), indent=1), encoding="utf-8"
    )


def record_as_json(record: RunRecord) -> dict[str, Any]:
    """Return all of a record but its epochs as JSON can hold it."""
    values = {
        name: getattr(record, name)
        for name in RunRecord.__dataclass_fields__
        if name not in ("id", "config", "dataset", "history", "confusion", "versions")
    }
    return {
        "format": FORMAT,
        **values,
        "config": record.config.as_json(),
        "dataset": asdict(record.dataset),
        "confusion": record.confusion.tolist(),
        "versions": dict(record.versions),
    }


def _read_record(folder: Path) -> RunRecord:
    try:
        folder.name.encode()
    except UnicodeEncodeError:  # nor can Qt hold such an id
        raise ValueError("its folder's name is no text; give it another") from None
    values = _read_whole(folder / RECORD_FILE, dict)
    history = _read_whole(folder / HISTORY_FILE, list)
    record = record_from_json({**values, "id": folder.name}, history)
    with os.scandir(folder) as entries:  # half the time of a look at each
        files = {entry.name for entry in entries if entry.is_file()}
    for name in (SCORES_FILE, KERAS_FILE, LITERT_FILE):
        if name not in files:
            raise ValueError(f"it holds no {name}")
    return record


def _read_whole(path: Path, kind: type) -> Any:
    """Read JSON that is an object or a list."""
    found = json.loads(read_small(path, MAX_RECORD_BYTES))
    if not isinstance(found, kind):
        raise ValueError(f"{path.name} holds no run")
    return found


def record_from_json(values: dict[str, Any], history: list[dict[str, Any]]) -> RunRecord:
    """Rebuild a record from `record_as_json` and its epochs.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, MnistDesktopError
        If something is missing or is not what it should be.
    """
    if values.pop("format") != FORMAT:
        raise ValueError("it was written by another version of the program")
    confusion = np.array(values.pop("confusion"))
    if confusion.shape != (CLASSES, CLASSES) or confusion.dtype != np.int64:
        raise ValueError("its confusion matrix is none of ten by ten whole numbers")
    name, note, digits = values["name"], values.get("note", ""), values["dataset"]
    if not all(isinstance(text, str) for text in (name, note, digits["source"])):
        raise ValueError("its name, note or source are no text")
    return RunRecord(
        **{
            **values,
            "name": _clean_name(name) or _clean_name(printable(values["id"])),
            "note": _clean_note(note),
            "config": TrainingConfig.from_json(values["config"]),
            # The path of a file, which may hold anything.
            "dataset": DatasetInfo(
                **{**digits, "source": printable(digits["source"], SOURCE_READ)}
            ),
            "history": tuple(EpochMetrics(**epoch) for epoch in history),
            "confusion": confusion,
        }
    )


def _sync(folder: Path) -> None:
    """Bring every file of a folder, and the folder, to the disk."""
    for path in folder.iterdir():
        sync_file(path)
    sync_folder(folder)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _read_json(path: Path) -> None:
    json.loads(path.read_text(encoding="utf-8"))
