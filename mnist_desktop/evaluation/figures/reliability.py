"""The reliability diagram: how sure a network was, and how often it was right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_desktop.evaluation.figures.fonts import bundled_font
from mnist_desktop.evaluation.figures.frame import Frame, dress_axes
from mnist_desktop.evaluation.reliability import BINS, Reliability

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@bundled_font()
def reliability_figure(
    found: Reliability,
    *,
    frame: Frame = Frame(5.0, 4.2),  # noqa: B008 - frozen
) -> Figure:
    """Draw accuracy over confidence, and below it how many digits were read with which confidence.

    A calibrated network lies on the dotted line; below it, it promises too much.

    Parameters
    ----------
    found : Reliability
        From `mnist_desktop.evaluation.reliability.reliability`.
    frame : Frame
        Size and colours.
    """
    colors = frame.colors
    figure = frame.figure()
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    left = np.arange(BINS) / BINS * 100
    filled = found.counts > 0
    above.plot([0, 100], [0, 100], color=colors.muted, linestyle=":", linewidth=1.4)
    above.bar(
        left[filled], found.accuracy[filled] * 100, 100 / BINS, align="edge", color=colors.right,
        edgecolor=colors.surface, alpha=0.85,
    )  # fmt: skip
    above.plot(
        found.confidence[filled] * 100, found.accuracy[filled] * 100, color=colors.wrong,
        marker="o", markersize=4.5, linestyle="",
    )  # fmt: skip
    dress_axes(above, colors, "Read correctly, in %")
    above.set_ylim(0, 103)
    below.bar(
        left[filled], found.counts[filled], 100 / BINS, align="edge", color=colors.muted,
        edgecolor=colors.surface,
    )  # fmt: skip
    dress_axes(below, colors, "Digits")
    below.set_yscale("log")
    below.set_ylim(bottom=0.7)
    below.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
    below.set_xlim(0, 100)
    below.set_xlabel("Highest score, in %")
    return figure
