"""How much each setting matters, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.formats import percent
from mnist_desktop.search.figures.score_axis import SMALL, inner_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "Which settings matter?"
MARGINS = (1.32, 0.55, 0.42, 0.1)  # inches, as those of `inner_axes`; names left, numbers right
ROW = 0.185  # inches, at least: a name needs as much
THICK = 0.62  # of a row
LEAST = 0.01  # share that is written as a number


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
        With one pair of axes; a bar is as wide as the setting's share.
    """
    figure = frame.figure("none")
    axes = inner_axes(figure, frame, QUESTION, MARGINS)
    rows = shown_bars(importances, int((frame.height - MARGINS[2] - MARGINS[3]) / ROW))
    places, shares = range(len(rows)), [share for _, share in rows]
    axes.barh(places, shares, height=THICK, color=frame.colors.right)
    axes.set_yticks(places, [name for name, _ in rows], fontsize=SMALL)
    axes.tick_params(axis="y", labelcolor=frame.colors.text)
    axes.set_ylim(max(len(rows), 4) - 0.5, -0.5)
    axes.set_xlim(0, max(shares))
    axes.set_xticks([])
    axes.grid(visible=False)
    for place, share in zip(places, shares, strict=True):
        axes.annotate(
            percent(share, 0) if share >= LEAST or share == 0 else f"< {percent(LEAST, 0)}",
            (share, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=frame.colors.muted,
            fontsize=SMALL,
        )
    return figure


def shown_bars(importances: Mapping[str, float], most: int) -> list[tuple[str, float]]:
    """Name each bar, from the longest, with its share.

    Parameters
    ----------
    importances : mapping of str to float
        The share of each setting.
    most : int
        How many bars there is room for; if they are more, the last one has what is left.
    """
    ordered = sorted(importances.items(), key=lambda item: -item[1])
    rows = [(name.replace("_", " "), share) for name, share in ordered]
    most = max(most, 1)
    if len(rows) <= most:
        return rows
    rest = rows[most - 1 :]
    return [*rows[: most - 1], (f"{len(rest)} others", sum(share for _, share in rest))]
