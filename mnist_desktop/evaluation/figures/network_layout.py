"""Where everything of a network's diagram lies, in inches from its upper left corner.

Blocks stand side by side, in rows where they are many, each with its picture above its words. What
leads past blocks lies in lanes above them. All of it follows from the plan and the width.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mnist_desktop import formats
from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.digits.dataset import CLASSES, SIDE
from mnist_desktop.evaluation.figures.fonts import width_in
from mnist_desktop.evaluation.figures.pen import Box
from mnist_desktop.networks.blocks import Block, block_name, blocks_of, joined_words, totals_words
from mnist_desktop.networks.layer_words import layer_details, sides
from mnist_desktop.networks.plan import NetworkPlan

Role = Literal["name", "shape", "more"]
Kind = Literal["image", "sheets", "rows", "column", "outputs"]

POINT = 1 / 72
NAME, SMALL = 9.0, 8.0  # points
LINE = 1.36  # of a font's size
KEY = "Blue: layers with weights."
KEY_OF_COUNTS = "In parentheses: parameters."
NAME_LETTERS, DETAIL_LETTERS = 14, 16  # before a name or a layer's settings take a second line

FULL = 0.82  # the side of an image of 28×28 pixels
LEAST, LARGEST = 0.17, 1.4  # a side, compared with that
BAR = 0.13  # width of a column of units
MOST_SHEETS, SHEET_STEP = 6, 0.045
OUTPUT_STEP = SMALL * POINT * 1.1  # from one output to the next
OUTPUT_GAP = 0.07  # between an output and its name

MARGIN, SIDE_MARGIN = 0.12, 0.24  # above and below; at the sides, where arrows lead on
GAP, WIDEST_GAP = 0.2, 0.7  # between two blocks
LANE, LANES_GAP = 0.11, 0.18  # from one lane to the next, and from the lowest to what is below it
ROW_GAP = 0.24
WORDS_GAP = 0.1  # between a picture and its words
TOTALS_GAP = 0.13
FRAME = 0.09  # around equal networks
FRAME_TITLE = FRAME + SMALL * LINE * POINT
SHRINKING = 0.96  # how much smaller everything is tried, until it fits
SLACK = 1e-6
BALANCING = 20  # halvings, to a millionth


@dataclass(frozen=True)
class Words:
    """A line below a block's picture.

    Attributes
    ----------
    text : str
        What it says.
    role : {"name", "shape", "more"}
        What it is: the layer's name, the shape of its output, or anything else.
    """

    text: str
    role: Role = "more"

    @property
    def size(self) -> float:
        """Of its letters, in points."""
        return SMALL if self.role == "more" else NAME

    @property
    def width(self) -> float:
        """In inches."""
        return width_in(self.text, is_bold=self.role == "name") * self.size * POINT

    @property
    def height(self) -> float:
        """In inches, with the room above it."""
        return self.size * LINE * POINT


@dataclass(frozen=True)
class Picture:
    """What is painted for the output of a block.

    Attributes
    ----------
    kind : {"image", "sheets", "rows", "column", "outputs"}
        The input, feature maps behind each other, a list of rows, a column of units, or the ten
        outputs.
    width, height : float
        Of the front sheet, of the list or of the column.
    sheets : int
        How many lie behind each other.
    beside : float
        How much room is right of it, for the names of outputs.
    """

    kind: Kind
    width: float
    height: float
    sheets: int = 1
    beside: float = 0.0

    @property
    def whole(self) -> float:
        """Its width with all that belongs to it."""
        return self.width + self.depth + self.beside

    @property
    def depth(self) -> float:
        """How far the last sheet is moved to the right and up."""
        return (self.sheets - 1) * SHEET_STEP


@dataclass(frozen=True)
class Place:
    """Where a block lies.

    Attributes
    ----------
    block : Block
        The block.
    picture : Picture
        What is painted of it.
    words : tuple of Words
        What stands below the picture.
    row : int
        In which row it lies.
    left, width : float
        Of the column that it has to itself.
    front : Box
        Where the front sheet is, the list or the column.
    words_top : float
        Where its words begin.
    """

    block: Block
    picture: Picture
    words: tuple[Words, ...]
    row: int
    left: float
    width: float
    front: Box
    words_top: float

    @property
    def right(self) -> float:
        """Where its column ends."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """Of its column, from the left."""
        return self.left + self.width / 2

    @property
    def top(self) -> float:
        """Upper end of the picture, with what lies behind its front."""
        return self.front.y - self.picture.depth

    @property
    def end(self) -> float:
        """Right end of the picture, with what lies behind its front."""
        return self.front.right + self.picture.depth

    @property
    def picture_middle(self) -> float:
        """Middle of the picture, from the left."""
        return (self.front.x + self.end) / 2

    @property
    def bottom(self) -> float:
        """Where its words end."""
        return self.words_top + sum(one.height for one in self.words)


@dataclass(frozen=True)
class Row:
    """A row of blocks.

    Attributes
    ----------
    first, end : int
        Its first block, and the one after its last.
    top, blocks_top, bottom : float
        Where it begins, where its blocks do, below what leads past them, and where it ends.
    """

    first: int
    end: int
    top: float
    blocks_top: float
    bottom: float


@dataclass(frozen=True)
class Lane:
    """What leads from a block past others, above them.

    Attributes
    ----------
    source : int
        The block that it leads away from.
    targets : tuple of int
        Those that it leads to, in order.
    level : int
        How many lanes there are below it.
    """

    source: int
    targets: tuple[int, ...]
    level: int

    @property
    def last(self) -> int:
        """The last block that it leads to."""
        return self.targets[-1]

    def height(self, row: Row) -> float:
        """Where it runs in a row, from above."""
        return row.blocks_top - LANES_GAP - self.level * LANE


@dataclass(frozen=True)
class NetworkLayout:
    """Where everything of a diagram lies.

    Attributes
    ----------
    width, height : float
        Of all of it; wider than it should be where a single block is.
    places : tuple of Place
        The blocks, the input first.
    rows : tuple of Row
        The rows.
    lanes : tuple of Lane
        What leads past blocks.
    totals : tuple of Words
        The lines at the end.
    totals_left : float
        Where these begin.
    """

    width: float
    height: float
    places: tuple[Place, ...]
    rows: tuple[Row, ...]
    lanes: tuple[Lane, ...]
    totals: tuple[Words, ...]
    totals_left: float


def lay_out_network(plan: NetworkPlan, width: float, classes: ClassNames) -> NetworkLayout:
    """Lay out a network in rows that are so wide, or wider where a single block is.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    width : float
        Of all of it, in inches.
    classes : ClassNames
        What the outputs stand for.
    """
    blocks = blocks_of(plan)
    columns = [_column(one, classes, is_last=one is blocks[-1]) for one in blocks]
    room = width - 2 * SIDE_MARGIN
    spans = _spans([one.width for one in columns], room)
    lanes = _lanes(blocks)
    places, rows = _rows(columns, spans, lanes, room)
    totals = _totals(plan, columns, room)
    widest = max(one.right for one in places)
    written = max(one.width for one in totals)
    return NetworkLayout(
        max(width, max(widest, SIDE_MARGIN + written) + SIDE_MARGIN),
        rows[-1].bottom + TOTALS_GAP + sum(one.height for one in totals) + MARGIN,
        tuple(places),
        tuple(rows),
        tuple(lanes),
        totals,
        max(SIDE_MARGIN, min(places[0].left, SIDE_MARGIN + room - written)),
    )


def fit_network(
    plan: NetworkPlan, width: float, height: float, classes: ClassNames
) -> tuple[NetworkLayout, float]:
    """Lay out a network in an area; everything is smaller where there is too little room.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    width, height : float
        Of the area, in inches.
    classes : ClassNames
        What the outputs stand for.

    Returns
    -------
    NetworkLayout
        As if nothing were shrunk.
    float
        What all its measures, also those of texts, are to be multiplied by: 1 or less.
    """
    scale = 1.0
    while True:
        found = lay_out_network(plan, width / scale, classes)
        if found.height * scale <= height + SLACK and found.width * scale <= width + SLACK:
            return found, scale
        scale *= SHRINKING


@dataclass(frozen=True)
class _Column:
    """A block with what is painted and written of it, before it has its place."""

    block: Block
    picture: Picture
    words: tuple[Words, ...]
    width: float


def _column(block: Block, classes: ClassNames, *, is_last: bool) -> _Column:
    picture = _picture(block, classes, is_last=is_last)
    words = tuple(_words(block))
    return _Column(block, picture, words, max(picture.whole, *(one.width for one in words)))


def _picture(block: Block, classes: ClassNames, *, is_last: bool) -> Picture:
    shape = block.output_shape
    if block.is_input:  # an image, whether its pixels come in rows or one after the other
        return Picture("image", FULL, FULL)
    if is_last and shape == (CLASSES,):
        names = max(width_in(classes.short(label)) for label in range(CLASSES))
        return Picture(
            "outputs", BAR, CLASSES * OUTPUT_STEP, beside=OUTPUT_GAP + names * SMALL * POINT
        )
    if len(shape) == 1:
        return Picture("column", BAR, _by_count(shape[0]))
    if len(shape) == 2:
        return Picture("rows", _by_count(shape[1]), _by_side(shape[0]))
    channels = math.prod(shape[2:])
    sheets = min(MOST_SHEETS, 1 + math.ceil(math.log2(channels) / 2))
    return Picture("sheets", _by_side(shape[1]), _by_side(shape[0]), sheets)


def _by_side(side: int) -> float:
    """Length of a side of so many pixels or rows."""
    return FULL * min(LARGEST, max(side / SIDE, LEAST))


def _by_count(count: int) -> float:
    """Length of a list of so many numbers; there may be many more than pixels in an image."""
    return FULL * min(LARGEST, max(math.log(count) / math.log(SIDE * SIDE), LEAST))


def _words(block: Block) -> Iterator[Words]:
    """Write the lines below a block."""
    for line in textwrap.wrap(block_name(block), NAME_LETTERS):
        yield Words(line, "name")
    main = block.main
    if main is not None:
        for line in textwrap.wrap(layer_details(main), DETAIL_LETTERS):
            yield Words(line)
    yield Words(sides(block.output_shape if main is None else main.output_shape), "shape")
    if main is not None and (count := main.parameters):
        yield Words(formats.count(count, "parameter"))
    for text in joined_words(block):
        yield Words(f"+ {text}")


def _totals(plan: NetworkPlan, columns: Sequence[_Column], room: float) -> tuple[Words, ...]:
    """Write how large the network is, and what colours and parentheses mean."""
    parameters, multiplications = totals_words(plan)
    whole = Words(f"{parameters}, {multiplications}", "shape")
    parts = Words(f"{parameters},", "shape"), Words(multiplications, "shape")
    has_counts = any("(" in words.text for one in columns for words in one.words)
    key = Words(f"{KEY} {KEY_OF_COUNTS}" if has_counts else KEY)
    return (*((whole,) if whole.width <= room else parts), key)


def _spans(wide: Sequence[float], room: float) -> list[tuple[int, int]]:
    """Divide columns among as few rows as have room for them, none much longer than others."""
    spans = _filled(wide, room)
    low, high = max(wide), max(room, *wide)
    for _ in range(BALANCING):
        middle = (low + high) / 2
        if len(_filled(wide, middle)) > len(spans):
            low = middle
        else:
            high = middle
    return _filled(wide, high)


def _filled(wide: Sequence[float], room: float) -> list[tuple[int, int]]:
    """Fill one row after the other."""
    spans, start, used = [], 0, 0.0
    for place, width in enumerate(wide):
        if place > start and used + GAP + width > room:
            spans.append((start, place))
            start, used = place, 0.0
        used += width + (GAP if place > start else 0)
    return [*spans, (start, len(wide))]


def _rows(
    columns: Sequence[_Column], spans: Sequence[tuple[int, int]], lanes: Sequence[Lane], room: float
) -> tuple[list[Place], list[Row]]:
    """Put rows below each other; the gaps fill the longest one, which is in the middle."""
    used = [(sum(one.width for one in columns[a:b]), b - a - 1) for a, b in spans]
    gap = max(GAP, min([WIDEST_GAP, *((room - wide) / gaps for wide, gaps in used if gaps)]))
    longest = max(wide + gap * gaps for wide, gaps in used)
    left = SIDE_MARGIN + max(room - longest, 0) / 2
    places: list[Place] = []
    rows: list[Row] = []
    top = MARGIN
    for start, end in spans:
        over = [one.level for one in lanes if one.source < end and one.last >= start]
        has_frame = any(one.block.copies > 1 for one in columns[start:end])
        y = top + (FRAME_TITLE if has_frame else 0)
        y += LANES_GAP + max(over) * LANE if over else 0
        places += _places_in_row(columns[start:end], len(rows), left, gap, y)
        bottom = max(one.bottom for one in places[start:]) + (FRAME if has_frame else 0)
        rows.append(Row(start, end, top, y, bottom))
        top = bottom + ROW_GAP
    return places, rows


def _places_in_row(
    columns: Sequence[_Column], row: int, left: float, gap: float, top: float
) -> Iterator[Place]:
    """Put columns side by side, their pictures halfway between the top and the words."""
    tall = max(one.picture.height + one.picture.depth for one in columns)
    for one in columns:
        picture = one.picture
        x = left + (one.width - picture.whole) / 2
        y = top + (tall - picture.height + picture.depth) / 2
        front = Box(x, y, picture.width, picture.height)
        words_top = top + tall + WORDS_GAP
        yield Place(one.block, picture, one.words, row, left, one.width, front, words_top)
        left += one.width + gap


def _lanes(blocks: Sequence[Block]) -> list[Lane]:
    """Give what leads past blocks a lane, the shortest ones the lowest."""
    targets: dict[int, list[int]] = {}
    for place, block in enumerate(blocks):
        for source in block.inputs:
            if source != place - 1:
                targets.setdefault(source, []).append(place)
    lanes: list[Lane] = []
    for source, found in sorted(targets.items(), key=lambda one: one[1][-1] - one[0]):
        taken = {one.level for one in lanes if one.source < found[-1] and source < one.last}
        level = next(level for level in range(len(taken) + 1) if level not in taken)
        lanes.append(Lane(source, tuple(found), level))
    return lanes
