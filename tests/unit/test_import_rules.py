"""Imports run one way through the rooms, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
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


# Where files are renamed and removed without `files.held`, and why.
IMPATIENT = {
    ("files/held.py", "rename"): "asks whether a file is held",
    ("files/held.py", "rmtree"): "the last try",
    ("log_files.py", "replace"): "the window's thread logs; the content is copied instead",
    ("runs/unfinished.py", "rmtree"): "its own lock would be waited for",
    ("ui/instance.py", "unlink"): "a window that hangs would be waited for",
    ("ui/parts/settings.py", "unlink"): "in the window's thread; it is tried again at the end",
}
CHANGES = {"rename", "replace", "unlink", "rmdir", "rmtree", "remove", "move", "renames"}
TEMPORARY = {"TemporaryDirectory", "NamedTemporaryFile"}


def is_change_of_files(call: ast.Call) -> bool:
    """Whether a call renames or removes a file, as far as its words say."""
    if not isinstance(call.func, ast.Attribute):
        return False
    name, owner = call.func.attr, call.func.value
    if isinstance(owner, ast.Name) and owner.id in ("os", "shutil", "tempfile"):
        return name in CHANGES | TEMPORARY
    is_path = len(call.args) == 1 and not call.keywords  # no text, and no record
    return name in ("unlink", "rmdir", "rename") or (name == "replace" and is_path)


def calls_in(tree: ast.AST) -> list[ast.Call]:
    return [one for one in ast.walk(tree) if isinstance(one, ast.Call)]


def test_files_are_renamed_and_removed_in_one_way() -> None:
    """Windows refuses it for a moment now and then; `files.held` waits, and says who is at it."""
    found = set()
    package = ROOT / "mnist_desktop"
    for path in package.rglob("*.py"):
        name, tree = path.relative_to(package).as_posix(), ast.parse(path.read_bytes())
        tried_again = {  # what `when_released` is given
            id(call)
            for one in ast.walk(tree)
            if isinstance(one, ast.Lambda) and name == "files/held.py"
            for call in calls_in(one)
        }
        found |= {
            (name, call.func.attr)  # type: ignore[attr-defined]
            for call in calls_in(tree)
            if is_change_of_files(call) and id(call) not in tried_again
        }
    assert found == set(IMPATIENT)


def test_text_files_are_the_same_on_every_system() -> None:
    """By itself, Windows writes other line ends; `files.writing.write_text` does not let it."""
    found = {
        path.name
        for path in (ROOT / "mnist_desktop").rglob("*.py")
        for call in calls_in(ast.parse(path.read_bytes()))
        if isinstance(call.func, ast.Attribute) and call.func.attr == "write_text"
    }
    assert found == {"writing.py"}
