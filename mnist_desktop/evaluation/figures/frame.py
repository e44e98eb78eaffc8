"""What all figures have in common: size, colours, and how they are drawn into memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_desktop.evaluation.figures.fonts import FAMILIES, bundled_font, use_bundled_font

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure

LayoutName = Literal["constrained", "none"]

DOTS_PER_INCH = 100
FILE_DOTS_PER_INCH = 150
TEXT = 13.0  # pixels at that many: the usual size of text
HAIR = 1e-3  # pixels


@dataclass(frozen=True)
class FigureColors:
    """Colours of a figure, as ``#rrggbb``.

    Attributes
    ----------
    surface : str
        Behind everything, and where a count is 0.
    text, muted, grid : str
        Numbers and titles, axis labels, lines.
    right, wrong : str
        What was read correctly, and what was misread: blue and orange, which the colour-blind
        can distinguish.
    runs : tuple of str
        Of several runs in one figure: distinct to the colour-blind as well [1]_.

    References
    ----------
    .. [1] P. Tol, "Colour schemes", SRON technical note SRON/EPS/TN/09-002, 2021 ("bright").
    """

    surface: str = "#ffffff"
    text: str = "#1f2430"
    muted: str = "#5b6474"
    grid: str = "#e3e7ee"
    right: str = "#1d4ed8"
    wrong: str = "#c2410c"
    runs: tuple[str, ...] = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#b59a00", "#1797b5")


LIGHT = FigureColors()


@dataclass(frozen=True)
class Frame:
    """Size and colours of a figure.

    Attributes
    ----------
    width, height : float
        In inches.
    dots_per_inch : float
        Pixels to an inch.
    colors : FigureColors
        A theme's colours.
    """

    width: float = 7.0
    height: float = 6.6
    dots_per_inch: float = DOTS_PER_INCH
    colors: FigureColors = LIGHT

    @classmethod
    def of_pixels(
        cls, width: int, height: int, ratio: float, colors: FigureColors, text: float = TEXT
    ) -> Frame:
        """Make a frame for a window.

        Parameters
        ----------
        width, height : int
            In pixels of the window, at least 1.
        ratio : float
            A screen's pixels to each of the window's.
        colors : FigureColors
            The window's colours.
        text : float
            Size of the window's text, in its pixels; that of a figure grows with it.
        """
        dots = DOTS_PER_INCH * ratio * text / TEXT
        # matplotlib rounds down, and 29 / 100 * 100 is a little less than 29.
        inches = [(round(side * ratio) + HAIR) / dots for side in (width, height)]
        return cls(inches[0], inches[1], dots, colors)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height in pixels, as matplotlib takes them."""
        return int(self.width * self.dots_per_inch), int(self.height * self.dots_per_inch)

    def figure(self, layout: LayoutName = "constrained") -> Figure:
        """Make an empty figure of this size, on the theme's surface.

        Texts are written in the bundled font by functions that `bundled_font` decorates.
        """
        use_bundled_font()
        from matplotlib.figure import Figure

        return Figure(
            figsize=(self.width, self.height),
            dpi=self.dots_per_inch,
            layout=None if layout == "none" else layout,
            facecolor=self.colors.surface,
        )


MakeFigure = Callable[[Frame], "Figure"]


@runtime_checkable
class ChangesFigure(Protocol):
    """What makes a figure and can also show its data in one that another of its kind has made."""

    def __call__(self, frame: Frame) -> Figure:
        """Make the figure."""

    def change(self, figure: Figure, frame: Frame) -> None:
        """Show the data in a figure that was made in the same frame."""


@bundled_font()
def draw_in_memory(figure: Figure) -> RendererAgg:
    """Draw a figure on whichever thread this is called; what is returned holds the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)  # a new one: the picture that was drawn before may be in use
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer: RendererAgg = canvas.renderer
    return renderer


@bundled_font()
def save_figure(figure: Figure, path: Path, file_format: str | None = None) -> None:
    """Write a figure to a file: ``"png"``, ``"svg"`` or ``"pdf"``; else its suffix decides."""
    import matplotlib

    # Letters stay letters in SVG and PDF, so that they can be searched and copied.
    with matplotlib.rc_context({"svg.fonttype": "none", "pdf.fonttype": 42}):
        figure.savefig(
            path, format=file_format, dpi=FILE_DOTS_PER_INCH, facecolor=figure.get_facecolor()
        )


def dress_axes(axes: Axes, colors: FigureColors, title: str, size: float = 11) -> None:
    """Give axes the look of all figures: no box, a pale grid behind, a title on the left."""
    axes.set_facecolor(colors.surface)
    axes.set_title(title, color=colors.text, loc="left", fontsize=size)
    axes.grid(color=colors.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    # The numbers are written when the figure is drawn, by whomever.
    axes.tick_params(which="both", colors=colors.muted, length=0, labelfontfamily=list(FAMILIES))
    axes.xaxis.label.set_color(colors.muted)
    axes.yaxis.label.set_color(colors.muted)
    for spine in axes.spines.values():
        spine.set_visible(False)


def readable_on(background: NDArray[np.float64]) -> str:
    """White or black, whichever has the larger contrast: at least 4.5 to 1 (WCAG 2.1).

    Parameters
    ----------
    background : ndarray of float64, shape (3,) or (4,)
        Red, green and blue in [0, 1]; an opacity is left out of account.

    Returns
    -------
    str
        ``"#ffffff"`` or ``"#000000"``.
    """
    light = luminance(background[:3])
    return "#ffffff" if 1.05 / (light + 0.05) > (light + 0.05) / 0.05 else "#000000"


def luminance(color: ArrayLike) -> float:
    """Relative luminance of red, green and blue in [0, 1]: from 0 to 1 (WCAG 2.1)."""
    channels = np.asarray(color, np.float64)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
