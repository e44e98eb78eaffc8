"""Why a drawing was read as it was: which ink spoke for it, and which digits are like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE, Digits, Images, Labels
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.inference.predictor import Predictor

PATCH = 4  # pixels on a side: somewhat wider than a stroke
STRIDE = 2
# Nobody sees a difference between surer scores, and their logarithms grow without an end.
SUREST = 1 - 1e-6
NEIGHBOURS = 5
IMAGES_PER_PART = 4000


@dataclass(frozen=True)
class Explanation:
    """What spoke for a reading.

    Attributes
    ----------
    label : int
        The digit that is explained.
    heat : ndarray of float64, shape (28, 28)
        -1 to 1: ink that spoke for the digit is above 0, ink that spoke against it below; 0 where
        there is no ink.
    neighbours : ndarray of uint8, shape (n, 28, 28)
        The most similar training digits, the nearest first.
    labels : ndarray of uint8, shape (n,)
        What these are.
    """

    label: int
    heat: NDArray[np.float64]
    neighbours: Images
    labels: Labels


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
    """

    image: NDArray[np.uint8]
    images: Images
    labels: Labels


def find_similar(image: NDArray[np.uint8], digits: Digits) -> SimilarDigits:
    """Find the digits most like an image (28, 28) among others."""
    indices = nearest(image, digits.images, NEIGHBOURS + 1)
    others = [index for index in indices if not np.array_equal(digits.images[index], image)]
    found = np.array(others[:NEIGHBOURS], np.intp)
    return SimilarDigits(image, digits.images[found], digits.labels[found])


def explain(predictor: Predictor, image: NDArray[np.uint8], digits: Digits | None) -> Explanation:
    """Explain the digit that an image is read as.

    Parameters
    ----------
    predictor : Predictor
        The network.
    image : ndarray of uint8, shape (28, 28)
        With ink in it.
    digits : Digits or None
        Among which to look for similar ones.
    """
    label = int(best_labels(predictor.scores(image[np.newaxis]))[0])
    if digits is None or len(digits) == 0:
        neighbours, labels = np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.uint8)
    else:
        indices = nearest(image, digits.images, NEIGHBOURS)
        neighbours, labels = digits.images[indices], digits.labels[indices]
    return Explanation(label, occlusion_map(predictor, image, label), neighbours, labels)


def occlusion_map(
    predictor: Predictor, image: NDArray[np.uint8], label: int
) -> NDArray[np.float64]:
    """Cover the ink piece by piece and see how much less likely a digit becomes [1]_.

    Parameters
    ----------
    predictor : Predictor
        The network.
    image : ndarray of uint8, shape (28, 28)
        With ink in it.
    label : int
        The digit.

    Returns
    -------
    ndarray of float64, shape (28, 28)
        Change of the digit's log-odds where ink is covered, on a scale from -1 to 1.

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
    covered = np.repeat(image[np.newaxis], len(corners) + 1, axis=0)
    for number, (y, x) in enumerate(corners):
        covered[number, y : y + PATCH, x : x + PATCH] = 0
    share = np.clip(predictor.scores(covered)[:, label], 1 - SUREST, SUREST)
    log_odds = np.log(share / (1 - share))
    total, count = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for number, (y, x) in enumerate(corners):
        total[y : y + PATCH, x : x + PATCH] += log_odds[-1] - log_odds[number]
        count[y : y + PATCH, x : x + PATCH] += 1
    heat = np.where(image > 0, total / np.maximum(count, 1), 0.0)
    strongest = float(np.abs(heat).max())
    scaled: NDArray[np.float64] = heat / strongest if strongest > 0 else heat
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
