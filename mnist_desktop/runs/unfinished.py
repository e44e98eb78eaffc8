"""Unfinished trainings, and what is needed to resume them.

Each has a folder of its own among the runs. It holds the last two states, so that one is intact
even if the disk lost the newest, and a lock that its program holds while it lives.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mnist_desktop.errors import OTHER_HOME, MnistDesktopError, StorageError, reason, way_on
from mnist_desktop.files.arrays import read_arrays, write_arrays
from mnist_desktop.files.held import remove, remove_tree, rename
from mnist_desktop.files.locks import locked
from mnist_desktop.files.reading import read_small
from mnist_desktop.files.writing import sync_file, sync_folder, write_text
from mnist_desktop.printable import printable
from mnist_desktop.training.checkpoint import StateOutline, TrainingState

logger = logging.getLogger(__name__)

PREFIX = ".unfinished-"
GENERATIONS = ("state-1.npz", "state-2.npz")
NAME_FILE = "name.json"
LOCK_FILE = "lock"
DAMAGE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    OverflowError,
    RecursionError,
    MemoryError,
    MnistDesktopError,
)
MAX_NAME_BYTES = 10_000
HELD_SECONDS = 1.0  # another program may just be looking whether a training is held
# A folder without a state may belong to a program that is about to hold it.
NEW_SECONDS = 60.0


@dataclass
class UnfinishedTraining:
    """A training that has not finished.

    Attributes
    ----------
    folder : Path
        Where it is kept.
    name : str
        What its run is to be called.
    """

    folder: Path
    name: str
    # Which of the two files holds the newest state.
    _newest: str = field(default="", init=False, repr=False, compare=False)

    @contextmanager
    def held(self, seconds: float = HELD_SECONDS) -> Iterator[None]:
        """Keep other programs from taking it up; what was discarded meanwhile is gone afterwards.

        Raises
        ------
        StorageError
            If another program is running it, or has finished it.
        """
        if not self.folder.is_dir():  # it would be made anew for the lock
            raise StorageError("This training has been finished in another program.")
        refusal = "This training is under way in another window or command line."
        try:
            with locked(self.folder / LOCK_FILE, seconds, refusal):
                yield
        finally:
            # Windows could not remove the lock file before.
            if not any((self.folder / name).exists() for name in (NAME_FILE, *GENERATIONS)):
                remove_tree(self.folder)

    def write(self, state: TrainingState) -> None:
        """Write a state over the older of the two.

        Raises
        ------
        StorageError
            If it cannot be written; the earlier states stay intact.
        """
        if not self._newest:
            self.read()  # not by the files' times: clocks go back
        older = GENERATIONS[0] if self._newest != GENERATIONS[0] else GENERATIONS[1]
        try:
            write_arrays(self.folder / older, state.as_arrays())
        except OSError as error:
            raise StorageError(
                f"The state of the training could not be saved in {self.folder.parent} "
                f"({reason(error)}); {way_on(error, OTHER_HOME)}."
            ) from error
        self._newest = older

    def read(self) -> TrainingState | None:
        """Read the newest intact state, if there is one."""
        newest = None
        for name in GENERATIONS:
            try:
                state = TrainingState.from_arrays(read_arrays(self.folder / name))
            except DAMAGE as error:
                logger.info("There is no intact state in %s: %s", self.folder / name, error)
                continue
            if newest is None or state.progress > newest.progress:
                newest, self._newest = state, name
        return newest

    def outline(self) -> StateOutline | None:
        """Read how far it has come, without its arrays, if anything of it can be read."""
        found = []
        for name in GENERATIONS:
            try:
                found.append(StateOutline.from_words(read_arrays(self.folder / name, "words")))
            except DAMAGE:
                continue
        return max(found, key=lambda one: one.progress, default=None)

    def discard(self) -> None:
        """Remove it for good."""
        for name in (NAME_FILE, *GENERATIONS):
            with suppress(OSError):
                remove(self.folder / name)
        # Without patience: on Windows, the lock file stays as long as this very program holds it.
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
    root.mkdir(mode=0o700, exist_ok=True)


def begin_training(root: Path, name: str) -> UnfinishedTraining:
    """Make the folder of a training that begins.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        make_runs_folder(root)
        begun = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
        write_text(begun / NAME_FILE, json.dumps({"name": name}))
        sync_file(begun / NAME_FILE)
        now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-"
        folder = rename(begun, root / (PREFIX + now + begun.name.removeprefix(".new-")))
        with suppress(OSError):  # not every network drive can sync a folder
            sync_folder(root)
    except OSError as error:
        raise StorageError(
            f"The training cannot be saved in {root} ({reason(error)}); "
            f"{way_on(error, OTHER_HOME)}."
        ) from error
    return UnfinishedTraining(folder, name)


def find_unfinished(root: Path) -> list[UnfinishedTraining]:
    """Find the trainings that no living program is at, the newest first.

    What holds no state, because its program was ended in the first epoch, is removed.
    """
    found = []
    try:
        folders = sorted(root.glob(f"{PREFIX}*"), reverse=True)
    except OSError as error:  # it is reported where the runs themselves are listed
        logger.warning("Interrupted trainings in %s cannot be listed: %s", root, error)
        return []
    for folder in folders:
        try:
            name = json.loads(read_small(folder / NAME_FILE, MAX_NAME_BYTES))["name"]
        except DAMAGE:
            name = ""
        one = UnfinishedTraining(folder, printable(str(name)))
        try:
            with one.held(seconds=0):
                if any((folder / generation).exists() for generation in GENERATIONS):
                    found.append(one)
                elif not _is_new(folder / NAME_FILE):
                    one.discard()
        except (StorageError, OSError):
            continue
    return found


def _is_new(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return abs(time.time() - path.stat().st_mtime) < NEW_SECONDS
    return False
