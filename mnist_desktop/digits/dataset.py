"""Labelled digits in memory, and the forms in which a network takes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.errors import DataFileError

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]

SIDE = 28
CLASSES = 10
MAX_DIGITS = 1_000_000

MNIST_TRAIN = 60_000  # training digits of MNIST
DATASET_NAMES = {"mnist": "MNIST", "sample": "MNIST sample", "custom": "Own digits"}


@dataclass(frozen=True)
class Digits:
    """Images with their labels.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values, 0 paper to 255 ink.
    labels : ndarray of uint8, shape (n,)
        What each image shows, 0 to 9.

    Raises
    ------
    DataFileError
        If the arrays do not have these shapes, types or values, or do not match.
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        """Check the arrays and protect them from being written to."""
        _check_images(self.images, "the images")
        check_labels(self.labels, "the labels")
        check_counts(len(self.images), len(self.labels))
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    def __len__(self) -> int:
        """Return the number of digits."""
        return len(self.labels)

    def take(self, indices: NDArray[np.intp]) -> Digits:
        """Return the digits at the given indices, in that order."""
        return Digits(self.images[indices], self.labels[indices])

    def split(self, share: float, seed: int) -> tuple[Digits, Digits]:
        """Divide into two, each class by the same fraction.

        Parameters
        ----------
        share : float
            Fraction of each class that goes to the second part, 0 to 1.
        seed : int
            Decides which digits those are.

        Returns
        -------
        tuple of Digits
            What stays and what was taken, both in the original order.
        """
        stay, taken = self.split_indices(share, seed)
        return self.take(stay), self.take(taken)

    def split_indices(self, share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Indices of the digits of the two parts that `split` makes, without copying any."""
        rng = np.random.default_rng(seed)
        taken = np.zeros(len(self), dtype=bool)
        for label in range(CLASSES):
            indices = np.flatnonzero(self.labels == label)
            taken[rng.permutation(indices)[: round(share * len(indices))]] = True
        return np.flatnonzero(~taken), np.flatnonzero(taken)


@dataclass(frozen=True)
class Dataset:
    """Digits to learn from and digits to be tested on.

    Attributes
    ----------
    train, test : Digits
        The two splits; they share no digit.
    name : {"mnist", "sample", "custom"}
        MNIST itself (verified by content; in the Reader with 5,000 of its training digits), the
        embedded sample, or the user's own digits.
    source : str
        Where they came from, in words.
    note : str
        Why it is not MNIST, what was changed in reading, or what does not fit; mostly empty.
    offer : tuple of str
        How the digits would fit better, of `turns.TURNS`; empty if they are as they should be.
    pictures : str
        How the pictures that they come from were taken, of `picture_ways.PICTURE_WAYS`; empty if
        they were none.
    classes : ClassNames
        What the labels stand for.
    """

    train: Digits
    test: Digits
    name: str
    source: str
    note: str = ""
    offer: tuple[str, ...] = ()
    pictures: str = ""
    classes: ClassNames = DIGITS

    @property
    def verified(self) -> bool:
        """Whether the content is MNIST's, byte for byte: all test digits, and what else is here."""
        return self.name == "mnist"

    @property
    def is_whole(self) -> bool:
        """Whether all of MNIST's training digits are here, if it is MNIST."""
        return not self.verified or len(self.train) == MNIST_TRAIN

    @property
    def fingerprint(self) -> str:
        """Identifies these digits: a hash of their labels and every fiftieth image."""
        digest = hashlib.sha256()
        for digits in (self.train, self.test):
            digest.update(np.int64(len(digits)).tobytes())
            digest.update(np.ascontiguousarray(digits.labels).data)
            digest.update(np.ascontiguousarray(digits.images[::50]).data)
        return digest.hexdigest()

    @property
    def title(self) -> str:
        """Name and size for the screen, for example ``"MNIST 60,000/10,000"``."""
        return f"{dataset_name(self.name, self.classes)} {len(self.train):,}/{len(self.test):,}"


def dataset_name(name: str, classes: ClassNames = DIGITS) -> str:
    """Name a dataset for the screen.

    Parameters
    ----------
    name : {"mnist", "sample", "custom"}
        As `Dataset.name`.
    classes : ClassNames, optional
        What its labels stand for.
    """
    return DATASET_NAMES[name] if classes.are_digits else classes.title or "Own images"


def check_counts(images: int, labels: int) -> None:
    """Refuse images and labels that do not match in number.

    Raises
    ------
    DataFileError
        If there are more of one than of the other.
    """
    if images != labels:
        raise DataFileError(
            "Each image needs one label, but here are "
            f"{formats.count(images, 'image')} and {formats.count(labels, 'label')}."
        )


def _check_images(images: NDArray[np.generic], where: str) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise DataFileError(
            f"Images of 28×28 grey values from 0 to 255 are needed, but {where} have the shape "
            f"{images.shape} and the type {images.dtype}."
        )


def check_labels(labels: NDArray[np.generic], where: str) -> None:
    """Refuse an array that does not hold one label from 0 to 9 for each digit.

    Parameters
    ----------
    labels : ndarray
        What was found: uint8, shape (n,), is expected.
    where : str
        What holds them, as the middle of a sentence: ``"the labels"``.

    Raises
    ------
    DataFileError
        If the type, the shape or a value is another.
    """
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise DataFileError(
            f"Labels are one integer for each digit, but {where} have the shape {labels.shape} "
            f"and the type {labels.dtype}."
        )
    if labels.size and int(labels.max()) >= CLASSES:
        raise DataFileError(f"Labels from 0 to 9 are needed, but {where} hold {int(labels.max())}.")


def as_network_input(images: Images, input_shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Scale grey values to [0, 1] and shape them as a network takes them.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        Grey values.
    input_shape : tuple of int
        Shape of one digit: ``(784,)``, ``(28, 28)`` or ``(28, 28, 1)``.

    Returns
    -------
    ndarray of float32, shape (n, *input_shape)
    """
    return (images.astype(np.float32) / np.float32(255)).reshape(-1, *input_shape)
