"""A run may be called anything; a file on a stick that goes from system to system may not."""

from __future__ import annotations

import pytest

from mnist_desktop.files.naming import MAX_LENGTH, safe_file_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("One hidden layer 2", "One hidden layer 2"),
        ("3/4 layers: “best”?", "3-4 layers- “best”-"),
        ("C:\\nets\\mine", "C--nets-mine"),
        ("  dots and spaces ... ", "dots and spaces"),
        ("line\nbreak\x1b[2J", "linebreak[2J"),
        ("日本語 naïve", "日本語 naïve"),
        ("con", "con-"),
        ("COM1.net", "COM1.net-"),
        ("", "file"),
        ("///", "file"),
        ("..", "file"),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(name: str, expected: str) -> None:
    assert safe_file_name(name, "file") == expected


def test_a_long_name_is_cut() -> None:
    assert len(safe_file_name("n" * 500, "file")) == MAX_LENGTH
