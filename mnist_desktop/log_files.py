"""The program's log and its notes of crashes: of each running program in files of its own.

On Windows, a log that two programs have open can be renamed by neither, and what both append at the
same moment is written over.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import itertools
import logging
import logging.handlers
import shutil
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile

from mnist_desktop.printable import printable

logger = logging.getLogger("mnist_desktop")

LOG, CRASHES = (
    "mnist-desktop",
    "crash",
)  # files end in .log, and those of a second program in -2.log
MAX_LOG = 500_000  # bytes of a file of the log
OLD_LOGS = 3
MAX_CRASHES = 100_000  # bytes of notes that are kept when the program starts
MAX_ENTRY = 2000  # characters of an entry in the log


def open_log(folder: Path) -> None:
    """Write to the log what the program's parts log, and how it crashes.

    Parameters
    ----------
    folder : Path
        Where the files are; it exists.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    lock, suffix = _lock_number(folder)
    handler = LogHandler(folder / f"{LOG}{suffix}.log", lock)
    logging.getLogger().addHandler(handler)
    note_crashes(folder / f"{CRASHES}{suffix}.log")


def _lock_number(folder: Path) -> tuple[QLockFile, str]:
    """Lock the first number that no running program has; give what file names end in."""
    for suffix in itertools.chain([""], (f"-{number}" for number in range(2, 100))):
        lock = QLockFile(str(folder / f"{LOG}{suffix}.lock"))
        lock.setStaleLockTime(0)  # however long a program runs; one that is gone holds nothing
        # Where no lock can be made, on some network drives, it is taken for free.
        if lock.tryLock(0) or lock.error() != QLockFile.LockError.LockFailedError:
            break
    return lock, suffix


class LogFormatter(logging.Formatter):
    """One line an entry, whatever it quotes; the lines of a traceback stay lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Format the first line."""
        record.message = printable(record.message, MAX_ENTRY)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Format a traceback, whose last line may quote anything."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(printable(line, MAX_ENTRY) for line in lines)


class LogHandler(logging.handlers.RotatingFileHandler):
    """The log's file and the few before it; nothing is lost while others read them.

    Parameters
    ----------
    path : Path
        The file.
    lock : QLockFile
        Keeps other programs from it; given up when the log is closed.
    """

    def __init__(self, path: Path, lock: QLockFile) -> None:
        super().__init__(path, maxBytes=MAX_LOG, backupCount=OLD_LOGS, encoding="utf-8")
        self.setFormatter(LogFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._lock = lock

    def doRollover(self) -> None:  # noqa: N802
        """Begin anew, and give each of the old files the next number."""
        if self.stream is not None:
            self.stream.close()
        numbered = [Path(f"{self.baseFilename}.{number}") for number in range(1, OLD_LOGS + 1)]
        for newer, older in reversed(
            list(itertools.pairwise([Path(self.baseFilename), *numbered]))
        ):
            _hand_on(newer, older)
        self.stream = self._open()

    def close(self) -> None:
        """Close the file, and let another program have it."""
        super().close()
        self._lock.unlock()


def _hand_on(newer: Path, older: Path) -> None:
    """Give a file another name, or what it holds while another program has it open.

    Nobody is waited for: it may be the window's thread that logs. What cannot be handed on now is
    at the next entry.
    """
    with contextlib.suppress(OSError):
        try:
            newer.replace(older)
        except PermissionError:  # whoever reads a file lets others write it
            shutil.copyfile(newer, older)
            with newer.open("r+b") as file:
                file.truncate()


def note_crashes(path: Path) -> None:
    """Note where Python's threads are if the program crashes, in a file that stays small.

    On Windows there are also notes of exceptions that the system's own parts raise and handle
    themselves, such as 0x8001010d while a screen reader asks: what the program has survived is
    taken out again when it ends, and its first line goes to the log.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    _keep_end(path, MAX_CRASHES)
    file = path.open("a+b")
    before = path.stat().st_size
    faulthandler.enable(file)

    def forget_survived() -> None:
        with contextlib.suppress(OSError, ValueError):
            file.seek(before)
            survived = file.readline().decode(errors="replace").strip()
            if survived:
                logger.info("Survived: %s", survived)
            file.truncate(before)

    atexit.register(forget_survived)


def _keep_end(path: Path, size: int) -> None:
    """Cut a file's beginning, from a line to a line, so that it is not larger than this."""
    if not path.exists() or path.stat().st_size <= size:
        return
    with path.open("r+b") as file:
        file.seek(-size, 2)
        _, _, end = file.read().partition(b"\n")
        file.seek(0)
        file.write(end)
        file.truncate()
