"""The icons of the window: one open set, Lucide, in the colour of the text beside them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from mnist_desktop.paths import resource
from mnist_desktop.ui.parts.guarded import guarded

# What an icon stands for, and what Lucide calls it.
ICONS: Mapping[str, str] = {
    "add": "plus",
    "back": "arrow-left",
    "chevron-down": "chevron-down",
    "chevron-left": "chevron-left",
    "chevron-right": "chevron-right",
    "chevron-up": "chevron-up",
    "close": "x",
    "combine": "combine",
    "copy": "copy",
    "crop": "crop",
    "dark": "moon",
    "delete": "trash-2",
    "done": "circle-check",
    "duplicate": "copy-plus",
    "eraser": "eraser",
    "grip": "grip-vertical",
    "help": "circle-question-mark",
    "info": "info",
    "left": "panel-left",
    "light": "sun",
    "more": "ellipsis",
    "open": "folder-open",
    "open-step": "circle",
    "paste": "clipboard-paste",
    "pause": "pause",
    "play": "play",
    "redo": "redo-2",
    "reset": "rotate-ccw",
    "right": "panel-right",
    "scissors": "scissors",
    "settings": "sliders-horizontal",
    "star": "star",
    "straighten": "ruler",
    "turn": "rotate-cw",
    "turn-right": "rotate-cw-square",
    "undo": "undo-2",
}
SIDE = 16  # logical pixels, at which an icon stands beside text


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """Make an icon that takes its colour from the palette whenever it is painted.

    Parameters
    ----------
    name : str
        One of `ICONS`.
    role : QPalette.ColorRole
        Of the text it stands beside, such as ``HighlightedText`` on the accent colour.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    return QIcon(_TintedIcon(ICONS[name], role))


def draw_icon(
    painter: QPainter, name: str, place: QRectF, color: str, *, filled: bool = False
) -> None:
    """Paint an icon.

    Parameters
    ----------
    painter : QPainter
        Paints it.
    name : str
        One of `ICONS`.
    place : QRectF
        Where, a square.
    color : str
        Of its lines, as ``#rrggbb``.
    filled : bool
        Whether its inside has the colour, too.
    """
    _renderer(ICONS[name], color, filled).render(painter, place)


@guarded
class _TintedIcon(QIconEngine):
    """Paints one of Lucide's drawings in a colour of the palette in use."""

    def __init__(self, file: str, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._file = file
        self._role = role

    def clone(self) -> QIconEngine:
        """Make another one of these; Qt shares icons by it."""
        return _TintedIcon(self._file, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Paint the lines as large as there is room."""
        is_off = mode == QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if is_off else QPalette.ColorGroup.Active
        color = QGuiApplication.palette().color(group, self._role).name()
        _renderer(self._file, color, False).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Paint onto nothing."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return picture


@functools.lru_cache(maxsize=256)
def _renderer(file: str, color: str, filled: bool) -> QSvgRenderer:
    text = resource("icons", "lucide", f"{file}.svg").read_text(encoding="utf-8")
    text = text.replace("currentColor", color)
    if filled:
        text = text.replace('fill="none"', f'fill="{color}"')
    return QSvgRenderer(QByteArray(text.encode()))
