"""Training and test digits from a folder or a file; by their content they are MNIST or not."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.csv_file import read_csv
from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.file_kind import READABLE, file_kind, refusal
from mnist_desktop.digits.found_digits import FoundDigits
from mnist_desktop.digits.idx_file import (
    IDX_NAMES,
    find_idx,
    idx_sha256,
    read_idx_images,
    read_idx_labels,
)
from mnist_desktop.digits.mat_file import read_mat
from mnist_desktop.digits.npz_file import read_npy, read_npz
from mnist_desktop.digits.parquet_file import parquet_splits, read_parquet, read_parquet_splits
from mnist_desktop.digits.picture_folder import holds_pictures, read_picture_folder
from mnist_desktop.digits.picture_ways import BY_SIZE
from mnist_desktop.errors import DataFileError
from mnist_desktop.files.naming import special_kind
from mnist_desktop.progress import OnProgress, ShouldStop

logger = logging.getLogger(__name__)

WHOLE = (".csv", ".csv.gz", ".tsv", ".npz", ".mat")
TEST_SHARE, SPLIT_SEED = 0.2, 2026  # of digits that nobody divided; as the sample is

# SHA-256 of the four uncompressed IDX files published by LeCun, Cortes and Burges.
MNIST_SHA256 = {
    "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "test_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "test_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def make_dataset(train: Digits, test: Digits, source: str) -> Dataset:
    """Join two splits and find out by their content whether they are MNIST.

    Raises
    ------
    DataFileError
        If a split is empty.
    """
    for name, digits in (("training", train), ("test", test)):
        if len(digits) == 0:
            raise DataFileError(f"The {name} digits of {source} are empty; choose other files.")
    is_mnist = _is_mnist(
        train_images=train.images,
        train_labels=train.labels,
        test_images=test.images,
        test_labels=test.labels,
    )
    return Dataset(train, test, "mnist" if is_mnist else "custom", source)


def read_test_digits(folder: Path) -> Digits:
    """Read MNIST's test digits from their two IDX files.

    Raises
    ------
    DataFileError
        If a file is missing or damaged, or its content is not MNIST's.
    """
    names = (IDX_NAMES["test_images"], IDX_NAMES["test_labels"])
    found = [path for name in names for path in folder.glob(f"{name}*")]
    if len(found) != len(names):
        raise DataFileError(f"{folder} holds no {' and '.join(names)}, or several of them.")
    digits = _read_split(dict(zip(("test_images", "test_labels"), found, strict=True)), "test")
    if not _is_mnist(test_images=digits.images, test_labels=digits.labels):
        raise DataFileError(f"The digits in {folder} are not MNIST's test digits.")
    return digits


def _is_mnist(**found: NDArray[np.uint8]) -> bool:
    """Whether parts of a dataset, called as in `MNIST_SHA256`, are MNIST's."""
    return all(idx_sha256(array) == MNIST_SHA256[part] for part, array in found.items())


