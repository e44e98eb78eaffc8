"""The report of a run on sheets of A4: vectors and text that can be searched and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_desktop import __version__
from mnist_desktop.evaluation.figures.fonts import FAMILIES, bundled_font
from mnist_desktop.evaluation.figures.frame import LIGHT, Frame, LayoutName
from mnist_desktop.exports.report.blocks import (
    Block,
    Cards,
    Illustration,
    InSection,
    KeyFigures,
    Listing,
    Pairs,
    Paragraph,
    Section,
    Table,
    Title,
)
from mnist_desktop.exports.report.content import RunReport, report_blocks

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
CARD = 1.42  # height of a box of key figures
HALF_ROW, TABLE_ROW = 0.23, 0.215
TITLE, HEADING, LEAD, TEXT, SMALL = 20.0, 12.5, 10.5, 9.0, 8.0
# Size, colour and the gap above, by what a paragraph is for.
PARAGRAPHS = {
    "made": (TEXT, LIGHT.muted, 0.04),
    "summary": (LEAD, LIGHT.text, 0.12),
    "note": (TEXT, LIGHT.muted, 0.12),
    "text": (TEXT, LIGHT.text, 0.0),
}


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

    sheets = lay_out(report)
    metadata = {"Title": report.record.name, "Creator": f"MNIST Desktop {__version__}"}
    # Type 42 keeps letters as letters of a TrueType font.
    with matplotlib.rc_context({"pdf.fonttype": 42}), PdfPages(path, metadata=metadata) as pdf:
        for figure in sheets:
            pdf.savefig(figure, facecolor=LIGHT.surface)


@bundled_font()
def lay_out(report: RunReport) -> list[Figure]:
    """Spread a report over numbered sheets."""
    sheets = _Sheets()
    for block in report_blocks(report):
        _block(sheets, block)
    sheets.number(report.record.name)
    return sheets.figures


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
    """A frame whose figures become part of a sheet, at a position on it.

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

    def figure(self, _layout: LayoutName = "constrained") -> Figure:
        """Cut this area out of the sheet, whose layout is its own."""
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


def _block(sheets: _Sheets, one: Block) -> None:
    match one:
        case Title(text):
            sheets.paragraph(text, TITLE, weight="bold")
        case Paragraph():
            _paragraph(sheets, one)
        case Section(heading=heading, blocks=blocks):
            sheets.heading(heading, _room(blocks[0]))
            for block in blocks:
                _in_section(sheets, block)


def _room(one: InSection) -> float:
    """How many inches must be left for a block below its heading, or both begin a new sheet."""
    match one:
        case Paragraph():
            return 0.6
        case Cards():
            return CARD + 0.08
        case Pairs(rows, "halves"):
            return (len(rows) // 2 + 1) * HALF_ROW
        case Pairs(rows, _):
            return len(rows) * 0.2
        case Table(rows=cells):
            return (1 + len(cells)) * TABLE_ROW + 0.6
        case Illustration():
            return one.height + 0.6


def _in_section(sheets: _Sheets, one: InSection) -> None:
    match one:
        case Paragraph():
            _paragraph(sheets, one)
        case Cards(cards):
            _cards(sheets, cards)
        case Pairs(rows, "halves"):
            _halves(sheets, rows)
        case Pairs(rows, _):
            _rows(sheets, rows)
        case Table():
            _table(sheets, one)
        case Illustration():
            _illustration(sheets, one)


def _paragraph(sheets: _Sheets, one: Paragraph) -> None:
    size, color, gap = PARAGRAPHS[one.role]
    sheets.y += gap
    sheets.paragraph(one.text, size, color=color)


def _cards(sheets: _Sheets, cards: Sequence[KeyFigures]) -> None:
    between = 0.18
    width = (INNER - between * 2) / 3
    for place, card in enumerate(cards):
        _card(sheets, card, MARGIN + place * (width + between), width)
    sheets.y += CARD + 0.14


def _card(sheets: _Sheets, card: KeyFigures, x: float, width: float) -> None:
    """One split's figures in a box; that of the test digits has the accent."""
    y, is_test = sheets.y, card.title == "Test"
    color = LIGHT.right if is_test else LIGHT.grid
    sheets.box(x, y, width, CARD, fill=False, edgecolor=color, linewidth=1.4)
    x, width_inside = x + 0.14, width - 0.28
    sheets.write(x, y + 0.25, card.title, TEXT, weight="bold", color=LIGHT.muted)
    color = LIGHT.right if is_test else LIGHT.text
    sheets.write(x, y + 0.56, card.accuracy, 19, weight="bold", color=color)
    sheets.write(x, y + 0.75, card.digits, SMALL, color=LIGHT.muted)
    for row, (name, value) in enumerate(card.details):
        at = y + 0.96 + row * 0.17
        sheets.write(x, at, name, SMALL, color=LIGHT.muted)
        sheets.write(x + width_inside, at, value, SMALL, ha="right")


def _halves(sheets: _Sheets, rows: Mapping[str, str]) -> None:
    """Names and values in two columns, one row below the other, then the second column."""
    between = 0.4
    width, half = (INNER - between) / 2, -(-len(rows) // 2)
    for place, (name, value) in enumerate(rows.items()):
        column, row = divmod(place, half)
        x, y = MARGIN + column * (width + between), sheets.y + row * HALF_ROW
        if row:
            sheets.box(x, y, width, 0, edgecolor=LIGHT.grid, linewidth=0.7)
        sheets.write(x, y + 0.155, name, TEXT, color=LIGHT.muted)
        room = width - _width(name, TEXT, "normal") - 0.15
        size = min(TEXT, TEXT * room / _width(value, TEXT, "normal"))  # eight layers are long
        sheets.write(x + width, y + 0.155, value, size, ha="right")
    sheets.y += half * HALF_ROW


def _rows(sheets: _Sheets, rows: Mapping[str, str]) -> None:
    """Names and values below each other, each value in as many lines as it takes."""
    for name, value in rows.items():
        top = sheets.y
        sheets.paragraph(value, SMALL, x=MARGIN + 0.9, width=INNER - 0.9)
        if sheets.y > top:  # not on a new sheet
            sheets.write(MARGIN, top + SMALL * LINE * POINT, name, SMALL, color=LIGHT.muted)
        sheets.y += 0.03


def _table(sheets: _Sheets, table: Table) -> None:
    width = INNER / len(table.columns)
    rows = [table.columns, *table.rows]
    for place, row in enumerate(rows):
        y = sheets.y + place * TABLE_ROW
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
    sheets.y += len(rows) * TABLE_ROW + 0.05
    sheets.paragraph(table.caption, SMALL, color=LIGHT.muted)


def _illustration(sheets: _Sheets, one: Illustration) -> None:
    """A figure, its caption, and what stands next to it."""
    x, y = MARGIN, sheets.y
    one.make(_Place(one.width, one.height, sheet=sheets.figures[-1], x=x, y=y))
    if one.beside is not None:
        _listing(sheets, one.beside, x + one.width + 0.2, y + 0.35)
    sheets.y += one.height + 0.04
    sheets.paragraph(one.caption, SMALL, color=LIGHT.muted)


def _listing(sheets: _Sheets, one: Listing, x: float, y: float) -> None:
    for row, text in enumerate([one.title, *one.items]):
        weight = "normal" if row else "bold"
        sheets.write(x, y + row * 0.2, text, SMALL, weight=weight)


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
    from matplotlib.font_manager import findfont, get_font

    return frozenset().union(*(get_font(findfont(name)).get_charmap() for name in FAMILIES))
