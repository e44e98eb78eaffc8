"""Training and test digits from a folder or a file; by their content they are MNIST or not."""

from __future__ import annotations

from pathlib import Path

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.idx_file import (
    find_idx,
    idx_sha256,
    read_idx_images,
    read_idx_labels,
)
from mnist_desktop.digits.npz_file import read_npz
from mnist_desktop.errors import DataFileError

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
    found = {
        "train_images": train.images,
        "train_labels": train.labels,
        "test_images": test.images,
        "test_labels": test.labels,
    }
    is_mnist = all(idx_sha256(array) == MNIST_SHA256[part] for part, array in found.items())
    return Dataset(train, test, "mnist" if is_mnist else "custom", source)


def read_dataset(path: Path, source: str | None = None) -> Dataset:
    """Read a folder of four IDX files (gzipped or not) or a ``.npz`` file.

    Parameters
    ----------
    path : Path
        The folder or the file.
    source : str, optional
        Where the digits come from in words; the path otherwise.

    Raises
    ------
    DataFileError
        If anything is missing, damaged, or not 28×28 digits with labels 0 to 9.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise DataFileError(
            f"{path} cannot be read ({error.strerror}); choose another file or folder of digits."
        ) from error
    if is_folder:
        train, test = _read_split(path, "train"), _read_split(path, "test")
    elif is_file:
        train, test = read_npz(path)
    else:
        raise DataFileError(
            f"There are no digits at {path}; "
            "give a folder with the four MNIST files, or a .npz file."
        )
    return make_dataset(train, test, source or str(path))


def _read_split(folder: Path, split: str) -> Digits:
    images, labels = (find_idx(folder, f"{split}_{part}") for part in ("images", "labels"))
    known = read_idx_labels(labels)  # first, for they are small
    return Digits(read_idx_images(images, len(known)), known)
