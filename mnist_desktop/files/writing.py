"""Writes files atomically, whatever happens on the way."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.errors import OTHER_FOLDER, JobCancelled, StorageError, unwritable
from mnist_desktop.files.held import opened, rename, replace, temporary_folder
from mnist_desktop.files.naming import check_file_name
from mnist_desktop.paths import user_path
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop

Write = Callable[[Path], object]


def read_through(path: Path) -> None:
    """Make sure that a file can be read to its end, and is not empty."""
    with opened(path, "rb") as file:
        parts = sum(1 for _ in iter(lambda: file.read(1 << 20), b""))
    if not parts:
        raise OSError(None, "what was written is empty")


def write_atomically(output: Path, write: Write, check: Write = read_through) -> Path:
    """Write a file that the user has requested.

    Parameters
    ----------
    output : Path
        The file; one that exists is replaced. ``~`` is the user's home.
    write : callable
        Takes the path to write to, which ends in the same name.
    check : callable, optional
        Reads what was written, and raises an OSError where it is not what it should be.

    Returns
    -------
    Path
        The file's full path.

    Raises
    ------
    InvalidInputError
        If no file can have such a name.
    StorageError
        If the file cannot be written.
    """
    check_file_name(output)
    output = user_path(str(output)).absolute()
    try:
        if output.is_symlink():  # what it leads to is written, and it stays a link
            output = output.resolve()
        replace_file(output, write, check)
    except OSError as error:
        raise unwritable(output, error, OTHER_FOLDER) from error
    return output


def write_bytes_atomically(output: Path, content: bytes) -> Path:
    """Write a file whose content is there; raises as `write_atomically`."""

    def check(written: Path) -> None:
        if written.read_bytes() != content:
            raise OSError(None, "what was written cannot be read back")

    return write_atomically(output, lambda written: written.write_bytes(content), check)


def write_text(path: Path, text: str, errors: str = "strict") -> None:
    """Write a text file that is the same on every system: UTF-8, lines that end in one character.

    Raises
    ------
    OSError
        If it cannot be written.
    UnicodeEncodeError
        If it has halves of surrogate pairs, and ``errors`` does not say what to write for them.
    """
    path.write_text(text, encoding="utf-8", errors=errors, newline="\n")


def replace_file(output: Path, write: Write, check: Write = read_through) -> None:
    """Write a temporary file, flush it to the disk, read it back, and rename it.

    Parameters
    ----------
    output : Path
        The file; one that exists is replaced in one step.
    write : callable
        Takes the path to write to, which ends in the same name.
    check : callable, optional
        Reads what was written, and raises where it is not what it should be.

    Raises
    ------
    OSError
        If it cannot be written; what was there before is still there.
    """
    with temporary_folder(".new-", output.parent) as folder:
        temporary = folder / output.name
        write(temporary)
        sync_file(temporary)
        check(temporary)
        replace(temporary, output)
    with contextlib.suppress(OSError):  # it is in place; not every network drive can sync a folder
        sync_folder(output.parent)


def set_aside(path: Path, why: str) -> Path:
    """Rename a file that cannot be used, so that nothing writes over it.

    Parameters
    ----------
    path : Path
        The file.
    why : str
        One word that its new name ends in.

    Raises
    ------
    OSError
        If it cannot be renamed.
    """
    names = (f"{path.name}.{why}", *(f"{path.name}.{why}-{count}" for count in range(2, 1000)))
    free = next(name for name in names if not path.with_name(name).exists())
    return rename(path, path.with_name(free))


@dataclass(frozen=True, eq=False)
class FileOrder:
    """A file that is to be written.

    Attributes
    ----------
    output : Path
        Where to.
    write : callable
        Writes it, given its path, and returns its full path.
    """

    output: Path
    write: Callable[[Path], Path]


def write_file(order: FileOrder, *, on_progress: OnProgress, should_stop: ShouldStop) -> Path:  # noqa: ARG001
    """Write a file as a job; a file is too quickly written to be stopped half way."""
    on_progress(PhaseProgress(f"Writing {order.output.name}"))
    return order.write(order.output)


@dataclass(frozen=True, eq=False)
class FolderOrder:
    """Files that are to be written into one folder.

    Attributes
    ----------
    folder : Path
        Where to.
    files : tuple of FileOrder
        The files; none of them is there yet.
    """

    folder: Path
    files: tuple[FileOrder, ...]


def write_files(order: FolderOrder, *, on_progress: OnProgress, should_stop: ShouldStop) -> Path:
    """Write several files as a job, one after the other, and return their folder.

    Raises
    ------
    JobCancelled
        If ``should_stop`` answered True before a file; those before it are there.
    StorageError
        If a file cannot be written; it says how many are there.
    """
    total = len(order.files)
    for done, file in enumerate(order.files):
        if should_stop():
            raise JobCancelled
        on_progress(PhaseProgress(f"Writing {file.output.name} ({done + 1} of {total})"))
        try:
            file.write(file.output)
        except StorageError as error:
            raise StorageError(f"{error} {done} of {total} files were written.") from error
    return order.folder


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    with opened(path, "rb+") as file:
        flush_to_disk(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk."""
    if os.name == "nt":  # Windows cannot open folders, and keeps their order itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flush_to_disk(descriptor)
    finally:
        os.close(descriptor)


def flush_to_disk(descriptor: int) -> None:
    """Bring what was written to the disk itself.

    On macOS, ``fsync`` is done once the drive has it in its own memory, which a power cut empties;
    ``F_FULLFSYNC`` waits for the disk (``man 2 fsync``). Not every drive there can do that.
    """
    if sys.platform == "darwin":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)
