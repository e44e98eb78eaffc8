"""Text from anywhere is shown as what it is, and does nothing."""

from __future__ import annotations

import pytest

from mnist_desktop.errors import MAX_MESSAGE, StorageError, as_reported
from mnist_desktop.printable import LINE, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cnn, 2 epochs", "cnn, 2 epochs"),
        ("Größe 数字 שלום", "Größe 数字 שלום"),
        ("👩\u200d🔬\u00a0🙂", "👩\u200d🔬\u00a0🙂"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\tc\x00\x7f\x9b", "a\\nb\\tc\\x00\\x7f\\x9b"),
        ("\u202ecnn\u2066\u200f", "\\u202ecnn\\u2066\\u200f"),
        ("\udcff\ud800", "\\udcff\\ud800"),
        ("a\u2028b", "a\\u2028b"),
        ("C:\\new", "C:\\new"),
    ],
)
def test_what_would_not_be_seen_or_would_do_something_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown
    shown.encode()


def test_lines_stay_where_they_are_meant() -> None:
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


def test_a_long_text_is_cut_off() -> None:
    assert printable("x" * LINE) == "x" * LINE
    assert printable("x" * 3_000_000) == "x" * (LINE - 1) + "…"
    assert printable("abcdef", 4) == "abc…"


def test_an_error_is_one_line_that_can_be_shown_whatever_it_names() -> None:
    told = str(StorageError("The folder run\x1b[2J\n\udcff cannot be read."))
    assert told == "The folder run\\x1b[2J\\n\\udcff cannot be read."
    assert len(str(StorageError("x" * 3_000_000))) == MAX_MESSAGE
    unexpected = str(as_reported(ValueError("one\n  two \x1b" + "x" * 3_000_000)))
    assert "(ValueError: one two \\x1bxxx" in unexpected
    assert unexpected.endswith("…); the log has the details.")
