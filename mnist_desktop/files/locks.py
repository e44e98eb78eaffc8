"""Locks between programs that use the same files."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_desktop.errors import StorageError

logger = logging.getLogger(__name__)


@contextmanager
def locked(path: Path, seconds: float, refusal: str) -> Iterator[None]:
    """Hold a lock file while a block runs; a program that ends, however it does, gives it up.

    Parameters
    ----------
    path : Path
        The lock file, in a folder that exists.
    seconds : float
        How long to wait for another program.
    refusal : str
        What to say if that is not enough.

    Raises
    ------
    StorageError
        If another program holds it.
    """
    import filelock

    lock = filelock.FileLock(path, timeout=seconds)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise StorageError(refusal) from None
    except OSError as error:  # some network drives know no locks; one program can use them
        logger.warning("%s cannot be locked: %s", path, error)
    try:
        yield
    finally:
        lock.release()
