"""Trials: blind to the test digits, compared alike, and each with an ending that is told."""

from __future__ import annotations

import errno
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from optuna.pruners import BasePruner
from optuna.trial import TrialState

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError, InvalidSettingError, LowMemoryError
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.search import storage, worker
from mnist_desktop.search import trial as trial_module
from mnist_desktop.search.database import StudyStorageError, UnreachableError
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.lease import MAX_ATTEMPTS, Lease, Watch, give_back
from mnist_desktop.search.study import best_of, open_search, without_test_digits
from mnist_desktop.search.trial import run_trial
from mnist_desktop.search.worker import Limits, SearchRequest, work
from mnist_desktop.training.progress import BatchProgress
from tests.made_searches import QUICK, begin, few, make_trials


class Sealed:
    """Test digits that nobody may look at."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} of the test digits was looked at")

    def __len__(self) -> int:
        raise AssertionError("the test digits were counted")


@pytest.fixture
def digits(sample: Dataset) -> Dataset:
    return few(sample)


def test_trials_never_look_at_the_test_digits(digits: Dataset, tmp_path: Path) -> None:
    sealed = replace(digits, test=Sealed())
    search = begin(tmp_path, sealed)
    make_trials(search, sealed, 2)
    assert [one.state for one in search.trials()] == ["complete", "complete"]


def test_all_trials_are_compared_by_the_same_validation_digits(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    original = trial_module.train

    def train(config: Any, dataset: Dataset, **rest: Any) -> Any:
        seen.append((config.seed, config.validation_share, dataset.fingerprint))
        found = original(config, dataset, **rest)
        scores.append((found.history[-1].val_accuracy, found.test.accuracy))
        return found

    scores: list[tuple[float | None, float]] = []
    monkeypatch.setattr(trial_module, "train", train)
    search = begin(tmp_path, digits)
    make_trials(search, digits, 3)
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert all(held_out == score for held_out, score in scores)
    assert [one.score for one in search.trials()] == [score for _, score in scores]
    best = best_of(search.trials())
    assert best is not None
    assert best.score == max(score for _, score in scores)


def test_other_digits_are_refused(digits: Dataset, sample: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits)
    with pytest.raises(InvalidInputError, match="was begun with other digits"):
        make_trials(search, sample, 1)
    assert search.trials() == []


def test_a_network_that_is_too_large_is_not_trained(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []
    monkeypatch.setattr(trial_module, "train", lambda *given, **_: built.append(given))
    monkeypatch.setattr(worker, "MAX_UNTRAINED", 4)
    search = begin(tmp_path, digits, Goal(max_parameters=7_000))
    with pytest.raises(InvalidInputError, match="Of 4 networks in a row, none was small enough"):
        make_trials(search, digits, 1)
    assert built == []
    first = search.trials()[0]
    assert (first.state, first.parameters, first.is_trained) == ("pruned", 7_850, False)
    assert first.reason == "It has 7,850 parameters, more than 7,000."


def test_a_training_that_takes_too_long_is_ended(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits, Goal(max_seconds=1e-9))
    make_trials(search, digits, 1)
    (one,) = search.trials()
    assert (one.state, one.score) == ("pruned", None)
    assert one.reason == "Its training took longer than 1e-09 s."


def test_a_trial_that_fails_says_why_and_the_search_goes_on(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = [LowMemoryError("This training takes about 9 GB."), ZeroDivisionError("bug")]
    original = trial_module.train

    def train(*given: Any, **rest: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return original(*given, **rest)

    monkeypatch.setattr(trial_module, "train", train)
    search = begin(tmp_path, digits)
    make_trials(search, digits, 3)
    first, second, third = search.trials()
    assert (first.state, first.reason) == ("failed", "This training takes about 9 GB.")
    assert second.state == "failed"
    assert "ZeroDivisionError: bug" in second.reason
    assert (third.state, third.reason) == ("complete", "")


def test_a_loss_that_is_no_number_is_a_failure(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits, optimizer="sgd", learning_rate=10, architecture="dense",
                   dense_layers=8, dense_units=64, batch_norm=False, dropout=0)  # fmt: skip
    make_trials(search, digits, 1)
    (one,) = search.trials()
    assert one.state == "failed"
    assert "no longer a number" in one.reason


def test_a_storage_that_fails_is_no_failure_of_the_trial(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("optuna.trial.Trial.report", report)
    search = begin(tmp_path, digits, epochs=4)
    with pytest.raises(StudyStorageError, match="allow the program to write there"):
        make_trials(search, digits, 1)
    assert [one.state for one in search.trials()] == ["running"]  # until its lease is over


class PruneAll(BasePruner):
    def prune(self, *_: Any) -> bool:
        return True


def test_trials_are_pruned_by_quarters_of_their_training(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits, epochs=8)
    search.study.pruner = PruneAll()
    make_trials(search, digits, 1)
    (one,) = search.study.trials
    assert one.state == TrialState.PRUNED
    assert list(one.intermediate_values) == [1]  # after the second of eight epochs
    assert search.trials()[0].reason.startswith("After 1 of 4 quarters")


def test_of_a_front_both_values_are_kept(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits, Goal(front="parameters"))
    make_trials(search, digits, 1)
    (one,) = search.study.trials
    assert one.values == [search.trials()[0].score, 7_850]


def test_a_trial_that_is_stopped_is_given_back_and_made_again(
    digits: Dataset, tmp_path: Path
) -> None:
    search = begin(tmp_path, digits, epochs=500)
    seen: list[object] = []
    work(
        SearchRequest(search, digits, Limits(5), QUICK),
        on_progress=seen.append,
        should_stop=lambda: any(isinstance(one, BatchProgress) for one in seen),
    )
    before, after = search.trials()
    assert (before.state, after.state) == ("interrupted", "waiting")
    assert after.settings == before.settings
    assert isinstance(seen[0], PhaseProgress)
    reopened = open_search(search.name, search.url)
    assert reopened is not None
    assert reopened.trials() == search.trials()


def test_time_that_is_up_gives_the_trial_back(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits, epochs=1000)
    request = SearchRequest(search, digits, Limits(minutes=0.02), QUICK)
    work(request, on_progress=lambda _: None, should_stop=lambda: False)
    assert [one.state for one in search.trials()][-1] == "waiting"


def test_the_trial_of_a_worker_that_is_gone_is_made_again_once(
    digits: Dataset, tmp_path: Path
) -> None:
    search = begin(tmp_path, digits)
    gone = search.study.ask()
    gone.suggest_float("learning_rate", 0.001, 0.03, log=True)
    make_trials(search, digits, 2)
    first, *others = search.trials()
    assert first.state == "interrupted"
    assert [one.state for one in others] == ["complete", "complete"]
    again = [one for one in others if one.settings["learning_rate"] == gone.params["learning_rate"]]
    assert len(again) == 1


def test_settings_that_end_every_worker_are_given_up(digits: Dataset, tmp_path: Path) -> None:
    search = begin(tmp_path, digits)
    for _ in range(MAX_ATTEMPTS):
        trial = search.study.ask()
        trial.suggest_float("learning_rate", 0.001, 0.03, log=True)
        give_back(search, search.study.trials[trial.number], is_lost=True)
    states = [one.state for one in search.trials()]
    assert states == ["interrupted"] * (MAX_ATTEMPTS - 1) + ["failed"]
    assert search.trials()[-1].reason == "Its worker ended before it did."


def test_settings_are_not_given_up_however_often_their_worker_is_stopped(
    digits: Dataset, tmp_path: Path
) -> None:
    search = begin(tmp_path, digits)
    blind = without_test_digits(digits)
    for _ in range(MAX_ATTEMPTS + 1):
        with Watch(search, QUICK) as watch:
            run_trial(search, blind, watch, on_progress=lambda _: None, should_stop=lambda: True)
    states = [one.state for one in search.trials()]
    assert states == ["interrupted"] * (MAX_ATTEMPTS + 1) + ["waiting"]


def test_a_worker_that_was_taken_for_dead_does_not_count_twice(
    digits: Dataset, tmp_path: Path
) -> None:
    search = begin(tmp_path, digits)
    other = open_search(search.name, search.url)
    assert other is not None

    def take_it_away(progress: object) -> None:
        if isinstance(progress, BatchProgress):
            running = other.study.get_trials(states=(TrialState.RUNNING,))
            for one in running:
                other.study.tell(one.number, state=TrialState.FAIL)

    with Watch(search, QUICK) as watch:
        run_trial(
            search,
            without_test_digits(digits),
            watch,
            on_progress=take_it_away,
            should_stop=lambda: False,
        )
    (one,) = search.trials()
    assert (one.state, one.score) == ("failed", None)


@pytest.mark.parametrize("values", [{"trials": 0}, {"minutes": 0}, {"minutes": float("nan")}])
def test_what_is_no_limit_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError):
        Limits(**values)


def test_a_worker_that_is_held_pauses_and_goes_on(digits: Dataset, tmp_path: Path) -> None:
    search, hold = begin(tmp_path, digits, epochs=4), Hold()
    seen: list[object] = []

    def on_progress(progress: object) -> None:
        seen.append(progress)
        if isinstance(progress, BatchProgress) and progress.epoch == 1:
            hold.begin()
        elif progress == PhaseProgress("Paused"):
            assert hold.is_on
            hold.end()

    request = SearchRequest(search, digits, Limits(1), QUICK, hold)
    work(request, on_progress=on_progress, should_stop=lambda: False)
    assert PhaseProgress("Paused") in seen
    (one,) = search.trials()
    assert one.state == "complete"
    assert len(one.curve) == 4
    assert one.curve[-1] == pytest.approx(one.score, abs=1e-4)


def test_of_workers_that_begin_the_last_trial_at_once_one_makes_it(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = begin(tmp_path, digits)
    other = open_search(search.name, search.url)
    assert other is not None
    begun: list[int] = []
    original = search.study.ask

    def ask() -> Any:
        if not begun:  # the other is a moment faster
            begun.append(other.study.ask().number)
            monkeypatch.setattr(search.study, "ask", original)
        return original()

    monkeypatch.setattr(search.study, "ask", ask)
    running: list[float] = [0.9]

    def sleep(_: float) -> None:
        if running:  # it is waited for, and now it ends
            other.study.tell(0, running.pop())

    monkeypatch.setattr(worker.time, "sleep", sleep)
    make_trials(search, digits, 1, Lease())
    assert begun == [0]
    assert [(one.number, one.state, one.score) for one in search.trials()] == [(0, "complete", 0.9)]
    assert search.study.trials[1].state == TrialState.WAITING


def test_a_stop_is_heard_while_the_storage_does_not_answer(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = begin(tmp_path, digits)
    looks: list[float] = []

    def fail(*_: Any) -> None:
        looks.append(time.monotonic())
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("optuna.storages.journal._file.JournalFileBackend.read_logs", fail)
    monkeypatch.setattr(storage, "STOPPING_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(UnreachableError, match="Input/output error"):
        work(
            SearchRequest(search, digits, Limits(1), QUICK),
            on_progress=lambda _: None,
            should_stop=lambda: len(looks) > 1,
        )
    assert time.monotonic() - began < 5
