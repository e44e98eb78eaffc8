"""Drawings that are not digits, for training the digit check.

Nobody has collected what people draw on a digit pad when they do not draw a digit, so this module
makes such drawings: scribbles by random walks, letters and signs from a hand-written list, bent as
digits are, several digits next to or on top of each other, and unfinished digits. Letters that many
people write like a digit (o, l, I, z, s, b, g, q, y, t, u, B, D, T, ...) are not in the list, and
neither is phi, which is a zero with a slash.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.ink import Ink
from mnist_desktop.training.stroke_augmentation import distort

StrokePoints = NDArray[np.float64]

# Strokes separated by semicolons, each a sequence of points "xy" on a grid of 10 by 10, y down.
# A stroke that begins with ~ is smoothed.
SIGNS: Mapping[str, str] = {
    "A": "09 50 99; 25 75",
    "C": "~ 82 60 30 03 06 39 69 87",
    "E": "80 00 09 89; 05 65",
    "F": "80 00 09; 05 65",
    "H": "00 09; 80 89; 04 84",
    "K": "00 09; 80 05 89",
    "L": "00 09 79",
    "M": "09 00 45 80 89",
    "N": "09 00 89 80",
    "P": "00 09; ~ 00 60 83 65 05",
    "R": "00 09; ~ 00 60 72 64 05; 35 89",
    "V": "00 49 80",
    "W": "00 29 45 69 80",
    "X": "00 89; 80 09",
    "d": "~ 75 44 17 39 67 75; 70 79",
    "e": "~ 15 85 63 33 15 27 49 88",
    "f": "~ 72 50 42 44 49; 25 65",
    "h": "00 09; ~ 06 34 64 69",
    "k": "00 09; 63 06; 26 69",
    "m": "03 09; ~ 05 23 44 49; ~ 45 63 84 89",
    "n": "03 09; ~ 05 33 64 69",
    "p": "02 09; ~ 03 32 63 65 37 06",
    "r": "03 09; ~ 05 33 53",
    "w": "~ 03 19 38 46 58 79 93",
    "alpha": "~ 82 56 28 06 23 45 68 88",
    "omega": "~ 09 29 15 22 50 72 85 69 99",
    "psi": "~ 12 16 57 86 82; 50 59",
    "plus": "51 59; 15 95",
    "equals": "13 93; 16 96",
    "times": "22 88; 82 28",
    "dash": "05 95",
    "question": "~ 12 30 60 72 54 46; 48 49",
    "exclamation": "50 56; 58 59",
    "hash": "30 29; 70 69; 13 93; 06 86",
    "asterisk": "51 59; 13 97; 17 93",
    "ampersand": "~ 89 43 41 50 62 54 16 29 58 86",
    "percent": "91 09; ~ 21 12 23 32 21; ~ 76 67 78 87 76",
    "less": "81 15 89",
    "greater": "11 85 19",
    "hat": "06 51 96",
    "tilde": "~ 05 23 46 74 92",
    "arrow": "05 95; 62 95 68",
    "arrow up": "50 59; 23 50 83",
    "star": "19 50 89 03 93 19",
    "heart": "~ 53 31 03 25 59; ~ 53 71 93 75 59",
    "triangle": "50 09 99 50",
    "check": "05 39 90",
    "infinity": "~ 55 33 14 17 37 55 74 94 97 77 55",
    "house": "09 04 50 94 99 09; 49 46 66 69",
    "note": "~ 38 18 19 39 38; 38 30 62 64",
    "smiley": "~ 50 13 16 59 96 93 50; 33 34; 73 74; ~ 26 57 76",
    "sun": "~ 53 35 57 75 53; 50 51; 58 59; 05 15; 85 95",
    "fork": "50 59; ~ 20 24 55 84 80",
    "box": "00 90 99 09 00; 00 99; 90 09",
    "ladder": "30 39; 70 79; 32 72; 34 74; 36 76",
    "fish": "~ 05 42 75 47 05; 75 92 98 75",
    "anchor": "50 59; ~ 06 29 59 79 96; 32 72",
    "stairs": "09 07 27 25 45 43 63 61 81",
    "fence": "10 19; 40 49; 70 79",
    "comb": "05 95; 05 09; 35 39; 65 69; 95 99",
    "tree": "59 55; ~ 55 24 12 40 60 92 84 55",
    "cup": "12 18 68 62; ~ 63 93 86 66; 12 62",
    "flag": "09 00 81 04",
    "spring": "~ 09 38 17 46 15 44 13 42 11 40",
    "wave": "~ 05 13 36 53 76 93",
}


GREEK = frozenset({"alpha", "omega", "psi"})
LETTERS = frozenset(name for name in SIGNS if len(name) == 1) | GREEK


def scribble(rng: Generator) -> Ink:
    """Draw meaningless lines."""
    makers: Sequence[Callable[[Generator], list[StrokePoints]]] = (
        _walk, _walk, _hatching, _loops, _straight_lines, _dots,
    )  # fmt: skip
    return _as_ink(makers[int(rng.integers(len(makers)))](rng))


def sign(rng: Generator, names: Sequence[str]) -> Ink:
    """Draw a random one of the named signs."""
    return distort(drawn_sign(names[int(rng.integers(len(names)))]), rng)


def drawn_sign(name: str) -> Ink:
    """Return a sign as it is in the list."""
    return _as_ink([_parse(stroke) for stroke in SIGNS[name].split(";")])


def several(rng: Generator, digits: Sequence[Ink]) -> Ink:
    """Draw two or three digits next to each other, or two on top of each other."""
    count = 2 if rng.random() < 0.8 else 3
    chosen = [digits[int(rng.integers(len(digits)))] for _ in range(count)]
    one_on_another = count == 2 and rng.random() < 0.2
    strokes: list[StrokePoints] = []
    right = 0.0
    for ink in chosen:
        digit = [stroke.astype(np.float64) for stroke in distort(ink, rng, 0.7).strokes]
        size = rng.uniform(0.7, 1.3)
        digit = [stroke * size for stroke in digit]
        low = np.concatenate(digit).min(axis=0)
        high = np.concatenate(digit).max(axis=0)
        if one_on_another:
            move = rng.uniform(-0.35, 0.35, 2) - (low + high) / 2
        else:
            move = np.array([right - low[0], rng.normal(0, 0.12) - (low + high)[1] / 2])
            right += float(high[0] - low[0]) + rng.uniform(-0.05, 0.45)
        strokes += [stroke + move for stroke in digit]
    return _as_ink(strokes)


def begun(rng: Generator, digits: Sequence[Ink]) -> Ink:
    """Draw the first part of a digit: a fifth to two thirds of its ink."""
    ink = distort(digits[int(rng.integers(len(digits)))], rng, 0.7)
    lengths = [
        np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum() + 1e-6 for stroke in ink.strokes
    ]
    left = float(sum(lengths)) * rng.uniform(0.2, 0.65)
    strokes = []
    for stroke, length in zip(ink.strokes, lengths, strict=True):
        if left <= 0:
            break
        fraction = min(1.0, left / length)
        strokes.append(stroke[: max(2, math.ceil(fraction * len(stroke)))].astype(np.float64))
        left -= length
    return _as_ink(strokes)


def _as_ink(strokes: Sequence[StrokePoints]) -> Ink:
    return Ink(tuple(stroke.astype(np.float32) for stroke in strokes))


def _parse(stroke: str) -> StrokePoints:
    points = stroke.replace("~", "").split()
    path = np.array([[int(point[0]), int(point[1])] for point in points], np.float64)
    return _smooth(path) if "~" in stroke else path


def _smooth(path: StrokePoints) -> StrokePoints:
    """Draw a Catmull-Rom spline through points."""
    if len(path) < 3:
        return path
    padded = np.concatenate([path[:1] * 2 - path[1:2], path, path[-1:] * 2 - path[-2:-1]])
    along = np.linspace(0, 1, 8, endpoint=False)[:, None]
    parts = [
        0.5
        * (
            2 * b
            + (c - a) * along
            + (2 * a - 5 * b + 4 * c - d) * along**2
            + (3 * b - a - 3 * c + d) * along**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate([*parts, path[-1:]])


def _walk(rng: Generator) -> list[StrokePoints]:
    """Let one to four strokes wander, smoothly or with corners."""
    strokes = []
    for _ in range(int(rng.integers(1, 5))):
        corners = rng.uniform(0, 1, (int(rng.integers(4, 14)), 2))
        strokes.append(_smooth(corners) if rng.random() < 0.7 else corners)
    return strokes


def _hatching(rng: Generator) -> list[StrokePoints]:
    """Move back and forth, as when filling an area."""
    turns = int(rng.integers(4, 14))
    along = np.linspace(0, 1, turns)
    across = np.where(np.arange(turns) % 2, 1.0, 0.0) * rng.uniform(0.4, 1.0)
    angle = rng.uniform(0, 2 * math.pi)
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    path = np.stack([along, across], axis=1) + rng.normal(0, 0.06, (turns, 2))
    return [_smooth(path @ matrix.T) if rng.random() < 0.5 else path @ matrix.T]


def _loops(rng: Generator) -> list[StrokePoints]:
    """Go round and round: a spiral, a ball of wool, a spring."""
    turns = rng.uniform(1.8, 6)
    angle = np.linspace(0, turns * 2 * math.pi, int(turns * 16))
    radius = np.linspace(rng.uniform(0.05, 1), 1, len(angle)) + rng.normal(0, 0.03, len(angle))
    drift = np.linspace(0, rng.uniform(0, 4), len(angle)) * rng.uniform(-1, 1, (2, 1))
    stretch = rng.uniform(0.5, 1.0)
    return [np.stack([radius * np.cos(angle), stretch * radius * np.sin(angle)], 1) + drift.T]


def _straight_lines(rng: Generator) -> list[StrokePoints]:
    """Draw three to seven straight lines."""
    return [rng.uniform(0, 1, (2, 2)) for _ in range(int(rng.integers(3, 8)))]


def _dots(rng: Generator) -> list[StrokePoints]:
    """Draw dots here and there."""
    return [rng.uniform(0, 1, (1, 2)) for _ in range(int(rng.integers(1, 12)))]
