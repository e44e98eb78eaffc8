"""Files as the system has them: read whatever they are, and brought to the disk."""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from mnist_desktop import formats
from mnist_desktop.files.held import when_released
from mnist_desktop.files.naming import special_kind

STANDARD_INPUT = "-"  # as a file's name on a command line
ZIP_END = 22  # bytes of a zip's last part


class ZipEndError(ValueError):
    """A zip whose end looks unsafe; the text continues from "a zip file that ..."."""


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading; never wait for one that is none.

    Raises
    ------
    OSError
        If it cannot be read, or is a pipe, a device or a folder.
    """
    _refuse_special(path)
    # Without O_NONBLOCK, opening a pipe waits until a program writes to it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = when_released(lambda: _open(path, flags), path)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _no_regular_file(_kind(mode), path)
    return os.fdopen(descriptor, "rb")


def _refuse_special(path: Path) -> None:
    """Refuse by its name what Windows would open while it is only looked at."""
    if kind := special_kind(path):
        raise _no_regular_file(kind, path)


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags)
    except PermissionError:
        if path.is_dir():  # which Windows does not open at all
            raise _no_regular_file("a folder", path) from None
        raise


def _no_regular_file(kind: str, path: Path) -> OSError:
    return OSError(errno.EINVAL, f"it is no regular file but {kind}", str(path))


def open_given(path: Path) -> BufferedReader:
    """Open what was given on a command line: a file, a pipe, or ``-`` for the standard input.

    Unlike `open_regular` it waits for whoever writes to a pipe, as is meant by giving one.

    Raises
    ------
    OSError
        If it cannot be read, is a folder, a device or a terminal.
    """
    if str(path) == STANDARD_INPUT:
        return _standard_input()
    _refuse_special(path)
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        return path.open("rb")
    return open_regular(path)


def read_given(path: Path, most: int) -> bytes:
    """Read at most so many bytes of what was given on a command line; see `open_given`.

    Raises
    ------
    OSError
        If there are more, or they cannot be read.
    """
    with open_given(path) as file:
        return _read_at_most(file, most, path)


def _standard_input() -> BufferedReader:
    if sys.stdin is None or sys.stdin.closed:
        raise OSError(errno.EBADF, "there is no standard input")
    if sys.stdin.isatty():
        raise OSError(errno.EINVAL, "it is a terminal, and a file or a pipe is needed")
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def read_small(path: Path, most: int) -> bytes:
    """Read an entire file of at most so many bytes.

    Raises
    ------
    OSError
        If it is larger, or cannot be read.
    """
    with open_regular(path) as file:
        return _read_at_most(file, most, path)


def _read_at_most(file: BufferedReader, most: int, path: Path) -> bytes:
    content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it has more than {formats.count(most, 'byte')}", str(path))
    return content


def check_zip_end(file: BinaryIO, members: int, list_size: int) -> None:
    """Check a zip's last part before the list that it announces is read into memory.

    Parameters
    ----------
    file : binary file
        Open for reading; it is left at its beginning.
    members : int
        How many parts it may have.
    list_size : int
        How many bytes the list of them may have.

    Raises
    ------
    ZipEndError
        If it is none, or larger, or of a kind that only large ones need.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - ZIP_END - 20))
    tail = file.read()
    file.seek(0)
    end = tail[-ZIP_END:]
    if len(end) < ZIP_END or not end.startswith(b"PK\5\6") or end[20:] != b"\0\0":
        raise ZipEndError("is damaged, cut short, or has something behind it")
    disk, first_disk, here, listed, length, start = struct.unpack("<HHHHLL", end[4:20])
    is_large = tail[:-ZIP_END].startswith(b"PK\6\7")
    if disk or first_disk or is_large or here != listed or listed > members:
        raise ZipEndError("has more parts than are needed")
    if length > list_size or start + length + ZIP_END != size:
        raise ZipEndError("has a list of contents that does not fit it")
