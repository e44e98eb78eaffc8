"""What a user has taught: drawings like these are what the user said they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.pen_path import pen_path
from mnist_desktop.digits.stroke_file import Drawing

# Two pen ways are alike if they are this near on average, in halves of the drawing's longer side.
# Of ten digits of one kind by one hand, 94% of the next ones are; of other digits, 0.3% (ten
# writers of UCI's pen digits).
ALIKE = 0.25
SAID = 0.9  # the score that is given to what the user said
MOST = 2000  # drawings, the latest, that are worth remembering: each is compared with a new one


class TaughtDigits:
    """Remembers the ways of the pen.

    Parameters
    ----------
    drawings : sequence of Drawing
        With ink and label.
    """

    def __init__(self, drawings: Sequence[Drawing]) -> None:
        self._ways = np.stack([_way(one.ink) for one in drawings])
        self._labels = np.array([one.label for one in drawings], np.intp)

    def recall(self, ink: Ink) -> NDArray[np.float64] | None:
        """Scores (10,) for a drawing like one that was taught; None for any other."""
        distances = np.sqrt(((self._ways - _way(ink)) ** 2).sum(axis=2).mean(axis=1))
        nearest = int(distances.argmin())
        if distances[nearest] > ALIKE:
            return None
        scores = np.full(CLASSES, (1 - SAID) / (CLASSES - 1))
        scores[self._labels[nearest]] = SAID
        return scores


def _way(ink: Ink) -> NDArray[np.float32]:
    """Positions along the pen's way, shape (64, 2)."""
    return pen_path(ink)[:, :2]
