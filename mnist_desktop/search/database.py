"""Studies kept in a database server: PostgreSQL, MySQL or MariaDB."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_desktop.errors import InvalidInputError, StorageError
from mnist_desktop.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optuna.storages import BaseStorage

CONNECT_SECONDS = 10
ANSWER_SECONDS = 60  # a server that has gone without a word is given up then
MAX_REASON = 200  # characters of what a server says


@dataclass(frozen=True)
class Database:
    """A kind of server.

    Attributes
    ----------
    title : str
        Its name.
    driver : str
        How SQLAlchemy names it and its driver, in the place of its URL's scheme.
    extra : str
        The extra of this program that installs the driver.
    options : mapping
        What the driver is given for each connection.
    """

    title: str
    driver: str
    extra: str
    options: Mapping[str, Any]


DATABASES = {
    "postgresql://": Database(
        "PostgreSQL",
        "postgresql+psycopg://",
        "postgresql",
        {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 1000 * ANSWER_SECONDS},
    ),
    "mysql://": Database(
        "MySQL",
        "mysql+pymysql://",
        "mysql",
        {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": ANSWER_SECONDS,
            "write_timeout": ANSWER_SECONDS,
        },
    ),
}


class StudyStorageError(StorageError):
    """A study cannot be read or written; what was written before is still there."""

    exit_code = 1


class UnreachableError(StudyStorageError):
    """A study's storage does not answer, or is full; that may be over in a moment."""


def open_database(url: str) -> BaseStorage:
    """Open a server's database, with Optuna's tables in it.

    Parameters
    ----------
    url : str
        ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, of which what is left out comes from
        PostgreSQL's own environment variables and files, or ``mysql://…``, for MariaDB as well.

    Raises
    ------
    InvalidInputError
        If its driver is not installed.
    StudyStorageError
        If the tables are of another version.
    """
    from optuna.storages import RDBStorage

    scheme = next(one for one in DATABASES if url.startswith(one))
    server = DATABASES[scheme]
    engine = {
        "pool_pre_ping": True,  # a connection that was cut meanwhile is made anew
        "connect_args": dict(server.options),
    }
    try:
        return RDBStorage(server.driver + url.removeprefix(scheme), engine_kwargs=engine)
    except ImportError:
        raise InvalidInputError(
            f"A search in {server.title} needs a driver; pip install "
            f"'mnist-desktop[{server.extra}]' installs it."
        ) from None
    except RuntimeError as error:
        if "optuna" not in str(error).lower():  # the driver says it
            raise StudyStorageError(_refusal(url, error)) from error
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
    from sqlalchemy.exc import (
        InterfaceError,
        OperationalError,
        PendingRollbackError,
        SQLAlchemyError,
    )

    cause: Any = error.__cause__ if isinstance(error, StorageInternalError) else error
    if not isinstance(cause, SQLAlchemyError):
        return None
    # Optuna reads trials in another way when one has failed, even on a connection that is cut.
    if isinstance(cause, InterfaceError | OperationalError | PendingRollbackError):
        return UnreachableError(
            f"The database {without_password(url)} does not answer ({_said(cause)}); make sure "
            "that its server is running and can be reached from here. What was tried before is "
            "not lost."
        )
    return StudyStorageError(_refusal(url, cause))


def _refusal(url: str, error: Exception) -> str:
    return (
        f"The search cannot be kept in the database {without_password(url)} ({_said(error)}); let "
        "its user create tables there, or use another database."
    )


def _said(error: Exception) -> str:
    """What a server, or its driver, says, in one line."""
    words = " ".join(str(getattr(error, "orig", error)).split())
    return printable(words, MAX_REASON).rstrip(".")
