"""The user's own digits: drawings with what they were meant to be, kept to learn from.

There may be tens of thousands. Nothing is read before it is asked for; one more is a line behind
the others, and only taking some away writes the file anew.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mnist_desktop.digits.stroke_file import (
    MAX_DRAWINGS,
    MAX_LINE,
    MAX_SIZE,
    Drawing,
    as_lines,
    parse_drawing,
    read_drawings,
)
from mnist_desktop.errors import OTHER_HOME, ImageFileError, StorageError, reason, unwritable
from mnist_desktop.files.held import opened, read_bytes
from mnist_desktop.files.locks import locked
from mnist_desktop.files.writing import (
    flush_to_disk,
    replace_file,
    set_aside,
    sync_folder,
    write_bytes_atomically,
)
from mnist_desktop.progress import OnProgress, ShouldStop

logger = logging.getLogger(__name__)

LOCK_SECONDS = 2.0
State = tuple[int, int, int] | None  # a file's inode, size and time of the last change


class MyDigits:
    """Labelled drawings in one file, in the program's stroke format; for any thread.

    Parameters
    ----------
    path : Path
        The file; it is made with the first drawing. One that cannot be read is set aside.

    Attributes
    ----------
    notice : str
        What the user should know of it, in a sentence; mostly empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        self._drawings: tuple[Drawing, ...] = ()
        self._read: State = None  # of the file whose content they are
        self._count = 0
        self._counted: State = None  # of the file that has so many
        self._turns = threading.RLock()

    def __len__(self) -> int:
        """Count them; they are read for that, unlike for `count`."""
        return len(self.drawings)

    def __iter__(self) -> Iterator[Drawing]:
        return iter(self.drawings)

    @property
    def is_empty(self) -> bool:
        """Whether there is none, as far as can be known without reading."""
        try:
            return self.path.stat().st_size == 0
        except OSError:
            return True

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """All of them, the oldest first; each has ink and a label.

        They are read if the file has changed since; 20,000 take a second or two.
        """
        with self._turns, suppress(StorageError):
            self._catch_up()
        return self._drawings

    @property
    def count(self) -> int:
        """How many lines the file has; they are counted without being read."""
        with self._turns, suppress(OSError):
            if (state := _state(self.path)) != self._counted:
                with opened(self.path, "rb") as file:
                    parts = iter(lambda: file.read(1 << 20), b"")
                    self._count = sum(part.count(b"\n") for part in parts)
                self._counted = state
        return self._count

    def add(self, drawings: Iterable[Drawing]) -> None:
        """Keep more drawings.

        Raises
        ------
        ValueError
            If one has no ink or no label.
        StorageError
            If they cannot be written; none of them is kept then.
        """
        more = tuple(drawings)
        if not all(one.ink and one.label is not None for one in more):
            raise ValueError("a drawing needs ink and a label to be kept")
        content = "".join(as_lines(more)).encode()
        with self._changing() as path:
            if not path.exists() or not _is_appendable(path):
                self._catch_up()
                if path.exists():  # gzipped, for example
                    self._replace(path, _as_bytes(self._drawings))
            count = self.count
            if count + len(more) > MAX_DRAWINGS or _size(path) + len(content) > MAX_SIZE:
                raise StorageError(
                    f"There is no room for more than {MAX_DRAWINGS:,} drawings, or "
                    f"{MAX_SIZE // 10**6} MB of them; export yours, and remove some."
                )
            was_read = _state(path) == self._read
            self._count = count + _append(path, content)
            self._counted = _state(path)
            if was_read:
                self._drawings, self._read = (*self._drawings, *more), self._counted

    def remove(self, drawings: Iterable[Drawing]) -> None:
        """Forget drawings.

        Raises
        ------
        StorageError
            If that cannot be written; all of them are kept then.
        """
        gone = tuple(drawings)
        with self._changing() as path:
            self._catch_up()
            lines = read_bytes(path).splitlines(keepends=True) if path.exists() else []
            kept, is_whole = _without(lines, gone)
            if not is_whole:  # written by another hand, with other spaces or decimals
                kept, _ = _without(_as_bytes(self._drawings).splitlines(keepends=True), gone)
            self._replace(path, b"".join(kept))
            ids = {id(one) for one in gone}
            left = tuple(one for one in self._drawings if id(one) not in ids)
            if len(left) == len(kept):
                self._drawings, self._read = left, _state(path)

    def export(self, output: Path) -> Path:
        """Write all of them to another file, and return its full path.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        return write_bytes_atomically(output, _as_bytes(self.drawings))

    def _catch_up(self) -> None:
        """Read the file if it has changed since; where its drive is gone, nothing changes.

        Raises
        ------
        StorageError
            If it can neither be read nor set aside.
        """
        try:
            self.path.parent.stat()
            state = _state(self.path)
        except OSError:
            return
        if state == self._read:
            return
        self._drawings, self._read = (), None
        if state is None:
            return
        try:
            self._drawings, self._read = _read(self.path), state
        except ImageFileError as error:
            self._set_aside(error)

    def _set_aside(self, error: ImageFileError) -> None:
        logger.warning("%s cannot be read: %s", self.path, error)
        try:
            where = f"it is now {set_aside(self.path, 'damaged')}, and a new one is begun"
        except OSError as cause:
            where = f"it stays as it is, and none can be added ({reason(cause)})"
            raise StorageError(f"Your digits cannot be changed: {error}") from error
        finally:
            self.notice = f"The file of your own digits cannot be read; {where}."

    @contextmanager
    def _changing(self) -> Iterator[Path]:
        """Keep other threads and programs from the file, and give its path, without links."""
        refusal = "Another program is changing your digits; try again in a moment."
        try:
            self.path.parent.stat()  # it would be made anew for the lock
            lock = self.path.with_name(f".{self.path.name}.lock")
            with self._turns, locked(lock, LOCK_SECONDS, refusal):
                yield self.path.resolve()
        except OSError as error:
            raise unwritable(self.path, error, OTHER_HOME) from error

    def _replace(self, path: Path, content: bytes) -> None:
        """Rewrite the file atomically."""

        def check(written: Path) -> None:
            if written.read_bytes() != content:
                raise OSError(None, "what was written cannot be read back")

        replace_file(path, lambda written: written.write_bytes(content), check)


def _state(path: Path) -> State:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read(path: Path) -> tuple[Drawing, ...]:
    if path.stat().st_size == 0:  # the last one was removed
        return ()
    return tuple(one for one in read_drawings(path, torn_end=True) if one.label is not None)


def _as_bytes(drawings: Iterable[Drawing]) -> bytes:
    return "".join(as_lines(drawings)).encode()


def _without(lines: Sequence[bytes], drawings: Iterable[Drawing]) -> tuple[list[bytes], bool]:
    """Leave out the lines of drawings, and a torn one; return whether all of them were found."""
    gone = Counter(line.encode() for line in as_lines(drawings))
    kept = []
    for line in lines:
        if gone[line] > 0:
            gone[line] -= 1
        elif line.endswith(b"\n") or _is_drawing(line):
            kept.append(line if line.endswith(b"\n") else line + b"\n")
    return kept, not +gone


def _is_drawing(line: bytes) -> bool:
    try:
        parse_drawing(line.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _last_lines(file: IO[bytes]) -> tuple[bytes, bytes]:
    """Return the last complete line of a file, and what was begun after it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2 * MAX_LINE))
    *complete, begun = file.read().rsplit(b"\n", 2)
    return complete[-1] if complete else b"", begun


