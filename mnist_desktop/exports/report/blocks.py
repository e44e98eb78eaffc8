"""The kinds of block that a report consists of; each format has one way of showing each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mnist_desktop.evaluation.figures.frame import MakeFigure

INNER_WIDTH = 6.65  # inches of a page between its margins


@dataclass(frozen=True)
class Title:
    """What the report is about; stands once, at the top."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Sentences.

    Attributes
    ----------
    text : str
        The sentences; a note has several lines.
    role : {"text", "made", "summary", "note"}
        What they are for. A note is the user's, everything else the program's own words.
    """

    text: str
    role: Literal["text", "made", "summary", "note"] = "text"


@dataclass(frozen=True)
class KeyFigures:
    """What one split came to, in words.

    Attributes
    ----------
    title : str
        Name of the split.
    accuracy : str
        The large number.
    digits : str
        Which digits these are.
    details : tuple of (str, str)
        Names and values of the smaller numbers.
    """

    title: str
    accuracy: str
    digits: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cards:
    """Key figures of the splits, side by side; there is room for three."""

    cards: tuple[KeyFigures, ...]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Names and values.

    Attributes
    ----------
    rows : mapping of str to str
        Values by name.
    layout : {"halves", "rows"}
        Short values fill two columns, one after the other; long ones have a row each.
    """

    rows: Mapping[str, str]
    layout: Literal["halves", "rows"] = "rows"


@dataclass(frozen=True)
class Table:
    """Rows of cells below the names of their columns; the first column names the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str


@dataclass(frozen=True)
class Listing:
    """Short lines below a title."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Illustration:
    """A figure with what is said about it.

    Attributes
    ----------
    make : callable
        Takes a `Frame` and draws the figure.
    caption : str
        Below the figure.
    width, height : float
        Its proportions, in inches on a page.
    beside : Listing or None
        What stands right of it, where there is room.
    description : str
        What it shows, for who cannot see it and to whom the caption does not say it.
    """

    make: MakeFigure
    caption: str
    width: float = INNER_WIDTH
    height: float = 4.0
    beside: Listing | None = None
    description: str = ""


InSection = Paragraph | Cards | Pairs | Table | Illustration


@dataclass(frozen=True, eq=False)
class Section:
    """Blocks below a heading.

    Attributes
    ----------
    name : str
        Identifies the section; no user sees it.
    heading : str
        The heading.
    blocks : tuple
        What stands below it.
    """

    name: str
    heading: str
    blocks: tuple[InSection, ...]


Block = Title | Paragraph | Section
