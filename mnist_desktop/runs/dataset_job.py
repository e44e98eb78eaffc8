"""Digits found, turned as the user said, and looked at before anything is learned from them.

What comes in a file may be white on black or black on white, its rows may be columns. The bundled
reader reads some of them as they are and in other ways; what fits much better is offered.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.digits.class_names import ClassNames, find_classes
from mnist_desktop.digits.dataset import CLASSES, DATASET_NAMES, SIDE, Dataset, Digits
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import find_dataset, find_mnist
from mnist_desktop.digits.ink import render
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.digits.turns import (
    INVERTED,
    ORIENTATIONS,
    RELABELLED,
    SCALED,
    turned,
    turned_images,
)
from mnist_desktop.errors import InvalidInputError, JobCancelled, MnistDesktopError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.formats import percent
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import user_path
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.my_digits import MyDigits

logger = logging.getLogger(__name__)

MY_DIGITS, MNIST_AND_MINE = "my-digits", "mnist+my-digits"  # as the user chooses them
LOOKED_AT = 200  # digits; a way that fits is told from one that does not by a handful
FITS = 0.9  # of them read right: as they are to be
MUCH_BETTER = 0.2  # by so much of them
UNREADABLE = 0.5
# The plainest first, for the first wins where two are even.
SIDES: tuple[tuple[str, ...], ...] = ((), *((one,) for one in ORIENTATIONS))
INKS: tuple[tuple[str, ...], ...] = ((), (INVERTED,))
WAYS = (
    *((*ink, *side) for side, ink in product(SIDES, INKS)),
    *((*ink, *side, SCALED) for side, ink in product(SIDES[:2], INKS)),
)


def bring_digits(
    request: DatasetRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Find digits, as `find_dataset` does, turn them as asked, and look at the user's own.

    Returns
    -------
    Dataset
        Its note says what does not fit, and its offer how it would.

    Raises
    ------
    DataFileError, JobCancelled
        As `find_dataset`.
    """
    chosen = request.chosen or os.environ.get("MNIST_DESKTOP_DATA")
    if chosen in (MY_DIGITS, MNIST_AND_MINE):
        return _with_my_digits(request, chosen, on_progress, should_stop)
    dataset = find_dataset(request, on_progress=on_progress, should_stop=should_stop)
    if request.turn:
        dataset = turned(dataset, request.turn, on_progress=on_progress, should_stop=should_stop)
    if dataset.name != "custom":
        return dataset
    on_progress(PhaseProgress("Looking at the digits"))
    classes = find_classes(user_path(chosen), dataset.train.labels) if chosen else dataset.classes
    if classes.are_digits or _is_read(dataset):
        return looked_at(dataset)
    return replace(dataset, classes=classes, note=f"{_named(classes)} {dataset.note}".strip())


def _is_read(dataset: Dataset) -> bool:
    """Whether they are digits after all, whatever their file is called."""
    digits = dataset.train.take(_some(dataset.train))
    try:
        reader = Predictor(bundled_reader.litert_file())
    except MnistDesktopError as error:  # a damaged installation is told elsewhere
        logger.warning("The digits could not be looked at: %s", error)
        return False
    return _read_right(reader, digits, ())[()] >= UNREADABLE


def _named(classes: ClassNames) -> str:
    """Say which classes these are."""
    listed = ", ".join(f"{label} {name}" for label, name in enumerate(classes.names))
    return f"Classes of {classes.title}: {listed}."


def _with_my_digits(
    request: DatasetRequest, chosen: str, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Make a dataset of the user's drawings; the lessons' held-out ones are the test digits."""
    from mnist_desktop.runs.teaching_job import split

    drawings = MyDigits(request.my_digits).drawings if request.my_digits else ()
    learnt, held_out = split(drawings, [])
    if not learnt or not held_out:
        raise InvalidInputError(
            "To train on My digits, four drawings of a digit are needed, one of them to test on, "
            f"but there are {len(drawings)}; draw and keep some more with the keys 0 to 9."
        )
    train, test = (_rendered(drawings, should_stop) for drawings in (learnt, held_out))
    note = f"{formats.count(len(test), 'drawing')} of yours, held out, are test digits."
    if chosen == MY_DIGITS:
        return Dataset(train, test, "custom", "My digits", note)
    mnist = find_mnist(request, on_progress=on_progress, should_stop=should_stop)
    source = f"{DATASET_NAMES[mnist.name]} and My digits"
    train, test = _joined(mnist.train, train), _joined(mnist.test, test)
    return Dataset(train, test, "custom", source, f"{note} {mnist.note}".strip())


def _rendered(drawings: Sequence[Drawing], should_stop: ShouldStop) -> Digits:
    images = np.empty((len(drawings), SIDE, SIDE), np.uint8)
    for place, drawing in enumerate(drawings):
        if should_stop():
            raise JobCancelled
        images[place] = render(drawing.ink)
    return Digits(images, np.array([one.label for one in drawings], np.uint8))


def _joined(first: Digits, second: Digits) -> Digits:
    return Digits(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
    )


def turn_as_offered(
    dataset: Dataset, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Dataset:
    """Turn digits as `looked_at` has offered it."""
    return turned(dataset, dataset.offer, on_progress=on_progress, should_stop=should_stop)


def looked_at(dataset: Dataset) -> Dataset:
    """Find the way in which the bundled reader reads most of some training digits right.

    Returns
    -------
    Dataset
        The same digits; the note tells if another way fits much better, which is then the offer.
    """
    digits = dataset.train.take(_some(dataset.train))
    try:
        reader = Predictor(bundled_reader.litert_file())
        as_they_are = _read_right(reader, digits, ())[()]
        if as_they_are >= FITS:
            return dataset
        found = {
            turn: right for way in WAYS for turn, right in _read_right(reader, digits, way).items()
        }
    except MnistDesktopError as error:  # a damaged installation is told elsewhere
        logger.warning("The digits could not be looked at: %s", error)
        return dataset
    turn = max(found, key=lambda one: found[one])
    best = found[turn]
    if best >= max(as_they_are + MUCH_BETTER, UNREADABLE):
        said = (
            f"The bundled reader reads {percent(as_they_are, 0)} of {len(digits)} of them as they "
            f"are, but {percent(best, 0)} {' and '.join(turn)}."
        )
        return replace(dataset, note=f"{said} {dataset.note}".strip(), offer=turn)
    if as_they_are < UNREADABLE:
        said = (
            f"The bundled reader reads only {percent(as_they_are, 0)} of {len(digits)} of them, "
            "whichever way they are turned: are these handwritten digits with the right labels?"
        )
        return replace(dataset, note=f"{said} {dataset.note}".strip())
    return dataset


def _some(digits: Digits) -> NDArray[np.intp]:
    """Choose digits evenly from all, for files are often sorted by label."""
    count = min(LOOKED_AT, len(digits))
    return np.linspace(0, len(digits) - 1, count).astype(np.intp)


def _read_right(
    reader: Predictor, digits: Digits, way: tuple[str, ...]
) -> dict[tuple[str, ...], float]:
    """Fractions that are read right one way, with the labels as they are and one less."""
    read = best_labels(reader.scores(turned_images(digits.images, way)))
    less = (digits.labels.astype(np.int16) - 1) % CLASSES
    right = {way: digits.labels, (*way, RELABELLED): less}
    return {turn: float(np.mean(read == labels)) for turn, labels in right.items()}
