"""Several digits drawn side by side, told apart by the gaps between their strokes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mnist_desktop.digits.ink import Ink, Stroke

# Digits stand at least this far apart, in fractions of the ink's height. Of 7,494 single digits of
# the pen-based set none has so wide a gap, of 11,453 of UNIPEN ten; of made-up pairs and triples
# that stand 0.2 to 0.5 apart, at least 99% are divided right.
GAP = 0.15
# What stands beside a digit and is less high than this fraction of all ink belongs to it: the bar
# of a 5 that does not touch it, the dot of a full stop.
LEAST_HEIGHT = 0.45
MOST_DIGITS = 8  # there is no room for more on a pad; ink in more parts is no row of digits


def side_by_side(ink: Ink) -> tuple[Ink, ...]:
    """Divide ink into digits that stand side by side.

    Parameters
    ----------
    ink : Ink
        The drawing; it may be empty.

    Returns
    -------
    tuple of Ink
        One for each digit, from left to right, each with its strokes in the order in which they
        were drawn; the ink as it is where no gap is clear.
    """
    if len(ink.strokes) < 2:
        return (ink,)
    points = np.concatenate(ink.strokes)
    height = float(np.ptp(points[:, 1]))
    groups = _with_gaps(ink.strokes, GAP * height)
    groups = _without_small_ones(groups, ink.strokes, LEAST_HEIGHT * height)
    if not 1 < len(groups) <= MOST_DIGITS:
        return (ink,)
    return tuple(
        replace(ink, strokes=tuple(ink.strokes[place] for place in sorted(group)))
        for group in groups
    )


def _with_gaps(strokes: tuple[Stroke, ...], gap: float) -> list[list[int]]:
    """Indices of strokes in groups, from left to right, with a gap between any two."""
    order = sorted(range(len(strokes)), key=lambda place: float(strokes[place][:, 0].min()))
    groups: list[list[int]] = []
    right = -np.inf
    for place in order:
        columns = strokes[place][:, 0]
        if float(columns.min()) - right > gap:
            groups.append([])
        groups[-1].append(place)
        right = max(right, float(columns.max()))
    return groups


def _without_small_ones(
    groups: list[list[int]], strokes: tuple[Stroke, ...], height: float
) -> list[list[int]]:
    """Put each group that is too low for a digit to the one beside it that is nearer."""
    boxes = [np.concatenate([strokes[place] for place in group]) for group in groups]
    large = [at for at, box in enumerate(boxes) if np.ptp(box[:, 1]) >= height]
    together: dict[int, list[int]] = {at: [] for at in large}
    for at, group in enumerate(groups):
        if large:
            owner = at if at in together else min(large, key=lambda n: _apart(boxes[n], boxes[at]))
            together[owner] += group
    return list(together.values())


def _apart(one: Stroke, other: Stroke) -> float:
    """Width of the gap between two groups."""
    return float(max(one[:, 0].min() - other[:, 0].max(), other[:, 0].min() - one[:, 0].max()))
