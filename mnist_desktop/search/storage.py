"""Where studies are kept: a journal in a file, of its own or in a shared folder, or a database."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mnist_desktop.errors import (
    OTHER_FOLDER,
    InvalidInputError,
    MnistDesktopError,
    reason,
    way_on,
)
from mnist_desktop.files.naming import safe_file_name
from mnist_desktop.paths import AppPaths, user_path
from mnist_desktop.search.database import (
    POSTGRESQL,
    StudyStorageError,
    UnreachableError,
    database_error,
    open_database,
    without_password,
)

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

JOURNAL = "journal:"
RETRY_SECONDS = 120.0  # a file server is restarted in less
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0  # seconds between two attempts
# What reading a journal that is damaged, or that a later Optuna has written, ends in.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError)

Found = TypeVar("Found")


def own_storage(paths: AppPaths, name: str) -> str:
    """Return the URL of a study among the program's own files.

    Raises
    ------
    InvalidInputError
        If no file can have such a name.
    """
    return f"{JOURNAL}{paths.data / 'searches' / checked_name(name)}.journal"


def checked_name(name: str) -> str:
    """Make sure that a study has a name that a file can have.

    Raises
    ------
    InvalidInputError
        If it has not.
    """
    if not name or safe_file_name(name, "") != name:
        raise InvalidInputError(
            f"A search needs a name that a file can have, such as small-networks, not {name!r:.80}."
        )
    return name


def open_storage(url: str, *, create: bool) -> BaseStorage:
    """Open a storage.

    Parameters
    ----------
    url : str
        ``journal:PATH``, a file that may be in a folder which several machines share, or
        ``postgresql://…``.
    create : bool
        Whether to make a journal that does not exist.

    Raises
    ------
    InvalidInputError
        If there is no such journal, or searches are not kept in what the URL names.
    StudyStorageError
        If it cannot be used.
    """
    import optuna

    optuna.logging.disable_default_handler()  # its words are for the log
    if url.partition(":")[0].lower() == "sqlite":
        raise InvalidInputError(
            "A search is not kept in SQLite, which lets one process write at a time and fails on "
            f"many network drives; {JOURNAL}PATH names a file that several processes can use."
        )
    with told(url):
        if url.startswith(POSTGRESQL):
            return open_database(url)
        if url.startswith(JOURNAL) and url != JOURNAL:
            return _open_journal(user_path(url.removeprefix(JOURNAL)), create=create)
    raise InvalidInputError(
        f"A search is kept in a file, {JOURNAL}PATH, such as {JOURNAL}/shared/digits.journal, or "
        f"in a database, {POSTGRESQL}HOST/DATABASE, not in {without_password(url)!r:.80}."
    )


def _open_journal(path: Path, *, create: bool) -> BaseStorage:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class MendingLock(JournalFileOpenLock):
        """Cuts off the beginning of a line, left by a writer that was killed or found no room.

        Whoever holds the lock knows that nobody else is writing. If the next line were appended to
        it, the file could not be read any more.
        """

        def acquire(self) -> bool:
            is_held = super().acquire()
            try:
                _cut_incomplete_line(path)
            except BaseException:
                self.release()
                raise
            return is_held

    if not path.exists():
        if not create:
            raise InvalidInputError(f"There is no search in {path}.")
        # Only the last folder: those above are missing while a shared folder is not mounted.
        path.parent.mkdir(exist_ok=True)
    # Links are no locks on Windows, nor on every network drive.
    return JournalStorage(JournalFileBackend(str(path), lock_obj=MendingLock(str(path))))


def _cut_incomplete_line(path: Path) -> None:
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) not in (b"\n", b""):
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """Turn what a study's storage raises into one sentence.

    Raises
    ------
    UnreachableError
        If it does not answer, or its disk is full.
    StudyStorageError
        If it cannot be written, is damaged, or was written by a later version.
    """
    place = without_password(url).removeprefix(JOURNAL)
    try:
        yield
    except MnistDesktopError:
        raise
    except OSError as error:
        kind = StudyStorageError if isinstance(error, PermissionError) else UnreachableError
        raise kind(
            f"The search in {place} cannot be read or written ({reason(error)}); "
            f"{way_on(error, OTHER_FOLDER)}. What was tried before is not lost."
        ) from error
    except DAMAGE as error:
        raise StudyStorageError(
            f"The search in {place} is damaged, or was written by a later version of the program; "
            "use that version, or start a search with another name."
        ) from error
    except Exception as error:
        found = database_error(url, error)
        if found is None:
            raise
        raise found from error


def patiently(action: Callable[[], Found], seconds: float = RETRY_SECONDS) -> Found:
    """Do something with a storage, again and again while it does not answer.

    Parameters
    ----------
    action : callable
        Raises `UnreachableError` while it does not.
    seconds : float, optional
        For how long to try.

    Raises
    ------
    UnreachableError
        If it has not answered by then.
    """
    ends, wait = time.monotonic() + seconds, FIRST_WAIT
    while True:
        try:
            return action()
        except UnreachableError:
            if time.monotonic() + wait > ends:
                raise
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)
