"""A search is watched: each change is told once, and what is known is there the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search import watching
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.messages import CaughtUp, Importances, Message, Outline, decode
from mnist_desktop.search.study import TrialSummary
from mnist_desktop.search.watching import Watcher
from tests.made_searches import begin, few, make_trials


def test_each_change_is_told_once(
    sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "REMEMBER_SECONDS", 0.0)
    digits = few(sample)
    search = begin(tmp_path, digits, Goal(front="parameters"), epochs=3)
    make_trials(search, digits, 1)
    said: list[Message] = []
    memory = tmp_path / "cache" / "known.jsonl"
    watcher = Watcher(search, said.append, memory, lambda _: {"epochs": 1.0})
    watcher.look()
    outline, first, end, importances = said
    assert outline == Outline(Goal(front="parameters"))
    assert isinstance(first, TrialSummary)
    assert len(first.curve) == 3
    assert first.curve[-1] == pytest.approx(first.score, abs=1e-4)
    assert (end, importances) == (CaughtUp(1), Importances({"epochs": 1.0}))

    said.clear()
    watcher.look()
    assert said == [CaughtUp(1)]

    running = search.study.ask()
    watcher.look()
    make_trials(search, digits, 2)
    watcher.look()
    told = [one for one in said if isinstance(one, TrialSummary)]
    assert [(one.number, one.state) for one in told][:2] == [(1, "running"), (1, "interrupted")]
    assert running.number == 1

    known = [decode(line) for line in memory.read_bytes().splitlines()]
    assert known == [outline, *search.trials()]


def test_a_memory_that_cannot_be_written_is_no_failure(sample: Dataset, tmp_path: Path) -> None:
    digits = few(sample)
    search = begin(tmp_path, digits)
    make_trials(search, digits, 1)
    (tmp_path / "file").touch()
    said: list[Message] = []
    Watcher(search, said.append, tmp_path / "file" / "known", lambda _: {}).look()
    assert CaughtUp(1) in said
