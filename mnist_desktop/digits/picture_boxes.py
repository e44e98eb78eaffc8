"""Correcting where the digits of a picture are: boxes moved, added, split and joined."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the page

LEAST_SIDE = 4  # pixels of the page; a smaller box was no box but a click
LEFT, TOP, RIGHT, BOTTOM = range(4)


class BoxDrag:
    """One press, drag and release on a page.

    Pressed near an edge or a corner, it resizes a box; inside one, it moves it; outside every box
    it draws a new one; without movement it is a click, which only chooses a box.

    Parameters
    ----------
    boxes : sequence of Box
        The boxes as they are.
    at : tuple of float
        Where it was pressed, in pixels of the page.
    reach : float
        How near an edge counts as on it, in pixels of the page.
    size : tuple of int
        Width and height of the page, which no box leaves.

    Attributes
    ----------
    number : int or None
        Which box was pressed.
    """

    def __init__(
        self,
        boxes: Sequence[Box],
        at: tuple[float, float],
        reach: float,
        size: tuple[int, int],
    ) -> None:
        self._before = tuple(boxes)
        self._at = at
        self._reach = reach
        self._size = size
        self._way = (0.0, 0.0)
        self._has_moved = False
        self.number, self._edges = self._find()

    def _find(self) -> tuple[int | None, tuple[int, ...]]:
        """Find the box that was pressed, and which of its edges are dragged."""
        (x, y), near = self._at, self._reach
        found: list[tuple[float, int]] = []
        for number, (left, top, right, bottom) in enumerate(self._before):
            if left - near <= x <= right + near and top - near <= y <= bottom + near:
                middle = abs(x - (left + right) / 2) + abs(y - (top + bottom) / 2)
                found.append((middle, number))
        if not found:
            return None, (RIGHT, BOTTOM)
        number = min(found)[1]
        box = self._before[number]
        edges = [self._nearer(box, LEFT, x), self._nearer(box, TOP, y)]
        grabbed = tuple(edge for edge in edges if edge is not None)
        return number, grabbed or (LEFT, TOP, RIGHT, BOTTOM)

    def _nearer(self, box: Box, first: int, place: float) -> int | None:
        """The edge of one direction that was pressed; a small box has an inside, too."""
        low, high = box[first], box[first + 2]
        near = min(self._reach, (high - low) / 4)
        if place < low + near:
            return first
        return first + 2 if place > high - near else None

    def move_to(self, place: tuple[float, float]) -> None:
        """Drag to another place, in pixels of the page."""
        self._way = (place[0] - self._at[0], place[1] - self._at[1])
        self._has_moved = self._has_moved or max(map(abs, self._way)) > self._reach / 2

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes as they would be now; the one that is dragged is at its place or the last."""
        if not self._has_moved:
            return self._before
        box = self._dragged()
        if self.number is not None:
            return (*self._before[: self.number], box, *self._before[self.number + 1 :])
        is_large = min(box[RIGHT] - box[LEFT], box[BOTTOM] - box[TOP]) >= LEAST_SIDE
        return (*self._before, box) if is_large else self._before

    def _dragged(self) -> Box:
        x, y = self._at
        start = (x, y, x, y) if self.number is None else self._before[self.number]
        way, size = list(self._way), self._size
        if len(self._edges) == len(start):  # it is moved: as far as the page goes, and as it is
            for axis in (0, 1):
                low, high = -start[axis], size[axis] - start[axis + 2]
                way[axis] = round(min(max(way[axis], low), high))
        places = [
            place + way[edge % 2] if edge in self._edges else place
            for edge, place in enumerate(start)
        ]
        (left, right), (top, bottom) = (
            _in_order(places[axis], places[axis + 2], size[axis]) for axis in (0, 1)
        )
        return left, top, right, bottom


def _in_order(one: float, other: float, size: int) -> tuple[int, int]:
    """Two edges as pixels of the page, the lower one first and at least a pixel apart."""
    low, high = sorted(min(max(round(place), 0), size) for place in (one, other))
    low = min(low, size - 1)
    return low, max(high, low + 1)


