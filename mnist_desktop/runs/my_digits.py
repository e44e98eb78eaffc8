"""The user's own digits: drawings with what they were meant to be, kept to learn from."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from mnist_desktop.digits.stroke_file import Drawing, as_lines, read_drawings
from mnist_desktop.errors import OTHER_HOME, ImageFileError, StorageError, reason, unwritable
from mnist_desktop.runs.locks import locked
from mnist_desktop.runs.whole_file import set_aside, write_whole

logger = logging.getLogger(__name__)

LOCK_SECONDS = 2.0


class MyDigits:
    """Labelled drawings in one file, in the program's stroke format.

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
        self._drawings: list[Drawing] = []
        if not path.exists():
            return
        try:
            self._drawings = _read(path)
        except ImageFileError as error:
            logger.warning("%s cannot be read: %s", path, error)
            try:
                where = f"it is now {set_aside(path, 'damaged')}, and a new one is begun"
            except OSError as cause:
                where = f"it stays as it is, and none can be added ({reason(cause)})"
            self.notice = f"The file of your own digits cannot be read; {where}."

    def __len__(self) -> int:
        return len(self._drawings)

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """All of them, the oldest first; each has ink and a label."""
        return tuple(self._drawings)

    def add(self, drawings: Iterable[Drawing]) -> None:
        """Keep more drawings.

        Raises
        ------
        ValueError
            If one has no ink or no label.
        StorageError
            If they cannot be written; none of them is kept then.
        """
        more = list(drawings)
        if not all(one.ink and one.label is not None for one in more):
            raise ValueError("a drawing needs ink and a label to be kept")
        self._change(lambda there: [*there, *more])

    def remove(self, drawings: Iterable[Drawing]) -> None:
        """Forget drawings.

        Raises
        ------
        StorageError
            If that cannot be written; all of them are kept then.
        """
        gone = Counter(as_lines(drawings))

        def keeps(line: str) -> bool:
            gone[line] -= 1
            return gone[line] < 0

        self._change(lambda there: [one for one in there if keeps(next(iter(as_lines([one]))))])

    def export(self, output: Path) -> Path:
        """Write all of them to another file, and return its full path.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        return _write(output, self._drawings)

    def _change(self, change: Callable[[list[Drawing]], list[Drawing]]) -> None:
        """Change what is in the file now: another program may have added to it."""
        refusal = "Another program is changing your digits; try again in a moment."
        try:
            self.path.parent.stat()  # it would be made anew for the lock
            with locked(self.path.with_name(f".{self.path.name}.lock"), LOCK_SECONDS, refusal):
                drawings = change(_read(self.path) if self.path.exists() else [])
                _write(self.path, drawings)
        except OSError as error:
            raise unwritable(self.path, error, OTHER_HOME) from error
        except ImageFileError as error:  # it is not written over
            raise StorageError(f"Your digits cannot be changed: {error}") from error
        self._drawings = drawings


def _read(path: Path) -> list[Drawing]:
    if path.stat().st_size == 0:  # the last one was removed
        return []
    return [one for one in read_drawings(path) if one.label is not None]


def _write(path: Path, drawings: list[Drawing]) -> Path:
    """Write the drawings, whole or not at all, and read them back."""

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(as_lines(drawings))

    def check(beside: Path) -> None:
        if len(_read(beside)) != len(drawings):
            raise OSError(None, "what was written cannot be read back")

    return write_whole(path, write, check)
