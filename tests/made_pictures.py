"""Pictures of digits as people have them, made by a program: each condition spoils a clean one.

A condition takes digits drawn as strokes and gives the content of a picture file and what it shows.
Shadow, frames, rows and the like are drawn from a seeded generator, so every picture can be made
again; what a condition is called says what is wrong with its pictures.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Rng = np.random.Generator
Grey = NDArray[np.float64]  # 0 black to 255 white
Strokes = Sequence[Sequence[tuple[float, float]]]
Draw = Callable[[int], Strokes]  # strokes of a digit, in any unit, y down


@dataclass(frozen=True)
class MadePicture:
    """The content of a picture file, and the digits on it: row by row, from left to right."""

    content: bytes
    digits: str


# One shape of each digit in a box of 10 by 16, for tests that have no other strokes at hand.
SHAPES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(5, 0), (2, 1.5), (0.4, 5), (0.3, 10), (1.8, 14.5), (5, 16), (8.2, 14.5), (9.6, 10),
         (9.5, 5), (7.8, 1.2), (5, 0)]],
    1: [[(5.2, 0), (5, 5), (4.8, 10), (4.6, 16)]],
    2: [[(0.6, 3.6), (2, 1), (5, 0), (8, 1), (9.2, 3.8), (8.2, 7), (5, 10.8), (0.4, 15.8),
         (5, 15.6), (10, 15.9)]],
    3: [[(1, 1.6), (4.4, 0), (8, 1.2), (8.6, 4), (7, 6.6), (4.2, 7.6), (7.6, 8.6), (9.4, 11.4),
         (8.4, 14.4), (5, 16), (0.8, 14.6)]],
    4: [[(5.6, 0), (2.6, 5.6), (0, 10.4), (5, 10.2), (10, 10)], [(7, 5), (6.9, 10), (6.8, 16)]],
    5: [[(8.8, 0.2), (2, 0.4), (1.4, 6.8), (5, 5.8), (8.6, 7.6), (9.4, 11), (7.8, 14.6), (4.4, 16),
         (0.4, 14.4)]],
    6: [[(7.6, 0), (3.6, 3), (1.2, 7.6), (0.8, 12), (2.8, 15.4), (6, 16), (8.8, 13.8), (8.9, 10.6),
         (6.4, 8.4), (3, 9.2), (1.1, 11.6)]],
    7: [[(0, 0.6), (5, 0.4), (9.6, 0.2), (7, 5.6), (4.8, 10.6), (3.4, 16)]],
    8: [[(8.4, 2.4), (5, 0), (1.6, 1.8), (2, 5), (5, 7.4), (8.6, 10.4), (8.8, 13.6), (5, 16),
         (1.4, 13.8), (1.6, 10.6), (5, 7.4), (8, 5), (8.4, 2.4)]],
    9: [[(8.8, 3.4), (5.6, 0), (1.6, 1.8), (0.6, 5), (2.8, 8), (6.4, 7.4), (8.8, 3.4), (8.6, 8),
         (8, 12), (7, 16)]],
}  # fmt: skip


def shaped(rng: Rng) -> Draw:
    """Draw `SHAPES`, sheared and stretched a little, each time in another way."""

    def draw(digit: int) -> Strokes:
        shear, wide = rng.uniform(-0.2, 0.1), rng.uniform(0.85, 1.1)
        return [[(x * wide + shear * (8 - y), y) for x, y in line] for line in SHAPES[digit]]

    return draw


# Drawing


def _scaled(strokes: Strokes, box: tuple[float, float, float, float]) -> list[NDArray[np.float64]]:
    """Strokes in a box (left, top, width, height): as large as fits, in its middle."""
    lines = [np.asarray(line, float) for line in strokes if len(line)]
    points = np.concatenate(lines)
    low, extent = points.min(axis=0), np.maximum(np.ptp(points, axis=0), 1e-6)
    scale = min(box[2] / extent[0], box[3] / extent[1])
    start = np.array(box[:2]) + (np.array(box[2:]) - extent * scale) / 2
    return [(line - low) * scale + start for line in lines]


def _inked(size: tuple[int, int], lines: Sequence[NDArray[np.float64]], pen: float) -> Grey:
    """Ink of paths, 0 to 1, drawn with a round pen."""
    over = 3
    mask = Image.new("L", (size[0] * over, size[1] * over))
    draw = ImageDraw.Draw(mask)
    radius = pen * over / 2
    for line in lines:
        path = [(x * over, y * over) for x, y in line.tolist()]
        if len(path) > 1:
            draw.line(path, fill=255, width=max(1, round(2 * radius)))
        for x, y in path:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    small = mask.resize(size, Image.Resampling.BOX)
    return np.asarray(small, float) / 255


def _one(
    draw: Draw, digit: int, size: tuple[int, int], height: float, pen: float, *, rng: Rng
) -> Grey:
    """Ink of one digit, somewhere near the middle."""
    left = (size[0] - height) / 2 + rng.uniform(-0.08, 0.08) * size[0]
    top = (size[1] - height) / 2 + rng.uniform(-0.06, 0.06) * size[1]
    return _inked(size, _scaled(draw(digit), (left, top, height, height)), pen)


def _png(grey: Grey) -> bytes:
    return _encoded(Image.fromarray(np.clip(grey.round(), 0, 255).astype(np.uint8)), "PNG")


def _encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def _photo(grey: Grey, rng: Rng, noise: float = 3.0) -> bytes:
    """As a camera keeps it: a little soft, with noise, as JPEG."""
    soft = Image.fromarray(np.clip(grey, 0, 255).round().astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.8)
    )
    noisy = np.asarray(soft, float) + rng.normal(0, noise, grey.shape)
    picture = Image.fromarray(np.clip(noisy.round(), 0, 255).astype(np.uint8))
    return _encoded(picture, "JPEG", quality=int(rng.integers(70, 93)))


def _places(size: tuple[int, int]) -> tuple[Grey, Grey]:
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    return columns / size[0], rows / size[1]


PHOTO = (800, 600)

# Light


def _on_paper(draw: Draw, digit: int, rng: Rng, *, pen: float | None = None) -> tuple[Grey, Grey]:
    """Ink on a photo, and reflectance of the paper with it, 0 to 1."""
    height = rng.uniform(170, 330)
    pen = rng.uniform(5, 14) if pen is None else pen
    ink = _one(draw, digit, PHOTO, height, pen, rng=rng)
    return ink, 1 - rng.uniform(0.65, 0.9) * ink


def _lit(reflectance: Grey, light: Grey, rng: Rng) -> bytes:
    return _photo(rng.uniform(215, 245) * reflectance * light, rng)


def _shadow(softness: float, depth: tuple[float, float], on_digit: bool) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        _, paper = _on_paper(draw, digit, rng)
        x, y = _places(PHOTO)
        angle = rng.uniform(0, 2 * np.pi)
        along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
        at = rng.uniform(-0.06, 0.06) if on_digit else rng.uniform(0.32, 0.4)
        dark = 1 / (1 + np.exp(-np.clip((along - at) / softness, -40, 40)))
        slope = 1 - rng.uniform(0, 0.25) * (x * np.cos(angle + 1) + y * np.sin(angle + 1)) / 2
        return MadePicture(_lit(paper, slope * (1 - rng.uniform(*depth) * dark), rng), str(digit))

    return make


def _vignette(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    _, paper = _on_paper(draw, digit, rng)
    x, y = _places(PHOTO)
    far = (x - 0.5) ** 2 + (y - 0.5) ** 2
    return MadePicture(_lit(paper, 1 - rng.uniform(0.9, 1.5) * far, rng), str(digit))


def _lamp(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    _, paper = _on_paper(draw, digit, rng)
    x, y = _places(PHOTO)
    corner = rng.integers(0, 2, 2)
    far = np.hypot(x - corner[0], y - corner[1])
    return MadePicture(_lit(paper, 1 / (1 + rng.uniform(1, 2.5) * far), rng), str(digit))


def _glare(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A whiteboard with the picture of a lamp on it, beside the digit or over its edge."""
    ink = _one(draw, digit, PHOTO, rng.uniform(200, 300), rng.uniform(9, 16), rng=rng)
    x, y = _places(PHOTO)
    board = 170 + 40 * np.sin(np.pi * x) - rng.uniform(0, 30) * y
    side = rng.choice([-1, 1])
    at_x, at_y = 0.5 + side * rng.uniform(0.2, 0.32), rng.uniform(0.15, 0.4)
    spot = np.exp(-((((x - at_x) / 0.07) ** 2 + ((y - at_y) / 0.07) ** 2) ** 2))
    grey = board * (1 - 0.72 * ink)
    return MadePicture(_photo(grey + (250 - grey) * spot, rng), str(digit))


