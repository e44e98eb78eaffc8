"""How much each setting matters, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.formats import count, percent
from mnist_desktop.search.figures.score_axis import SMALL, inner_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "Which settings matter?"
MARGINS = (1.32, 0.55, 0.42, 0.1)  # inches, as those of `inner_axes`; names left, numbers right
ROW = 0.185  # inches, at least: a name needs as much
THICK = 0.62  # of a row
LEAST = 0.01  # the smallest fraction that is written as a number


@bundled_font()
def importance_figure(
    importances: Mapping[str, float],
    *,
    frame: Frame = Frame(),  # noqa: B008 - frozen
) -> Figure:
    """Draw a bar for each setting, that which matters most above.

    Parameters
    ----------
    importances : mapping of str to float
        What `importances_of` returns; not empty.
    frame : Frame
        Size and colours. Where it is too low for all bars, the last one is the sum of those that
        matter least.

    Returns
    -------
    matplotlib.figure.Figure
        With one pair of axes; a bar is as wide as the setting matters.
    """
    figure = frame.figure("none")
    axes = inner_axes(figure, frame, QUESTION, MARGINS)
    rows = shown_bars(importances, int((frame.height - MARGINS[2] - MARGINS[3]) / ROW))
    places, fractions = range(len(rows)), [fraction for _, fraction in rows]
    axes.barh(places, fractions, height=THICK, color=frame.colors.right)
    axes.set_yticks(places, [name for name, _ in rows], fontsize=SMALL)
    axes.tick_params(axis="y", labelcolor=frame.colors.text)
    axes.set_ylim(max(len(rows), 4) - 0.5, -0.5)
    axes.set_xlim(0, max(fractions) or 1)
    axes.set_xticks([])
    axes.grid(visible=False)
    for place, fraction in zip(places, fractions, strict=True):
        is_tiny = 0 < fraction < LEAST
        axes.annotate(
            f"< {percent(LEAST, 0)}" if is_tiny else percent(fraction, 0),
            (fraction, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=frame.colors.muted,
            fontsize=SMALL,
        )
    return figure


def shown_bars(importances: Mapping[str, float], most: int) -> list[tuple[str, float]]:
    """Name each bar, from the longest, with its length.

    Parameters
    ----------
    importances : mapping of str to float
        How much each setting matters.
    most : int
        How many bars there is room for; if they are more, the last one has what is left.
    """
    rows = [(name.replace("_", " "), fraction) for name, fraction in in_order(importances)]
    most = max(most, 1)
    if len(rows) <= most:
        return rows
    rest = rows[most - 1 :]
    return [*rows[: most - 1], (count(len(rest), "other"), sum(fraction for _, fraction in rest))]


def in_order(importances: Mapping[str, float]) -> list[tuple[str, float]]:
    """The settings with their importances, from the one that matters most."""
    return sorted(importances.items(), key=lambda item: -item[1])
