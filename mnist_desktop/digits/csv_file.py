"""Digits in a table of numbers, one a line, as Kaggle has them."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.digit_rows import DigitRows, find_columns
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.usual_forms import Array
from mnist_desktop.errors import DataFileError, JobCancelled
from mnist_desktop.files.reading import open_regular
from mnist_desktop.progress import FileProgress, OnProgress, ShouldStop

# Whole numbers and nothing else, by the mark between them.
PLAIN = {mark: re.compile(f"[0-9](?:[0-9{mark}]*[0-9])?") for mark in ",;\t"}
ROWS = 500  # lines that are read at once
MAX_LINE = 32_768  # bytes; 785 numbers with all decimals of a float32 take half
MAX_EMPTY = 10_000  # lines without numbers
MAX_UNPACKED = 8_000_000_000  # bytes of a gzipped table


def read_csv(path: Path, *, on_progress: OnProgress, should_stop: ShouldStop) -> FoundDigits:
    """Read a table with a label and 784 grey values a line, with a heading or without.

    Parameters
    ----------
    path : Path
        The file, perhaps gzipped; its numbers are parted by commas, semicolons, tabs or spaces.
    on_progress : callable
        Gets a `FileProgress` after each few thousand lines.
    should_stop : callable
        Ends the reading when it answers True.

    Raises
    ------
    DataFileError
        If a line does not fit, or there are no labels.
    JobCancelled
        If ``should_stop`` answered True.
    """
    try:
        with open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            is_packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            lines = _lines(gzip.GzipFile(fileobj=file) if is_packed else file, path)
            table = _Table(path)
            while rows := list(islice(lines, ROWS)):
                if should_stop():
                    raise JobCancelled
                table.add(rows)
                on_progress(FileProgress(path.name, file.tell(), size))
    except (OSError, EOFError, zlib.error) as error:
        raise DataFileError(f"{path} is cut short or damaged ({error}).") from error
    return table.digits()


def _lines(file: BinaryIO | gzip.GzipFile, path: Path) -> Iterator[str]:
    """Yield the lines that are not empty; none is longer than a line of digits can be."""
    number = total = passed_over = 0
    while line := file.readline(MAX_LINE):
        number += 1
        total += len(line)
        if len(line) == MAX_LINE or total > MAX_UNPACKED:
            raise DataFileError(f"Line {number} of {path} is too long for a digit of 28×28 pixels.")
        try:
            text = line.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise DataFileError(f"Line {number} of {path} is no text; choose a CSV file.") from None
        if text and not text.startswith("#"):
            yield text
            continue
        passed_over += 1
        if passed_over > MAX_EMPTY:
            raise DataFileError(f"{path} has more than {MAX_EMPTY:,} empty lines; get it again.")


class _Table:
    """Collects the numbers of a file; its first lines tell what the columns are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: str | None = None
        self._heading: list[str] = []
        self._columns: tuple[int, NDArray[np.intp]] | None = None  # of the label, of the pixels
        self._rows = DigitRows(path)
        self._width = 0

    def add(self, rows: list[str]) -> None:
        """Take some lines."""
        if self._mark is None:
            self._mark = max(",;\t ", key=rows[0].count)
            heading = [one.strip(" \"'").lower() for one in rows[0].split(self._mark)]
            if not _is_number(heading[-1]):
                self._heading = heading
                rows = rows[1:]
        if not rows:
            return
        table = _numbers(rows, self._mark, len(self._rows), self._path)
        if self._columns is None:
            self._columns = find_columns(table, self._heading, self._path)
            self._width = table.shape[1]
        label, pixels = self._columns
        if table.shape[1] != self._width:
            raise DataFileError(f"{self._path} has lines of different lengths; get the file again.")
        self._rows.add(table[:, label], table[:, pixels])

    def digits(self) -> FoundDigits:
        """Make digits of all that was taken."""
        if not len(self._rows):
            raise DataFileError(f"{self._path} holds a heading and no digits; get the file again.")
        labels = f"The label column of {self._path}"
        return self._rows.digits(f"The table in {self._path}", labels)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(rows: list[str], mark: str, before: int, path: Path) -> Array:
    text = mark.join(rows)
    breaks = rows[0].count(mark)
    is_plain = mark in PLAIN and PLAIN[mark].fullmatch(text) and mark + mark not in text
    if is_plain and all(row.count(mark) == breaks for row in rows):
        # Five times as fast as loadtxt, and safe where each value is known to be a whole number.
        return np.fromstring(text, np.int64, sep=mark).reshape(len(rows), -1)
    try:
        return np.loadtxt(
            rows,
            np.float32,
            comments=None,
            delimiter=None if mark == " " else mark,
            quotechar='"',
            ndmin=2,
        )
    except (ValueError, OverflowError) as error:
        raise DataFileError(
            f"{path} is no table of digits: after digit {before:,}, {_in_short(error)}; each line "
            "needs a label and 784 grey values."
        ) from error


def _in_short(error: Exception) -> str:
    return str(error).split(";")[0].split("\n")[0].rstrip(".")[:120]
