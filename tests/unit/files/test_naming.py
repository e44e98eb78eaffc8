"""A run may be called anything; a file on a stick that goes from system to system may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.files.naming import MAX_BYTES, free_places, safe_file_name


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
        ("COM1.net", "COM1-.net"),
        ("Aux .a.b", "Aux-.a.b"),
        ("com1net", "com1net"),
        ("", "file"),
        ("///", "file"),
        ("..", "file"),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(name: str, expected: str) -> None:
    assert safe_file_name(name, "file") == expected


def test_a_long_name_is_cut() -> None:
    assert safe_file_name("n" * 500, "file") == "n" * MAX_BYTES


@pytest.mark.parametrize("letter", ["n", "é", "日", "🙂"])
def test_a_long_name_fits_into_a_file_system_in_any_script(letter: str, tmp_path: Path) -> None:
    """Linux counts bytes: 255 of them at most, with what is added to the name."""
    name = safe_file_name(letter * 300, "file")
    assert set(name) == {letter}
    (tmp_path / f"{name} 100.keras").touch()


def test_files_of_one_folder_differ_in_more_than_case(tmp_path: Path) -> None:
    """Windows and macOS would write the second one over the first."""
    names = ["Test", "test", "TEST 2", "cafe\u0301", "caf\u00e9"]
    (tmp_path / "Test.html").touch()
    is_there = (tmp_path / "test.html").exists()  # by that name as well
    places = free_places(tmp_path, names, "html")
    assert [one.name for one in places] == [
        "Test 2.html",
        "test 3.html" if is_there else "test.html",
        "TEST 2 2.html",
        "cafe\u0301.html",
        "caf\u00e9 2.html",
    ]
