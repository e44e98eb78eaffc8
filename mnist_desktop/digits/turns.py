"""Digits turned to lie as MNIST's do: inverted, transposed, mirrored, turned, scaled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mnist_desktop.digits.dataset import CLASSES, SIDE, Dataset, Digits, Images
from mnist_desktop.digits.image_import import normalise
from mnist_desktop.errors import InvalidInputError, JobCancelled
from mnist_desktop.progress import FileProgress, OnProgress, ShouldStop

ROWS = 1_000  # digits that are scaled between two reports
SCALED = "scaled"
RELABELLED = "labels-minus-1"  # MATLAB counts from 1
INVERTED = "inverted"
ORIENTATIONS: dict[str, Callable[[Images], Images]] = {
    "transposed": lambda images: images.transpose(0, 2, 1),
    "mirrored": lambda images: images[:, :, ::-1],
    "upside-down": lambda images: images[:, ::-1],
    "turned-left": lambda images: np.rot90(images, 1, (1, 2)),
    "turned-right": lambda images: np.rot90(images, -1, (1, 2)),
    "turned-round": lambda images: np.rot90(images, 2, (1, 2)),
    "transposed-round": lambda images: np.rot90(images, 2, (1, 2)).transpose(0, 2, 1),
}
TURNS = (INVERTED, *ORIENTATIONS, SCALED, RELABELLED)


def parse_turn(text: str) -> tuple[str, ...]:
    """Read a turn as a user writes it: one or more of `TURNS`, joined by ``+``.

    Raises
    ------
    InvalidInputError
        If a word is none of them.
    """
    words = tuple(word.strip().lower() for word in text.split("+")) if text else ()
    for word in words:
        if word not in TURNS:
            raise InvalidInputError(
                f"Digits cannot be {word!r}; choose of {', '.join(TURNS)}, joined by +."
            )
    return words


def turned_images(images: Images, turn: tuple[str, ...]) -> Images:
    """Turn images.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
    turn : tuple of str
        What to do with them, of `TURNS`; what is about labels changes none.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)
    """
    for word in turn:
        if word == INVERTED:
            images = 255 - images
        elif word == SCALED:
            images = _scaled(images)
        elif word in ORIENTATIONS:
            images = ORIENTATIONS[word](images)
    return np.ascontiguousarray(images)


def turned(
    dataset: Dataset, turn: tuple[str, ...], *, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Turn all digits of a dataset, and tell so in its note.

    Raises
    ------
    JobCancelled
        If ``should_stop`` answered True.
    """
    total, done = len(dataset.train) + len(dataset.test), 0
    splits = []
    for digits in (dataset.train, dataset.test):
        images = np.empty((len(digits), SIDE, SIDE), np.uint8)
        for start in range(0, len(digits), ROWS):
            if should_stop():
                raise JobCancelled
            images[start : start + ROWS] = turned_images(digits.images[start : start + ROWS], turn)
            on_progress(FileProgress(dataset.source, done + start, total))
        labels = digits.labels
        if RELABELLED in turn:
            labels = ((labels.astype(np.int16) - 1) % CLASSES).astype(np.uint8)
        splits.append(Digits(images, labels))
        done += len(digits)
    note = f"{dataset.note} They are used {' and '.join(turn)}.".strip()
    return replace(dataset, train=splits[0], test=splits[1], name="custom", note=note, offer=())


def _scaled(images: Images) -> Images:
    """Bring each digit to MNIST's size, contrast and place."""
    low = images.min(axis=(1, 2), keepdims=True).astype(np.float64)
    high = images.max(axis=(1, 2), keepdims=True)
    ink = (images - low) / np.maximum(high - low, 1)
    ink[ink < 0.1] = 0  # a grain of noise would stretch the box around the ink
    return np.stack([normalise(one) for one in ink]) if len(ink) else images