def _is_appendable(path: Path) -> bool:
    """Whether a line can follow the last one: it is a drawing, in plain text."""
    with opened(path, "rb") as file:
        last, begun = _last_lines(file)
    is_first = len(begun) == path.stat().st_size and begun[:1] in (b"", b"{", b"\0")
    return _is_drawing(last) if last else is_first


def _append(path: Path, content: bytes) -> int:
    """Append lines after the last complete one and flush them to the disk, or leave all as it was.

    What a program wrote of a line before it was killed is written over. Returned is how many lines
    have got their end.
    """
    is_new = not path.exists()
    with opened(path, "x+b" if is_new else "r+b") as file:
        _, begun = _last_lines(file)
        end = file.seek(0, os.SEEK_END)
        if _is_drawing(begun):  # only its end is missing
            content = b"\n" + content
        else:
            end -= len(begun)
        file.seek(end)
        left = content
        try:
            while left:  # a full disk takes a part, and refuses the rest
                left = left[file.write(left) :]
            file.truncate()
            flush_to_disk(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(end)
            raise
    if is_new:
        with suppress(OSError):  # not every network drive can sync a folder
            sync_folder(path.parent)
    return content.count(b"\n")


@dataclass(frozen=True, eq=False)
class DigitsOrder:
    """What is to be done with the user's digits.

    Attributes
    ----------
    my_digits : MyDigits
        Where they are kept.
    added, removed : tuple of Drawing
        To be kept, or forgotten.
    shows : bool
        Whether all that are there afterwards are to be read.
    """

    my_digits: MyDigits
    added: tuple[Drawing, ...] = ()
    removed: tuple[Drawing, ...] = ()
    shows: bool = False


@dataclass(frozen=True, eq=False)
class KeptDigits:
    """The user's digits after an order.

    Attributes
    ----------
    order : DigitsOrder
        What was done.
    count : int
        How many there are.
    drawings : tuple of Drawing or None
        All of them, if they are to be shown.
    notice : str
        What the user should know of the file, in a sentence; mostly empty.
    """

    order: DigitsOrder
    count: int
    drawings: tuple[Drawing, ...] | None
    notice: str


def keep_digits(
    order: DigitsOrder,
    *,
    on_progress: OnProgress,  # noqa: ARG001 - a job; each takes a second or two at most
    should_stop: ShouldStop,  # noqa: ARG001 - nothing is half done
) -> KeptDigits:
    """Change and read the user's digits.

    Raises
    ------
    StorageError
        If a change cannot be written; nothing has changed then.
    """
    mine = order.my_digits
    if order.removed:
        mine.remove(order.removed)
    if order.added:
        mine.add(order.added)
    drawings = mine.drawings if order.shows else None
    notice, mine.notice = mine.notice, ""
    return KeptDigits(order, mine.count if drawings is None else len(drawings), drawings, notice)
