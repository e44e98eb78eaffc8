"""Many drawings read one after another, on two threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.errors import JobCancelled
from mnist_desktop.inference.predictor import Prediction, Predictor

AT_ONCE = 200  # drawings; half a second passes between two of them at worst


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
    """Read drawings, each as it is read alone.

    While a network reads some of them, which needs no Python, the next ones are rendered.

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

    def take(part: Future[list[Prediction]]) -> None:
        found.extend(part.result())
        on_progress(ReadingProgress(len(found), len(inks)))

    under_way: Future[list[Prediction]] | None = None
    with ThreadPoolExecutor(1) as reader:
        for part in _parts(inks):
            if should_stop():
                raise JobCancelled
            images = np.stack([render(ink) for ink in part])
            if under_way is not None:
                take(under_way)
            under_way = reader.submit(predictor.read_many, images, part)
        if under_way is not None:
            take(under_way)
    return found


def _parts(inks: Sequence[Ink]) -> Iterator[Sequence[Ink]]:
    return (inks[at : at + AT_ONCE] for at in range(0, len(inks), AT_ONCE))
