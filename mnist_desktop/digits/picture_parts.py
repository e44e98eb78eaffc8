"""Connected parts of the ink on a page: where each lies, and how thick its lines are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.picture_boxes import Box

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """Ink that hangs together.

    Attributes
    ----------
    number : int
        What its pixels are called in `Parts.labels`; at least 1.
    box : Box
        Its smallest box, in pixels of the page.
    area : int
        Pixels.
    mass : float
        Sum of its ink, 0 to 1 a pixel.
    thickness : float
        Of its lines, in pixels: twice its area over its circumference. Of a solid shape it is half
        the shorter side at most.
    breadth : float
        Across the direction in which it is longest, in pixels: the width of a bar with the same
        second moments.
    """

    number: int
    box: Box
    area: int
    mass: float
    thickness: float
    breadth: float

    @property
    def width(self) -> int:
        """Columns of its box."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """Rows of its box."""
        return self.box[3] - self.box[1]

    @property
    def side(self) -> int:
        """The longer one of width and height."""
        return max(self.width, self.height)

    @property
    def slenderness(self) -> float:
        """How thick its lines are next to its longer side: a digit's 0.03 to 0.25, a disk's 0.4."""
        return self.thickness / self.side


def runs_of(mask: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Find runs of ink along the rows: the row of each, its first column, and the one behind it."""
    padded = np.pad(mask, ((0, 0), (1, 1))).ravel()  # flat, as numpy looks through that much faster
    changes = np.flatnonzero(padded[1:] != padded[:-1])
    rows, starts = np.divmod(changes[::2], mask.shape[1] + 2)
    return rows, starts, starts + changes[1::2] - changes[::2]


def find_parts(ink: NDArray[np.float64]) -> tuple[list[Part], NDArray[np.int32]]:
    """Find ink that hangs together, corners included.

    Rows are divided into runs of ink, and runs of neighbouring rows that touch are joined, all of
    them at once: each run takes the lowest number among those it touches until none changes.

    Parameters
    ----------
    ink : ndarray of float64, shape (height, width)
        0 paper to 1 ink.

    Returns
    -------
    parts : list of Part
        From the top down, as their first pixels come.
    labels : ndarray of int32, shape (height, width)
        The number of each pixel's part, 0 on paper.
    """
    mask = ink > 0
    rows, starts, ends = runs_of(mask)
    if len(rows) == 0:
        return [], np.zeros(mask.shape, np.int32)
    owner = _joined(rows, starts, ends, mask.shape[1])
    numbers = np.unique(owner, return_inverse=True)[1] + 1
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(numbers, ends - starts)
    return _measured(ink, labels, int(numbers.max()), (rows, starts, ends, numbers)), labels


def _joined(
    rows: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp], width: int
) -> NDArray[np.intp]:
    """For each run, the first run of the part that it belongs to."""
    # Places of the row above, in one number each; between two rows is a column that no run reaches.
    stride = width + 2
    first = np.searchsorted(rows * stride + ends, (rows - 1) * stride + starts, "left")
    last = np.searchsorted(rows * stride + starts, (rows - 1) * stride + ends, "right")
    counts = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(len(rows)), counts)
    upper = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    owner = np.arange(len(rows))
    while True:
        before = owner.copy()
        least = np.minimum(owner[lower], owner[upper])
        np.minimum.at(owner, owner[lower], least)
        np.minimum.at(owner, owner[upper], least)
        owner = owner[owner[owner]]
        if (owner == before).all():
            return owner


def _measured(
    ink: NDArray[np.float64],
    labels: NDArray[np.int32],
    count: int,
    runs: tuple[NDArray[np.intp], ...],
) -> list[Part]:
    rows, starts, ends, numbers = runs
    areas = np.bincount(numbers, ends - starts, count + 1)
    width = labels.shape[1]
    padded = np.pad(labels, ((1, 1), (0, 0))).ravel()
    places = np.flatnonzero(padded)
    owners = padded[places]
    masses = np.bincount(owners, ink.ravel()[places - width], count + 1)
    around = 2 * np.bincount(numbers, minlength=count + 1)
    for beside in (padded[places - width], padded[places + width]):
        around += np.bincount(owners[beside == 0], minlength=count + 1)
    breadths = _breadths(places - width, owners, areas.astype(np.float64), width)
    boxes = np.empty((count + 1, 4), np.intp)
    for place, values, best in ((0, starts, np.minimum), (1, rows, np.minimum),
                                (2, ends, np.maximum), (3, rows + 1, np.maximum)):  # fmt: skip
        boxes[:, place] = np.iinfo(np.intp).max if best is np.minimum else 0
        best.at(boxes[:, place], numbers, values)
    return [
        Part(
            number,
            (box[0], box[1], box[2], box[3]),
            int(areas[number]),
            float(masses[number]),
            2 * float(areas[number]) / float(around[number]),
            float(breadths[number]),
        )
        for number, box in enumerate(boxes.tolist())
        if number > 0
    ]


def _breadths(
    places: NDArray[np.intp], numbers: NDArray[np.int32], areas: NDArray[np.float64], width: int
) -> NDArray[np.float64]:
    """For each number, √12 times the standard deviation of its pixels across its main direction."""
    rows, columns = np.divmod(places, width)
    count = np.maximum(areas, 1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(numbers, values, len(areas)) / count

    x = columns - mean(columns.astype(np.float64))[numbers]
    y = rows - mean(rows.astype(np.float64))[numbers]
    xx, yy, xy = mean(x * x), mean(y * y), mean(x * y)
    least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    breadths: NDArray[np.float64] = np.sqrt(12 * np.maximum(least, 0) + 1)
    return breadths
