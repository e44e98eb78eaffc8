"""Varies drawings as other hands, pens and tablets would.

A network that is to read everyone's digits must not learn one tablet's sampling rate or one
group's slant. The changes are made to the strokes before they are rendered, so that the width of
the pen does not change.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_desktop.digits.ink import PEN_WIDTH, Ink

TURN = math.radians(7)  # standard deviations of what follows
SHEAR = 0.18
STRETCH = 0.14  # of the logarithm of width by height
TAPER = 0.08
WAVE = 0.03  # of the drawing's size
WIDTH = 0.2  # of the logarithm of the pen's width

FEW_POINTS = 0.25  # fractions of drawings that are changed in this way
SHAKE = 0.3
LIFT = 0.08
SLIP = 0.03

Points = NDArray[np.float64]


def distort(ink: Ink, rng: Generator, amount: float = 1.0) -> Ink:
    """Draw the same thing again, a little differently.

    Parameters
    ----------
    ink : Ink
        A drawing with at least one stroke, in any unit.
    rng : numpy.random.Generator
        Source of the random changes.
    amount : float
        1 is how much people differ, 2 is grotesque, 0 is the drawing itself in a unit box.

    Returns
    -------
    Ink
        Turned, slanted, stretched, tapered and bent; some have few points, are shaky, or have a
        gap or a stray dot. Its size is about 1.
    """
    points = np.concatenate(ink.strokes).astype(np.float64)
    size = max(float(np.ptp(points, axis=0).max()), 1e-9)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    strokes = [(stroke - middle) / size for stroke in ink.strokes]
    if rng.random() < FEW_POINTS * amount:
        strokes = [_with_few_points(stroke, rng) for stroke in strokes]
    else:
        strokes = [_filled(stroke) for stroke in strokes]  # to bend lines, not only their ends
    if rng.random() < LIFT * amount:
        strokes = _with_gap(strokes, rng)
    if rng.random() < SHAKE * amount:
        shake = rng.uniform(0.002, 0.012)
        strokes = [stroke + rng.normal(0, shake, stroke.shape) for stroke in strokes]
    strokes = _warped(strokes, rng, amount)
    if rng.random() < SLIP * amount:
        strokes.append(rng.uniform(-0.7, 0.7, (1, 2)))
    return Ink(tuple(stroke.astype(np.float32) for stroke in strokes))


def pen_width(rng: Generator, amount: float = 1.0) -> float:
    """Choose a random pen width in pixels of the 28×28 image: near MNIST's, 1.4 to 4.6."""
    return float(np.clip(PEN_WIDTH * math.exp(rng.normal(0, WIDTH * amount)), 1.4, 4.6))


def _warped(strokes: list[Points], rng: Generator, amount: float) -> list[Points]:
    """Apply one affine map, one taper and one slow wave to all strokes."""
    turn, shear = rng.normal(0, TURN * amount), rng.normal(0, SHEAR * amount)
    stretch = math.exp(rng.normal(0, STRETCH * amount) / 2)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ [[stretch, shear], [0, 1 / stretch]]
    taper = rng.normal(0, TAPER * amount, (2, 2))
    # Waves along either axis that move points along either axis.
    height = rng.normal(0, WAVE * amount, (2, 2))
    frequency = rng.uniform(0.4, 1.4, (2, 2)) * 2 * math.pi
    phase = rng.uniform(0, 2 * math.pi, (2, 2))

    def warp(stroke: Points) -> Points:
        tapered = stroke * (1 + stroke @ taper)
        waves = height * np.sin(tapered[:, :, None] * frequency + phase)
        warped: Points = (tapered + waves.sum(axis=1)) @ matrix.T
        return warped

    return [warp(stroke) for stroke in strokes]


def _filled(stroke: Points) -> Points:
    """Insert points between points that are far apart."""
    return resampled(stroke, 0.03) if len(stroke) < 20 else stroke


def _with_few_points(stroke: Points, rng: Generator) -> Points:
    """Resample a stroke as a slow tablet would record a fast hand."""
    return resampled(stroke, rng.uniform(0.08, 0.22))


def resampled(stroke: Points, step: float) -> Points:
    """Place points along a stroke at equal distances of at most a step; keep both ends."""
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(stroke, axis=0), axis=1).cumsum()])
    count = max(2, math.ceil(along[-1] / step) + 1)
    positions = np.linspace(0, along[-1], count)
    return np.stack([np.interp(positions, along, stroke[:, axis]) for axis in (0, 1)], axis=1)


def _with_gap(strokes: list[Points], rng: Generator) -> list[Points]:
    """Lift the pen for a moment within the longest stroke."""
    longest = max(range(len(strokes)), key=lambda number: len(strokes[number]))
    stroke = strokes[longest]
    if len(stroke) < 8:
        return strokes
    at = int(rng.integers(3, len(stroke) - 3))
    gap = int(rng.integers(1, max(2, len(stroke) // 12)))
    parts = [stroke[:at], stroke[at + gap :]]
    return [*strokes[:longest], *(part for part in parts if len(part)), *strokes[longest + 1 :]]
