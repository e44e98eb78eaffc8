"""Where the parts of a layer card lie: known from its kind and its width, before it is made."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QFontMetrics

from mnist_desktop.networks.card_kinds import CARD_KINDS, OUTPUTS, Setting
from mnist_desktop.ui.parts.fonts import strong
from mnist_desktop.ui.parts.theme import UNIT
from mnist_desktop.ui.train.setting_fields import longest_value

GAP = UNIT  # between fields
BETWEEN = UNIT // 2  # rows of a card
EDGE = UNIT  # of a card
GRIP = 16
ARROWS = 22  # that step a value
FRAME = 12  # a field's border and padding
BUTTONS = 2  # at the right of the first row
NARROW = 50  # lines of text that a card is wide at most where a sentence needs two lines
KINDS = {**CARD_KINDS, OUTPUTS.word: OUTPUTS}
USUAL_TITLE = CARD_KINDS["batchnorm"].title  # titles up to this long have the same place


@dataclass(frozen=True)
class Sizes:
    """Sizes of the parts of cards, in pixels, for one font.

    Attributes
    ----------
    line : int
        Height of a line of text.
    control : int
        Height of a field or a button.
    mark : int
        Width of the box that switches a card on and off.
    number : int
        Width of a card's number.
    """

    line: int
    control: int
    mark: int
    number: int

    @property
    def title_left(self) -> int:
        """Where titles begin."""
        return EDGE + GRIP + self.mark + BETWEEN + self.number + GAP

    @property
    def end_height(self) -> int:
        """Height of the row of the input."""
        return 2 * EDGE + self.control


@dataclass(frozen=True)
class CardPlaces:
    """Where the parts of a card lie on it.

    Attributes
    ----------
    labels, fields : tuple of QRect
        Of its settings, in order: their names, of no width where the field says what it is, and
        their fields.
    facts : QRect
        Of the lines that say what it gives, or what is wrong with it.
    height : int
        Of the whole card.
    """

    labels: tuple[QRect, ...]
    fields: tuple[QRect, ...]
    facts: QRect
    height: int


def sizes_of(font: QFont) -> Sizes:
    """Return the sizes of cards that are written in a font."""
    metrics = QFontMetrics(font)
    line = metrics.lineSpacing()
    return Sizes(line, line + 10, line + 6, metrics.horizontalAdvance("200"))


def usual_title_width(font: QFont) -> int:
    """Return the width that titles have but for the longest ones."""
    return QFontMetrics(strong(font)).horizontalAdvance(USUAL_TITLE) + GAP


def places_of(kind: str, width: int, font: QFont) -> CardPlaces:
    """Say where the parts of a card lie.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    width : int
        Of the card, in pixels.
    font : QFont
        Of its text.
    """
    return _places(kind, width, font.toString())


@functools.lru_cache(maxsize=256)
def _places(kind: str, width: int, written_font: str) -> CardPlaces:
    font = QFont()
    font.fromString(written_font)
    sizes, about = sizes_of(font), KINDS[kind]
    own_title = QFontMetrics(strong(font)).horizontalAdvance(about.title) + GAP
    title = max(own_title, usual_title_width(font))
    left, top = sizes.title_left, EDGE
    x = left + title
    right = width - EDGE - BUTTONS * (sizes.control + BETWEEN)
    labels, fields = [], []
    for setting in about.settings:
        label, field = _widths(setting, font)
        if x + label + field > right:
            x, top = left, top + sizes.control + BETWEEN
            right = width - EDGE
        labels.append(QRect(x, top, label, sizes.control))
        fields.append(QRect(x + label, top, field, sizes.control))
        x += label + field + GAP
    lines = 2 if width < NARROW * sizes.line else 1  # always, so that no sentence moves a card
    facts = QRect(left, top + sizes.control + BETWEEN, width - EDGE - left, lines * sizes.line)
    height = facts.bottom() + 1 + EDGE // lines
    return CardPlaces(tuple(labels), tuple(fields), facts, height)


def _widths(setting: Setting, font: QFont) -> tuple[int, int]:
    """Widths of a setting's name and of its field."""
    metrics = QFontMetrics(font)
    if setting.kind == "flag":
        return 0, metrics.horizontalAdvance(setting.name) + metrics.lineSpacing() + FRAME
    field = metrics.horizontalAdvance(longest_value(setting)) + ARROWS + FRAME
    is_named = setting.kind != "choice"
    return metrics.horizontalAdvance(setting.name) + BETWEEN if is_named else 0, field
