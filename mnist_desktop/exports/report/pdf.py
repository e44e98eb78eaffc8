"""The report of a run on sheets of A4: vectors and text that can be searched and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_desktop import __version__
from mnist_desktop.evaluation.figures.frame import LIGHT, Frame
from mnist_desktop.exports.report.content import (
    CLASS_CAPTION,
    CLASS_COLUMNS,
    Chapter,
    KeyFigures,
    RunReport,
    calibration_chapter,
    class_rows,
    confused_pairs,
    curves_chapter,
    key_figures,
    made_on,
    making,
    matrix_chapter,
    mistakes_chapter,
    overfitting,
    settings,
    summarise,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

# All in inches from the upper left corner, and font sizes in points.
WIDTH, HEIGHT = 210 / 25.4, 297 / 25.4
MARGIN = 0.8
INNER = WIDTH - 2 * MARGIN
BOTTOM = HEIGHT - 0.85
GAP = 0.32  # between two sections
LINE = 1.45  # of a font's size
POINT = 1 / 72
TITLE, HEADING, LEAD, TEXT, SMALL = 20.0, 12.5, 10.5, 9.0, 8.0


def write_pdf(report: RunReport, path: Path) -> None:
    """Write a report as PDF.

    Parameters
    ----------
    report : RunReport
        What it is made of.
    path : Path
        The file.
    """
    import matplotlib
    from matplotlib.backends.backend_pdf import PdfPages

    sheets = _Sheets()
    _summary(sheets, report)
    sheets.turn()
    _figure(sheets, curves_chapter(report))
    _matrix(sheets, report)
    sheets.turn()
    _figure(sheets, calibration_chapter(report))
    _figure(sheets, mistakes_chapter(report))
    _making(sheets, report)
    sheets.number(report.record.name)
    metadata = {"Title": report.record.name, "Creator": f"MNIST Desktop {__version__}"}
    # Type 42 keeps letters as letters of a TrueType font.
    with matplotlib.rc_context({"pdf.fonttype": 42}), PdfPages(path, metadata=metadata) as pdf:
        for figure in sheets.figures:
            pdf.savefig(figure, facecolor=LIGHT.surface)


class _Sheets:
    """Sheets of paper, and how far down the last one is filled.

    Attributes
    ----------
    figures : list of Figure
        The sheets.
    y : float
        Where the next thing begins, in inches from the upper edge.
    """

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.y = 0.0
        self.turn()

    def turn(self) -> None:
        """Begin a new sheet."""
        figure = Frame(WIDTH, HEIGHT).figure()
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
        self.figures.append(figure)
        self.y = MARGIN

    def need(self, height: float) -> None:
        """Begin a new sheet unless there is so much room left."""
        if self.y + height > BOTTOM and self.y > MARGIN:
            self.turn()

    def write(self, x: float, y: float, text: str, size: float = TEXT, **looks: Any) -> None:
        """Write one line; ``y`` is where its letters stand."""
        figure = self.figures[-1]
        figure.text(
            x,
            HEIGHT - y,
            _drawable(text),
            fontsize=size,
            transform=figure.dpi_scale_trans,
            parse_math=False,  # a name may hold dollar signs
            **{"color": LIGHT.text, "va": "baseline", **looks},
        )

    def box(self, x: float, y: float, width: float, height: float, **looks: Any) -> None:
        """Draw a rectangle; without a height it is a line."""
        from matplotlib.patches import Rectangle

        figure = self.figures[-1]
        place = (x, HEIGHT - y - height)
        trans = figure.dpi_scale_trans
        figure.add_artist(Rectangle(place, width, height, transform=trans, **looks))

    def paragraph(
        self,
        text: str,
        size: float = TEXT,
        *,
        x: float = MARGIN,
        width: float = INNER,
        **looks: Any,
    ) -> None:
        """Write text in as many lines as it takes."""
        for line in _lines(text, width, size, looks.get("weight", "normal")):
            self.need(size * LINE * POINT)
            self.y += size * LINE * POINT
            self.write(x, self.y, line, size, **looks)

    def heading(self, text: str, room: float) -> None:
        """Begin a section that takes so much room below its heading."""
        self.need(GAP + HEADING * LINE * POINT + room)
        self.y += GAP if self.y > MARGIN else 0
        self.paragraph(text, HEADING, weight="bold")
        self.y += 0.1

    def number(self, name: str) -> None:
        """Write at the foot of each sheet what it belongs to."""
        count, figures = len(self.figures), self.figures
        (name, *_) = _lines(name, INNER * 0.8, SMALL) or [""]
        for number, figure in enumerate(figures, start=1):
            self.figures = [figure]
            y = HEIGHT - 0.5
            self.write(MARGIN, y, name, SMALL, color=LIGHT.muted)
            text = f"{number} of {count}"
            self.write(WIDTH - MARGIN, y, text, SMALL, color=LIGHT.muted, ha="right")
        self.figures = figures


@dataclass(frozen=True)
class _Place(Frame):
    """A frame whose figures become part of a sheet, at a place on it.

    Attributes
    ----------
    sheet : Figure or None
        The sheet.
    x, y : float
        Upper left corner.
    """

    sheet: Figure | None = None
    x: float = 0.0
    y: float = 0.0

    def figure(self) -> Figure:
        """Cut this place out of the sheet."""
        from matplotlib.gridspec import GridSpec

        sheet = self.sheet
        assert sheet is not None  # noqa: S101 - the field has a default only because Frame's have
        grid = GridSpec(
            3,
            3,
            figure=sheet,
            width_ratios=(self.x, self.width, WIDTH - self.x - self.width),
            height_ratios=(self.y, self.height, HEIGHT - self.y - self.height),
        )
        part: SubFigure = sheet.add_subfigure(grid[1, 1])
        return part  # type: ignore[return-value]  # it can all that is asked of a figure


def _summary(sheets: _Sheets, report: RunReport) -> None:
    """The first sheet: what it is, what it reached, and how it was taught."""
    sheets.paragraph(report.record.name, TITLE, weight="bold")
    sheets.y += 0.04
    sheets.paragraph(made_on(report), TEXT, color=LIGHT.muted)
    sheets.y += 0.12
    sheets.paragraph(summarise(report), LEAD)
    if report.record.note:
        sheets.y += 0.12
        sheets.paragraph(report.record.note, TEXT, color=LIGHT.muted)
    sheets.heading("Key figures", 1.5)
    _cards(sheets, list(key_figures(report)))
    sheets.paragraph(overfitting(report))
    rows = settings(report)
    sheets.heading("Settings", (len(rows) // 2 + 1) * 0.23)
    _settings(sheets, rows)
    sheets.heading("Each digit", 11 * 0.215 + 0.6)
    _table(sheets, report)


def _cards(sheets: _Sheets, cards: Sequence[KeyFigures]) -> None:
    between, height = 0.18, 1.42
    width = (INNER - between * 2) / 3
    for place, card in enumerate(cards):
        x, y, is_test = MARGIN + place * (width + between), sheets.y, card.title == "Test"
        color = LIGHT.right if is_test else LIGHT.grid
        sheets.box(x, y, width, height, fill=False, edgecolor=color, linewidth=1.4)
        x, width_inside = x + 0.14, width - 0.28
        sheets.write(x, y + 0.25, card.title, TEXT, weight="bold", color=LIGHT.muted)
        color = LIGHT.right if is_test else LIGHT.text
        sheets.write(x, y + 0.56, card.accuracy, 19, weight="bold", color=color)
        sheets.write(x, y + 0.75, card.digits, SMALL, color=LIGHT.muted)
        for row, (name, value) in enumerate(card.details):
            at = y + 0.96 + row * 0.17
            sheets.write(x, at, name, SMALL, color=LIGHT.muted)
            sheets.write(x + width_inside, at, value, SMALL, ha="right")
    sheets.y += height + 0.14


def _settings(sheets: _Sheets, rows: Mapping[str, str]) -> None:
    """Names and values in two columns, one row below the other, then the second column."""
    between, step = 0.4, 0.23
    width, half = (INNER - between) / 2, -(-len(rows) // 2)
    for place, (name, value) in enumerate(rows.items()):
        column, row = divmod(place, half)
        x, y = MARGIN + column * (width + between), sheets.y + row * step
        if row:
            sheets.box(x, y, width, 0, edgecolor=LIGHT.grid, linewidth=0.7)
        sheets.write(x, y + 0.155, name, TEXT, color=LIGHT.muted)
        room = width - _width(name, TEXT, "normal") - 0.15
        size = min(TEXT, TEXT * room / _width(value, TEXT, "normal"))  # eight layers are long
        sheets.write(x + width, y + 0.155, value, size, ha="right")
    sheets.y += half * step


def _table(sheets: _Sheets, report: RunReport) -> None:
    """Each digit's precision, recall and F1."""
    step, width = 0.215, INNER / len(CLASS_COLUMNS)
    rows = [CLASS_COLUMNS, *class_rows(report)]
    for place, row in enumerate(rows):
        y = sheets.y + place * step
        if place:
            sheets.box(MARGIN, y, INNER, 0, edgecolor=LIGHT.grid, linewidth=0.7)
        color = LIGHT.text if place else LIGHT.muted
        for column, cell in enumerate(row):
            looks = {"color": color, "weight": "normal" if place and column else "bold"}
            if column == 0:
                sheets.write(MARGIN, y + 0.15, cell, TEXT, **looks)
            else:
                x = MARGIN + width * (column + 1)
                sheets.write(x, y + 0.15, cell, TEXT, ha="right", **looks)
    sheets.y += len(rows) * step + 0.05
    sheets.paragraph(CLASS_CAPTION, SMALL, color=LIGHT.muted)


