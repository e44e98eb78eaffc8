"""The bundled font in matplotlib, which looks for no fonts of the system."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading

from mnist_desktop.paths import resource

FAMILIES = ("Inter", "DejaVu Sans")  # the second has the letters and signs that the first lacks
FILES = ("Inter-Regular.ttf", "Inter-SemiBold.ttf")
BOLD = 700
NO_SYSTEM_FONTS = "MPL_IGNORE_SYSTEM_FONTS"  # asked while the list is made, and with each search

_one_at_a_time = threading.Lock()


def use_bundled_font() -> None:
    """Have everything written in the bundled font from now on; the first call imports matplotlib.

    When it is imported, matplotlib opens all fonts of the system to list them, which takes one to
    five seconds on a machine that never did so; here it lists its own alone, in 0.15.
    """
    with _one_at_a_time:
        _use()


@functools.cache
def _use() -> None:
    before = os.environ.get(NO_SYSTEM_FONTS)
    os.environ[NO_SYSTEM_FONTS] = "1"
    try:
        from matplotlib import font_manager, rcParams
    finally:
        # Later it would keep matplotlib from finding the fonts that are added here.
        if before is None:
            del os.environ[NO_SYSTEM_FONTS]
        else:
            os.environ[NO_SYSTEM_FONTS] = before
    for name in FILES:
        font_manager.fontManager.addfont(resource("fonts", name))
    known = font_manager.fontManager.ttflist
    # The boldest one is bold enough; matplotlib would warn of the difference.
    boldest = max((one for one in known if one.name == FAMILIES[0]), key=lambda one: one.weight)
    known.append(dataclasses.replace(boldest, weight=BOLD))
    rcParams["font.family"] = list(FAMILIES)
    # As Qt writes in the window: letters keep their shape and their distances.
    rcParams["text.hinting"] = "none"
