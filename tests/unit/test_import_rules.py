"""Imports run one way through the rooms, and heavy libraries stay where they belong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_contracts_of_import_linter_are_kept() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--config", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module",
    ["mnist_desktop.cli", "mnist_desktop.app", "mnist_desktop.runs.model_file"],
)
def test_no_heavy_library_is_imported_before_it_is_needed(module: str) -> None:
    heavy = ("tensorflow", "keras", "scipy", "sklearn", "pandas", "mlxtend", "matplotlib")
    program = f"import sys, {module}; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
