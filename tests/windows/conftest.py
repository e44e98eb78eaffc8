"""Windows programs under Wine, for tests that start them.

``make test-package-windows`` runs the tests here, after ``make prepare-windows`` has made a Windows
Python and a prefix (see tools/windows/wine.py) and ``make package-windows`` the program. They take
`windows`, with which programs are run and started::

    from under_wine import Windows


    def test_version(windows: Windows, program: Path) -> None:
        done = windows.run(program / "mnist-desktop-console.exe", "--version")
        assert done.returncode == 0

All programs live in a prefix that only this run of the tests has, with all of their children, and
are ended with it; nothing else on the machine is. They see a screen of their own and, test by
test, a folder of their own for what they write, `Windows.home`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from screen import Screen, open_screen
from under_wine import Windows
from wine import Wine, prepared, work_folder

# Read before tests/conftest.py hides them.
DATA = os.environ.get("MNIST_DESKTOP_DATA")
BUILT = os.environ.get("MNIST_DESKTOP_PACKAGED", "")
WORK = work_folder()


@pytest.fixture(scope="session")
def prefix() -> Iterator[Wine]:
    """A prefix of these tests' own."""
    if not (WORK / "prefix").is_dir():
        pytest.skip(f"{WORK} holds no prefix; 'make prepare-windows' makes one")
    with tempfile.TemporaryDirectory(prefix="tests-", dir=WORK) as folder:
        own = prepared(WORK).copy(Path(folder, "prefix"))
        yield own
        own.stop()


@pytest.fixture(scope="session")
def virtual_screen() -> Iterator[Screen]:
    """A screen of these tests' own."""
    with open_screen() as screen:
        yield screen


@pytest.fixture
def windows(prefix: Wine, virtual_screen: Screen, home: Path) -> Iterator[Windows]:
    """A Windows in which nothing runs before and after a test."""
    folder = home / "program"
    folder.mkdir()
    yield Windows(prefix, virtual_screen, folder)
    prefix.stop()


@pytest.fixture(scope="session")
def python() -> Path:
    """The Windows Python, for tests from source; its PYTHONPATH is to name the checkout."""
    return WORK / "python/python.exe"


@pytest.fixture(scope="session")
def program() -> Path:
    """Folder of the built program."""
    if not BUILT:
        pytest.skip("MNIST_DESKTOP_PACKAGED names no built program")
    folder = Path(BUILT).resolve()
    assert (folder / f"{folder.name}.exe").is_file(), f"{folder} holds no program."
    return folder
