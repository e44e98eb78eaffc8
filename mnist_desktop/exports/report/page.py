"""The report of a run as one web page that loads nothing from anywhere."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_desktop import __version__
from mnist_desktop.evaluation.figures.frame import Frame
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
    day_and_time,
    key_figures,
    made_on,
    making,
    matrix_chapter,
    mistakes_chapter,
    overfitting,
    settings,
    summarise,
)
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
        "made": _text(made_on(report)),
        "summary": _words(summarise(report)),
        "note": _note(report.record.note),
        "figures": "\n".join(_card(one) for one in key_figures(report)),
        "overfitting": _paragraph(overfitting(report)),
        "settings": _pairs(settings(report)),
        "curves": _chapter(curves_chapter(report), "curves"),
        "matrix": _chapter(matrix_chapter(report), "matrix", beside=_most_confused(report)),
        "classes": _table(CLASS_COLUMNS, class_rows(report)),
        "class_caption": _words(CLASS_CAPTION),
        "calibration": _chapter(calibration_chapter(report), "calibration"),
        "mistakes": _chapter(mistakes_chapter(report), "mistakes"),
        "making": _pairs(making(report)),
        "program": f"MNIST Desktop {_text(__version__)}",
        "written": day_and_time(datetime.now(UTC)),
    }
    page = resource("templates", "report.html").read_text(encoding="utf-8")
    # In one go, so that a name which looks like a mark stays a name.
    page = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], page)
    path.write_text(page, encoding="utf-8", errors="replace")


def as_svg(figure: Figure, name: str, label: str) -> str:
    """Draw a figure as SVG that can stand within a page beside others.

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
    return re.sub(r"[\d.,]+ %", r'<span class="number">\g<0></span>', _text(text))


def _chapter(chapter: Chapter, name: str, *, beside: str = "") -> str:
    caption = _words(chapter.caption)
    body = f"<p>{caption}</p>"
    if chapter.make is not None:
        figure = chapter.make(Frame(chapter.width, chapter.height))
        svg = as_svg(figure, name, f"{chapter.title}. {chapter.caption}")
        body = f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"
    if beside:
        body = f'<div class="columns">{body}{beside}</div>'
    return f'<section id="{name}"><h2>{_text(chapter.title)}</h2>\n{body}</section>'


def _note(note: str) -> str:
    return f'<p class="note">{_text(note)}</p>' if note else ""


def _paragraph(text: str) -> str:
    return f"<p>{_words(text)}</p>" if text else ""


def _card(one: KeyFigures) -> str:
    return (
        f'<div class="card {one.title.lower()}"><h3>{one.title}</h3>'
        f'<p class="large">{_text(one.accuracy)}</p>'
        f"<p>{_text(one.digits)}</p>{_pairs(dict(one.details))}</div>"
    )


def _pairs(pairs: Mapping[str, str]) -> str:
    rows = (
        f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in pairs.items()
    )
    return f"<dl>{''.join(rows)}</dl>"


def _most_confused(report: RunReport) -> str:
    pairs = confused_pairs(report)
    if not pairs:
        return ""
    rows = "".join(f"<li>{_text(pair)}</li>" for pair in pairs)
    return f'<div class="pairs"><h3>Most often confused</h3><ul>{rows}</ul></div>'


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in columns)
    body = "\n".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
