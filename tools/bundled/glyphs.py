"""Letters and signs of many scripts as pen strokes, from the fonts that come with matplotlib.

A check trained on forty signs takes the forty-first for a digit, so this module provides hundreds.
Each glyph is drawn large and thinned to lines one pixel wide. These become strokes, so that a
letter is rendered with the same pen as a digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_desktop.digits.ink import Ink

SIDE = 48  # pixels, large enough for all but the finest hooks
FONTS = ("DejaVuSans.ttf", "STIXGeneral.ttf", "STIXGeneralItalic.ttf")
RANGES = (
    (0x21, 0x7F),  # Latin letters and signs
    (0xA1, 0x180),  # accents, currencies
    (0x391, 0x3C9),  # Greek
    (0x410, 0x450),  # Cyrillic
    (0x531, 0x586),  # Armenian
    (0x5D0, 0x5EB),  # Hebrew
    (0x10D0, 0x10F6),  # Georgian
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22A0),  # mathematics
    (0x2300, 0x2330),  # technical signs
    (0x25A0, 0x2600),  # geometric shapes
    (0x2600, 0x2690),  # weather, chess, zodiac
    (0x2701, 0x2768),  # ornaments
)
# Characters that many people would write as a digit, or read as one.
LIKE_DIGITS = frozenset(
    "0123456789OoQDCIil|!1/\\()[]{}'`,.:;ZzSsBbGgqTtYyUuJjaZ"
    "¡¦²³¹º°ÌÍÎÏìíîïÒÓÔÕÖØòóôõöøßþÞðÐÙÚÛÜùúûüÝýÿŠšŽžŚśŜŝŞşŹźŻżĜĝĞğĠġĢģÇçĆćĈĉĊċČčĨĩĪīĬĭĮįİıĴĵŁłŌōŎŏŐő"
    "ŢţŤťŦŧŨũŪūŬŭŮůŰűŲųŶŷŸſĹĺĻļĽľĿŀ"
    "ΒΓΖΘΙΟΤΥΦΩβγδεζθιλνξορςστυφω"
    "ОоЗзБбВвЧчЬьЪъЫыУуЭэСсГгТтІіЯяЛлеЕ"
    "ՕօՏտՅյՑցձՁզԶէԷշՇճՃՉչՋջՐրւՍսՈոպՊքՔգԳղԽխ"
    "סםוןזיךרדגכלבנפץף"
    "იძპჰეშზვდრხგებოთ"
    "∂∅∘∙∩∪∫∮∣∥⊂⊃∈∋∊∍∽∾∿≀∁∖∕○●◯◎◌◊□■▢▣▫▪▭▮▯▬◦◘◙◚◛◖◗☉☽☾☯❍❏❐❑❒❘❙❚⌠⌡⌊⌋⌈⌉⌀⌂⌐⌒⌓⌔⌕⌇"
)


@dataclass(frozen=True)
class Glyph:
    """A letter or sign as a font draws it.

    Attributes
    ----------
    text : str
        The character.
    ink : Ink
        The middle of its lines.
    """

    text: str
    ink: Ink


def glyphs(folder: Path) -> list[Glyph]:
    """Return all glyphs that do not look like digits, as strokes.

    Parameters
    ----------
    folder : Path
        Where the fonts are.

    Returns
    -------
    list of Glyph
        In a fixed order; the variants of a glyph in several fonts follow each other.
    """
    fonts = [ImageFont.truetype(str(folder / name), SIDE * 3 // 4) for name in FONTS]
    letters = [
        chr(code)
        for low, high in RANGES
        for code in range(low, high)
        if chr(code) not in LIKE_DIGITS
    ]
    found = []
    for letter in letters:
        for font in fonts:
            ink = as_strokes(thinned(drawn(letter, font)))
            if ink and not _is_missing(letter, font):
                found.append(Glyph(letter, ink))
    return found


def drawn(letter: str, font: ImageFont.FreeTypeFont) -> NDArray[np.bool_]:
    """Draw a letter, shape (2 × 48, 2 × 48)."""
    page = Image.new("L", (2 * SIDE, 2 * SIDE))
    ImageDraw.Draw(page).text((SIDE, SIDE), letter, fill=255, font=font, anchor="mm")
    is_ink: NDArray[np.bool_] = np.asarray(page) > 127
    return is_ink


def _is_missing(letter: str, font: ImageFont.FreeTypeFont) -> bool:
    """Whether a font lacks a letter, and so draws the same box as for any other it lacks."""
    return bool((drawn(letter, font) == drawn("\U0010ffff", font)).all())


def thinned(is_ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin ink to lines one pixel wide [1]_.

    References
    ----------
    .. [1] T. Zhang, C. Suen, "A fast parallel algorithm for thinning digital patterns", 1984.
    """
    ink = np.pad(is_ink, 1).astype(np.uint8)
    has_changed = True
    while has_changed:
        has_changed = False
        for first_half in (True, False):
            # The eight neighbours, clockwise from above.
            north, east = np.roll(ink, 1, 0), np.roll(ink, -1, 1)
            south, west = np.roll(ink, -1, 0), np.roll(ink, 1, 1)
            around = [
                north, np.roll(north, -1, 1), east, np.roll(south, -1, 1),
                south, np.roll(south, 1, 1), west, np.roll(north, 1, 1),
            ]  # fmt: skip
            count = sum(around, np.zeros_like(ink))
            turns = sum(
                ((around[i] == 0) & (around[(i + 1) % 8] == 1)).astype(np.uint8) for i in range(8)
            )
            if first_half:
                is_edge = (north * east * south == 0) & (east * south * west == 0)
            else:
                is_edge = (north * east * west == 0) & (north * south * west == 0)
            gone = (ink == 1) & (count >= 2) & (count <= 6) & (turns == 1) & is_edge
            has_changed |= bool(gone.any())
            ink[gone] = 0
    thin: NDArray[np.bool_] = ink[1:-1, 1:-1] == 1
    return thin


def as_strokes(is_line: NDArray[np.bool_]) -> Ink:
    """Turn lines one pixel wide into strokes: walk along neighbours until none is left."""
    left = {(int(x), int(y)) for y, x in np.argwhere(is_line)}

    def neighbours(pixel: tuple[int, int]) -> list[tuple[int, int]]:
        x, y = pixel
        offsets = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
        return [(x + dx, y + dy) for dx, dy in offsets if (x + dx, y + dy) in left]

    strokes: list[Sequence[Sequence[float]]] = []
    while left:
        pixel = min(left, key=lambda one: (len(neighbours(one)), one[1], one[0]))  # at an end
        walk = [pixel]
        left.remove(pixel)
        while found := neighbours(walk[-1]):
            walk.append(found[0])
            left.remove(found[0])
        strokes.append(walk)
    # A crossing leaves gaps of a pixel, which the pen's width closes.
    longest = max((len(stroke) for stroke in strokes), default=0)
    return Ink.from_points([stroke for stroke in strokes if len(stroke) > 1 or longest == 1])
