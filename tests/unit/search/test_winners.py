"""The best settings: trained again on three seeds, tested once, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import TrainingContext
from mnist_desktop.search.space import TRIAL_SEED, config_of
from mnist_desktop.search.study import Search, best_of
from mnist_desktop.search.winners import SEEDS, KeepRequest, keep_best
from tests.made_searches import begin, few, make_trials


@pytest.fixture
def digits(sample: Dataset) -> Dataset:
    return few(sample)


@pytest.fixture
def search(digits: Dataset, tmp_path: Path) -> Search:
    found = begin(tmp_path, digits)
    make_trials(found, digits, 2)
    return found


def keep(search: Search, digits: Dataset, store: RunStore, phases: list[str]) -> list[Run]:
    return keep_best(
        KeepRequest(search, TrainingContext(digits, store)),
        on_progress=lambda one: phases.append(getattr(one, "text", "")),
        should_stop=lambda: "Stop" in phases,
    )


def test_the_best_settings_are_kept_as_three_runs_and_tested_once(
    search: Search, digits: Dataset, store: RunStore
) -> None:
    phases: list[str] = []
    runs = keep(search, digits, store, phases)
    best = best_of(search.trials())
    assert best is not None
    wanted = config_of(best.settings)
    assert [run.record.config.seed for run in runs] == list(SEEDS)
    assert TRIAL_SEED not in SEEDS
    for run in runs:
        config = run.record.config
        assert config.changed(seed=TRIAL_SEED, validation_share=0.1) == wanted
        assert run.record.name.startswith("Found by search small")
        assert run.record.confusion.sum() == len(digits.test)
    tests = sum(text.startswith("Testing") for text in phases)
    again = keep(search, digits, store, phases)
    assert [run.record.id for run in again] == [run.record.id for run in runs]
    assert tests == sum(text.startswith("Testing") for text in phases) == len(SEEDS)


def test_what_a_stop_has_left_out_is_made_by_the_next_call(
    search: Search, digits: Dataset, store: RunStore
) -> None:
    class StopsInTheSecond(list[str]):
        def append(self, text: str) -> None:
            super().append("Stop" if text.endswith("2 of 3") else text)

    first = keep(search, digits, store, StopsInTheSecond())
    assert [run.record.config.seed for run in first] == [SEEDS[0]]
    assert len(store.runs()) == 1
    runs = keep(search, digits, RunStore(store.root), [])
    assert runs[0].record.id == first[0].record.id
    assert [run.record.config.seed for run in runs] == list(SEEDS)


def test_a_search_without_a_complete_trial_keeps_nothing(
    digits: Dataset, tmp_path: Path, store: RunStore
) -> None:
    assert keep(begin(tmp_path, digits), digits, store, []) == []
