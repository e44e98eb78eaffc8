"""Digits in Parquet files, as data hubs have them; what reads the files runs in a child process.

The reader is native code that a damaged file can end, and this program with it
(docs/decisions/parquet-is-read-in-a-child.md). The child writes lines of JSON to its standard
output, which tell how far it is; the last one tells what it found, or what is wrong. Behind it come
the images and the labels, a byte a pixel and a byte a label.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from mnist_desktop import edition
from mnist_desktop.digits.dataset import MAX_DIGITS, SIDE, Digits
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.errors import DataFileError, JobCancelled
from mnist_desktop.files.child import start_child
from mnist_desktop.files.reading import open_regular
from mnist_desktop.formats import count
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop

COMMAND = "read-parquet"
MAX_LINE = 10_000  # bytes of what the child says at once
MAX_FILES = 100  # of one split
PATIENCE_S = 60.0  # without a word from the child; a thousand rows are read in much less
POLL_S = 0.05
NAMED = ("train", "test", "valid")
SPLITS = re.compile(f"(?<![a-z])({'|'.join(NAMED)})")
DAMAGED = "is damaged, cut short, or packed in a way that is not known here; get the file again"


def read_parquet(
    path: Path, way: str, *, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    """Read a table of images with their labels.

    Parameters
    ----------
    path : Path
        The file. Its images are pictures (a column of their bytes, as Hugging Face has it), lists
        of grey values, or a column for each pixel.
    way : str
        How pictures are to be taken, of `picture_ways.PICTURE_WAYS`.
    on_progress : callable
        Gets a `PhaseProgress` now and then.
    should_stop : callable
        Ends the reading when it answers True.

    Raises
    ------
    DataFileError
        If it is damaged, holds no digits, or this installation cannot read Parquet.
    JobCancelled
        If ``should_stop`` answered True.
    """
    if not edition.can_train():
        raise DataFileError(edition.left_out("Reading Parquet files"))
    if not _has_reader():
        raise DataFileError(
            f"{path} is a Parquet file, which this installation cannot read; install "
            "mnist-desktop[parquet], or save the table as CSV, a label and 784 grey values a line."
        )
    _check_end(path)
    with _child(path, way) as output:
        for told in _lines(output, path, should_stop):
            if "done" in told:
                done = count(int(told["done"]), "digit")
                on_progress(PhaseProgress(f"Reading {path.name}: {done}"))
            elif "error" in told:
                raise DataFileError(str(told["error"]))
            else:
                return _found(output, told, path)
    raise DataFileError(f"{path} {DAMAGED}.")


def parquet_splits(folder: Path) -> dict[str, list[Path]]:
    """Parquet files of a folder, and of those in it, by the split that they are named after.

    Returns
    -------
    dict
        Of ``"train"`` and ``"test"`` to their files in order: validation digits are for testing
        where no others are, and what is named after none is for training. Empty if there are none.
    """
    found: dict[str, list[Path]] = {}
    for pattern in ("*.parquet", "*/*.parquet"):
        for path in sorted(islice(folder.glob(pattern), len(NAMED) * MAX_FILES + 1)):
            words = f"{path.name} {path.parent.name if path.parent != folder else ''}".lower()
            named = SPLITS.search(words)
            found.setdefault(named[0] if named else "train", []).append(path)
        if found:
            break
    if any(len(paths) > MAX_FILES for paths in found.values()):
        raise DataFileError(f"{folder} holds more than {MAX_FILES} Parquet files; choose one.")
    if validation := found.pop("valid", None):
        found.setdefault("test", validation)
    return found


def read_parquet_splits(
    splits: dict[str, list[Path]], way: str, *, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    """Read the files that `parquet_splits` found; see `read_parquet`."""
    notes: list[str] = []
    digits, pictures = {}, ""
    for split in (split for split in ("train", "test") if split in splits):
        parts = []
        for path in splits[split]:
            one = read_parquet(path, way, on_progress=on_progress, should_stop=should_stop)
            parts.append(one.train)
            notes += one.notes
            pictures = pictures or one.pictures
            if sum(map(len, parts)) > MAX_DIGITS:
                raise DataFileError(f"{path.parent} holds more than {MAX_DIGITS:,} digits.")
        digits[split] = Digits(
            np.concatenate([part.images for part in parts]),
            np.concatenate([part.labels for part in parts]),
        )
    first, *rest = digits.values()
    return FoundDigits(first, rest[0] if rest else None, tuple(dict.fromkeys(notes)), pictures)


def _has_reader() -> bool:
    try:
        return importlib.util.find_spec("arro3.io") is not None
    except ModuleNotFoundError:
        return False


def _check_end(path: Path) -> None:
    """Refuse a file that lacks its end, in which Parquet says what a file holds."""
    try:
        with open_regular(path) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4))
            if file.read() == b"PAR1":
                return
    except OSError as error:
        raise DataFileError(f"{path} cannot be read ({error.strerror or error}).") from error
    raise DataFileError(f"{path} is a Parquet file that is cut short; get the file again.")


@contextmanager
def _child(path: Path, way: str) -> Iterator[IO[bytes]]:
    """Start a child that reads a file, give its standard output, and end it."""
    import subprocess  # most starts of the program read no such file

    try:
        child = start_child(
            COMMAND,
            str(path.absolute()),
            way,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise DataFileError(f"{path} could not be opened ({error.strerror}).") from error
    with child:
        try:
            yield cast(IO[bytes], child.stdout)
        finally:
            child.kill()


def _lines(output: IO[bytes], path: Path, should_stop: ShouldStop) -> Iterator[dict[str, Any]]:
    """Yield what a child says, until it has said all or nothing more."""
    said: queue.Queue[bytes] = queue.Queue()
    # A pipe can be waited for with a limit on Linux and macOS alone; a thread can everywhere.
    threading.Thread(target=_listen, args=(output, said), daemon=True).start()
    waited = 0.0
    while True:
        if should_stop():
            raise JobCancelled
        try:
            line = said.get(timeout=POLL_S)
        except queue.Empty:
            waited += POLL_S
            if waited > PATIENCE_S:
                raise DataFileError(f"{path} takes too long to read; get the file again.") from None
            continue
        waited = 0.0
        try:
            told = json.loads(line)
        except ValueError:  # what it says is cut short where it crashed
            return
        yield told
        if "done" not in told:
            return


def _listen(output: IO[bytes], said: queue.Queue[bytes]) -> None:
    """Take lines up to the last one; what follows it is read by whoever gets that."""
    while True:
        try:
            line = output.readline(MAX_LINE)
        except (OSError, ValueError):  # the child was ended
            line = b""
        said.put(line)
        if not line.startswith(b'{"done"'):
            return


def _found(output: IO[bytes], told: dict[str, Any], path: Path) -> FoundDigits:
    count = min(int(told["count"]), MAX_DIGITS)
    images = np.frombuffer(output.read(count * SIDE * SIDE), np.uint8)
    labels = np.frombuffer(output.read(count), np.uint8)
    if len(labels) != count or count == 0:
        raise DataFileError(f"{path} {DAMAGED}.")
    digits = Digits(images.reshape(count, SIDE, SIDE).copy(), labels.copy())
    return FoundDigits(digits, None, tuple(map(str, told["notes"])), str(told["pictures"]))
