"""Why a digit is read as it is: which ink speaks for it, and which digits are like it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES, SIDE, Digits, Images, Labels
from mnist_desktop.inference.ink_parts import (
    InkPart,
    covered,
    describe_part,
    ink_parts,
    speaking_part,
)
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.inference.scores import log_odds

PATCH = 4  # pixels on a side: somewhat wider than a stroke
STRIDE = 2
NEIGHBOURS = 5
IMAGES_PER_PART = 4000


@dataclass(frozen=True, eq=False)
class Explanation:
    """What speaks for and against each of the ten digits.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        The image; the very one that was asked about.
    heat : ndarray of float64, shape (10, 28, 28)
        -1 to 1 for each digit: ink that speaks for it is above 0, ink that speaks against it
        below; 0 where there is no ink.
    scores : tuple of float
        The ten scores of the image, as the network gives them.
    parts : tuple of InkPart
        The parts of the image, with the scores of all but each.
    classes : ClassNames
        What the network's outputs stand for.
    """

    image: NDArray[np.uint8]
    heat: NDArray[np.float64]
    scores: tuple[float, ...]
    parts: tuple[InkPart, ...]
    classes: ClassNames = DIGITS

    def part(self, digit: int) -> InkPart | None:
        """The part that speaks most for a digit or, if it is not what is read, against it."""
        return speaking_part(self.parts, self.scores, self.heat[digit], digit)

    def sentence(self, digit: int) -> str:
        """Say what that part does."""
        return describe_part(self.part(digit), self.scores, digit, self.classes)


@dataclass(frozen=True, eq=False)
class SimilarDigits:
    """The digits most like an image.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        The image; the very one that was asked about.
    images : ndarray of uint8, shape (n, 28, 28)
        The digits, the nearest first; the image itself is left out.
    labels : ndarray of uint8, shape (n,)
        What these are.
    classes : ClassNames
        What their labels stand for.
    """

    image: NDArray[np.uint8]
    images: Images
    labels: Labels
    classes: ClassNames = DIGITS


def find_similar(
    image: NDArray[np.uint8], digits: Digits, classes: ClassNames = DIGITS
) -> SimilarDigits:
    """Find the digits most like an image (28, 28) among others."""
    indices = nearest(image, digits.images, NEIGHBOURS + 1)
    others = [index for index in indices if not np.array_equal(digits.images[index], image)]
    found = np.array(others[:NEIGHBOURS], np.intp)
    return SimilarDigits(image, digits.images[found], digits.labels[found], classes)


def explain(predictor: Predictor, image: NDArray[np.uint8]) -> Explanation:
    """Explain what an image is read as, and what it is not.

    Parameters
    ----------
    predictor : Predictor
        The network.
    image : ndarray of uint8, shape (28, 28)
        With ink in it.

    Returns
    -------
    Explanation
        What covered ink does to each digit's score, pixel by pixel and part by part.
    """
    parts = ink_parts(image)
    without = covered(image, parts)
    scores = predictor.scores(np.concatenate([image[np.newaxis], without])).tolist()
    read = (replace(part, scores=tuple(one)) for part, one in zip(parts, scores[1:], strict=True))
    heat = occlusion_maps(predictor, image)
    return Explanation(image, heat, tuple(scores[0]), tuple(read), predictor.classes)


def occlusion_maps(predictor: Predictor, image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Cover the ink piece by piece and see how much less likely each digit becomes [1]_.

    Parameters
    ----------
    predictor : Predictor
        The network.
    image : ndarray of uint8, shape (28, 28)
        With ink in it.

    Returns
    -------
    ndarray of float64, shape (10, 28, 28)
        Change of each digit's log-odds where ink is covered, on a scale of its own from -1 to 1.

    References
    ----------
    .. [1] M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.
    """
    corners = [
        (y, x)
        for y in range(0, SIDE - PATCH + 1, STRIDE)
        for x in range(0, SIDE - PATCH + 1, STRIDE)
        if image[y : y + PATCH, x : x + PATCH].any()
    ]
    images = np.repeat(image[np.newaxis], len(corners) + 1, axis=0)
    for number, (y, x) in enumerate(corners):
        images[number, y : y + PATCH, x : x + PATCH] = 0
    odds = log_odds(predictor.scores(images))
    total, count = np.zeros((CLASSES, SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for number, (y, x) in enumerate(corners):
        lost = odds[-1] - odds[number]
        total[:, y : y + PATCH, x : x + PATCH] += lost[:, np.newaxis, np.newaxis]
        count[y : y + PATCH, x : x + PATCH] += 1
    heat = np.where(image > 0, total / np.maximum(count, 1), 0.0)
    strongest = np.abs(heat).max(axis=(1, 2), keepdims=True)
    scaled: NDArray[np.float64] = heat / np.where(strongest > 0, strongest, 1)
    return scaled


def nearest(image: NDArray[np.uint8], images: Images, count: int) -> NDArray[np.intp]:
    """Find the images that differ least from one, pixel by pixel.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        What to compare with.
    images : ndarray of uint8, shape (n, 28, 28)
        Where to look.
    count : int
        How many to find.

    Returns
    -------
    ndarray of int, shape (min(count, n),)
        Their indices, the nearest first.
    """
    wanted = image.reshape(-1).astype(np.float32)
    distances = np.empty(len(images), np.float32)
    for at in range(0, len(images), IMAGES_PER_PART):
        part = images[at : at + IMAGES_PER_PART].reshape(-1, SIDE * SIDE).astype(np.float32)
        distances[at : at + len(part)] = (part * part).sum(axis=1) - 2 * (part @ wanted)
    found: NDArray[np.intp] = np.argsort(distances, kind="stable")[:count]
    return found
