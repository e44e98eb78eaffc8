"""The bundled font in matplotlib, which looks for no fonts of the system."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from PIL import ImageFont

from mnist_desktop.paths import is_matplotlib_ours, resource

FAMILIES = ("Inter", "DejaVu Sans")  # the second has the letters and signs that the first lacks
FILES = ("Inter-Regular.ttf", "Inter-SemiBold.ttf")
BOLD = 700
NO_SYSTEM_FONTS = "MPL_IGNORE_SYSTEM_FONTS"  # asked while the list is made, and with each search

MEASURED_AT = 100  # pixels

_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def bundled_font() -> Iterator[None]:
    """Have what is written in here written in the bundled font; also a decorator.

    In this program, whose threads draw at once, the font is set for good. Where only a part of it
    is used, in somebody's notebook, the settings are theirs and are as before afterwards: they are
    shared by all threads, so that only one at a time may draw there.
    """
    use_bundled_font()
    if is_matplotlib_ours():
        yield
        return
    from matplotlib import rc_context

    with rc_context(_looks()):
        yield


def use_bundled_font() -> None:
    """Make the bundled font known to matplotlib, which is imported; this program takes no other.

    When it is imported, matplotlib opens all fonts of the system to list them, which takes one to
    five seconds on a machine that never did so. In this program it lists its own alone, in 0.15,
    and keeps that list in the program's folder; anybody else's list is to have all fonts.
    """
    with _one_at_a_time:
        _use()


@functools.cache
def _use() -> None:
    if is_matplotlib_ours():
        _import_without_system_fonts()
    from matplotlib import font_manager, rcParams

    for name in FILES:
        font_manager.fontManager.addfont(resource("fonts", name))
    known = font_manager.fontManager.ttflist
    # The boldest one is bold enough; matplotlib would warn of the difference.
    boldest = max((one for one in known if one.name == FAMILIES[0]), key=lambda one: one.weight)
    known.append(dataclasses.replace(boldest, weight=BOLD))
    if is_matplotlib_ours():
        rcParams.update(_looks())


def _looks() -> dict[Any, Any]:
    # As Qt writes in the window: letters keep their shape and their distances.
    return {"font.family": list(FAMILIES), "text.hinting": "none"}


def _import_without_system_fonts() -> None:
    before = os.environ.get(NO_SYSTEM_FONTS)
    os.environ[NO_SYSTEM_FONTS] = "1"
    try:
        importlib.import_module("matplotlib.font_manager")
    finally:
        # Later it would keep matplotlib from finding the fonts that are added here.
        if before is None:
            del os.environ[NO_SYSTEM_FONTS]
        else:
            os.environ[NO_SYSTEM_FONTS] = before


@functools.lru_cache(maxsize=4096)
def width_in(text: str, *, is_bold: bool = False) -> float:
    """How wide a text is in the bundled font, as a multiple of its size; without matplotlib."""
    return _measured(FILES[is_bold]).getlength(text) / MEASURED_AT


@functools.cache
def _measured(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(resource("fonts", name)), MEASURED_AT)
