"""The list of runs is right at once, and the files follow in order."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from pytestqt.qtbot import QtBot

from mnist_desktop.errors import RunNotFoundError, StorageError
from mnist_desktop.runs import store as store_module
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_changes import RunListing, list_runs
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers import runs as module
from mnist_desktop.workers.runs import ChangeEnd, RunList

IDS = ["20260103-120000-cnn-fast", "20260102-120000-cnn-fast", "20260101-120000-cnn-fast"]


def copy_run(kept: Run, root: Path, run_id: str) -> None:
    root.mkdir(exist_ok=True)
    shutil.copytree(kept.folder, root / run_id)


@pytest.fixture
def store(kept: Run, tmp_path: Path) -> RunStore:
    """A store of three runs."""
    made = RunStore(tmp_path / "runs")
    for run_id in IDS:
        copy_run(kept, made.root, run_id)
    return made


@pytest.fixture
def runs(store: RunStore) -> Iterator[RunList]:
    made = RunList(store)
    yield made
    made.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not any(thread.isRunning() for thread in made.findChildren(QThread))


def wait(qtbot: QtBot, runs: RunList) -> None:
    qtbot.waitUntil(lambda: not runs.is_busy, timeout=10_000)


def read(qtbot: QtBot, runs: RunList) -> tuple[Run, ...]:
    runs.read()
    wait(qtbot, runs)
    return runs.runs


def ids(runs: RunList) -> list[str]:
    return [run.record.id for run in runs.runs]


def ends(runs: RunList) -> list[ChangeEnd]:
    """Collect what is told of changes."""
    told: list[ChangeEnd] = []
    runs.change_ended.connect(told.append)
    return told


def list_when_open(gate: threading.Event) -> Callable[..., RunListing]:
    """Make a job that lists the runs, and tells of them only once a gate is open."""

    def listed(store: RunStore, **more: Callable[..., bool]) -> RunListing:
        found = list_runs(store, on_progress=lambda _: None, should_stop=lambda: False)
        while not gate.wait(0.005) and not more["should_stop"]():
            pass
        return found

    return listed


def test_runs_are_listed_with_the_newest_first(qtbot: QtBot, runs: RunList) -> None:
    assert runs.runs == ()
    assert not runs.is_read
    read(qtbot, runs)
    assert ids(runs) == IDS
    assert runs.is_read


def test_one_run_can_be_known_before_the_others(qtbot: QtBot, runs: RunList) -> None:
    runs.read_one(IDS[1])
    assert ids(runs) == [IDS[1]]
    assert not runs.is_read
    with pytest.raises(RunNotFoundError):
        runs.read_one("nope")
    read(qtbot, runs)
    assert ids(runs) == IDS


def test_a_change_shows_at_once_and_the_file_follows(
    qtbot: QtBot, runs: RunList, store: RunStore
) -> None:
    (first, second, _), told = read(qtbot, runs), ends(runs)
    with filelock.FileLock(store.root / ".lock"):
        runs.edit(first, starred=True)
        runs.edit(first, name="  Other\n", note="why")
        runs.delete([second])
        shown = runs.get(IDS[0])
        assert shown is not None
        seen = shown.record
        assert (seen.name, seen.note, seen.starred) == ("Other", "why", True)
        assert ids(runs) == [IDS[0], IDS[2]]
        assert store.get(IDS[0]).record.starred is False
        assert store.get(IDS[1]).folder.is_dir()
        runs.restore([second])
        assert ids(runs) == IDS
    wait(qtbot, runs)
    assert [end.outcome.error for end in told] == [None] * 4
    kept = store.get(IDS[0]).record
    assert (kept.name, kept.note, kept.starred) == ("Other", "why", True)
    assert [run.record.id for run in store.runs()] == ids(runs) == IDS


def test_what_cannot_be_changed_is_told_and_put_back(
    qtbot: QtBot, runs: RunList, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, second, third), told = read(qtbot, runs), ends(runs)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    with filelock.FileLock(store.root / ".lock"):
        runs.edit(first, starred=True)
        runs.delete([second, third])
        assert ids(runs) == [IDS[0]]
        wait(qtbot, runs)
    assert [type(end.outcome.error) for end in told] == [StorageError] * 2
    assert told[1].outcome.left == (second, third)
    assert ids(runs) == IDS
    assert not runs.runs[0].record.starred


def test_a_run_that_another_program_deleted_does_not_keep_others_from_being_deleted(
    qtbot: QtBot, runs: RunList, store: RunStore
) -> None:
    (first, second, third), told = read(qtbot, runs), ends(runs)
    RunStore(store.root).delete(IDS[0])
    runs.delete([first, second])
    wait(qtbot, runs)
    assert isinstance(told[0].outcome.error, RunNotFoundError)
    assert told[0].outcome.left == ()
    assert [run.record.id for run in store.runs()] == ids(runs) == [third.record.id]


def test_a_run_that_is_gone_for_good_does_not_keep_others_from_coming_back(
    qtbot: QtBot, runs: RunList, store: RunStore
) -> None:
    (first, second, _), told = read(qtbot, runs), ends(runs)
    runs.delete([first, second])
    wait(qtbot, runs)
    shutil.rmtree(store.root / f".deleted-{IDS[0]}")
    runs.restore([first, second])
    wait(qtbot, runs)
    assert isinstance(told[1].outcome.error, RunNotFoundError)
    assert ids(runs) == IDS[1:]


def test_a_run_that_is_kept_while_the_others_are_read_stays(
    qtbot: QtBot, runs: RunList, store: RunStore, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, newest = threading.Event(), "20260104-120000-cnn-fast"
    monkeypatch.setattr(module, "list_runs", list_when_open(gate))
    runs.read_one(IDS[0])
    runs.read()
    copy_run(kept, store.root, newest)
    runs.add(store.get(newest))
    assert ids(runs) == [newest, IDS[0]]
    gate.set()
    wait(qtbot, runs)
    assert ids(runs) == [newest, *IDS]


def test_a_folder_that_cannot_be_read_leaves_the_list_as_it_was(
    qtbot: QtBot, runs: RunList, store: RunStore, tmp_path: Path
) -> None:
    told: list[object] = []
    runs.read_failed.connect(told.append)
    read(qtbot, runs)
    store.root.rename(tmp_path / "away")
    read(qtbot, runs)
    assert [type(one) for one in told] == [StorageError]
    assert ids(runs) == IDS


def test_closing_makes_every_change_and_drops_what_is_being_read(
    qtbot: QtBot, runs: RunList, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = read(qtbot, runs)
    monkeypatch.setattr(module, "list_runs", list_when_open(threading.Event()))
    runs.read()
    for number in range(5):
        runs.edit(first, note=f"note {number}")
    runs.delete([second])
    runs.close()
    assert store.get(IDS[0]).record.note == "note 4"
    assert [run.record.id for run in store.runs()] == [IDS[0], IDS[2]]
    runs.read()
    assert not runs.is_busy