def split(
    boxes: Sequence[Box], number: int, ink: NDArray[np.float64], at: float | None = None
) -> tuple[Box, ...]:
    """Cut a box into a left and a right one.

    Parameters
    ----------
    boxes : sequence of Box
        All boxes.
    number : int
        Which one is cut.
    ink : ndarray of float64, shape (height, width)
        Of the page, 0 paper to 1 ink.
    at : float, optional
        Where, in pixels of the page from its left; otherwise in the column with the least ink of
        the box's middle half, and of several such ones in that nearest to its middle.

    Returns
    -------
    tuple of Box
        The two parts in the place of the one; the same boxes where a part would be narrower than
        a digit can be.
    """
    left, top, right, bottom = boxes[number]
    if right - left < 2 * LEAST_SIDE:
        return tuple(boxes)
    if at is None:
        low, high = left + (right - left) // 4, right - (right - left) // 4
        columns = np.arange(low, high + 1)
        amount = np.round(ink[top:bottom, low : high + 1].sum(axis=0), 6)
        at = columns[np.lexsort((np.abs(columns - (left + right) / 2), amount))[0]]
    place = min(max(round(float(at)), left + LEAST_SIDE), right - LEAST_SIDE)
    parts = ((left, top, place, bottom), (place, top, right, bottom))
    return (*boxes[:number], *parts, *boxes[number + 1 :])


def join(boxes: Sequence[Box], numbers: Collection[int]) -> tuple[tuple[Box, ...], Box]:
    """Put several boxes together.

    Parameters
    ----------
    boxes : sequence of Box
        All boxes.
    numbers : collection of int
        Which ones, at least one.

    Returns
    -------
    boxes : tuple of Box
        The others, and one around these last.
    joined : Box
        That one.
    """
    lefts, tops, rights, bottoms = zip(*(boxes[number] for number in numbers), strict=True)
    around = (min(lefts), min(tops), max(rights), max(bottoms))
    others = (box for number, box in enumerate(boxes) if number not in numbers)
    return (*others, around), around


def nearest(boxes: Sequence[Box], number: int) -> int | None:
    """Find the box with the smallest gap to another; of equal ones, that whose middle is nearer.

    Parameters
    ----------
    boxes : sequence of Box
        All boxes.
    number : int
        Whose neighbour it is.

    Returns
    -------
    int or None
        None where there is only one box.
    """
    mine = boxes[number]

    def apart(other: int) -> tuple[float, float]:
        theirs = boxes[other]
        gaps = [max(mine[a] - theirs[a + 2], theirs[a] - mine[a + 2], 0) for a in (0, 1)]
        middles = [abs(mine[a] + mine[a + 2] - theirs[a] - theirs[a + 2]) for a in (0, 1)]
        return math.hypot(*gaps), math.hypot(*middles)

    others = [other for other in range(len(boxes)) if other != number]
    return min(others, key=apart, default=None)


def nudged(box: Box, way: tuple[int, int], size: tuple[int, int], *, resizes: bool = False) -> Box:
    """Move a box, or its right and lower edge, by a few pixels as far as the page goes.

    Parameters
    ----------
    box : Box
        The box.
    way : tuple of int
        To the right and down, in pixels of the page.
    size : tuple of int
        Width and height of the page.
    resizes : bool, optional
        Whether only the right and the lower edge move; a box stays at least 4 pixels wide and high.
    """
    places = list(box)
    for axis in (0, 1):
        low, high = box[axis], box[axis + 2]
        if resizes:
            least = min(low + LEAST_SIDE, high)
            places[axis + 2] = min(max(high + way[axis], least), size[axis])
        else:
            step = min(max(way[axis], -low), size[axis] - high)
            places[axis], places[axis + 2] = low + step, high + step
    left, top, right, bottom = places
    return left, top, right, bottom
