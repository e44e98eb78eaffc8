"""Drawing on axes that are measured in inches from their upper left corner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.evaluation.figures.frame import FigureColors

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

Point = tuple[float, float]
Align = Literal["left", "center"]

THIN, LINE, HEAD = 0.8, 1.1, 5.0  # points: of edges, of arrows, and how long their heads are
CORNER = 0.05  # inches: radius of the corners of arrows
DASHES = (0, (3, 3))
# Which lies above which: areas, arrows, what is painted, what lies on it, and letters.
AREAS, ARROWS, SHAPES, MARKS, LETTERS = 1.0, 1.5, 2.0, 2.5, 3.0


class Box(NamedTuple):
    """A rectangle: its upper left corner, width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, right: float, down: float) -> Box:
        """The same rectangle elsewhere."""
        return self._replace(x=self.x + right, y=self.y + down)


class Pen:
    """Draws on axes; what has a width in points is as much smaller as everything is.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    colors : FigureColors
        A theme's colours.
    scale : float
        How many inches of the figure an inch of the drawing is.
    """

    def __init__(self, axes: Axes, colors: FigureColors, scale: float) -> None:
        self._axes = axes
        self._scale = scale
        self.colors = colors

    def mixed(self, color: str, share: float) -> str:
        """Mix so much of a colour, 0 to 1, into the surface."""
        from matplotlib.colors import to_hex, to_rgb

        parts = np.array([to_rgb(color), to_rgb(self.colors.surface)])
        return to_hex(np.array([share, 1 - share]) @ parts)

    def write(self, at: Point, text: str, size: float, color: str, **looks: Any) -> None:
        """Write a line of text of a size in points; ``at`` is where its letters stand."""
        self._axes.text(
            *at, text, fontsize=size * self._scale, color=color, va="baseline", parse_math=False,
            zorder=LETTERS, **looks,
        )  # fmt: skip

    def image(self, pixels: NDArray[np.uint8], box: Box) -> None:
        """Show grey values, 0 black to 255 white."""
        self._axes.imshow(
            pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="auto",
            extent=(box.x, box.right, box.bottom, box.y), zorder=SHAPES,
        )  # fmt: skip

    def rectangle(self, box: Box, edge: str, fill: str = "none", rounding: float = 0.0) -> None:
        """Draw a rectangle; one that is not filled lies above those that are."""
        from matplotlib.patches import FancyBboxPatch

        style = f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0"
        self._axes.add_artist(
            FancyBboxPatch(
                box[:2], box.width, box.height, boxstyle=style, facecolor=fill, edgecolor=edge,
                linewidth=THIN * self._scale, zorder=MARKS if fill == "none" else SHAPES,
            )
        )  # fmt: skip

    def dots(self, centers: Iterable[Point], radius: float, color: str) -> None:
        """Draw circles."""
        from matplotlib.patches import Circle

        for center in centers:
            self._axes.add_artist(
                Circle(center, radius, facecolor=color, linewidth=0, zorder=SHAPES)
            )

    def area(self, corners: Sequence[Point], color: str, opacity: float = 1.0) -> None:
        """Fill an area; a translucent one lies above what is painted."""
        from matplotlib.patches import Polygon

        layer = AREAS if opacity == 1 else MARKS
        self._axes.add_artist(
            Polygon(corners, facecolor=color, alpha=opacity, linewidth=0, zorder=layer)
        )

    def line(self, start: Point, end: Point, color: str, *, is_dashed: bool = False) -> None:
        """Draw a thin straight line."""
        self._axes.plot(
            *zip(start, end, strict=True), color=color, linewidth=THIN * self._scale,
            linestyle=DASHES if is_dashed else "-", zorder=SHAPES,
        )  # fmt: skip

    def arrow(self, corners: Sequence[Point], *, has_head: bool = True) -> None:
        """Draw a line with round corners, and a head at its end."""
        from matplotlib.patches import FancyArrowPatch

        head = f"-|>,head_length={HEAD},head_width={HEAD / 2}" if has_head else "-"
        self._axes.add_artist(
            FancyArrowPatch(
                path=_rounded(corners), arrowstyle=head, mutation_scale=self._scale, fill=has_head,
                color=self.colors.muted, linewidth=LINE * self._scale, zorder=ARROWS,
            )
        )  # fmt: skip


def _rounded(corners: Sequence[Point]) -> Path:
    """Make a path with round corners."""
    from matplotlib.path import Path

    points, codes = [corners[0]], [Path.MOVETO]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        points += [_towards(corner, before), corner, _towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*points, corners[-1]], [*codes, Path.LINETO])


def _towards(point: Point, other: Point) -> Point:
    """Go from a point towards another one, at most half of the way."""
    across, down = other[0] - point[0], other[1] - point[1]
    length = max(abs(across), abs(down))
    share = min(CORNER / length, 0.5) if length else 0.0
    return point[0] + share * across, point[1] + share * down
