"""Correcting where the digits of a picture are: boxes moved, resized and added by dragging."""

from __future__ import annotations

from collections.abc import Sequence

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
