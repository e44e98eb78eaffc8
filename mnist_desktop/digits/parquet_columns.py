"""Digits in the columns of a Parquet file, read with arro3; for a child process, as it may crash.

`mnist_desktop.digits.parquet_file` starts that process and says how the two speak.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from arro3.core import DataType, list_flatten, list_offsets, struct_field
from arro3.io import read_parquet

from mnist_desktop.digits.array_names import name_parts
from mnist_desktop.digits.dataset import MAX_DIGITS, SIDE
from mnist_desktop.digits.digit_rows import DigitRows, find_columns
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.picture_ways import PictureReader
from mnist_desktop.digits.usual_forms import Array
from mnist_desktop.errors import DataFileError, MnistDesktopError
from mnist_desktop.files.child import limit_this_process

BATCH = 200  # rows that are read at once
MAX_BATCH = 200_000_000  # bytes of them; 200 images of 28×28 in float64 take 1.3 MB
MAX_COLUMNS = 2_000
MEMORY = 3_000_000_000  # bytes: a million digits in a byte a pixel, twice, and a batch
NEEDED = "a column image and a column label are needed, or a label and 784 grey values a row"
NEITHER = ("", "")
INDEX = ("__index_level_0__", "unnamed: 0", "index", "id")  # what pandas and others add


def read_for_parent(path: Path, way: str) -> None:
    """Read a file and write what is in it to the standard output; only in a child process."""
    limit_this_process(MEMORY)
    # Whatever the interpreter has made of it: a program without a console may have no sys.stdout.
    with os.fdopen(os.dup(1), "wb") as output:

        def tell(**what: object) -> None:
            output.write(json.dumps(what).encode() + b"\n")
            output.flush()

        try:
            found = read_columns(path, way, on_rows=lambda count: tell(done=count))
        except MnistDesktopError as error:
            tell(error=str(error))
            return
        tell(count=len(found.train), notes=found.notes, pictures=found.pictures)
        output.write(found.train.images.tobytes())
        output.write(found.train.labels.tobytes())


def read_columns(path: Path, way: str, *, on_rows: Callable[[int], None]) -> FoundDigits:
    """Read the digits of a file.

    Parameters
    ----------
    path : Path
        The file.
    way : str
        How pictures are to be taken, of `picture_ways.PICTURE_WAYS`.
    on_rows : callable
        Gets the number of rows that have been read, now and then.

    Raises
    ------
    DataFileError
        If its columns are no digits with labels. What is damaged ends in any other exception, or
        ends the process.
    """
    rows = DigitRows(path)
    pictures = PictureReader(way)
    columns: _Columns | None = None
    seen = 0
    for batch in read_parquet(path, batch_size=BATCH):
        if batch.nbytes > MAX_BATCH:
            raise DataFileError(f"{path} holds rows that are too large for digits of 28×28 pixels.")
        if batch.num_rows == 0:
            continue
        columns = columns or _find_columns(batch, path)
        rows.add(*columns.take(batch, pictures, seen))
        seen += batch.num_rows
        if seen > MAX_DIGITS:  # even of pictures that are left out
            raise DataFileError(f"{path} holds more than {MAX_DIGITS:,} rows; choose another file.")
        on_rows(seen)
    if columns is None or not len(rows):
        raise DataFileError(f"{path} holds no picture of one digit that can be read.")
    found = rows.digits(columns.described(), f"The column {columns.label} of {path}")
    told = (*found.notes, *pictures.notes())
    return FoundDigits(found.train, None, told, way if columns.are_pictures else "")


@dataclass(frozen=True)
class _Columns:
    """Which columns hold the label and the image.

    Attributes
    ----------
    path : Path
        The file.
    label : str
        Name of the label's.
    image : tuple of str
        Name of the column of pictures or of lists, or of each pixel's.
    are_pictures : bool
        Whether its pixels have to be read from picture files.
    """

    path: Path
    label: str
    image: tuple[str, ...]
    are_pictures: bool

    def described(self) -> str:
        """Where the images are, as the beginning of a sentence."""
        where = str(self.path)
        return f"The column {self.image[0]} of {where}" if len(self.image) == 1 else where

    def take(self, batch: Any, pictures: PictureReader, seen: int) -> tuple[Array, Array]:
        """Return labels and pixels of some rows, with so many before them."""
        labels = _labels(batch.column(self.label), f"The column {self.label} of {self.path}")
        column = batch.column(self.image[0])
        if self.are_pictures:
            files = enumerate(_pictures(column, self.described()), seen)
            read = [pictures.read(file, f"that of row {row:,}") for row, file in files]
            taken = [image.reshape(-1) for image in read if image is not None]
            is_taken = np.array([image is not None for image in read])
            return labels[is_taken], np.array(taken, np.uint8).reshape(len(taken), SIDE * SIDE)
        if len(self.image) > 1:
            each = [_numbers(batch.column(name), f"The column {name}") for name in self.image]
            return labels, np.concatenate(each, axis=1)
        return labels, _numbers(column, self.described())


def _find_columns(batch: Any, path: Path) -> _Columns:
    """Find out by names, types and the first rows which columns are what."""
    kinds = {name: batch.column(name).type for name in batch.column_names}
    if len(kinds) > MAX_COLUMNS:
        raise DataFileError(f"{path} has more than {MAX_COLUMNS:,} columns; {NEEDED}.")
    whole = [name for name, kind in kinds.items() if DataType.is_nested(kind) or _is_binary(kind)]
    parts = {name: (name_parts(name) or NEITHER)[1] for name in kinds}
    labels = [name for name in kinds if parts[name] == "labels"]
    images = [name for name in whole if parts[name] == "images"]
    images = images or [name for name in whole if name not in labels]
    numbers = [name for name, kind in kinds.items() if DataType.is_numeric(kind)]
    if images:
        labels = labels or [name for name in numbers if DataType.is_integer(kinds[name])]
        if len(labels) != 1:
            raise _not_found(kinds, path)
        kind = kinds[images[0]]
        return _Columns(path, labels[0], (images[0],), DataType.is_struct(kind) or _is_binary(kind))
    pixels = [name for name in numbers if name.lower() not in INDEX and name not in labels]
    if not pixels:
        raise _not_found(kinds, path)
    if len(labels) == 1:
        return _Columns(path, labels[0], tuple(pixels), False)
    table = np.concatenate([_numbers(batch.column(name), name) for name in pixels], axis=1)
    label, others = find_columns(table, [], path)
    return _Columns(path, pixels[label], tuple(pixels[at] for at in others), False)


def _not_found(kinds: Iterable[str], path: Path) -> DataFileError:
    held = ", ".join(islice(kinds, 8)) or "nothing"
    return DataFileError(f"{path} holds no images with their labels (it holds {held}); {NEEDED}.")


def _is_binary(kind: Any) -> bool:
    return bool(
        DataType.is_binary(kind) or DataType.is_large_binary(kind) or DataType.is_binary_view(kind)
    )


def _labels(column: Any, name: str) -> Array:
    """Labels as numbers or texts, or of one-hot ones a row each."""
    values = column.to_pylist()
    try:
        labels = np.array(values)
    except ValueError:  # lists of several lengths
        labels = np.array([None])
    if labels.dtype.kind == "O":
        raise DataFileError(f"{name} lacks a label or has one that is none; 0 to 9 are needed.")
    return labels


def _pictures(column: Any, name: str) -> list[bytes]:
    if DataType.is_struct(column.type):
        parts = [field.name for field in column.type.fields]
        if "bytes" not in parts:
            raise DataFileError(f"{name} holds {', '.join(parts[:8])}; pictures' bytes are needed.")
        column = struct_field(column, parts.index("bytes"))
    if column.null_count or not _is_binary(column.type):
        raise DataFileError(
            f"{name} lacks a picture, or only names its file; save the pictures themselves in it."
        )
    found: list[bytes] = column.to_pylist()
    return found


def _numbers(column: Any, name: str) -> Array:
    """Numbers of a column, a row each, whatever lists they are in."""
    rows = len(column)
    while DataType.is_nested(column.type) and not DataType.is_struct(column.type):
        inner = list_flatten(column)
        if not DataType.is_fixed_size_list(column.type):
            lengths = np.diff(list_offsets(column).to_numpy())
            if len(lengths) and (lengths != lengths[0]).any():
                raise DataFileError(f"{name} has lists of several lengths; 784 numbers are needed.")
        column = inner
    is_known = DataType.is_primitive(column.type) or DataType.is_boolean(column.type)
    if column.null_count or not is_known:
        raise DataFileError(f"{name} lacks some grey values; 784 numbers a digit are needed.")
    values: Array = column.to_numpy()
    return values.reshape(rows, -1)
