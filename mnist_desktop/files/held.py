"""Files that another program holds: what Windows refuses meanwhile is tried again for a while.

Virus scanners, indexers and backups open what has just been written, mostly for milliseconds.
Linux and macOS rename and remove open files. Windows does neither, and renames no folder in which
a file is open; nor is a file replaced that a program reads, which need not be this one.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from mnist_desktop.errors import HELD_ON_WINDOWS, HeldError

logger = logging.getLogger(__name__)

# Seconds, at most, that are waited for another program to let go: the window is to answer after
# that, where its own thread has to wait.
PATIENCE_S = 2.0
# An opening does not tell why it was refused, and a file may be forbidden for good.
OPENING_PATIENCE_S = 0.5
FIRST_WAIT_S, LAST_WAIT_S = 0.001, 0.005

# A rename or a removal is refused with these as long as a file is open, too: access denied (the
# target is open, or a file in the folder), and folder not empty (a file in it goes once it is
# closed).
_MAY_PASS = HELD_ON_WINDOWS | {5, 145}
_ON_WINDOWS = os.name == "nt"

Result = TypeVar("Result")


def when_released(action: Callable[[], Result], *paths: Path) -> Result:
    """Do something with files, again and again as long as another program holds one of them.

    Parameters
    ----------
    action : callable
        Does it, or raises and can be called again.
    *paths : Path
        The files and folders that may be held.

    Raises
    ------
    HeldError
        If a program has not let go after `PATIENCE_S`.
    OSError
        If it fails for another reason.
    """
    refused_at: float | None = None
    wait = FIRST_WAIT_S
    while True:
        try:
            return action()
        except OSError as error:
            now = time.monotonic()
            refused_at = now if refused_at is None else refused_at
            if now - refused_at >= _patience(error):
                held = _first_held(error, paths)
                if held is None:
                    raise
                raise HeldError(
                    errno.EACCES, f"another program has {held.name} open", str(held)
                ) from error
        time.sleep(wait)
        wait = min(2 * wait, LAST_WAIT_S)


def _patience(error: OSError) -> float:
    """Seconds for which it is worth trying again."""
    number = getattr(error, "winerror", None)
    if number is None:  # the C library's openings do not say it
        return OPENING_PATIENCE_S if _ON_WINDOWS and error.errno == errno.EACCES else 0.0
    return PATIENCE_S if number in _MAY_PASS else 0.0


def _first_held(error: OSError, paths: tuple[Path, ...]) -> Path | None:
    """The file that another program holds, if that is why something failed."""
    if not _patience(error):
        return None
    found = next((one for path in paths for one in _files_of(path) if _is_held(one)), None)
    if found is None and getattr(error, "winerror", None) in HELD_ON_WINDOWS:
        return paths[0]  # it has been released just now
    return found


def _files_of(path: Path) -> Iterator[Path]:
    return (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else iter((path,))


def _is_held(path: Path) -> bool:
    """Whether a program has a file open so that Windows does not let it be renamed."""
    try:
        os.rename(path, path)  # noqa: PTH104 - to its own name: nothing changes
    except OSError as error:
        return getattr(error, "winerror", None) in HELD_ON_WINDOWS
    return False


def wait_until_released(path: Path) -> None:
    """Wait for a program that has a file open, for `PATIENCE_S` at most; mostly there is none."""
    end = time.monotonic() + PATIENCE_S
    while _is_held(path) and time.monotonic() < end:
        time.sleep(LAST_WAIT_S)


def opened(path: Path, mode: str) -> BinaryIO:
    """Open a binary file, without a buffer if it is written; raises as `when_released`."""
    buffering = -1 if mode == "rb" else 0
    return cast("BinaryIO", when_released(lambda: path.open(mode, buffering), path))


def read_bytes(path: Path) -> bytes:
    """Read an entire file; raises as `when_released`."""
    return when_released(path.read_bytes, path)


def rename(source: Path, target: Path) -> Path:
    """Rename a file or a folder to a name that is free; raises as `when_released`."""
    return when_released(lambda: source.rename(target), source, target)


def replace(source: Path, target: Path) -> Path:
    """Rename a file, also to the name of one that there is; raises as `when_released`."""
    return when_released(lambda: source.replace(target), target, source)


def remove(path: Path) -> None:
    """Remove a file, if there is one; raises as `when_released`."""
    when_released(lambda: path.unlink(missing_ok=True), path)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all it holds; what cannot be removed stays, and is logged."""
    try:
        when_released(lambda: shutil.rmtree(folder), folder)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            logger.warning("%s could not be removed: %s", folder, error)


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Make a folder for as long as a block runs.

    That it cannot be removed changes nothing for the block: it is logged.

    Parameters
    ----------
    prefix : str
        What its name begins with.
    parent : Path, optional
        Where it is made; in the system's folder for such things otherwise.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        remove_tree(folder)
