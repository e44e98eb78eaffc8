"""What is on the pad read by a network, and many drawings read one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.ink import Ink, render, shrink
from mnist_desktop.digits.ink_groups import side_by_side
from mnist_desktop.errors import JobCancelled
from mnist_desktop.inference.picture_reading import read_digits
from mnist_desktop.inference.predictor import NO_INK, Prediction, Predictor

if TYPE_CHECKING:
    from concurrent.futures import Future

AT_ONCE = 200  # drawings; half a second passes between two of them at worst


Readable = Ink | Picture


@dataclass(frozen=True)
class Reading:
    """What is on the pad, as the network sees it and reads it.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        A drawing or a picture may hold several digits, from left to right.
    predictions : tuple of Prediction
        What each was read as.
    shrunk : ndarray of uint8, shape (28, 28), or None
        A drawing only shrunk to 28×28, as it was drawn; None unless that was requested, and of
        several digits.
    shrunk_prediction : Prediction
        What that would have been read as.
    """

    images: Images
    predictions: tuple[Prediction, ...]
    shrunk: NDArray[np.uint8] | None = None
    shrunk_prediction: Prediction = NO_INK


NOTHING_READ = Reading(np.zeros((1, 28, 28), np.uint8), (NO_INK,))


def read_content(
    predictor: Predictor | None, content: Readable, *, compares: bool = False
) -> Reading:
    """Read the digits of a drawing or a picture.

    Parameters
    ----------
    predictor : Predictor or None
        The network; without one, nothing is read.
    content : Ink or Picture
        What is on the pad.
    compares : bool, optional
        Whether a drawing is also read as it is when it is only shrunk.
    """
    if isinstance(content, Picture):
        if predictor is None:
            return Reading(content.digits, (NO_INK,) * len(content.digits))
        return Reading(content.digits, tuple(read_digits(predictor, content)))
    # A pair of shoes is one image, and so is a sign of several strokes.
    are_digits = predictor is None or predictor.classes.are_digits
    inks = side_by_side(content) if are_digits else (content,)
    images = np.stack([render(ink) for ink in inks])
    if predictor is None:
        return Reading(images, (NO_INK,) * len(inks))
    reading = Reading(images, tuple(predictor.read_many(images, inks)))
    if not compares or len(inks) > 1:
        return reading
    shrunk = shrink(content)
    return replace(reading, shrunk=shrunk, shrunk_prediction=predictor.read(shrunk))


@dataclass(frozen=True)
class ReadingProgress:
    """How much of many pictures or drawings has been read.

    Attributes
    ----------
    done, total : int
        How many of how many.
    """

    done: int
    total: int


def read_inks(
    predictor: Predictor,
    inks: Sequence[Ink],
    *,
    on_progress: Callable[[ReadingProgress], None],
    should_stop: Callable[[], bool],
) -> list[Prediction]:
    """Read drawings of one digit each.

    The pad also finds several digits side by side (`read_content`); a drawing here is never parted.

    Parameters
    ----------
    predictor : Predictor
        The network.
    inks : sequence of Ink
        The drawings.
    on_progress : callable
        Called after every 200 of them.
    should_stop : callable
        Asked before every 200.

    Returns
    -------
    list of Prediction
        In their order.

    Raises
    ------
    JobCancelled
        If ``should_stop`` answered True.
    """
    found: list[Prediction] = []
    for part in _read_ahead(predictor, inks, should_stop):
        found.extend(part)
        on_progress(ReadingProgress(len(found), len(inks)))
    return found


def _read_ahead(
    predictor: Predictor, inks: Sequence[Ink], should_stop: Callable[[], bool]
) -> Iterator[list[Prediction]]:
    """Read 200 drawings at a time.

    While a network reads some of them, which needs no Python, the next ones are rendered.
    """
    from concurrent.futures import ThreadPoolExecutor  # the window has no need of it

    under_way: Future[list[Prediction]] | None = None
    with ThreadPoolExecutor(1) as reader:
        for start in range(0, len(inks), AT_ONCE):
            if should_stop():
                raise JobCancelled
            part = inks[start : start + AT_ONCE]
            images = np.stack([render(ink) for ink in part])
            if under_way is not None:
                yield under_way.result()
            under_way = reader.submit(predictor.read_many, images, part)
        if under_way is not None:
            yield under_way.result()
