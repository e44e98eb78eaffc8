"""Runs of somebody else, with every value in turn replaced, are listed whole or passed over."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import list_runs, says
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.config import describe_settings
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.runs_model import RunsModel
from mnist_desktop.ui.parts.settings import Settings

OpenWindow = Callable[..., MainWindow]
VALUES = (
    None, True, -1, 0, 1.5, 10**30, 10**400, 1e308, float("inf"), float("nan"), "", "x", "9" * 50,
    "<img src='//host/x'>", "\x00\ud800", [], {}, [1], {"a": 1},
)  # fmt: skip
RAW = ("[" * 200_000, '{"a":' * 200_000, "\xff", "9" * 5000, "", "null", "NaN")
ROLES = (
    Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.UserRole, Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
)  # fmt: skip


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a JSON value holds others; of a list only the first one counts."""
    yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*place, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*place, 0))


def replaced(whole: Any, place: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with another value in one place."""
    if not place:
        return value
    changed = copy.deepcopy(whole)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


def mutated(text: str) -> Iterator[str]:
    whole = json.loads(text)
    for place in places(whole):
        for value in VALUES:
            yield json.dumps(replaced(whole, place, value))
    yield from RAW


@pytest.mark.parametrize("name", ["run.json", "history.json"])
def test_no_value_of_a_run_can_break_the_list_of_runs(name: str, kept: Run, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / kept.record.id
    shutil.copytree(kept.folder, folder)
    store, table = RunStore(folder.parent), RunsModel()
    listed = tried = 0
    for text in mutated((folder / name).read_text(encoding="utf-8")):
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        runs = store.runs()
        tried += 1
        assert len(runs) + len(store.damaged) == 1
        table.show(runs)
        table.show_only("x")
        table.show_only("")
        for column in range(table.columnCount() if runs else 0):
            for role in ROLES:
                table.data(table.index(0, column), role)
        for run in runs:
            listed += 1
            describe_settings(run.record.config)
            run.record.name.encode()  # it can be shown and written
    assert tried > 150
    assert 0 < listed < tried


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("train_accuracy", lambda _: 10**308),
        ("test_accuracy", lambda _: 10**308),
        ("confusion", lambda matrix: [[-count for count in row] for row in matrix]),
        ("confusion", lambda matrix: [[10**18] * 10 for _ in matrix]),
        ("confusion", lambda matrix: [[0] * 10 for _ in matrix]),
    ],
)
def test_a_damaged_run_is_not_what_the_window_begins_with(
    name: str,
    change: Callable[[Any], Any],
    *,
    qtbot: QtBot,
    kept: Run,
    paths: AppPaths,
    open_window: OpenWindow,
) -> None:
    folder = paths.runs / kept.record.id
    shutil.copytree(kept.folder, folder)
    values = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    values[name] = change(values[name])
    (folder / "run.json").write_text(json.dumps(values), encoding="utf-8")
    Settings(paths.settings_file).change(model=kept.record.id, window_page=4)
    window = open_window()
    list_runs(qtbot, window)
    assert window.tabs.runs_view.isVisible()
    assert window.model_box.count() == 1
    assert window.model_box.currentData() == "bundled"
    assert window.tabs.runs_view.table.runs.rowCount() == 0
    assert f"{kept.record.id} (" in says(window.tabs.runs_view, "damagedRunsLabel")
    window.close()
    assert Settings(paths.settings_file).value("model") == "bundled"
