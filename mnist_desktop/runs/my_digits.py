"""The user's own digits: drawings with what they were meant to be, kept to learn from."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from pathlib import Path

from mnist_desktop.digits.stroke_file import Drawing, as_lines, read_drawings
from mnist_desktop.errors import ImageFileError, unwritable
from mnist_desktop.runs.whole_file import replace_file, set_aside

logger = logging.getLogger(__name__)


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
        if path.is_file():
            try:
                self._drawings = [one for one in read_drawings(path) if one.label is not None]
            except ImageFileError as error:
                with contextlib.suppress(OSError):
                    aside = set_aside(path, "damaged")
                    logger.warning("Set the damaged %s aside as %s: %s", path, aside, error)
                    self.notice = (
                        f"The file of your own digits is damaged; it is now {aside}, and a new "
                        "one is begun."
                    )

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
        self._write([*self._drawings, *more])

    def remove(self, drawings: Iterable[Drawing]) -> None:
        """Forget drawings.

        Raises
        ------
        StorageError
            If that cannot be written; all of them are kept then.
        """
        gone = {id(one) for one in drawings}
        self._write([one for one in self._drawings if id(one) not in gone])

    def export(self, output: Path) -> None:
        """Write all of them to another file.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        _write_whole(output, self._drawings)

    def _write(self, drawings: list[Drawing]) -> None:
        _write_whole(self.path, drawings)
        self._drawings = drawings


def _write_whole(path: Path, drawings: list[Drawing]) -> None:
    """Write the drawings, whole or not at all, and read them back."""

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(as_lines(drawings))

    def check(beside: Path) -> None:
        if drawings and len(list(read_drawings(beside))) != len(drawings):
            raise OSError(None, "what was written cannot be read back")

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, write, check)
    except OSError as error:
        raise unwritable(path, error) from error
