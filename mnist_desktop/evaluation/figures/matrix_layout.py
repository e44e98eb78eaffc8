"""Where everything of a 10×10 matrix lies, in pixels: the same for matplotlib and for Qt.

A matrix is painted twice, by Qt at the moment its numbers are there, and by matplotlib once that is
imported and has drawn it. Both follow what is computed here, so the one can take the other's place
and nothing moves. Only the size of the area and that of its text count, never what is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.evaluation.figures.frame import DOTS_PER_INCH, TEXT, FigureColors, readable_on
from mnist_desktop.formats import percent

Cell = tuple[int, int]  # true digit, predicted digit
Align = Literal["left", "center", "right"]
Texts = tuple[tuple[str, ...], ...]

# Of Inter, the font of window and figures, in fractions of its size.
DIGIT_WIDTH = 0.648
WIDTHS = {",": 0.276, ".": 0.276, "%": 0.8125, "+": 0.66, "−": 0.66}
# Letters, each with those that are no wider, for names of classes: rather too wide than too narrow.
LETTER_WIDTHS = {
    0.3: " ijlI.,'’:",
    0.47: "frt-/()",
    0.62: "acegksvxyzFLJ",
    0.68: "bdhnopquABEKPRSTVXYZ+",
    0.82: "CDGHNOQUw",
    1.0: "mMW",
}
_LETTER_WIDTHS = {
    **dict.fromkeys("0123456789", DIGIT_WIDTH),
    **{letter: width for width, letters in LETTER_WIDTHS.items() for letter in letters},
}
CAP_HEIGHT = 0.727
LINE = 1.5  # from one line of text to the next

SMALL = 0.85  # what stands second in a cell, compared with what stands first
LARGEST = 1.5  # what stands first in a cell, compared with all other text
WIDEST = 1.9  # a cell, compared with its height, unless counts need more
WIDE_COUNT = "1,135"  # is to be read in full size wherever there is room for it
BESIDE = 0.5  # the gap between the cells and a word in front of them, of the text's size
INSIDE = 4  # pixels between a text and the edges of its cell, taken together


@dataclass(frozen=True, eq=False)
class MatrixCells:
    """What a matrix shows.

    Attributes
    ----------
    colors : ndarray of float64, shape (10, 10, 3)
        Red, green and blue of the cells, 0 to 1; row: true digit, column: predicted digit.
    first, second : tuple of tuple of str
        What stands in a cell, and what stands below it where there is room; each may be empty.
    recall, precision : tuple of float or None
        Fractions along the margins, each None where there are no digits; empty for no margins.
    classes : ClassNames
        What stands at its rows and columns.
    """

    colors: NDArray[np.float64]
    first: Texts
    second: Texts = ()
    recall: tuple[float | None, ...] = ()
    precision: tuple[float | None, ...] = ()
    classes: ClassNames = DIGITS


@dataclass(frozen=True)
class Word:
    """A text and its place.

    Attributes
    ----------
    text : str
        What is written.
    x, y : int
        The end or the middle of its baseline, from the left and the top, in pixels.
    size : int
        Of the font, in pixels.
    color : str
        As ``#rrggbb``.
    align : {"left", "center", "right"}
        Which point of the baseline is meant.
    upright : bool
        Whether it is read from the bottom to the top.
    cell : tuple of int or None
        The cell it stands in.
    """

    text: str
    x: int
    y: int
    size: int
    color: str
    align: Align = "center"
    upright: bool = False
    cell: Cell | None = None


@dataclass(frozen=True)
class MatrixLayout:
    """Where cells and texts lie, in whole pixels of the screen or the file.

    Attributes
    ----------
    width, height : int
        Of everything.
    text : int
        Size of the text.
    left, top : int
        Where the first cell begins.
    cell_width, cell_height : int
        Of each cell.
    gap : int
        Between two cells; half of it is taken from each.
    """

    width: int
    height: int
    text: int
    left: int
    top: int
    cell_width: int
    cell_height: int
    gap: int

    @classmethod
    def fit(
        cls,
        width: int,
        height: int,
        dots_per_inch: float,
        *,
        has_title: bool = False,
        has_margins: bool = True,
    ) -> MatrixLayout:
        """Find the largest cells that there is room for.

        Parameters
        ----------
        width, height : int
            Of everything, in pixels.
        dots_per_inch : float
            Says how large text is: `Frame.text`.
        has_title : bool
            Whether a title stands above.
        has_margins : bool
            Whether recall stands to the right and precision below.
        """
        text = max(round(TEXT * dots_per_inch / DOTS_PER_INCH), 1)
        line = round(LINE * text)
        head = 2 * line if has_title else line
        left, right, foot = round(5.6 * text), round(4.6 * text), 3 * line + line // 2
        if not has_margins:
            left, right, foot, head = round(3.2 * text), 0, 2 * line + line // 2, head - line
        tall = max((height - head - foot) // CLASSES, 1)
        gap = 2 * max(round(dots_per_inch / DOTS_PER_INCH), 1)
        legible = math.ceil(text_width(WIDE_COUNT) * text) + INSIDE + gap
        widest = max(round(WIDEST * tall), legible)
        wide = min(max((width - left - right) // CLASSES, 1), widest)
        free = max(width - left - right - CLASSES * wide, 0)
        below = max(height - head - foot - CLASSES * tall, 0)
        return cls(width, height, text, left + free // 2, head + below // 2, wide, tall, gap)

    # Cells

    def cell_area(self, true: int, predicted: int) -> tuple[int, int, int, int]:
        """Left, top, width and height of what is coloured of a cell."""
        half = self.gap // 2
        return (
            self.left + predicted * self.cell_width + half,
            self.top + true * self.cell_height + half,
            self.cell_width - self.gap,
            self.cell_height - self.gap,
        )

    @property
    def right(self) -> int:
        """Where the last column ends."""
        return self.left + CLASSES * self.cell_width

    @property
    def bottom(self) -> int:
        """Where the last row ends."""
        return self.top + CLASSES * self.cell_height

    def ends_at(self, x: float, y: float) -> tuple[Cell, Cell] | None:
        """First and last cell of what lies at a point: a cell, a row or a column, or nothing.

        The digits to the left of the matrix stand for rows, those below it for columns.
        """
        column = int((x - self.left) // self.cell_width)
        row = int((y - self.top) // self.cell_height)
        in_columns, in_rows = 0 <= column < CLASSES, 0 <= row < CLASSES
        if in_columns and in_rows:
            return (row, column), (row, column)
        if in_rows and column < 0:
            return (row, 0), (row, CLASSES - 1)
        if in_columns and row >= CLASSES:
            return (0, column), (CLASSES - 1, column)
        return None

    # Texts

    def words(self, cells: MatrixCells, colors: FigureColors, title: str = "") -> Iterator[Word]:
        """All texts with their places."""
        yield from self._cell_words(cells)
        line, text = round(LINE * self.text), self.text
        middle_x = (self.left + self.right) // 2
        if cells.classes.are_digits:
            yield from self._digit_words(colors)
        else:
            yield from self._class_words(cells.classes, colors)
        lines = 3 if cells.precision else 2
        below = self._base(self.bottom + lines * line - line // 2 + line // 4, text)
        yield Word(f"Predicted {cells.classes.kind}", middle_x, below, text, colors.muted)
        yield from self._margin_words(cells, colors)
        if title:
            yield Word(title, middle_x, self._base(line // 2 + 2, text), text, colors.text)

    def _digit_words(self, colors: FigureColors) -> Iterator[Word]:
        """A digit at each row and column, and what those at the rows are."""
        line, text = round(LINE * self.text), self.text
        for digit in range(CLASSES):
            x, y = self._middle(digit, digit)
            yield Word(str(digit), self.left - round(0.8 * text), self._base(y, text), text,
                       colors.text)  # fmt: skip
            yield Word(str(digit), x, self._base(self.bottom + line // 2, text), text, colors.text)
        beside, middle = self.left - round(2.4 * text), (self.top + self.bottom) // 2
        yield Word("True digit", beside, middle, text, colors.muted, upright=True)

    def _class_words(self, classes: ClassNames, colors: FigureColors) -> Iterator[Word]:
        """A name at each row and column, as much of it as there is room for.

        The room is that of the digits; what the rows are stands above them, where there is a line.
        """
        line, small = round(LINE * self.text), max(round(SMALL * self.text), 1)
        edge = self.left - round(BESIDE * self.text)
        rows = fitting_names(classes, edge - 1, small)
        columns = fitting_names(classes, self.cell_width - 2, small)
        for label in range(CLASSES):
            x, y = self._middle(label, label)
            yield Word(rows[label], edge, self._base(y, small), small, colors.text, "right")
            base = self._base(self.bottom + line // 2, small)
            yield Word(columns[label], x, base, small, colors.text)
        if self.top >= line:
            above = self._base(self.top - line // 2, small)
            yield Word(f"True {classes.kind}", edge, above, small, colors.muted, "right")

    def _middle(self, true: int, predicted: int) -> Cell:
        x, y, width, height = self.cell_area(true, predicted)
        return x + width // 2, y + height // 2

    def _base(self, middle: float, size: int) -> int:
        """Where the baseline of a line of numbers is whose middle is given."""
        return round(middle + CAP_HEIGHT * size / 2)

    def _cell_words(self, cells: MatrixCells) -> Iterator[Word]:
        first, second = self._sizes(cells)
        space = round(0.42 * first) if second else 0
        block = CAP_HEIGHT * (first + second) + space
        for true, predicted in np.ndindex(CLASSES, CLASSES):
            text = cells.first[true][predicted]
            if not text:
                continue
            ink = readable_on(cells.colors[true, predicted])
            x, y = self._middle(true, predicted)
            base = round(y - block / 2 + CAP_HEIGHT * first)
            yield Word(text, x, base, first, ink, cell=(true, predicted))
            if second:
                below = base + round(space + CAP_HEIGHT * second)
                text = cells.second[true][predicted]
                yield Word(text, x, below, second, ink, cell=(true, predicted))

    def _sizes(self, cells: MatrixCells) -> tuple[int, int]:
        """Sizes of what stands first and second in a cell; 0 for what has no room anywhere."""
        room = self.cell_width - self.gap - INSIDE
        widest = max(text_width(text) for row in cells.first for text in row)
        fitting = room / max(widest, 1e-9)
        by_height = (self.cell_height - self.gap) * 0.34
        wanted = max(min(by_height, LARGEST * self.text), self.text)
        first = max(int(min(wanted, fitting, self.cell_height - self.gap)), 1)
        small = max(round(SMALL * first), round(SMALL * self.text))
        widest = max((text_width(text) for row in cells.second for text in row), default=0.0)
        is_low = self.cell_height - self.gap < CAP_HEIGHT * (first + small) + 0.42 * first + INSIDE
        return first, 0 if not widest or is_low or widest * small > room else small

    def _margin_words(self, cells: MatrixCells, colors: FigureColors) -> Iterator[Word]:
        if not cells.recall:
            return
        line, small = round(LINE * self.text), round(0.92 * self.text)
        edge = self.right + round(4.4 * self.text)
        top = self._base(self.top - line // 2, small)
        yield Word("Recall", edge, top, small, colors.muted, "right")
        base = self._base(self.bottom + line + line // 2, small)
        yield Word(
            "Precision", self.left - round(BESIDE * self.text), base, small, colors.muted, "right"
        )
        fits = text_width(percent(1, 1)) * small <= self.cell_width
        below = min(small, int(self.cell_width / text_width(percent(1, int(fits)) + ".")))
        for digit in range(CLASSES):
            x, y = self._middle(digit, digit)
            recall, precision = cells.recall[digit], cells.precision[digit]
            yield Word(percent(recall, 1), edge, self._base(y, small), small, colors.muted, "right")
            words = percent(precision, 1) if fits else _whole_percent(precision)
            yield Word(words, x, base, below, colors.muted)


def _whole_percent(share: float | None) -> str:
    """Write a share without decimals, rounded down: no mistake at all is 100%, and nothing else."""
    return percent(None if share is None else math.floor(share * 100 + 1e-9) / 100, 0)


def text_width(text: str) -> float:
    """How wide a number is in the bundled font, as a multiple of its size."""
    return sum(WIDTHS.get(letter, DIGIT_WIDTH) for letter in text)


def name_width(name: str) -> float:
    """How wide a name is at most in the bundled font, as a multiple of its size."""
    return sum(_LETTER_WIDTHS.get(letter, 1.0) for letter in name)


def fitting_names(classes: ClassNames, room: int, size: int) -> tuple[str, ...]:
    """Shorten each name of a class as little as lets it fit.

    Parameters
    ----------
    classes : ClassNames
        The classes.
    room : int
        For each, in pixels.
    size : int
        Of the font, in pixels.
    """
    return classes.fitted(lambda name: name_width(name) * size <= room)
