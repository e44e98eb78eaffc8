"""The errors a user can act on.

Each message is one sentence that says what was expected, what was found and what to do.
``mnist_desktop.ui`` turns them into a dialog, ``mnist_desktop.cli`` into an exit code.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mnist_desktop.printable import printable

# What systems report for a drive or a network share that has gone.
_GONE = {
    getattr(errno, name)
    for name in (
        "ENODEV", "ENXIO", "ENOTCONN", "ESTALE", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN",
        "ENETUNREACH", "ENETRESET", "ETIMEDOUT", "EREMOTEIO",
    )
    if hasattr(errno, name)
}  # fmt: skip
# Windows' own numbers: not ready, no network path, no such device, network error, name deleted,
# name not found, no answer in time, cannot be reached, not connected.
_GONE_ON_WINDOWS = {21, 53, 55, 59, 64, 67, 121, 1167, 1231, 2250}
# A file, or a part of it, is in use by another program.
HELD_ON_WINDOWS = frozenset((32, 33))
TOO_LONG_ON_WINDOWS = 206
# Characters of a path that Windows takes for any folder and file; a longer one is "not found",
# unless the computer's owner has allowed long paths.
MAX_WINDOWS_PATH = 247

# How another place is chosen: where the user chose this one, and where the program itself did.
OTHER_FOLDER = "choose another folder"
OTHER_HOME = "set MNIST_DESKTOP_HOME to another folder"
MAX_MESSAGE = 1000  # characters; a sentence has fewer, whatever file or folder it names

_CONNECT_AGAIN = "if it is on a network or a removable drive, connect that again"


class MnistDesktopError(Exception):
    """Base of every error that is reported to the user in words.

    As text it is one line that can be shown anywhere, whatever names and values it quotes.

    Attributes
    ----------
    exit_code : int
        What the command line exits with: 2 for bad input, 1 for a failed job.
    """

    exit_code = 1

    def __str__(self) -> str:
        text = super().__str__()
        if len(text) > MAX_MESSAGE:  # what to do stands at the end
            half = MAX_MESSAGE // 2
            text = f"{text[:half]}…{text[1 - half :]}"
        return printable(text, MAX_MESSAGE)


class InvalidInputError(MnistDesktopError):
    """Something the user gave cannot be used."""

    exit_code = 2


class InvalidSettingError(InvalidInputError):
    """A training setting is outside what the program accepts."""


class DataFileError(InvalidInputError):
    """A file of digits is missing, cut short, or not what it should be."""


class ImageFileError(InvalidInputError):
    """A picture or a stroke file cannot be read as a drawn digit."""


class TiltError(MnistDesktopError):
    """A page is straight already, or nothing on it tells how far it is tilted."""


class ModelFileError(InvalidInputError):
    """A model is missing, damaged, or does not read 28×28 digits."""


class RunNotFoundError(InvalidInputError):
    """No kept run has the given id."""


class StorageError(InvalidInputError):
    """A folder the program writes to is not writable."""


class HeldError(PermissionError):
    """Another program has a file open, and has not let go; the text says which file."""


class DownloadError(MnistDesktopError):
    """MNIST could not be downloaded from any of its hosts."""


class ReleaseError(MnistDesktopError):
    """Whether there is a newer version of this program could not be found out."""


class LowMemoryError(MnistDesktopError):
    """There is less free memory than a job takes."""


class EngineError(MnistDesktopError):
    """TensorFlow cannot be used on this machine."""


class TrainingError(MnistDesktopError):
    """A training could not be finished."""


class JobCancelled(Exception):  # noqa: N818 - a request granted, not an error
    """A job ended because ``should_stop`` said so, with nothing to keep."""


def drive_is_gone(error: OSError) -> bool:
    """Whether an error means that an entire drive or network share cannot be reached any more."""
    return error.errno in _GONE or getattr(error, "winerror", None) in _GONE_ON_WINDOWS


def is_held(error: OSError) -> bool:
    """Whether an error means that another program has the file open."""
    return isinstance(error, HeldError) or getattr(error, "winerror", None) in HELD_ON_WINDOWS


def reason(error: OSError) -> str:
    """What the system says went wrong, to stand in parentheses."""
    return error.strerror or str(error) or type(error).__name__


def way_on(error: OSError, other: str) -> str:
    """What helps against an error of the file system, as the end of a sentence.

    Parameters
    ----------
    error : OSError
        The error.
    other : str
        How another place is chosen, `OTHER_FOLDER` or `OTHER_HOME`.
    """
    if is_held(error):
        return "close it there and try again"
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG):
        return f"make room there, or {other}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"allow the program to write there, or {other}"
    if _is_too_long(error):
        return "choose a shorter name, or a folder with a shorter path"
    if drive_is_gone(error) or error.errno in (errno.ENOENT, errno.EIO):
        return _CONNECT_AGAIN
    return other


def _is_too_long(error: OSError) -> bool:
    """Whether a path, or a name in it, is longer than the system takes."""
    number = getattr(error, "winerror", None)
    if error.errno == errno.ENAMETOOLONG or number == TOO_LONG_ON_WINDOWS:
        return True
    is_missing = os.name == "nt" and error.errno == errno.ENOENT
    return is_missing and len(str(error.filename or "")) > MAX_WINDOWS_PATH


def unwritable(path: Path, error: OSError, other: str) -> StorageError:
    """Say that a file or a folder cannot be written, why, and what helps; see `way_on`."""
    if is_held(error):
        return StorageError(
            f"Another program has {error.filename or path} open; {way_on(error, other)}."
        )
    return StorageError(f"{path} cannot be written ({reason(error)}); {way_on(error, other)}.")


def as_reported(error: BaseException) -> MnistDesktopError:
    """Turn any error into one that can be reported to the user in words.

    Parameters
    ----------
    error : BaseException
        What a job or a slot has raised. A `MnistDesktopError` is returned as it is.
    """
    if isinstance(error, MnistDesktopError):
        return error
    # TensorFlow's own error is named: importing it only to ask would take seconds.
    is_memory = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    if is_memory or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return LowMemoryError(
            "There was not enough memory; close other programs, or choose a smaller batch or "
            "network, and try again."
        )
    if isinstance(error, OSError) and drive_is_gone(error):
        return StorageError(
            f"{error.filename or 'A folder'} cannot be reached any more ({reason(error)}); "
            f"{_CONNECT_AGAIN}, and try again."
        )
    words = printable(" ".join(str(error).split()), MAX_MESSAGE // 2)
    return MnistDesktopError(
        f"Something unexpected went wrong ({type(error).__name__}: {words}); the log has the "
        "details."
    )