def read_dataset(
    path: Path,
    source: str | None = None,
    *,
    pictures: str = BY_SIZE,
    on_progress: OnProgress = lambda _: None,
    should_stop: ShouldStop = lambda: False,
) -> Dataset:
    """Read digits from a file or a folder of any kind that is known, told by its content.

    What is not divided is split by class with a fixed seed, and the note says so.

    Parameters
    ----------
    path : Path
        The folder or the file.
    source : str, optional
        Where the digits come from in words; the path otherwise.
    pictures : str
        How pictures are to be taken, of `picture_ways.PICTURE_WAYS`.
    on_progress : callable
        Gets a `FileProgress` or a `PhaseProgress` now and then, while something large is read.
    should_stop : callable
        Ends the reading when it answers True.

    Raises
    ------
    DataFileError
        If anything is missing, damaged, or not digits with labels 0 to 9.
    JobCancelled
        If ``should_stop`` answered True.
    """
    if kind := special_kind(path):
        raise DataFileError(f"{path} is no file of digits but {kind}; choose a {READABLE}.")
    try:
        is_folder, is_file = path.is_dir(), path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise DataFileError(
            f"{path} cannot be read ({error.strerror}); choose another file or folder of digits."
        ) from error
    if is_folder:
        found = _read_folder(path, pictures, on_progress, should_stop)
    elif is_file:
        found = _read_file(path, pictures, on_progress, should_stop)
    else:
        raise DataFileError(f"There are no digits at {path}; choose a {READABLE}.")
    source = source or str(path)
    if len(found.train) == 0:
        raise DataFileError(f"The training digits of {source} are empty; choose other files.")
    notes = found.notes
    if found.test is None:
        train, test = found.train.split(TEST_SHARE, SPLIT_SEED)
        if len(test) == 0:
            raise DataFileError(
                f"{source} holds {formats.count(len(train), 'digit')}, too few to test on a fifth "
                "of each class; choose a file with at least three of each."
            )
        notes = (*notes, f"It has no test digits, so {len(test):,} were taken out (a fifth).")
    else:
        train, test = found.train, found.test
    dataset = make_dataset(train, test, source)
    return replace(dataset, note=" ".join(notes), pictures=found.pictures)


def _read_file(
    path: Path, pictures: str, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    kind = file_kind(path)
    if kind == "npz":
        return read_npz(path)
    if kind == "npy":
        return read_npy(path)
    if kind == "idx":
        return _read_idx(path.parent, path)
    if kind == "mat":
        return read_mat(path)
    if kind == "csv":
        return read_csv(path, on_progress=on_progress, should_stop=should_stop)
    if kind == "parquet":
        return read_parquet(path, pictures, on_progress=on_progress, should_stop=should_stop)
    raise refusal(path, kind)


def _read_folder(
    folder: Path, pictures: str, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    if holds_pictures(folder):
        return read_picture_folder(
            folder, pictures, on_progress=on_progress, should_stop=should_stop
        )
    if splits := parquet_splits(folder):
        return read_parquet_splits(
            splits, pictures, on_progress=on_progress, should_stop=should_stop
        )
    if any(folder.glob("*.npy")):
        return read_npy(folder)
    files = _whole_files(folder)
    if len(files) == 1 or "train" in files:
        first = files.get("train") or next(iter(files.values()))
        found = _read_file(first, pictures, on_progress, should_stop)
        if found.test is not None or "test" not in files:
            return found
        return _with_test(found, files["test"], on_progress, should_stop)
    return _read_idx(folder)


def _whole_files(folder: Path) -> dict[str, Path]:
    """Files of a folder that hold images and labels at once, by their split or else their name."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.lower().endswith(WHOLE) and path.is_file():
            splits = [split for split in ("train", "test") if split in path.name.lower()]
            found.setdefault(splits[0] if splits else path.name, path)
    return found


def _with_test(
    found: FoundDigits, path: Path, on_progress: OnProgress, should_stop: ShouldStop
) -> FoundDigits:
    """Add the test digits of a file beside; Kaggle's has no labels, and is passed over."""
    try:
        test = _read_file(path, BY_SIZE, on_progress, should_stop)
    except DataFileError as error:
        logger.warning("Passed over %s: %s", path, error)
        return replace(found, notes=(*found.notes, f"{path.name} was left out: it has no labels."))
    return replace(found, test=test.train, notes=tuple(dict.fromkeys(found.notes + test.notes)))


def _read_idx(folder: Path, chosen: Path | None = None) -> FoundDigits:
    files = find_idx(folder, chosen)
    return FoundDigits(_read_split(files, "train"), _read_split(files, "test"))


def _read_split(files: dict[str, Path], split: str) -> Digits:
    known = read_idx_labels(files[f"{split}_labels"])  # first, for they are small
    return Digits(read_idx_images(files[f"{split}_images"], len(known)), known)
