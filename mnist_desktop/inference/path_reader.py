"""Reading a drawing by the pen's way, as a second opinion to its image.

An image network misreads one in eighty drawings by people it has not learnt from, and so does a
network that follows the pen; together they misread one in three hundred, as they seldom err alike.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.pen_path import FEATURES, POINTS, pen_path
from mnist_desktop.inference.calibration import at_temperature
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.paths import resource

# Neither network can rule a digit out by itself.
FLOOR = 1e-4
# A digit has at most five strokes. What consists of more, such as dots or hatching, shows its digit
# by its image alone: of drawings in dots the path reader reads one in eight.
MOST_STROKES = 8


def has_path(ink: Ink) -> bool:
    """Whether the way of the pen says what was drawn."""
    return len(ink.strokes) <= MOST_STROKES


class PathReader:
    """The bundled network that follows the pen.

    Raises
    ------
    ModelFileError
        If its file is missing or damaged.
    """

    def __init__(self) -> None:
        path = resource("models", "bundled-path.tflite")
        self._network = LiteRTNetwork(path, CLASSES, ((POINTS, FEATURES),))
        card = json.loads(resource("models", "bundled-path.json").read_text(encoding="utf-8"))
        self._temperature = float(card["temperature"])

    def second(
        self, image_scores: NDArray[np.float64], drawings: Sequence[Ink]
    ) -> NDArray[np.float64]:
        """Combine what an image network says of drawings with what the pen's way says.

        Parameters
        ----------
        image_scores : ndarray of float64, shape (n, 10)
            Each row adds up to 1.
        drawings : sequence of Ink
            As many drawings, at least one.

        Returns
        -------
        ndarray of float64, shape (n, 10)
            Calibrated; each row adds up to 1.
        """
        ways = np.stack([pen_path(ink) for ink in drawings])
        together = combined(image_scores, self._network.run(ways).astype(np.float64))
        return at_temperature(together, self._temperature)


def combined(
    image_scores: NDArray[np.float64], path_scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Geometric mean of two opinions, shape (n, 10) each; each row adds up to 1 again."""
    weights = np.sqrt((image_scores + FLOOR) * (path_scores + FLOOR))
    scores: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return scores
