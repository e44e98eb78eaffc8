"""Where studies are kept: in a journal, of its own or in a shared folder, or in a server."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from mnist_desktop.errors import (
    OTHER_FOLDER,
    InvalidInputError,
    MnistDesktopError,
    is_held,
    reason,
    way_on,
)
from mnist_desktop.files.naming import folded, safe_file_name
from mnist_desktop.paths import AppPaths, user_path
from mnist_desktop.progress import ShouldStop
from mnist_desktop.search.database import (
    DATABASES,
    StudyStorageError,
    UnreachableError,
    database_error,
    open_database,
    without_password,
)
from mnist_desktop.search.journal import open_journal
from mnist_desktop.search.proxy import GRPC, open_proxy, proxy_error

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

JOURNAL = "journal:"
SUFFIX = ".journal"  # of a journal's file
RETRY_SECONDS = 120.0  # a file server is restarted in less
STOPPING_SECONDS = 3.0  # for how long who wants to stop still waits for one
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0  # seconds between two attempts
POLL_SECONDS = 0.1  # between two looks at whether to stop meanwhile
# What reading a journal that is damaged, or that a later Optuna has written, ends in.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError)

Found = TypeVar("Found")


def own_storage(paths: AppPaths, name: str) -> str:
    """Return the URL of a study among the program's own files.

    Raises
    ------
    InvalidInputError
        If no file can have such a name, or one has it in other capitals: on Windows and macOS that
        would be the same file.
    """
    folder = paths.data / "searches"
    names = {one.name.removesuffix(SUFFIX) for one in folder.glob(f"*{SUFFIX}")}
    if checked_name(name) not in names:
        for other in names:
            if folded(other) == folded(name):
                raise InvalidInputError(
                    f"There is a search “{other}” already; write its name like that, or choose "
                    "another name."
                )
    return f"{JOURNAL}{folder / name}{SUFFIX}"


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
        ``journal:PATH``, a file that may be in a folder which several machines share,
        ``postgresql://…``, ``mysql://…``, or ``grpc://HOST:PORT``, where `serve` serves another.
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

    optuna.logging.disable_default_handler()  # its words are for the log, not for the terminal
    optuna.logging.enable_propagation()
    if url.partition(":")[0].lower() == "sqlite":
        raise InvalidInputError(
            "A search is not kept in SQLite, which lets one process write at a time and fails on "
            f"many network drives; {JOURNAL}PATH names a file that several processes can use."
        )
    with told(url):
        if url.startswith(tuple(DATABASES)):
            return open_database(url)
        if url.startswith(GRPC):
            return open_proxy(url)
        if url.startswith(JOURNAL) and url != JOURNAL:
            return open_journal(user_path(url.removeprefix(JOURNAL)), create=create)
    databases = " or ".join(f"{one}HOST/DATABASE" for one in DATABASES)
    raise InvalidInputError(
        f"A search is kept in a file, {JOURNAL}PATH, such as {JOURNAL}/shared/digits.journal, in a "
        f"database, {databases}, or where {GRPC}HOST:PORT serves it, not in "
        f"{without_password(url)!r:.80}."
    )


def close_storage(storage: BaseStorage) -> None:
    """Close the connections to a server, if a storage has any."""
    storage.remove_session()
    engine = getattr(storage, "engine", None)  # a database's
    if engine is not None:
        engine.dispose()
    close = getattr(storage, "close", None)  # a proxy's
    if close is not None:
        close()


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """Turn what a study's storage raises into one sentence.

    Raises
    ------
    UnreachableError
        If it does not answer, its disk is full, or another program holds it.
    StudyStorageError
        If it cannot be written, is damaged, or was written by a later version.
    """
    place = without_password(url).removeprefix(JOURNAL)
    try:
        yield
    except MnistDesktopError:
        raise
    except OSError as error:
        is_barred = isinstance(error, PermissionError) and not is_held(error)
        kind = StudyStorageError if is_barred else UnreachableError
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
        found = database_error(url, error) or proxy_error(url, error)
        if found is None:
            raise
        raise found from error


def patiently(
    action: Callable[[], Found],
    seconds: float = RETRY_SECONDS,
    should_stop: ShouldStop = lambda: False,
) -> Found:
    """Do something with a storage, again and again while it does not answer.

    Parameters
    ----------
    action : callable
        Raises `UnreachableError` while it does not.
    seconds : float, optional
        For how long to try.
    should_stop : callable, optional
        Once it answers True, only a few seconds more.

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
            if should_stop():
                ends = min(ends, time.monotonic() + STOPPING_SECONDS)
            if time.monotonic() + wait > ends:
                raise
            _rest(wait, should_stop)
            wait = min(2 * wait, LONGEST_WAIT)


def _rest(seconds: float, should_stop: ShouldStop) -> None:
    """Do nothing for so long, or until a stop is asked for."""
    ends, was_asked = time.monotonic() + seconds, should_stop()
    while time.monotonic() < ends and (was_asked or not should_stop()):
        time.sleep(min(seconds, POLL_SECONDS))
