"""Makes forms of digits that few people write from those that most do.

Zeros with a slash, sevens with a bar or a serif, ones with a foot or a flag, angular sixes and
nines with a tail are common where some readers' writers come from, and nearly absent from MNIST and
from the pen strokes of one country. They are drawn into the strokes before these are distorted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.training.stroke_augmentation import resampled

Points = NDArray[np.float64]
Strokes = list[Points]

# Fractions of the drawings of a digit that are changed.
SHARES: Mapping[int, float] = {0: 0.25, 1: 0.3, 6: 0.2, 7: 0.3, 9: 0.1}
SLENDER = 0.3  # width by height of a one that is a mere line
NARROWEST = 0.4  # width by height of a zero that a slash can still be told in
BACKSLASH = 0.15  # fraction of slashes that go the other way


def perhaps_rare(drawing: Drawing, rng: Generator) -> Ink:
    """Return the ink of a digit, or now and then a rarer form of it.

    Parameters
    ----------
    drawing : Drawing
        A digit with its label, in any unit.
    rng : numpy.random.Generator
        Source of what is random.
    """
    ink, label = drawing.ink, drawing.label
    if label is None or rng.random() >= SHARES.get(label, 0):
        return ink
    points = np.concatenate(ink.strokes).astype(np.float64)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = max(float(size.max()), 1e-9)
    strokes = [(stroke - low) / scale for stroke in ink.strokes]
    changed = MAKERS[label](strokes, size / scale, rng)
    return Ink(tuple(stroke.astype(np.float32) for stroke in changed))


def slashed(strokes: Strokes, size: Points, rng: Generator) -> Strokes:
    """Draw a slash through a zero, as a stroke of its own or without lifting the pen.

    It is anything from upright to diagonal, within the zero or beyond it, and the zero is often
    narrow.
    """
    least = NARROWEST * size[1] / max(size[0], 1e-9)
    narrow = np.array([min(max(rng.uniform(0.5, 1.0), least), 1.0), 1.0])
    strokes = [stroke * narrow for stroke in strokes]
    size = size * narrow
    middle = size / 2 + rng.normal(0, 0.04, 2)
    half = rng.uniform(0.6, 1.3) / 2 * size * [rng.uniform(0.0, 1.0), 1.0]
    upper, lower = middle + half * [1, -1], middle + half * [-1, 1]
    if rng.random() < BACKSLASH:
        upper, lower = middle - half, middle + half
    first, last = (upper, lower) if rng.random() < 0.7 else (lower, upper)
    slash = np.stack([first, (first + last) / 2 + rng.normal(0, 0.03, 2), last])
    if rng.random() < 0.3:
        return [*strokes[:-1], np.concatenate([strokes[-1], slash])]
    return [*strokes, slash]


def barred(strokes: Strokes, size: Points, rng: Generator) -> Strokes:
    """Draw a bar through the stem of a seven, or a serif at its beginning."""
    points = np.concatenate([resampled(stroke, 0.05) for stroke in strokes])
    if rng.random() < 0.4:
        left = points[points[:, 0].argmin()]
        drop = np.array([rng.normal(-0.03, 0.04), rng.uniform(0.08, 0.25)])
        return [np.stack([left + drop, left]), *strokes]
    height = size[1] * rng.uniform(0.4, 0.65)
    stem = points[np.abs(points[:, 1] - height) < 0.15 * size[1]]
    if not len(stem):
        return strokes
    place = np.array([stem[:, 0].mean(), height])
    half = np.array([rng.uniform(0.12, 0.35), rng.normal(-0.02, 0.04)])
    return [*strokes, np.stack([place - half, place + half])]


def footed(strokes: Strokes, size: Points, rng: Generator) -> Strokes:
    """Give a one that is a mere line a foot, a flag, or both."""
    if size[0] > SLENDER * size[1] or len(strokes) > 1:
        return strokes
    stem = strokes[0] if strokes[0][0, 1] < strokes[0][-1, 1] else strokes[0][::-1]
    top, bottom = stem[0], stem[-1]
    kind = rng.random()
    if kind < 0.75:  # an upstroke that may be as long as the stem
        length = rng.uniform(0.1, 0.65)
        slant = rng.uniform(0.3, 1.1)
        start = top + np.array([-length * slant, length])
        stem = np.concatenate([np.stack([start, (start + top) / 2]), stem])
    changed = [stem]
    if kind > 0.5:
        half = np.array([rng.uniform(0.12, 0.35), rng.normal(0, 0.02)])
        changed.append(np.stack([bottom - half * rng.uniform(0.6, 1.2), bottom + half]))
    return changed


def tailed(strokes: Strokes, size: Points, rng: Generator) -> Strokes:
    """Curl the end of a nine to the left, as in a g."""
    last = strokes[-1]
    if len(last) < 2 or last[-1, 1] < 0.8 * size[1]:
        return strokes
    angle = np.linspace(0, rng.uniform(0.5, 1.0) * np.pi, 8)[1:]
    across, down = rng.uniform(0.1, 0.25), rng.uniform(0.05, 0.12)
    curl = last[-1] + np.stack([across * (np.cos(angle) - 1), down * np.sin(angle)], axis=1)
    return [*strokes[:-1], np.concatenate([last, curl])]


def angular(strokes: Strokes, _size: Points, rng: Generator) -> Strokes:
    """Draw a six in few straight lines, and narrow."""
    narrow = np.array([rng.uniform(0.5, 1.0), 1.0])
    return [resampled(stroke, rng.uniform(0.15, 0.35)) * narrow for stroke in strokes]


MAKERS: Mapping[int, Callable[[Strokes, Points, Generator], Strokes]] = {
    0: slashed,
    1: footed,
    6: angular,
    7: barred,
    9: tailed,
}
