"""Studies kept in a journal: a file to which each change is appended, by one process at a time."""

from __future__ import annotations

import logging
import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_desktop.errors import HeldError, InvalidInputError
from mnist_desktop.files.held import opened, remove, rename, when_released
from mnist_desktop.files.naming import check_file_name

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

logger = logging.getLogger(__name__)

FIRST_LOOK, LAST_LOOK = 0.001, 1.0  # seconds between two looks at a lock that another holds
# After so many seconds its holder is gone. Of 20,000 writes by four processes on two busy cores,
# the longest took 0.14 s (`make bench-storage`); 16 in a row once took 4.2 s, while a gigabyte was
# written to the same disk. Optuna waits for 30 s.
SILENT_SECONDS = 10.0


def open_journal(path: Path, *, create: bool) -> BaseStorage:
    """Open a journal.

    Parameters
    ----------
    path : Path
        Its file, which may be in a folder that several machines share.
    create : bool
        Whether to make it if it does not exist.

    Raises
    ------
    InvalidInputError
        If it does not exist, and is not to be made, or no file can have such a name.
    OSError
        If it cannot be read or written.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    if not path.exists():
        if not create:
            raise InvalidInputError(f"There is no search in {path}.")
        check_file_name(path)
        # Only the last folder: those above are missing while a shared folder is not mounted.
        path.parent.mkdir(exist_ok=True)
    lock: Any = JournalLock(path)  # it has the two methods that are called
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


class JournalLock:
    """A second file beside a journal, which only who writes has made; links are not needed for it.

    Optuna's `JournalFileOpenLock`, with three differences. Waiting is counted by looks and not by
    the clock: while a file server does not answer, or this machine sleeps, nobody is taken for
    gone. A holder that was taken for gone leaves the lock to whoever has it now. And the beginning
    of a line, left by a writer that was killed or found no room, is cut off: if the next line were
    appended to it, the file could not be read any more.

    Parameters
    ----------
    path : Path
        The journal.
    """

    def __init__(self, path: Path) -> None:
        self._journal = path
        self._file = path.with_name(f"{path.name}.lock")
        self._since = 0.0

    def acquire(self) -> bool:
        """Wait until nobody else writes.

        Raises
        ------
        OSError
            If the folder cannot be read or written.
        """
        wait, silent = FIRST_LOOK, 0.0
        while not self._take():
            holder = self._holder()
            time.sleep(wait)
            silent = silent + wait if self._holder() == holder else 0.0
            wait = min(2 * wait, LAST_LOOK)
            if silent > SILENT_SECONDS:
                logger.warning("Whoever held the lock %s is gone", self._file)
                self._remove()
                wait, silent = FIRST_LOOK, 0.0
        self._since = time.monotonic()
        try:
            _cut_incomplete_line(self._journal)
        except BaseException:
            self.release()
            raise
        return True

    def release(self) -> None:
        """Let the next one write."""
        if time.monotonic() - self._since < SILENT_SECONDS:
            self._remove()

    def _take(self) -> bool:
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            os.close(when_released(lambda: os.open(self._file, flags), self._file))
        except FileExistsError:
            return False
        return True

    def _holder(self) -> int | None:
        """What tells one holder from the next: when it has made the file, in nanoseconds."""
        with suppress(FileNotFoundError):
            return self._file.stat().st_mtime_ns
        return None

    def _remove(self) -> None:
        # Under another name first: on Windows a name stays taken until all have closed its file.
        other = self._file.with_name(f"{self._file.name}{uuid.uuid4()}")
        with suppress(FileNotFoundError):
            rename(self._file, other)
            with suppress(HeldError):  # it is in nobody's way
                remove(other)


def _cut_incomplete_line(path: Path) -> None:
    with opened(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) not in (b"\n", b""):
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
