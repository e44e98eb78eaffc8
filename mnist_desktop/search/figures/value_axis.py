"""Axes of values: by factors, by differences, and of choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_desktop.search.figures.trial_arrays import Floats, SettingColumn

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = 0.05  # beside the values, as a fraction of their range
ALONE = 0.3  # of a decade, around a single value
EDGE = 0.07  # fraction of an axis in which half a number does not fit
FEWEST_STRIPS = 3  # that there is room for: one choice alone is no wider than others
WIDE = 1.2  # decades from which on powers of ten with 2 and 5 times them are enough


def written(value: float) -> str:
    """Write a number on an axis: such as 0.003, 1,200 or 25,000."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def log_axis(axes: Axes, values: Floats) -> None:
    """Make the horizontal axis one of factors that shows all values, which are above 0."""
    places = np.log10(values) if len(values) else np.zeros(1)
    low, high = float(places.min()), float(places.max())
    room = (high - low) * ROOM or ALONE
    low, high = low - room, high + room
    axes.set_xscale("log")
    axes.set_xlim(10**low, 10**high)
    ticks = log_ticks(low, high)
    if len(values) and (values % 1 == 0).all():
        ticks = [one for one in ticks if one % 1 == 0]
    if len(set(values)) == 1:
        ticks = [float(values[0])]
    axes.set_xticks(ticks, [written(one) for one in ticks])
    axes.set_xticks([], minor=True)
    if ticks and np.log10(ticks[-1]) > high - EDGE * (high - low):  # the figure ends beside it
        axes.get_xticklabels()[-1].set_horizontalalignment("right")


def log_ticks(low: float, high: float) -> list[float]:
    """Choose round numbers between two powers of ten: at most about six.

    Parameters
    ----------
    low, high : float
        The exponents.
    """
    from matplotlib.ticker import MaxNLocator

    if high - low < WIDE:
        places = MaxNLocator(5).tick_values(10**low, 10**high)
        return [float(one) for one in places if 10**low <= one <= 10**high and one > 0]
    steps = (1, 2, 5) if high - low < 2 else (1, 3) if high - low < 3 else (1,)
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    found = [step * 10.0**decade for decade in decades for step in steps]
    return [one for one in found if low <= np.log10(one) <= high]


def setting_axis(axes: Axes, column: SettingColumn) -> None:
    """Make the horizontal axis one of a setting's values."""
    from matplotlib.ticker import MaxNLocator

    known = column.places[np.isfinite(column.places)]
    axes.set_xlabel(column.title.capitalize())
    if column.choices:
        middle, half = (len(column.choices) - 1) / 2, max(len(column.choices), FEWEST_STRIPS) / 2
        axes.set_xlim(middle - half, middle + half)
        names = [one.replace("-", "-\n", 1) for one in column.choices]
        axes.set_xticks(range(len(names)), names)
        axes.grid(visible=False, axis="x")
    elif column.is_log:
        log_axis(axes, known)
    else:
        room = float(np.ptp(known)) * ROOM or max(abs(float(known[0])) * ROOM, 0.01)
        axes.set_xlim(known.min() - room, known.max() + room)
        is_whole = bool((known % 1 == 0).all())
        axes.xaxis.set_major_locator(MaxNLocator(7, integer=is_whole, min_n_ticks=1))
