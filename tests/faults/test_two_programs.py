"""A window, a command line that trains and two programs that change runs share one store.

``SECONDS`` says for how long (10 unless told), ``STORE_SEED`` what the programs do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import begin, wait_for_runs
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from mnist_desktop.app import make_window
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import find_unfinished
from mnist_desktop.ui.main_window import MainWindow

SECONDS = float(os.environ.get("SECONDS", "10"))
SEED = int(os.environ.get("STORE_SEED", "1"))
RUNS = 4
TIMEOUT_MS = 240_000

# Changes, deletes, restores, opens and exports whatever runs there are; only errors that are told
# in words are in order.
CHANGER = """
import collections, json, random, sys, time
from pathlib import Path
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.paths import AppPaths
from mnist_desktop.exports.figures import write_matrix
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore

seed, seconds, output = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
chance, done, told = random.Random(seed), collections.Counter(), collections.Counter()
store = RunStore(AppPaths.from_environment().runs)
ids, deleted = [run.record.id for run in store.runs()], []
until = time.monotonic() + seconds
while time.monotonic() < until:
    ids = sorted({*ids, *(run.record.id for run in store.runs())})
    assert store.damaged == (), store.damaged
    run_id = chance.choice(ids)
    what = chance.choice(("star", "name", "note", "delete", "restore", "open", "read", "export"))
    try:
        if what == "star":
            store.change(run_id, starred=chance.random() < 0.5)
        elif what == "name":
            store.change(run_id, name=f"Name {chance.randrange(1000)}")
        elif what == "note":
            store.change(run_id, note="long " * chance.randrange(300))
        elif what == "delete":
            store.delete(run_id)
            deleted.append(run_id)
        elif what == "restore":
            store.restore(deleted.pop() if deleted else run_id)
        elif what == "open":
            open_model(ModelRef(run_id), store)
        elif what == "read":
            store.get(run_id).test_scores()
        else:
            write_matrix(store.get(run_id).record.confusion, output)
    except MnistDesktopError as error:
        told[type(error).__name__] += 1
    done[what] += 1
for run_id in deleted:
    try:
        store.restore(run_id)
    except MnistDesktopError as error:
        told[type(error).__name__] += 1
print(json.dumps({"done": done, "told": told}))
"""
TRAINING = ["-m", "mnist_desktop", "train", "--architecture", "dense-10", "--epochs", "3",
            "--data", "sample", "--json"]  # fmt: skip


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(program: subprocess.Popen[str]) -> dict[str, object]:
    output, errors = program.communicate(timeout=TIMEOUT_MS / 1000)
    assert program.returncode == 0, errors
    found: dict[str, object] = json.loads(output)
    return found


@pytest.fixture
def window(qtbot: QtBot, bare_application: QApplication, paths: AppPaths) -> Iterator[MainWindow]:
    request = DatasetRequest(paths.digits, chosen=SAMPLE)
    made = make_window(bare_application, paths, request)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()
    made.close()
    made.deleteLater()


def test_nothing_is_lost_or_damaged_when_four_programs_use_one_store(
    qtbot: QtBot, window: MainWindow, kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    store = window._services.store
    store.root.mkdir()
    for number in range(RUNS):
        shutil.copytree(kept.folder, store.root / f"20260101-00000{number}-shared")
    changers = [
        start("-c", CHANGER, str(SEED + one), str(SECONDS), str(tmp_path / f"{one}.csv"))
        for one in range(2)
    ]
    trainer = start(*TRAINING)
    dialogs: list[str] = []
    begin(qtbot, window)
    panel = window.training_panel
    panel.epochs.setValue(2)
    trainings, until = 0, time.monotonic() + SECONDS

    def turn() -> bool:
        """Use the window once more; whether the time is over."""
        nonlocal trainings
        if not window._services.training.is_busy and time.monotonic() < until:
            trainings += 1
            panel.train_button.click()
        runs = window._services.runs
        if not runs.is_busy:
            runs.read()
        for run in runs.runs[:1] if runs.is_read else ():
            window.tabs.runs_view.star_requested.emit(run.record.id)
            window.tabs.runs_view.delete_requested.emit((run.record.id,))
            window.tabs.runs_view.undo_requested.emit()
        for box in window.findChildren(QMessageBox, "errorDialog"):
            dialogs.append(box.text())
            box.close()
        return time.monotonic() > until and not window._services.training.is_busy

    qtbot.waitUntil(turn, timeout=TIMEOUT_MS)
    wait_for_runs(qtbot, window)
    done = [finish(changer) for changer in changers]
    assert finish(trainer)["epochs"] == 3

    fresh = RunStore(store.root)
    for hidden in store.root.glob(".deleted-*"):  # by one program, while another restored it
        fresh.restore(hidden.name.removeprefix(".deleted-"))
    runs = fresh.runs()
    assert fresh.damaged == ()
    assert len(runs) == RUNS + trainings + 1
    for run in runs:
        assert open_model(ModelRef(run.record.id), fresh).scores(sample.test.images[:5]).shape == (
            5,
            10,
        )
        run.test_scores()
    assert find_unfinished(store.root) == []
    assert list(store.root.glob(".new-*")) == []
    print(f"\n{trainings} trainings in the window, {done} beside it; told: {sorted(set(dialogs))}")
