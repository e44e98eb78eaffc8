"""Processes of a search: what they say arrives in order, and each ending is told once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.known import SearchRef
from mnist_desktop.search.messages import CaughtUp, Outline, Outlook, encode
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.watching import memory_of
from mnist_desktop.workers import search as workers
from mnist_desktop.workers.search import SearchController, SearchOrder, WatchController

ORDER = SearchOrder(SearchRef("small"), minutes=1)


def trial(number: int) -> TrialSummary:
    return TrialSummary(number, "complete", 0.9, 10, 1.0, {"epochs": 1}, "", True, (0.9,))


def have_run(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Have this program in place of the search's own processes."""
    command = [sys.executable, "-S", "-E", "-c", program]
    monkeypatch.setattr(workers, "child_command", lambda *_: command)


@pytest.fixture
def search() -> Iterator[SearchController]:
    found = SearchController()
    yield found
    found.close()


@pytest.fixture
def watch(paths: AppPaths) -> Iterator[WatchController]:
    found = WatchController(paths)
    yield found
    found.close()


def test_a_search_that_ends_by_itself_has_succeeded(
    qtbot: QtBot, search: SearchController, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Outlook("Training", share=0.5)
    have_run(monkeypatch, f"print('noise'); print({encode(said).decode()!r})")
    with (
        qtbot.waitSignals(
            [search.started, search.progressed, search.succeeded, search.finished], order="strict"
        ),
        qtbot.waitSignal(search.progressed) as progressed,
    ):
        search.start(ORDER)
    assert progressed.args == [said]
    assert not search.is_running


@pytest.mark.parametrize("program", ["import os; os.abort()", "raise SystemExit(1)"])
def test_a_process_that_crashes_is_told_in_a_sentence(
    program: str, qtbot: QtBot, search: SearchController, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_run(monkeypatch, program)
    with qtbot.waitSignal(search.failed) as failed, qtbot.waitSignal(search.finished):
        search.start(ORDER)
    assert "no trial is lost" in str(failed.args[0])
    assert not search.is_running


def test_a_process_that_cannot_be_started_is_told_as_well(
    qtbot: QtBot, search: SearchController, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "child_command", lambda *_: [str(tmp_path / "none")])
    with qtbot.waitSignal(search.failed), qtbot.waitSignal(search.finished):
        search.start(ORDER)
    search.start(ORDER)  # and can be tried again


def test_only_one_search_is_worked_on_at_a_time(
    search: SearchController, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_run(monkeypatch, "import sys; sys.stdin.read()")
    search.start(ORDER)
    with pytest.raises(RuntimeError):
        search.start(ORDER)


def test_thousands_of_trials_arrive_in_order_after_those_that_are_remembered(
    qtbot: QtBot, watch: WatchController, paths: AppPaths, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ref = SearchRef("many", "journal:/x")
    memory = memory_of(paths, ref.name, ref.url)
    memory.parent.mkdir(parents=True)
    memory.write_bytes(b"".join(map(encode, map(trial, range(100)))))
    file = tmp_path / "said"
    messages = [Outline(Goal()), *map(trial, range(3000)), CaughtUp(3000)]
    file.write_bytes(b"".join(map(encode, messages)))
    have_run(
        monkeypatch,
        f"import sys; sys.stdout.write(open({str(file)!r}).read()); sys.stdout.flush()\n"
        "sys.stdin.read()",
    )
    numbers: list[int] = []
    watch.trials_changed.connect(lambda found: numbers.extend(one.number for one in found))
    with qtbot.waitSignal(watch.caught_up) as caught_up:
        watch.watch(ref)
    assert caught_up.args == [3000]
    assert numbers == [*range(100), *range(3000)]


def test_what_another_search_says_is_heard_no_longer(
    qtbot: QtBot, watch: WatchController, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_run(monkeypatch, f"print({encode(trial(1)).decode()!r}, flush=True); input()")
    with qtbot.waitSignal(watch.trials_changed):
        watch.watch(SearchRef("one"))
    have_run(monkeypatch, f"print({encode(trial(2)).decode()!r}, flush=True); input()")
    with qtbot.waitSignal(watch.trials_changed) as changed:
        watch.watch(SearchRef("two"))
    assert changed.args == [[trial(2)]]


def test_a_name_that_no_file_can_have_is_refused(watch: WatchController) -> None:
    with pytest.raises(InvalidInputError):
        watch.watch(SearchRef("a/b"))
