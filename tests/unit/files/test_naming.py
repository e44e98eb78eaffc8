"""A run may be called anything; a file on a stick that goes from system to system may not."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.files import naming
from mnist_desktop.files.naming import (
    DEVICES,
    MAX_BYTES,
    check_file_name,
    free_places,
    safe_file_name,
    special_kind,
)
from mnist_desktop.files.writing import write_bytes_atomically


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
        ("COM¹", "COM¹-"),
        ("conin$", "conin$-"),
        ("nul.tar.gz", "nul-.tar.gz"),
        ("trailing . .", "trailing"),
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
    names = ["Other", "Test", "test", "TEST 2", "cafe\u0301", "caf\u00e9"]
    (tmp_path / "Other.html").touch()
    places = free_places(tmp_path, names, "html")
    assert [one.name for one in places] == [
        "Other 2.html",
        "Test.html",
        "test 2.html",
        "TEST 2 2.html",
        "cafe\u0301.html",
        "caf\u00e9 2.html",
    ]


# Names on Windows


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "ON_WINDOWS", True)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nul.png", "that names a device"),
        ("C:\\pictures\\NUL", "that names a device"),
        ("con", "that names a device"),
        ("com7.tar.gz", "that names a device"),
        ("LPT³ .png", "that names a device"),
        ("c:aux.png", "that names a device"),
        ("\\\\.\\C:\\a.png", "that names a device"),
        ("\\\\.\\pipe\\a.png", "that names a pipe"),
        ("a:b.png", "it contains ':'"),
        ("report.pdf:stream", "it contains ':'"),
        ("C:\\pictures\\what?.png", "it contains '?'"),
        ("a\tb.png", "it contains '\\t'"),
        ("matrix.png ", "it ends with a space or a dot"),
        ("folder/matrix.", "it ends with a space or a dot"),
    ],
)
@pytest.mark.usefixtures("on_windows")
def test_names_that_lose_a_file_on_windows_are_refused(
    name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInputError) as caught:
        write_bytes_atomically(Path(name), b"1")
    told = str(caught.value)
    assert told.startswith("On Windows no file can be called ")
    assert told.endswith(f", because {why}; choose another name.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["matrix.png", "C:\\pictures\\matrix.png", "\\\\?\\C:\\pictures\\matrix.png", "..", ".",
     "\\\\server\\share\\matrix.png", "\\\\?\\UNC\\server\\share\\a.png", "com10.png", "null.png",
     ".hidden", "matrix…png", "pipe\\matrix.png", "日本語.png"],
)  # fmt: skip
@pytest.mark.usefixtures("on_windows")
def test_names_that_files_can_have_are_taken(name: str) -> None:
    check_file_name(Path(name))
    assert special_kind(Path(name)) == ""


@pytest.mark.skipif(os.name == "nt", reason="they are none on Windows")
def test_elsewhere_such_names_are_as_good_as_any(tmp_path: Path) -> None:
    for name in ("nul.png", "a:b.png", "matrix."):
        assert write_bytes_atomically(tmp_path / name, b"1").exists()


@pytest.mark.usefixtures("on_windows")
def test_what_the_program_proposes_is_always_a_name_on_windows() -> None:
    """Runs can be called anything; files are named after them."""
    odd = [*DEVICES, *naming.FORBIDDEN, " ", ".", "\t", "\x7f", "a", "…"]
    for first, second in itertools.product(odd, odd):
        for name in (first + second, f"{first}.{second}", f"{first} {second} ", f"a {first}."):
            for suffix in ("png", "keras"):
                check_file_name(Path("C:\\") / f"{safe_file_name(name, 'file')}.{suffix}")
            check_file_name(Path(safe_file_name(name, "file")))
