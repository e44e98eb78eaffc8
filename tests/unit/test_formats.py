from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest

import mnist_desktop
from mnist_desktop.formats import a_digit, count, duration, duration_span, percent, seconds


@pytest.mark.parametrize(
    ("number", "words", "written"),
    [
        (1, ("digit",), "1 digit"),
        (0, ("digit",), "0 digits"),
        (60_000, ("test digit",), "60,000 test digits"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_one_thing_is_told_in_the_singular(
    number: int, words: tuple[str, ...], written: str
) -> None:
    assert count(number, *words) == written


def test_what_was_not_measured_is_a_dash() -> None:
    assert [percent(share) for share in (0.0, 0.98765, None)] == ["0.00%", "98.77%", "–"]


def test_only_eight_has_another_article() -> None:
    assert [a_digit(digit) for digit in (0, 1, 7, 8, 9)] == ["a 0", "a 1", "a 7", "an 8", "a 9"]


def test_a_measured_time_has_tenths() -> None:
    assert seconds(71.26) == "71.3 s"


# Such as " digits" after a number; "is" is no plural, and of one program nothing is told.
PLURAL = re.compile(r" (more |packed )?(?!is\b|as\b|was\b|has\b|times\b|programs\b)[a-z]+s\b")


def is_count(value: ast.expr) -> bool:
    """Whether a value of an f-string is written as a number that may be 1."""
    if not isinstance(value, ast.FormattedValue):
        return False
    is_constant = isinstance(value.value, ast.Name) and value.value.id.isupper()
    is_length = isinstance(value.value, ast.Call) and ast.unparse(value.value.func) == "len"
    has_commas = value.format_spec is not None and ast.unparse(value.format_spec) == "f','"
    return (is_length or has_commas) and not is_constant


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (0.0, "1 s"), (4.4, "4 s"), (9.4, "9 s"), (9.6, "10 s"), (33, "35 s"), (57, "55 s"),
        (58, "1 min"), (200, "3 min"), (5_900, "98 min"), (7_300, "2 h"), (1e7, "2,778 h"),
    ],
)  # fmt: skip
def test_a_time_is_written_as_coarsely_as_it_is_known(taken: float, words: str) -> None:
    assert duration(taken) == words


def test_no_plural_is_put_behind_a_number_that_may_be_one() -> None:
    found = []
    for path in Path(mnist_desktop.__file__).parent.rglob("*.py"):
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(text, ast.JoinedStr):
                found += [
                    f"{path.name}:{text.lineno}: {ast.unparse(text)}"
                    for number, words in itertools.pairwise(text.values)
                    if is_count(number)
                    and isinstance(words, ast.Constant)
                    and PLURAL.match(words.value)
                ]
    assert found == []


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (2, 2, "about 2 s"),
        (100, 130, "about 2 min"),
        (60, 240, "1 to 4 min"),
        (40, 120, "40 s to 2 min"),
        (3, 9, "3 to 9 s"),
        (3000, 20_000, "50 min to 6 h"),
        (0, 0.4, "about 1 s"),
    ],
)
def test_an_estimate_is_written_no_more_exactly_than_it_is(
    low: float, high: float, written: str
) -> None:
    assert duration_span(low, high) == written