def _finger(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A finger in a corner of the photo, with its soft shadow."""
    _, paper = _on_paper(draw, digit, rng)
    x, y = _places(PHOTO)
    corner = rng.integers(0, 2, 2)
    far = np.hypot((x - corner[0]) * 1.3, y - corner[1])
    shadow = 1 - 0.35 * np.exp(-((far / 0.3) ** 4))
    grey = 235 * paper * shadow
    finger = far < rng.uniform(0.18, 0.26)
    grey[finger] = (150 - 60 * far / 0.25)[finger]
    return MadePicture(_photo(grey, rng), str(digit))


# Surroundings


def _box(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    side = int(rng.integers(200, 420))
    ink = _one(draw, digit, (side, side), side * rng.uniform(0.45, 0.72), side * 0.03, rng=rng)
    frame = Image.new("L", (side, side))
    inset = int(rng.uniform(0.01, 0.06) * side)
    box = (inset, inset, side - 1 - inset, side - 1 - inset)
    ImageDraw.Draw(frame).rectangle(box, outline=255, width=int(rng.integers(2, 5)))
    return MadePicture(_png(255 * (1 - np.maximum(ink, np.asarray(frame) / 255))), str(digit))


def _form_field(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A printed box in the middle of an otherwise white sheet."""
    size = (600, 450)
    ink = _one(draw, digit, size, rng.uniform(110, 140), rng.uniform(4, 7), rng=rng)
    frame = Image.new("L", size)
    half = int(rng.integers(105, 125))
    box = (300 - half - 30, 225 - half, 300 + half + 30, 225 + half)
    ImageDraw.Draw(frame).rectangle(box, outline=255, width=int(rng.integers(2, 4)))
    return MadePicture(_png(255 * (1 - np.maximum(ink, np.asarray(frame) / 255))), str(digit))


def _squared(
    line: tuple[float, float], ink_dark: tuple[float, float], pen: tuple[float, float]
) -> Condition:
    """Squared paper: lines so dark, ink so dark, a pen so wide."""

    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        size = (640, 480)
        height = rng.uniform(150, 330)
        ink = _one(draw, digit, size, height, rng.uniform(*pen), rng=rng)
        step, width = int(rng.integers(22, 60)), int(rng.integers(1, 4))
        grid = np.zeros(ink.shape)
        at = rng.integers(0, step, 2)
        for shift in range(width):
            grid[(at[0] + shift) :: step] = 1
            grid[:, (at[1] + shift) :: step] = 1
        grey = 245 - 245 * np.maximum(rng.uniform(*ink_dark) * ink, rng.uniform(*line) * grid)
        return MadePicture(_photo(grey, rng), str(digit))

    return make


def _ruled(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """Ruled paper, a little tilted, with a margin."""
    size = (640, 480)
    ink = _one(draw, digit, size, rng.uniform(120, 260), rng.uniform(5, 10), rng=rng)
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    tilt, step = rng.uniform(-0.02, 0.02), rng.uniform(34, 70)
    lines = ((rows + tilt * columns) % step) < rng.uniform(1.5, 3)
    margin = np.abs(columns - tilt * rows - 70) < 1.5
    grid = np.maximum(rng.uniform(0.25, 0.6) * lines, 0.4 * margin)
    grey = 245 - 245 * np.maximum(rng.uniform(0.75, 0.9) * ink, grid)
    return MadePicture(_photo(grey, rng), str(digit))


def _scanner(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """The dark edge of a scanner on one side or two."""
    ink = _one(draw, digit, PHOTO, rng.uniform(150, 320), rng.uniform(5, 12), rng=rng)
    grey = 240 * (1 - 0.85 * ink)
    wide = rng.integers(10, 45, 4)
    sides = rng.choice(4, int(rng.integers(1, 3)), replace=False)
    edges = [np.s_[: wide[0]], np.s_[-wide[1] :], np.s_[:, : wide[2]], np.s_[:, -wide[3] :]]
    for side in sides:
        grey[edges[side]] = 8
    return MadePicture(_photo(grey, rng), str(digit))


def _desk(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A sheet on a dark desk, seen whole and a little turned."""
    size = (520, 400)
    ink = _one(draw, digit, size, rng.uniform(150, 260), rng.uniform(5, 11), rng=rng)
    sheet = Image.fromarray((238 * (1 - 0.85 * ink)).round().astype(np.uint8))
    turned = sheet.convert("LA").rotate(rng.uniform(-14, 14), Image.Resampling.BICUBIC, expand=True)
    x, y = _places(PHOTO)
    desk = 45 + 25 * x + 8 * np.sin(60 * y + 5 * x) * rng.uniform(0.3, 1)
    page = Image.fromarray(desk.round().astype(np.uint8))
    left = (PHOTO[0] - turned.width) // 2 + int(rng.integers(-40, 41))
    top = (PHOTO[1] - turned.height) // 2 + int(rng.integers(-15, 16))
    page.paste(turned.convert("L"), (left, top), turned.getchannel("A"))
    return MadePicture(_photo(np.asarray(page, float), rng), str(digit))


def _screenshot(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A window: a bar with a title above a canvas, dark or light."""
    size = (int(rng.integers(380, 640)), int(rng.integers(320, 480)))
    ink = _one(draw, digit, size, min(size) * rng.uniform(0.4, 0.6), rng.uniform(6, 14), rng=rng)
    is_dark = rng.random() < 0.4
    grey = 255 * ink if is_dark else 255 * (1 - ink)
    bar = int(rng.integers(22, 42))
    grey[:bar] = 225 if is_dark else 60
    grey[bar // 4 : bar * 3 // 4, 12:120] = 90 if is_dark else 230
    for number in range(3):
        left = size[0] - 30 - 26 * number
        grey[bar // 3 : bar * 2 // 3, left : left + 12] = 120
    return MadePicture(_png(grey), str(digit))


def _canvas_border(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A drawing saved with the one-pixel or thicker frame of its canvas."""
    side = int(rng.choice([28, 64, 140, 280]))
    ink = _one(draw, digit, (side, side), side * rng.uniform(0.5, 0.75), side * 0.07, rng=rng)
    grey = 255 * ink if rng.random() < 0.5 else 255 * (1 - ink)
    wide = 1 if side == 28 else int(rng.integers(1, 4))
    edge = 255 - float(np.median(grey)) if rng.random() < 0.7 else 128
    for rim in (np.s_[:wide], np.s_[-wide:], np.s_[:, :wide], np.s_[:, -wide:]):
        grey[rim] = edge
    return MadePicture(_png(grey), str(digit))


def _axes(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A figure of matplotlib's with ticks and numbers, saved as a picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ink = _one(draw, digit, (28, 28), 20, 2.4, rng=rng)
    figure = Figure(figsize=(4, 3 + rng.random()), dpi=int(rng.integers(70, 130)))
    axes = figure.add_subplot()
    axes.imshow(ink, cmap=str(rng.choice(["gray", "gray_r", "viridis"])))
    if rng.random() < 0.5:
        axes.set_title(f"Label: {digit}")
    content = io.BytesIO()
    FigureCanvasAgg(figure).print_png(content)
    return MadePicture(content.getvalue(), str(digit))


def _junk_at_edge(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A crop with pieces of the neighbouring digits at its edges."""
    side = 240
    ink = _one(draw, digit, (side, side), side * 0.62, side * 0.05, rng=rng)
    for edge in rng.choice(4, int(rng.integers(1, 3)), replace=False):
        other = _inked((side, side), _scaled(draw(int(rng.integers(10))), (50, 50, 140, 140)), 12)
        piece = np.zeros_like(other)
        deep = int(rng.integers(4, 12))
        rows = np.flatnonzero(other.any(axis=1))
        piece[:deep] = other[rows[-1] + 1 - deep : rows[-1] + 1]
        ink = np.maximum(ink, np.rot90(piece, int(edge)))
    return MadePicture(_png(255 * (1 - ink)), str(digit))


# Several digits


def _random_digits(rng: Rng, count: int, first: int) -> list[int]:
    return [first, *(int(one) for one in rng.integers(0, 10, count - 1))]


def _rows(rows: int, columns: int) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        digits = _random_digits(rng, rows * columns, digit)
        cell = 190 if rows > 1 else 150
        size = (cell * columns + 40, cell * rows + 40)
        ink = np.zeros((size[1], size[0]))
        for place, one in enumerate(digits):
            row, column = divmod(place, columns)
            left = 20 + cell * column + 30 + rng.uniform(-8, 8)
            top = 20 + cell * row + 25 + rng.uniform(-8, 8)
            lines = _scaled(draw(one), (left, top, cell - 60, cell - 50))
            ink = np.maximum(ink, _inked(size, lines, 8))
        return MadePicture(_png(255 * (1 - ink)), "".join(map(str, digits)))

    return make


def _pair(gap: tuple[int, int]) -> Condition:
    """Two digits, so many pixels apart; below 0 they reach into each other's columns."""

    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        digits = _random_digits(rng, 2, digit)
        first = _scaled(draw(digits[0]), (0, 0, 1000, 150))
        second = _scaled(draw(digits[1]), (0, 0, 1000, 150))
        first = [line - [min(one[:, 0].min() for one in first) - 80, -90] for line in first]
        right = max(line[:, 0].max() for line in first)
        start = right + 10 + rng.integers(gap[0], gap[1] + 1)
        left = min(line[:, 0].min() for line in second)
        second = [line + np.array([start - left, 90 + rng.uniform(-8, 8)]) for line in second]
        width = int(max(line[:, 0].max() for line in second) + 80)
        ink = _inked((width, 330), [*first, *second], 10)
        return MadePicture(_png(255 * (1 - ink)), "".join(map(str, digits)))

    return make


SIGNS: dict[str, Strokes] = {
    ".": [[(0, 0.97), (0.02, 0.98)]],
    "-": [[(0, 0.52), (0.4, 0.5)]],
    "%": [
        [(0.15, 0.0), (0.0, 0.15), (0.1, 0.3), (0.27, 0.2), (0.15, 0.0)],
        [(0.75, 0.0), (0.15, 1.0)],
        [(0.75, 0.7), (0.6, 0.85), (0.7, 1.0), (0.87, 0.9), (0.75, 0.7)],
    ],
    "$": [
        [(0.55, 0.2), (0.3, 0.1), (0.05, 0.25), (0.3, 0.5), (0.55, 0.7), (0.3, 0.88), (0, 0.78)],
        [(0.3, -0.08), (0.28, 1.08)],
    ],
    "/": [[(0.55, -0.05), (0, 1.1)]],
}


def _with_sign(sign: str, place: int) -> Condition:
    """Two digits with a sign before, between or behind them."""

    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        digits = _random_digits(rng, 2, digit)
        height, at = 130.0, 60.0
        lines: list[NDArray[np.float64]] = []
        for step in range(3):
            if step == place:
                drawn = [np.asarray(line, float) * height + [at, 70] for line in SIGNS[sign]]
            else:
                one = digits[step - (step > place)]
                drawn = [
                    line + np.array([at, 70]) for line in _scaled(draw(one), (0, 0, 1000, height))
                ]
                left = min(line[:, 0].min() for line in drawn)
                drawn = [line - [left - at, 0] for line in drawn]
            lines += drawn
            at = max(line[:, 0].max() for line in drawn) + rng.uniform(26, 40)
        ink = _inked((int(at + 40), 280), lines, 8)
        return MadePicture(_png(255 * (1 - ink)), "".join(map(str, digits)))

    return make


# Ink and ground


def _colours(paper: tuple[int, int, int], pen: tuple[int, int, int]) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        ink = _one(draw, digit, (400, 400), 240, 14, rng=rng)[..., np.newaxis]
        mixed = np.array(paper) * (1 - ink) + np.array(pen) * ink
        picture = Image.fromarray(mixed.round().astype(np.uint8))
        return MadePicture(_encoded(picture, "PNG"), str(digit))

    return make


def _transparent(pen: int) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        ink = _one(draw, digit, (400, 400), 240, 14, rng=rng)
        pixels = np.full((400, 400, 4), pen, np.uint8)
        pixels[..., 3] = (255 * ink).round()
        return MadePicture(_encoded(Image.fromarray(pixels), "PNG"), str(digit))

    return make


def _dark_field_on_transparency(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    ink = _one(draw, digit, (300, 300), 180, 12, rng=rng)
    pixels = np.zeros((400, 460, 4), np.uint8)
    pixels[50:350, 80:380, :3] = (255 * ink).round().astype(np.uint8)[..., np.newaxis]
    pixels[50:350, 80:380, 3] = 255
    return MadePicture(_encoded(Image.fromarray(pixels), "PNG"), str(digit))


def _deep(most: int, *, is_dark: bool) -> Condition:
    """16 bits a pixel of which not all are used."""

    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        ink = _one(draw, digit, (400, 400), 240, 14, rng=rng)
        values = (most * (ink if is_dark else 1 - ink)).round().astype(np.uint16)
        return MadePicture(_encoded(Image.fromarray(values), "PNG"), str(digit))

    return make


def _faint(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    ink = _one(draw, digit, (400, 400), 240, 14, rng=rng)
    return MadePicture(_png(200 - 60 * ink), str(digit))


# 28×28


def _small(draw: Draw, digit: int, rng: Rng, *, height: float, corner: bool) -> Grey:
    """Ink of a digit on 28×28 pixels."""
    pen = rng.uniform(1.8, 2.8)
    room = 28 - height
    place = rng.uniform(1, 3, 2) if corner else rng.uniform(0.35, 0.65, 2) * room
    if corner and rng.random() < 0.5:
        place = room - place
    return _inked((28, 28), _scaled(draw(digit), (*place, height, height)), pen)


def _small_ground(paper: float, pen: float, *, corner: bool = False) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        height = rng.uniform(9, 13) if corner else rng.uniform(16, 24)
        ink = _small(draw, digit, rng, height=height, corner=corner)
        return MadePicture(_png(paper + (pen - paper) * ink), str(digit))

    return make


def _colour_map(name: str) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        from matplotlib import colormaps

        ink = _small(draw, digit, rng, height=20, corner=False)
        pixels = (255 * colormaps[name](ink)).round().astype(np.uint8)
        return MadePicture(_encoded(Image.fromarray(pixels), "PNG"), str(digit))

    return make


# Printed digits and other files

SEGMENTS = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")


def _seven_segments(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    return display(digit, rng.uniform(16, 26), rng.uniform(2, 9))


def display(digit: int, thick: float, gap: float) -> MadePicture:
    """A display: segments with pointed ends and gaps between them, in pixels."""
    wide, high = 130.0, 120.0
    ends = {
        "a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
        "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1)),
    }  # fmt: skip
    page = Image.new("L", (300, 400), 10)
    painter = ImageDraw.Draw(page)
    for name in SEGMENTS[digit]:
        (x0, y0), (x1, y1) = (np.array(end) * [wide, high] + [85, 80] for end in ends[name])
        way = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
        side, half = np.array([-way[1], way[0]]), thick / 2
        start, end = np.array([x0, y0]) + way * gap, np.array([x1, y1]) - way * gap
        outline = [start, start + way * half + side * half, end - way * half + side * half, end,
                   end - way * half - side * half, start + way * half - side * half]  # fmt: skip
        painter.polygon([tuple(point) for point in outline], fill=255)
    return MadePicture(_encoded(page, "PNG"), str(digit))


def _printed(font: str) -> Condition:
    """A digit of a font that matplotlib brings."""

    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        from matplotlib import get_data_path

        size = int(rng.integers(90, 220))
        face = ImageFont.truetype(f"{get_data_path()}/fonts/ttf/{font}.ttf", size)
        page = Image.new("L", (300, 340), 255)
        ImageDraw.Draw(page).text((150, 170), str(digit), fill=0, font=face, anchor="mm")
        return MadePicture(_encoded(page, "PNG"), str(digit))

    return make


def _as_file(form: str) -> Condition:
    def make(draw: Draw, digit: int, rng: Rng) -> MadePicture:
        ink = _one(draw, digit, (400, 400), 240, 14, rng=rng)
        page = Image.fromarray((255 * (1 - ink)).round().astype(np.uint8))
        return MadePicture(_encoded(page, form), str(digit))

    return make


def _turned(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    """A photo that its camera kept lying on its side."""
    ink = _one(draw, digit, (400, 500), 240, 14, rng=rng)
    page = Image.fromarray((255 * (1 - 0.9 * ink)).round().astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = page.transpose(Image.Transpose.ROTATE_90)
    return MadePicture(_encoded(stored, "JPEG", quality=85, exif=exif), str(digit))


def _clean(draw: Draw, digit: int, rng: Rng) -> MadePicture:
    ink = _one(draw, digit, (400, 400), rng.uniform(180, 300), rng.uniform(9, 18), rng=rng)
    return MadePicture(_png(255 * (1 - ink)), str(digit))


Condition = Callable[[Draw, int, Rng], MadePicture]

CONDITIONS: dict[str, Condition] = {
    "clean": _clean,
    "shadow, hard": _shadow(0.002, (0.3, 0.55), on_digit=True),
    "shadow, middling": _shadow(0.015, (0.3, 0.6), on_digit=True),
    "shadow, soft": _shadow(0.06, (0.4, 0.65), on_digit=True),
    "shadow beside": _shadow(0.004, (0.4, 0.7), on_digit=False),
    "shadow, deep": _shadow(0.01, (0.6, 0.75), on_digit=True),
    "vignette": _vignette,
    "lamp": _lamp,
    "glare": _glare,
    "finger": _finger,
    "printed box": _box,
    "field of a form": _form_field,
    "squared, pencil": _squared((0.05, 0.1), (0.3, 0.45), (3, 5)),
    "squared, ink": _squared((0.12, 0.3), (0.7, 0.9), (5, 10)),
    "squared, dark lines": _squared((0.35, 0.5), (0.8, 0.9), (8, 14)),
    "ruled": _ruled,
    "scanner's edge": _scanner,
    "dark desk": _desk,
    "screenshot": _screenshot,
    "canvas border": _canvas_border,
    "axes": _axes,
    "junk at the edge": _junk_at_edge,
    "two rows": _rows(2, 2),
    "column": _rows(3, 1),
    "row": _rows(1, 4),
    "pair, apart": _pair((8, 20)),
    "pair, near": _pair((-12, 6)),
    "pair, touching": _pair((-22, -12)),
    "decimal point": _with_sign(".", 1),
    "minus": _with_sign("-", 0),
    "percent": _with_sign("%", 2),
    "dollar": _with_sign("$", 0),
    "slash": _with_sign("/", 1),
    "red on blue": _colours((40, 60, 200), (210, 40, 40)),
    "red on green": _colours((60, 125, 60), (205, 60, 60)),
    "yellow on white": _colours((255, 255, 255), (240, 220, 60)),
    "white, transparent": _transparent(255),
    "black, transparent": _transparent(0),
    "grey, transparent": _transparent(128),
    "dark field, transparent": _dark_field_on_transparency,
    "12 bits": _deep(4095, is_dark=False),
    "10 bits, dark": _deep(1023, is_dark=True),
    "faint": _faint,
    "28×28, viridis": _colour_map("viridis"),
    "28×28, plasma": _colour_map("plasma"),
    "28×28, grey board": _small_ground(42, 240),
    "28×28, grey paper": _small_ground(200, 20),
    "28×28, black on white": _small_ground(255, 0),
    "28×28, in a corner": _small_ground(0, 255, corner=True),
    "28×28, dark corner": _small_ground(255, 0, corner=True),
    "seven segments": _seven_segments,
    "DejaVu Sans": _printed("DejaVuSans"),
    "DejaVu Sans Mono, bold": _printed("DejaVuSansMono-Bold"),
    "DejaVu Serif": _printed("DejaVuSerif"),
    "STIX": _printed("STIXGeneral"),
    "Computer Modern": _printed("cmr10"),
    "GIF": _as_file("GIF"),
    "TIFF": _as_file("TIFF"),
    "turned": _turned,
}
