"""Digits, letters and signs of many hands: a part of UNIPEN, as lines of JSON.

Some digits are labelled wrongly, most of them strokes of a digit that was taken apart.
``unipen_left_out.json`` lists their lines, from 0, by what is wrong with them. They were found by
their shape, and by comparing labels with what two networks read that had not learnt them: the
bundled reader of before, and path readers trained on two thirds of the writers. Digits of the test
sites are only left out for their shape.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from mnist_desktop.digits.ink import Ink

# Sites are held out as a whole, with their tablets and the hands of their country. Both kinds have
# slashed zeros: all of uqb's, and half of those of ibm, whose writers are divided.
TEST_SITES = frozenset({"uqb", "tos"})
VALIDATION_SITES = frozenset({"apa"})
DIVIDED_SITE = "ibm"
VALIDATION_EVERY = 3  # of the divided site's writers
LEFT_OUT = Path(__file__).with_name("unipen_left_out.json")


@dataclass(frozen=True)
class Character:
    """What somebody wrote, and where.

    Attributes
    ----------
    ink : Ink
        The strokes.
    text : str
        The one character that it is meant to be.
    site, writer : str
        Where it was recorded, and of whom.
    part : {"learnt", "validation", "test"}
        What it is used for.
    """

    ink: Ink
    text: str
    site: str
    writer: str
    part: str

    @property
    def is_digit(self) -> bool:
        """Whether it is a digit, and neither a letter nor a sign."""
        return self.text.isdecimal()


def read_characters(path: Path) -> list[Character]:
    """Read the characters of a file, but those that are labelled wrongly.

    Parameters
    ----------
    path : Path
        Gzipped lines such as ``{"label": "a", "site": "ibm", "writer": "x", "strokes": [...]}``.
    """
    wrong = {line for some in json.loads(LEFT_OUT.read_text("utf-8")).values() for line in some}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for number, line in enumerate(lines) if number not in wrong]
    writers = sorted({one["writer"] for one in found if one["site"] == DIVIDED_SITE}, key=str)
    judged = set(writers[::VALIDATION_EVERY])
    return [
        Character(
            Ink.from_points(one["strokes"]),
            str(one["label"]),
            one["site"],
            str(one["writer"]),
            _part(one["site"], one["writer"] in judged),
        )
        for one in found
    ]


def _part(site: str, is_judged: bool) -> str:
    if site in TEST_SITES:
        return "test"
    if site in VALIDATION_SITES or (site == DIVIDED_SITE and is_judged):
        return "validation"
    return "learnt"
