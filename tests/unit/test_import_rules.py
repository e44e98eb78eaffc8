"""Imports run one way through the rooms, and heavy libraries stay where they belong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "module",
    [
        "mnist_desktop.cli",
        "mnist_desktop.app",
        "mnist_desktop.runs.open_model",
        "mnist_desktop.search.worker",
    ],
)
def test_no_heavy_library_is_imported_before_it_is_needed(module: str) -> None:
    heavy = ("tensorflow", "keras", "scipy", "sklearn", "pandas", "matplotlib", "optuna")
    program = f"import sys, {module}; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_window_is_painted_before_any_heavy_library_is_imported(
    kept: Run, paths: AppPaths
) -> None:
    """With a run chosen, whose matrix matplotlib draws, and a drawing read by LiteRT."""
    shutil.copytree(kept.folder, paths.runs / kept.record.id)
    program = f"""
import sys
from mnist_desktop.app import make_application, make_window
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
paths = AppPaths.from_environment()
paths.prepare_libraries()
app = make_application()
window = make_window(app, paths)
window.chooser.select(ModelRef({kept.record.id!r}))
window.show()
app.processEvents()
painted = not window.grab().isNull()
heavy = "tensorflow keras scipy sklearn pandas matplotlib requests optuna".split()
shown = window.tabs.confusion_view.record is not None
print(painted, shown, [n for n in heavy if n in sys.modules])
window.shut_down()
window.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True True []"
