"""Finds out which numbers a network from anybody takes for grey values, by reading known digits.

No file says whether a network was trained on pixels from 0 to 1 or from 0 to 255. Digits of the
embedded sample are read each way, which takes some hundredths of a second, and the best one stays.
How many digits depends on the network and not on the clock: a file always opens the same way.
"""

from __future__ import annotations

import logging
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Digits, Labels
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.errors import DataFileError
from mnist_desktop.formats import percent
from mnist_desktop.inference.pixel_scale import PIXEL_SCALES, ZERO_TO_ONE, PixelScale
from mnist_desktop.inference.predictor import Predictor

logger = logging.getLogger(__name__)

COUNT, SEED = 500, 17
FEWEST = 100  # of a network so large that all would take more than
WORK = 20_000_000_000  # multiplications, which are some seconds
# Fractions of the digits that are read correctly.
AS_GOOD = 0.01  # below the best, or so many standard errors; the losses decide among such
ERRORS = 1.5
CLEARLY = 0.94  # of the usual scale's loss, below which another scale is taken
IS_KNOWN = 0.35  # with less, nothing speaks for another scale than 0 to 1
IS_READER = 0.5
# A network that learnt little reads a higher contrast with a lower loss, as with a lower
# temperature; so losses are compared at the best temperature of each.
TEMPERATURES = np.geomspace(0.1, 10, 21)
LEAST = 1e-12  # the least probability that a loss is computed from
RANGE_MATCH = 0.05  # of the range of an 8-bit input, at both of its ends


def find_input_range(predictor: Predictor) -> None:
    """Let a network read with the pixel scale that it was probably trained with, and say which.

    Parameters
    ----------
    predictor : Predictor
        Just opened; its pixel scale and note are set.
    """
    try:
        digits = _few_enough(predictor, known_digits())
    except DataFileError as error:  # an installation that is damaged
        logger.warning("No known digits to find a network's pixel scale with: %s", error)
        return
    found = [(one, *_tried(predictor, one, digits)) for one in _fitting(predictor.input_range)]
    best = max(share for _, share, _ in found)
    if best < IS_KNOWN:
        predictor.use_pixels(ZERO_TO_ONE, *_warning(best, len(digits)))
        return
    chance = ERRORS * math.sqrt(best * (1 - best) / len(digits))
    fit = [one for one in found if one[1] >= best - max(AS_GOOD, chance)]
    scale, share, loss = min(fit, key=lambda one: one[2])
    scale, share, _ = next(one for one in fit if one[2] * CLEARLY <= loss)
    if share < IS_READER:
        predictor.use_pixels(scale, *_warning(share, len(digits), f"; {scale.name} did best"))
    elif scale == ZERO_TO_ONE:
        predictor.use_pixels(scale)
    else:
        predictor.use_pixels(scale, f"Its pixels are {scale.name}.")


@cache
def known_digits() -> Digits:
    """Pick 500 digits of the embedded sample, always the same."""
    test = sample_dataset().test
    places = np.random.default_rng(SEED).permutation(len(test))[:COUNT]
    return Digits(test.images[places], test.labels[places])


def _few_enough(predictor: Predictor, digits: Digits) -> Digits:
    """As many digits as are read each way within some seconds, by the work that one takes."""
    count = min(max(WORK // len(PIXEL_SCALES) // max(predictor.work, 1), FEWEST), len(digits))
    return Digits(digits.images[:count], digits.labels[:count])


def _tried(predictor: Predictor, scale: PixelScale, digits: Digits) -> tuple[float, float]:
    """Share of digits read correctly with a pixel scale, and their mean cross-entropy."""
    scores = predictor.scores(digits.images, scale)
    share = float(np.mean(best_labels(scores) == digits.labels))
    logits = np.log(np.maximum(scores, LEAST))
    losses = [_cross_entropy(logits / one, digits.labels) for one in TEMPERATURES]
    return share, min(losses)


def _cross_entropy(logits: NDArray[np.float64], labels: Labels) -> float:
    right = logits[np.arange(len(labels)), labels]
    return float((np.log(np.exp(logits).sum(axis=1)) - right).mean())


def _fitting(ends: tuple[float, float] | None) -> tuple[PixelScale, ...]:
    """Pixel scales that an input was made for; its range says so where it is of 8 bits."""
    if ends is None:
        return PIXEL_SCALES
    least, most = ends
    slack = RANGE_MATCH * (most - least)
    fit = [
        one
        for one in PIXEL_SCALES
        if abs(min(one.paper, one.ink) - least) < slack
        and abs(max(one.paper, one.ink) - most) < slack
    ]
    return tuple(fit) or PIXEL_SCALES


def _warning(share: float, count: int, best: str = "") -> tuple[str, str]:
    """What is wrong in one short sentence, and what was tried in another."""
    tried = "; ".join(one.name for one in PIXEL_SCALES)
    return (
        f"It reads only {percent(share, 0)} of {count} known digits correctly.",
        f"That is so whatever its pixels are{best}. Tried were: {tried}.",
    )
