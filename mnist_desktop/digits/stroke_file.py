"""Drawings in a text file: one JSON object a line, gzipped or not."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.ink import Ink
from mnist_desktop.errors import ImageFileError


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


def read_drawings(path: Path) -> Iterator[Drawing]:
    """Read drawings from a file.

    Parameters
    ----------
    path : Path
        Lines such as ``{"label": 7, "strokes": [[[x, y], ...], ...]}``, y down; ``label`` and
        ``writer`` need not be there, and empty lines are passed over.

    Yields
    ------
    Drawing
        One a line, in file order.

    Raises
    ------
    ImageFileError
        If there is no such file or a line is no drawing.
    """
    number = 0
    try:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, start=1):  # noqa: B007 - told in the error
                if line.strip():
                    yield _parse(line)
    except FileNotFoundError:
        raise ImageFileError(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise ImageFileError(
            f"{path} cannot be read as text beyond line {number} ({error}); get the file again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ImageFileError(
            f"Line {number} of {path} is no drawing ({error}); "
            '{"strokes": [[[x, y], ...], ...]} is needed.'
        ) from error


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


def _open_text(path: Path) -> IO[str]:
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
    # Windows' editors begin a file with a byte-order mark; utf-8-sig passes over it.
    if gzipped:
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _parse(line: str) -> Drawing:
    drawing = json.loads(line, parse_constant=lambda _: math.nan)
    if not isinstance(drawing, dict) or not isinstance(drawing.get("strokes"), list):
        raise ValueError("it has no list of strokes")
    label = _whole_number(drawing.get("label"))
    return Drawing(
        Ink.from_points(drawing["strokes"]),
        label if label is not None and label < CLASSES else None,
        _whole_number(drawing.get("writer")),
    )


def _whole_number(value: Any) -> int | None:
    """A number that is whole and not negative; anything else tells nothing."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number else None
