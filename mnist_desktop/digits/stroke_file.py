"""Drawings in a text file: one JSON object a line, gzipped or not."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.ink import Ink
from mnist_desktop.errors import ImageFileError
from mnist_desktop.files.reading import open_regular

MAX_LINE = 500_000  # bytes; a drawing has some hundred points of a dozen bytes
MAX_SIZE = 100_000_000  # bytes, once unpacked
MAX_DRAWINGS = 100_000
MAX_STROKES = 1_000_000  # of all drawings


class _TooMuchError(Exception):
    """The file has more than is read; the text continues from its name."""


@dataclass(frozen=True)
class Drawing:
    """Ink, and what is known about it.

    Attributes
    ----------
    ink : Ink
        The strokes.
    label : int or None
        The digit it is meant to be.
    writer : int or None
        Number of the person who drew it.
    """

    ink: Ink
    label: int | None = None
    writer: int | None = None


def read_drawings(path: Path, *, torn_end: bool = False) -> Iterator[Drawing]:
    """Read drawings from a file.

    Parameters
    ----------
    path : Path
        Lines such as ``{"label": 7, "strokes": [[[x, y], ...], ...]}``, y down; ``label`` and
        ``writer`` need not be there, and empty lines are passed over.
    torn_end : bool, optional
        Whether to pass over the last line as well if it has no end and is no drawing: a program
        was killed while it wrote it.

    Yields
    ------
    Drawing
        One a line, in file order.

    Raises
    ------
    ImageFileError
        If there is no such file or a line is no drawing.
    """
    for one in read_lines(path, open_regular, torn_end=torn_end):
        if isinstance(one, ImageFileError):
            raise one
        yield one


def read_lines(
    path: Path, open_file: Callable[[Path], BufferedReader], *, torn_end: bool = False
) -> Iterator[Drawing | ImageFileError]:
    """Read drawings from a file, and continue after a line that is none.

    Parameters
    ----------
    path : Path
        As `read_drawings` takes it.
    open_file : callable
        `mnist_desktop.files.reading.open_regular`, or `open_given` where a pipe will do.
    torn_end : bool, optional
        As `read_drawings` takes it.

    Yields
    ------
    Drawing or ImageFileError
        One a line, in file order; the error says why a line is no drawing.

    Raises
    ------
    ImageFileError
        If there is no such file, or it cannot be read any further.
    """
    number = strokes = 0
    try:
        with open_file(path) as file:
            for number, line in enumerate(_lines(file, torn_end), start=1):
                if not line.strip():
                    continue
                try:
                    values = _parse(line)
                    drawing = _as_drawing(values)
                except (ValueError, RecursionError) as error:
                    if torn_end and _is_torn(line, number):
                        return
                    yield _no_drawing(path, number, error)
                    continue
                strokes += len(values["strokes"])
                if strokes > MAX_STROKES:
                    raise _TooMuchError(f"has more than {MAX_STROKES:,} strokes")
                yield drawing
    except FileNotFoundError:
        raise ImageFileError(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise ImageFileError(
            f"{path} cannot be read as text beyond line {number} ({error}); get the file again."
        ) from error
    except _TooMuchError as error:
        raise ImageFileError(f"{path} {error}; divide it into smaller files.") from error


def _is_torn(line: str, number: int) -> bool:
    """Whether a line was begun and not finished; a file of another kind may have but one line."""
    return not line.endswith("\n") and (number > 1 or line[0] in "{\0")


def _no_drawing(path: Path, number: int, error: Exception) -> ImageFileError:
    return ImageFileError(
        f"Line {number} of {path} is no drawing ({error}); "
        '{"strokes": [[[x, y], ...], ...]} is needed.'
    )


def parse_drawing(line: str) -> Drawing:
    """Read the drawing of one line.

    Raises
    ------
    ValueError, RecursionError
        If it is none.
    """
    return _as_drawing(_parse(line))


def as_lines(drawings: Iterable[Drawing]) -> Iterator[str]:
    """Write drawings as the lines that `read_drawings` reads; positions keep four decimals."""
    for drawing in drawings:
        strokes = [
            [[round(float(x), 4), round(float(y), 4)] for x, y in stroke]
            for stroke in drawing.ink.strokes
        ]
        known = {"label": drawing.label, "writer": drawing.writer}
        line = {name: value for name, value in known.items() if value is not None}
        yield json.dumps({**line, "strokes": strokes}, separators=(",", ":")) + "\n"


def _lines(file: BufferedReader, torn_end: bool) -> Iterator[str]:
    """Lines of a file, gzipped or not, and no more of them than a file of drawings has."""
    is_gzipped = file.peek(2).startswith(b"\x1f\x8b")
    text = gzip.GzipFile(fileobj=file) if is_gzipped else file
    size = count = 0
    while line := text.readline(MAX_LINE + 1):
        size, count = size + len(line), count + 1
        if len(line) > MAX_LINE:
            raise _TooMuchError(f"has a line of more than {MAX_LINE:,} characters")
        if size > MAX_SIZE:
            raise _TooMuchError(f"holds more than {MAX_SIZE // 10**6} MB")
        if count > MAX_DRAWINGS:
            raise _TooMuchError(f"has more than {MAX_DRAWINGS:,} lines")
        # Windows' editors begin a file with a byte-order mark; utf-8-sig passes over it.
        errors = "replace" if torn_end and not line.endswith(b"\n") else "strict"
        yield line.decode("utf-8-sig" if count == 1 else "utf-8", errors)


def _parse(line: str) -> dict[str, Any]:
    drawing = json.loads(line, parse_constant=lambda _: math.nan)
    if not isinstance(drawing, dict) or not isinstance(drawing.get("strokes"), list):
        raise ValueError("it has no list of strokes")
    return drawing


def _as_drawing(values: dict[str, Any]) -> Drawing:
    label = _count(values.get("label"))
    return Drawing(
        Ink.from_points(values["strokes"]),
        label if label is not None and label < CLASSES else None,
        _count(values.get("writer")),
    )


def _count(value: Any) -> int | None:
    """Return an integer that is not negative; ignore anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number else None
