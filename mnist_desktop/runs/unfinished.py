"""Trainings that have not come to their end: what is needed to take them up again.

Each has a folder of its own among the runs. It holds the last two states, so that there is a whole
one even if the disk lost the newest, and a lock that its program holds while it lives.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.errors import MnistDesktopError, StorageError, reason, way_on
from mnist_desktop.runs.whole_file import replace_file
from mnist_desktop.training.course import TrainingState

logger = logging.getLogger(__name__)

PREFIX = ".unfinished-"
GENERATIONS = ("state-1.npz", "state-2.npz")
NAME_FILE = "name.json"
LOCK_FILE = "lock"
DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    MnistDesktopError,
)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as ``.npz``, whole or not at all.

    Raises
    ------
    OSError
        If they cannot be written.
    """

    def write(beside: Path) -> None:
        with beside.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    replace_file(path, write, _check_archive)


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise OSError(None, "what was written cannot be read back")


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read named arrays; raises one of `DAMAGE` if the file is missing or damaged."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


@dataclass(frozen=True)
class UnfinishedTraining:
    """A training that has not come to its end.

    Attributes
    ----------
    folder : Path
        Where it is kept.
    name : str
        What its run is to be called.
    """

    folder: Path
    name: str

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other programs from taking it up.

        Raises
        ------
        StorageError
            If another program is at it.
        """
        import filelock

        try:
            with filelock.FileLock(self.folder / LOCK_FILE, timeout=0):
                yield
        except filelock.Timeout:
            raise StorageError(
                "This training is under way in another window or command line."
            ) from None

    def write(self, state: TrainingState) -> None:
        """Write a state over the older of the two.

        Raises
        ------
        StorageError
            If it cannot be written; the states there were are whole.
        """
        paths = [self.folder / name for name in GENERATIONS]
        older = min(paths, key=lambda path: path.stat().st_mtime_ns if path.exists() else 0)
        try:
            write_arrays(older, state.as_arrays())
        except OSError as error:
            raise StorageError(
                f"The state of the training could not be saved in {self.folder.parent} "
                f"({reason(error)}); {way_on(error)}."
            ) from error

    def read(self) -> TrainingState | None:
        """Read the newest whole state, if there is one."""
        found = []
        for name in GENERATIONS:
            try:
                found.append(TrainingState.from_arrays(read_arrays(self.folder / name)))
            except DAMAGE as error:
                logger.info("There is no whole state in %s: %s", self.folder / name, error)
        return max(found, key=lambda one: (one.epochs_done, one.chunks_done), default=None)

    def discard(self) -> None:
        """Remove it for good."""
        shutil.rmtree(self.folder, ignore_errors=True)


def make_runs_folder(root: Path) -> None:
    """Make the folder of the runs, but not the one it is in.

    That one is there while the program runs; where it is missing, its drive is gone, and what
    would be written in its place is hidden once the drive is back.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    root.mkdir(exist_ok=True)


def begin_training(root: Path, name: str) -> UnfinishedTraining:
    """Make the folder of a training that begins.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        make_runs_folder(root)
        now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-"
        folder = Path(tempfile.mkdtemp(prefix=PREFIX + now, dir=root))
        (folder / NAME_FILE).write_text(json.dumps({"name": name}), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The training cannot be saved in {root} ({reason(error)}); {way_on(error)}."
        ) from error
    return UnfinishedTraining(folder, name)


def find_unfinished(root: Path) -> list[UnfinishedTraining]:
    """Find the trainings that no living program is at, the newest first.

    What holds no state, because its program was ended in the first epoch, is removed.
    """
    found = []
    try:
        folders = sorted(root.glob(f"{PREFIX}*"), reverse=True)
    except OSError as error:  # it is told where the runs themselves are listed
        logger.warning("Interrupted trainings in %s cannot be listed: %s", root, error)
        return []
    for folder in folders:
        try:
            name = json.loads((folder / NAME_FILE).read_text(encoding="utf-8"))["name"]
        except DAMAGE:
            name = ""
        one = UnfinishedTraining(folder, str(name))
        try:
            with one.held():
                if any((folder / generation).exists() for generation in GENERATIONS):
                    found.append(one)
                else:
                    one.discard()
        except (StorageError, OSError):
            continue
    return found
