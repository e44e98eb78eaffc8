"""The report of a run as one web page that loads nothing from anywhere."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_desktop import __version__
from mnist_desktop.evaluation.figures.frame import Frame
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
from mnist_desktop.exports.report.content import RunReport, day_and_time, report_blocks
from mnist_desktop.files.writing import write_text
from mnist_desktop.paths import resource
from mnist_desktop.printable import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST = 5000  # characters; a note has fewer
DOTS_PER_INCH = 252  # nine to a pixel of a digit that is an inch wide


def write_page(report: RunReport, path: Path) -> None:
    """Write a report as HTML.

    Parameters
    ----------
    report : RunReport
        What it is made of; shown as text, whatever the run's name and note hold.
    path : Path
        The file.
    """
    parts = {
        "title": _text(report.record.name),
        "blocks": "\n".join(_block(one) for one in report_blocks(report)),
        "program": f"MNIST Desktop {_text(__version__)}",
        "written": day_and_time(datetime.now(UTC)),
    }
    page = resource("templates", "report.html").read_text(encoding="utf-8")
    # In one go, so that a name which looks like a mark stays a name.
    page = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], page)
    write_text(path, page, errors="replace")


def as_svg(figure: Figure, name: str, label: str) -> str:
    """Draw a figure as SVG that can be part of a page with others.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    name : str
        Stands before every id in it, so that ids differ from figure to figure.
    label : str
        What it shows, for those who cannot see it.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    FigureCanvasSVG(figure)
    text = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(
            text,
            format="svg",
            dpi=DOTS_PER_INCH,
            facecolor=figure.get_facecolor(),
            metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
        )
    svg = text.getvalue()
    svg = re.sub(r"<!--.*?-->\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_text(label)}" ', 1)


def _text(text: str) -> str:
    """Escape text for HTML, and what would turn it around or not be seen."""
    return html.escape(printable(text, LONGEST, keep="\n\t"))


def _words(text: str) -> str:
    """Escape text of the program's own, and keep each percentage in one line."""
    return re.sub(r"[\d.,]+%", r'<span class="number">\g<0></span>', _text(text))


def _block(one: Block) -> str:
    match one:
        case Title(text):
            return f"<h1>{_text(text)}</h1>"
        case Paragraph():
            return _paragraph(one)
        case Section():
            blocks = "\n".join(_in_section(part, one) for part in one.blocks)
            return f'<section id="{one.name}"><h2>{_text(one.heading)}</h2>\n{blocks}\n</section>'


def _in_section(one: InSection, section: Section) -> str:
    match one:
        case Paragraph():
            return _paragraph(one)
        case Cards(cards):
            return f'<div class="cards">\n{"".join(_card(card) for card in cards)}\n</div>'
        case Pairs():
            return _pairs(one.rows.items(), one.layout)
        case Table():
            return _table(one)
        case Illustration():
            return _illustration(one, section)


def _paragraph(one: Paragraph) -> str:
    if one.role == "text":
        return f"<p>{_words(one.text)}</p>"
    text = _text(one.text) if one.role == "note" else _words(one.text)
    return f'<p class="{one.role}">{text}</p>'


def _card(one: KeyFigures) -> str:
    return (
        f'<div class="card {one.title.lower()}"><h3>{one.title}</h3>'
        f'<p class="large">{_text(one.accuracy)}</p>'
        f"<p>{_text(one.digits)}</p>{_pairs(one.details, 'details')}</div>"
    )


def _pairs(pairs: Iterable[tuple[str, str]], layout: str) -> str:
    rows = (f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="{layout}">{"".join(rows)}</dl>'


def _table(one: Table) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in one.columns)
    body = "\n".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in one.rows
    )
    return (
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        f'<p class="caption">{_words(one.caption)}</p>'
    )


def _illustration(one: Illustration, section: Section) -> str:
    figure = one.make(Frame(one.width, one.height))
    svg = as_svg(figure, section.name, f"{section.heading}. {one.description or one.caption}")
    body = f"<figure>{svg}<figcaption>{_words(one.caption)}</figcaption></figure>"
    if one.beside is None:
        return body
    return f'<div class="columns">{body}{_listing(one.beside)}</div>'


def _listing(one: Listing) -> str:
    items = "".join(f"<li>{_text(item)}</li>" for item in one.items)
    return f'<div class="pairs"><h3>{_text(one.title)}</h3><ul>{items}</ul></div>'
