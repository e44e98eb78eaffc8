"""The diagram of a network: its layers from left to right, each as large as its output."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import CLASSES, SIDE
from mnist_desktop.digits.ink import THREE, Ink, render
from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.evaluation.figures.network_layout import (
    FRAME,
    OUTPUT_GAP,
    POINT,
    SHEET_STEP,
    SMALL,
    TOTALS_GAP,
    Lane,
    NetworkLayout,
    Place,
    Row,
    Words,
    fit_network,
    lay_out_network,
)
from mnist_desktop.evaluation.figures.pen import Align, Box, Pen, Point
from mnist_desktop.networks.layer_words import window_of
from mnist_desktop.networks.plan import NetworkPlan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FILE_WIDTH = 10.0  # inches
CAPTION = (
    "From left to right, what each layer makes of the image. Sheets behind each other are feature "
    "maps, columns are units; the larger they are, the more numbers there are."
)

BLANK = np.zeros((SIDE, SIDE), np.uint8)  # for networks that read no digits
# How much of a colour is in what it fills, in edges, and in what leads from block to block.
TINT, EDGE, VEIL, CONE = 0.14, 0.75, 0.09, 0.4
ON_BLACK = "#8fb1ff"  # blue that can be seen on an image, and beside it, in both themes
DESCENT, CAPITAL = 0.3, 0.73  # of letters below the line, and height of a digit, of their size
# All in inches.
UNIT, UNIT_STEP, OUTPUT = 0.022, 0.078, 0.038  # radius of a unit, between two, of an output
ASIDE = 0.04  # from the middle of a picture to what leads past others
NEAR, TOUCH, ARROW = 0.07, 0.02, 0.14  # gaps beside and above pictures, length of an arrow
MOST_LINES = 9  # in a picture of rows
WINDOW_AT = 0.8  # how far to the right in its picture a window lies, of what it leaves free


@bundled_font()
def network_figure(
    plan: NetworkPlan,
    *,
    classes: ClassNames = DIGITS,
    frame: Frame | None = None,
) -> Figure:
    """Draw a network from its input to its ten outputs.

    Layers with weights are blue. Everything is smaller where the frame has too little room; in
    one of `network_frame`, texts have the size of those in other figures.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    classes : ClassNames, optional
        What its outputs stand for.
    frame : Frame, optional
        Size and colours; that of a file if it is left out.

    Returns
    -------
    matplotlib.figure.Figure
        Its only axes fill it.
    """
    frame = frame or network_frame(plan, classes=classes)
    layout, scale = fit_network(plan, frame.width, frame.height, classes)
    figure = frame.figure("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    _Diagram(layout, classes, Pen(axes, frame.colors, scale)).draw()
    across, down = frame.width / scale, frame.height / scale
    axes.set_xlim((layout.width - across) / 2, (layout.width + across) / 2)
    axes.set_ylim((layout.height + down) / 2, (layout.height - down) / 2)
    return figure


def network_frame(
    plan: NetworkPlan, width: float = FILE_WIDTH, classes: ClassNames = DIGITS
) -> Frame:
    """Make a frame that is as high as the diagram of a network needs; without matplotlib.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    width : float
        Of the diagram, in inches.
    classes : ClassNames, optional
        What its outputs stand for.
    """
    return Frame(width, lay_out_network(plan, width, classes).height)


class _Diagram:
    """Draws what a layout has."""

    def __init__(self, layout: NetworkLayout, classes: ClassNames, pen: Pen) -> None:
        self._layout = layout
        self._places = layout.places
        self._classes = classes
        self._pen = pen

    def draw(self) -> None:
        """Draw everything."""
        for row in self._layout.rows:
            self._draw_frame(row)
        for number, (before, after) in enumerate(itertools.pairwise(self._places)):
            if number in after.block.inputs:
                self._lead(before, after)
        for lane in self._layout.lanes:
            self._draw_lane(lane)
        for place in self._places:
            self._draw_picture(place)
            self._write(place.words, place.middle, place.words_top, "center")
        layout = self._layout
        top = layout.rows[-1].bottom + TOTALS_GAP
        self._write(layout.totals, layout.totals_left, top, "left")

    def _draw_frame(self, row: Row) -> None:
        """Put frames around equal networks, open where they go on in another row."""
        places, color = self._places, self._pen.colors.muted
        numbers = range(row.first, row.end)
        for copies, found in itertools.groupby(numbers, lambda one: places[one].block.copies):
            first, *_, last = [*found] * 2
            if copies == 1:
                continue
            left, right = places[first].left - FRAME, places[last].right + FRAME
            begins = places[first - 1].block.copies != copies
            ends = places[(last + 1) % len(places)].block.copies != copies
            for y in (row.top, row.bottom):
                self._pen.line((left, y), (right, y), color, is_dashed=True)
            for x in [left] * begins + [right] * ends:
                self._pen.line((x, row.top), (x, row.bottom), color, is_dashed=True)
            if begins:
                title = Words(f"{copies} of these side by side")
                self._write([title], left + FRAME, row.top, "left")

    # What leads from block to block

    def _lead(self, before: Place, after: Place) -> None:
        """Lead from a block to the next one; where a row ends, to its end and on in the next."""
        first, second = before.front, after.front
        if before.row != after.row:
            for place, x in ((before, before.end + NEAR), (after, second.x - NEAR - ARROW)):
                y = place.front.middle[1]
                self._pen.arrow([(x, y), (x + ARROW, y)])
        elif (window := _window(before, after)) is not None:
            tone = ON_BLACK if before.picture.kind == "image" else self._tone(after)
            cone = (window.right, window.y), second.middle, (window.right, window.bottom)
            self._pen.area(cone, tone, CONE)
            self._pen.rectangle(window, tone)
        else:
            corners = (
                (before.end, before.top), second[:2],
                (second.x, second.bottom), (first.right, first.bottom),
            )  # fmt: skip
            self._pen.area(corners, self._pen.mixed(self._tone(after), VEIL))

    def _draw_lane(self, lane: Lane) -> None:
        """Lead past blocks, above them, in each of the rows on the way."""
        source, last = self._places[lane.source], self._places[lane.last]
        for number in range(source.row, last.row + 1):
            row = self._layout.rows[number]
            y = lane.height(row)
            path: list[Point] = [(self._places[row.first].left - NEAR, y)]
            if number == source.row:
                x = source.picture_middle + ASIDE
                path = [(x, source.top), (x, y)]
            for target in (self._places[one] for one in lane.targets):
                if target.row == number:
                    x = target.picture_middle - ASIDE
                    self._pen.arrow([*path, (x, y), (x, target.top - TOUCH)])
            if number < last.row:
                end = self._places[row.end - 1].right + NEAR
                self._pen.arrow([*path, (end, y)], has_head=False)

    # Blocks

    def _draw_picture(self, place: Place) -> None:
        match place.picture.kind:
            case "image":
                self._draw_image(place)
            case "sheets":
                self._draw_sheets(place)
            case "rows":
                self._draw_rows(place)
            case "column":
                self._draw_column(place)
            case "outputs":
                self._draw_outputs(place)

    def _draw_image(self, place: Place) -> None:
        """Show an image as the network is given it: white on black."""
        image = render(Ink.from_points([THREE])) if self._classes.are_digits else BLANK
        self._pen.image(image, place.front)
        self._pen.rectangle(place.front, self._pen.colors.muted)

    def _draw_sheets(self, place: Place) -> None:
        """Draw feature maps behind each other, from the one furthest back."""
        for sheet in reversed(range(place.picture.sheets)):
            off = sheet * SHEET_STEP
            self._pen.rectangle(place.front.moved(off, -off), *self._looks(place))

    def _draw_rows(self, place: Place) -> None:
        """Draw a list of rows of numbers."""
        front, (edge, fill) = place.front, self._looks(place)
        self._pen.rectangle(front, edge, fill)
        count = min(place.block.output_shape[0], MOST_LINES)
        for line in range(1, count):
            y = front.y + front.height * line / count
            self._pen.line((front.x, y), (front.right, y), edge)

    def _draw_column(self, place: Place) -> None:
        """Draw a column of units: a few stand for many."""
        front = place.front
        self._pen.rectangle(front, *self._looks(place), rounding=front.width / 2)
        count = min(place.block.output_shape[0], max(1, int(front.height / UNIT_STEP)))
        self._pen.dots(_down(front, count), UNIT, self._tone(place))

    def _draw_outputs(self, place: Place) -> None:
        """Draw the ten outputs with what they stand for."""
        centers = list(_down(place.front, CLASSES))
        self._pen.dots(centers, OUTPUT, self._tone(place))
        for label, (_, y) in enumerate(centers):
            at = place.front.right + OUTPUT_GAP, y + SMALL * POINT * CAPITAL / 2
            self._pen.write(at, self._classes.short(label), SMALL, self._pen.colors.text)

    def _looks(self, place: Place) -> tuple[str, str]:
        """Colours of the edges of a picture, and of what fills it."""
        tone = self._tone(place)
        return self._pen.mixed(tone, EDGE), self._pen.mixed(tone, TINT)

    def _tone(self, place: Place) -> str:
        """Blue for what has weights, grey for everything else."""
        return self._pen.colors.right if place.block.learns else self._pen.colors.muted

    def _write(self, lines: Iterable[Words], x: float, top: float, align: Align) -> None:
        """Write lines below each other."""
        colors = self._pen.colors
        for one in lines:
            top += one.height
            self._pen.write(
                (x, top - DESCENT * one.size * POINT), one.text, one.size,
                colors.muted if one.role == "more" else colors.text,
                ha=align, weight="bold" if one.role == "name" else "normal",
            )  # fmt: skip


def _window(before: Place, after: Place) -> Box | None:
    """Where a window lies on a picture over which it slides; None where none does."""
    main, shape = after.block.main, before.block.output_shape
    if main is None or len(shape) != 3 or after.picture.kind != "sheets":
        return None
    size = window_of(main)
    if not isinstance(size, tuple):
        return None
    front = before.front
    height = front.height * min(size[0] / shape[0], 1)
    width = front.width * min(size[1] / shape[1], 1)
    x = front.x + (front.width - width) * WINDOW_AT
    return Box(x, front.y + (front.height - height) / 2, width, height)


def _down(box: Box, count: int) -> Iterable[Point]:
    """Points below each other, evenly spread over a box."""
    return ((box.middle[0], box.y + box.height * (one + 0.5) / count) for one in range(count))
