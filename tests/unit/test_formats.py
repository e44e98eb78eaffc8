from __future__ import annotations

import pytest

from mnist_desktop.formats import count, percent


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
