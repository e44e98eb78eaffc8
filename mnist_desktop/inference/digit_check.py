"""Whether a drawing is a digit at all: a small network of its own, asked along with every reader.

A network that has only ever seen digits takes anything for one. This one has also seen scribbles,
letters, several digits at once and digits that were only begun
(`tools.bundled`), so that networks which the user trains are covered too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.paths import resource

REASONS = (
    "",
    "This looks like more than one digit.",
    "This looks unfinished.",
    "This looks like no digit.",
    "This looks like a letter.",
)


@dataclass(frozen=True)
class Verdict:
    """What the check thinks of an image.

    Attributes
    ----------
    is_digit : bool
        Whether it passes.
    reason : str
        Why not, in words; empty when it passes.
    """

    is_digit: bool
    reason: str = ""


class DigitCheck:
    """The bundled check.

    Raises
    ------
    ModelFileError
        If its file is missing or damaged.
    """

    def __init__(self) -> None:
        self._network = LiteRTNetwork(resource("models", "digit-check.tflite"), len(REASONS))
        card = json.loads(resource("models", "digit-check.json").read_text(encoding="utf-8"))
        self._threshold = float(card["threshold"])

    def kinds(self, images: Images) -> NDArray[np.float64]:
        """Estimate how likely each image is each kind of drawing.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values; n is at least 1.

        Returns
        -------
        ndarray of float64, shape (n, 5)
            One digit, several, a part of one, something else, a letter. Each row adds up to 1.
        """
        return self._network.outputs(images).astype(np.float64)

    def judge(self, images: Images) -> list[Verdict]:
        """Judge images (n, 28, 28) with ink in them; n is at least 1."""
        kinds = self.kinds(images)
        likeliest = 1 + kinds[:, 1:].argmax(axis=1)
        return [
            Verdict(True) if share >= self._threshold else Verdict(False, REASONS[kind])
            for share, kind in zip(kinds[:, 0], likeliest, strict=True)
        ]
