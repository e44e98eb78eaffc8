"""The program's own font: the window looks alike everywhere, also where no font is installed."""

from __future__ import annotations

import functools
import logging
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication

from mnist_desktop.evaluation.figures.fonts import FAMILIES, FILES
from mnist_desktop.paths import resource

logger = logging.getLogger(__name__)

FAMILY, OTHER_FAMILY = FAMILIES
LEAST = 28 / 3  # pixels
POINTS_PER_INCH = 72
STRONG = "font-weight:600"  # of what stands out in HTML, instead of <b>: see `strong`


@functools.cache
def system_has_fonts() -> bool:
    """Whether letters could be seen without a font of the program's own; asked before there is."""
    return QFontMetrics(QApplication.font()).inFont("a")


def use_bundled_font(app: QApplication) -> None:
    """Write everything in the bundled font, in the size that the system's has.

    Letters and signs that it lacks come from the system's fonts; where there are none, from
    DejaVu Sans, which matplotlib brings along.
    """
    font = app.font()
    font.setFamilies(_load())
    app.setFont(font)


def strong(font: QFont) -> QFont:
    """Return a font as it is for what stands out.

    The bundled font is there as regular and as semi-bold. What asks for bold instead is given the
    semi-bold letters, painted twice by Qt, which smears them.
    """
    found = QFont(font)
    found.setWeight(QFont.Weight.DemiBold)
    return found


def fixed_width(font: QFont) -> QFont:
    """Return the system's font for code, as large as another one; a Mac's own is far smaller."""
    found = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    found.setPointSizeF(QFontInfo(font).pointSizeF())
    return found


def smaller(font: QFont, pixels: float) -> QFont:
    """Return a font that is some pixels smaller, as far as it can still be read.

    It is measured in pixels, for points are of another size on each system: of 13 pixels, a Mac
    makes 13 points, and the others 9.75.
    """
    found = QFont(font)
    to_a_point = QGuiApplication.primaryScreen().logicalDotsPerInchY() / POINTS_PER_INCH
    found.setPointSizeF(max(font.pointSizeF() - pixels / to_a_point, LEAST / to_a_point))
    return found


@functools.cache
def _load() -> list[str]:
    """Make the fonts known to Qt, once, and return their families, the one to use first."""
    families = [] if system_has_fonts() else [OTHER_FAMILY] * _add(_matplotlib_font())
    is_known = all(_add(resource("fonts", name)) for name in FILES)
    return [FAMILY] * is_known + families


def _matplotlib_font() -> Path:
    """Path of a font with most letters and signs; matplotlib itself is not imported for it."""
    matplotlib = find_spec("matplotlib")
    folder = Path("" if matplotlib is None else matplotlib.origin or "").parent
    return folder / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


def _add(path: Path) -> bool:
    """Make a font file known to Qt; False, and a word in the log, if that fails."""
    is_known = QFontDatabase.addApplicationFont(str(path)) >= 0
    if not is_known:
        logger.warning("The font %s cannot be used", path)
    return is_known
