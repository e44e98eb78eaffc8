"""Which Python `make` takes on machines that differ in what they call theirs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "find_python.sh"
SHELL = shutil.which("sh") or ""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the machines are made with sh")


class Machine:
    """Has some programs on its PATH, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def install(self, name: str, script: str) -> Path:
        path = self.folder / name
        path.write_text(f"#!{SHELL}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def found(self, **environment: str) -> str:
        done = subprocess.run(
            [SHELL, SCRIPT],
            env={"PATH": str(self.folder), **environment},
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout.rstrip("\n")


STARTS = f'exec "{sys.executable}" "$@"'
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
LAUNCHES = f'[ "$1" = "-{VERSION}" ] || exit 103\nshift\n{STARTS}'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


def test_a_python_that_is_called_by_its_version_is_found(machine: Machine) -> None:
    machine.install(f"python{VERSION}", STARTS)
    assert machine.found() == sys.executable


def test_windows_launcher_is_asked_where_there_is_nothing_else(machine: Machine) -> None:
    machine.install("py", LAUNCHES)
    machine.install("python3", "echo Python was not found, run without arguments to; exit 49")
    assert machine.found() == sys.executable


def test_a_python_can_be_named_by_several_words(machine: Machine) -> None:
    machine.install("py", LAUNCHES)
    assert machine.found(PYTHON=f"py -{VERSION}") == sys.executable


def test_a_python_can_be_named_by_a_path_with_spaces(machine: Machine) -> None:
    path = machine.install("My Python", STARTS)
    assert machine.found(PYTHON=str(path)) == sys.executable


def test_one_that_is_too_old_is_passed_over(machine: Machine) -> None:
    machine.install("python3", "exit 1")
    assert machine.found() == ""
    machine.install("python", STARTS)
    assert machine.found() == sys.executable
    assert machine.found(PYTHON="python3") == ""  # what is named is taken, or nothing