def _figure(sheets: _Sheets, chapter: Chapter) -> None:
    """A figure below its title, and what is said about it."""
    sheets.heading(chapter.title, 0.6 if chapter.make is None else chapter.height + 0.6)
    if chapter.make is not None:
        place = _Place(
            chapter.width, chapter.height, sheet=sheets.figures[-1], x=MARGIN, y=sheets.y
        )
        chapter.make(place)
        sheets.y += chapter.height + 0.04
    sheets.paragraph(chapter.caption, SMALL, color=LIGHT.muted)


def _matrix(sheets: _Sheets, report: RunReport) -> None:
    """The matrix, and right of it the most frequent mistakes in words."""
    chapter, pairs = matrix_chapter(report), confused_pairs(report)
    _figure(sheets, chapter)
    x, y = MARGIN + chapter.width + 0.2, sheets.y - chapter.height
    for row, text in enumerate(["Most often confused", *pairs] if pairs else []):
        weight = "normal" if row else "bold"
        sheets.write(x, y + row * 0.2, text, SMALL, weight=weight)


def _making(sheets: _Sheets, report: RunReport) -> None:
    rows = making(report)
    sheets.heading("How it was made", len(rows) * 0.2)
    for name, value in rows.items():
        top = sheets.y
        sheets.paragraph(value, SMALL, x=MARGIN + 0.9, width=INNER - 0.9)
        if sheets.y > top:  # not on a new sheet
            sheets.write(MARGIN, top + SMALL * LINE * POINT, name, SMALL, color=LIGHT.muted)
        sheets.y += 0.03


def _lines(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines that are at most so many inches wide."""
    lines = []
    for part in text.splitlines():
        line = ""
        for word in _pieces(part, width, size, weight):
            longer = f"{line} {word}" if line else word
            if line and _width(longer, size, weight) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def _pieces(text: str, width: float, size: float, weight: str) -> Iterator[str]:
    """Part a text into words, and words that are wider than a line into pieces."""
    for word in re.split(r"\s+(?!%)", text.strip()):  # a percentage stays in one line
        piece = ""
        for letter in word:
            if piece and _width(piece + letter, size, weight) > width:
                yield piece
                piece = ""
            piece += letter
        yield piece


@cache
def _width(text: str, size: float, weight: str) -> float:
    """How many inches a text takes."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    looks = FontProperties(size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(_drawable(text), looks, ismath=False)
    return float(width) * POINT


def _drawable(text: str) -> str:
    """Put a box where the font has no letter, as browsers do; matplotlib would warn of each."""
    letters = _letters()
    return "".join(letter if ord(letter) in letters else "□" for letter in text)


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties())).get_charmap())
