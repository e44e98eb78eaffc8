"""Digits of print and of displays, as pictures show them: the check must not turn them away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_desktop.digits.dataset import SIDE, Images
from mnist_desktop.digits.image_import import normalise
from mnist_desktop.digits.ink import Ink
from mnist_desktop.paths import resource

PAGE = 160  # pixels
# Of the fonts that come with matplotlib; families are held out as a whole.
FONTS = {
    "learnt": (
        "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono",
        "DejaVuSansMono-Bold", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic",
    ),
    "validation": ("DejaVuSerif-Italic", "DejaVuSerif-Bold"),
    "test": ("cmr10", "cmtt10", "cmss10", "cmb10"),
}  # fmt: skip
SEGMENTS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
ENDS = {
    "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
}  # fmt: skip


def printed_digits(part: str, count: int, seed: int) -> Images:
    """Draw digits of fonts and of seven-segment displays.

    Parameters
    ----------
    part : {"learnt", "validation", "test"}
        Whose fonts.
    count : int
        How many.
    seed : int
        Seed of everything random.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)
        Two thirds of them from fonts.
    """
    rng = np.random.default_rng(seed)
    fonts = _fonts(part)
    makers: Sequence[Callable[[], NDArray[np.float64]]] = (
        lambda: _in_font(fonts[int(rng.integers(len(fonts)))], rng),
        lambda: _in_font(fonts[int(rng.integers(len(fonts)))], rng),
        lambda: _on_display(rng),
    )
    return np.stack([normalise(makers[number % 3]()) for number in range(count)])


def pictured(inks: Sequence[Ink], seed: int) -> Images:
    """Bring drawings to the shape of MNIST's as pictures are: painted in pixels, then reduced.

    Parameters
    ----------
    inks : sequence of Ink
        Drawings.
    seed : int
        Seed of sizes and widths of the pen.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)
    """
    rng = np.random.default_rng(seed)
    return np.stack([normalise(_painted(ink, rng)) for ink in inks]) if inks else _none()


def _none() -> Images:
    return np.zeros((0, SIDE, SIDE), np.uint8)


def _fonts(part: str) -> list[ImageFont.FreeTypeFont]:
    from matplotlib import get_data_path

    folder = Path(get_data_path(), "fonts", "ttf")
    files = [folder / f"{name}.ttf" for name in FONTS[part]]
    if part == "learnt":
        files += sorted(resource("fonts").glob("*.ttf"))
    return [ImageFont.truetype(str(file), PAGE * 3 // 5) for file in files]


def _in_font(font: ImageFont.FreeTypeFont, rng: Generator) -> NDArray[np.float64]:
    page = Image.new("L", (PAGE, PAGE))
    ImageDraw.Draw(page).text(
        (PAGE / 2, PAGE / 2), str(rng.integers(10)), fill=255, font=font, anchor="mm"
    )
    turned = page.rotate(rng.normal(0, 3), Image.Resampling.BICUBIC)
    return np.asarray(turned, np.float64) / 255


def _on_display(rng: Generator) -> NDArray[np.float64]:
    """Segments with pointed or blunt ends, upright or leaning, with gaps or without."""
    wide, high = rng.uniform(45, 70), rng.uniform(48, 60)
    thick, gap = rng.uniform(6, 17), rng.uniform(-1, 6)
    lean, point = rng.uniform(0, 0.15), rng.uniform(0, 1)
    page = Image.new("L", (PAGE, PAGE))
    painter = ImageDraw.Draw(page)
    for name in SEGMENTS[rng.integers(10)]:
        one, other = (np.array(end, float) * [wide, high] for end in ENDS[name])
        way = (other - one) / np.hypot(*(other - one))
        side, half = np.array([-way[1], way[0]]), thick / 2
        start, end = one + way * gap, other - way * gap
        inner = way * half * point
        outline = [start, start + inner + side * half, end - inner + side * half, end,
                   end - inner - side * half, start + inner - side * half]  # fmt: skip
        points = [(x + 45 + lean * (high - y), y + 20) for x, y in np.array(outline).tolist()]
        painter.polygon(points, fill=255)
    return np.asarray(page, np.float64) / 255


def _painted(ink: Ink, rng: Generator) -> NDArray[np.float64]:
    """A drawing as a paint program holds it: few pixels or many, the pen thin or thick."""
    side = int(rng.choice([20, 28, 64, PAGE]))
    pen = max(1.0, side * rng.uniform(0.03, 0.14))
    points = np.concatenate(ink.strokes).astype(np.float64)
    low, extent = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    scale = (side - pen - 2) / extent
    page = Image.new("L", (side, side))
    painter = ImageDraw.Draw(page)
    for stroke in ink.strokes:
        path = [(x, y) for x, y in ((stroke - low) * scale + pen / 2 + 1).tolist()]
        if len(path) > 1:
            painter.line(path, fill=255, width=round(pen))
        radius = pen / 2
        for x, y in path if pen > 2 else ():
            painter.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    grey = np.asarray(page, np.float64) / 255
    grey[0, 0] = max(grey[0, 0], float(not grey.any()))  # a dot, so that there is always ink
    return grey
