"""Studies kept in a PostgreSQL server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_desktop.errors import InvalidInputError, StorageError
from mnist_desktop.printable import printable

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

POSTGRESQL = "postgresql://"
DRIVER = "postgresql+psycopg://"
CONNECT_SECONDS = 10
MAX_REASON = 200  # characters of what a server says


class StudyStorageError(StorageError):
    """A study cannot be read or written; what was written before is still there."""

    exit_code = 1


class UnreachableError(StudyStorageError):
    """A study's storage does not answer, or is full; that may be over in a moment."""


def open_database(url: str) -> BaseStorage:
    """Open a PostgreSQL server's database, with Optuna's tables in it.

    Parameters
    ----------
    url : str
        ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, of which what is left out comes from
        PostgreSQL's own environment variables and files.

    Raises
    ------
    InvalidInputError
        If its driver is not installed.
    StudyStorageError
        If the tables are of another version.
    """
    from optuna.storages import RDBStorage

    engine = {
        "pool_pre_ping": True,  # a connection that was cut meanwhile is made anew
        "connect_args": {"connect_timeout": CONNECT_SECONDS},
    }
    try:
        return RDBStorage(DRIVER + url.removeprefix(POSTGRESQL), engine_kwargs=engine)
    except ImportError:
        raise InvalidInputError(
            "A search in PostgreSQL needs a driver; pip install 'mnist-desktop[postgresql]' "
            "installs it."
        ) from None
    except RuntimeError as error:
        raise StudyStorageError(
            f"The database {without_password(url)} holds tables of another version of Optuna; use "
            "the version that made them, or another database."
        ) from error


def without_password(url: str) -> str:
    """Return a URL as it may be shown."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", "@", 1) if password else url


def database_error(url: str, error: Exception) -> StudyStorageError | None:
    """Say in a sentence what a database has raised; None if it was something else that did."""
    if "sqlalchemy" not in sys.modules:
        return None
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

    cause: Any = error.__cause__ if isinstance(error, StorageInternalError) else error
    if not isinstance(cause, SQLAlchemyError):
        return None
    said = printable(" ".join(str(getattr(cause, "orig", cause)).split()), MAX_REASON).rstrip(".")
    place = without_password(url)
    if isinstance(cause, InterfaceError | OperationalError):
        return UnreachableError(
            f"The database {place} does not answer ({said}); make sure that its server is running "
            "and can be reached from here. What was tried before is not lost."
        )
    return StudyStorageError(
        f"The search cannot be kept in the database {place} ({said}); let its user create tables "
        "there, or use another database."
    )
