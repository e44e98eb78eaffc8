"""What an interrupted training leaves can be taken up again, by one program at a time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled, StorageError, TrainingError
from mnist_desktop.runs import unfinished as unfinished_module
from mnist_desktop.runs.experiment import Experiment, UnkeptRunError, resume, run_experiment
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import begin_training, find_unfinished
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.config import EpochMetrics, PhaseProgress, TrainingControls
from mnist_desktop.training.course import TrainingState
from mnist_desktop.training.trainer import TrainingResult

CONFIG = ARCHITECTURES["dense-10"].recipe.changed(epochs=3)


@pytest.fixture
def state(result: TrainingResult) -> TrainingState:
    assert result.state is not None
    return result.state


def quiet(experiment: Experiment) -> Any:
    return run_experiment(experiment, on_progress=lambda _: None, should_stop=lambda: False)


def test_a_written_state_is_read_back(tmp_path: Path, state: TrainingState) -> None:
    one = begin_training(tmp_path, "Zwölf")
    one.write(state)
    (found,) = find_unfinished(tmp_path)
    assert found == one
    read = found.read()
    assert read is not None
    assert (read.config, read.history, read.digits) == (state.config, state.history, state.digits)
    for mine, theirs in zip(read.variables, state.variables, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("damage", ["cut", "emptied", "removed", "rubbish", "bit"])
def test_a_damaged_state_leaves_the_one_before(
    tmp_path: Path, state: TrainingState, damage: str
) -> None:
    one = begin_training(tmp_path, "")
    one.write(replace(state, epochs_done=1))
    first = set(one.folder.glob("state-*"))
    one.write(replace(state, epochs_done=2))
    (newest,) = set(one.folder.glob("state-*")) - first
    content = newest.read_bytes()
    half = len(content) // 2
    if damage == "removed":
        newest.unlink()
    else:
        newest.write_bytes(
            {
                "cut": content[:half],
                "emptied": b"",
                "rubbish": b"PK" + b"\0" * 100,
                "bit": content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :],
            }[damage]
        )
    read = one.read()
    assert read is not None
    assert read.epochs_done == 1


def test_the_older_of_two_states_is_written_over(tmp_path: Path, state: TrainingState) -> None:
    one = begin_training(tmp_path, "")
    for epoch in range(1, 6):
        one.write(replace(state, epochs_done=epoch))
        read = one.read()
        assert read is not None
        assert read.epochs_done == epoch
    assert len(list(one.folder.glob("state-*"))) == 2


def test_a_training_under_way_is_offered_to_nobody_else(
    tmp_path: Path, state: TrainingState
) -> None:
    one = begin_training(tmp_path, "")
    one.write(state)
    program = f"""
from pathlib import Path
from mnist_desktop.runs.unfinished import find_unfinished
print(len(find_unfinished(Path({str(tmp_path)!r}))))
"""

    def seen_elsewhere() -> str:
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip()

    with one.held():
        assert seen_elsewhere() == "0"
    assert seen_elsewhere() == "1"


def test_what_was_ended_in_its_first_epoch_is_cleared_away(tmp_path: Path) -> None:
    begin_training(tmp_path, "")
    assert find_unfinished(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_can_be_read_is_told_in_words(
    tmp_path: Path, state: TrainingState, sample: Dataset
) -> None:
    one = begin_training(tmp_path, "")
    one.write(state)
    (only,) = one.folder.glob("state-*")
    only.write_bytes(b"")
    with pytest.raises(TrainingError, match="damaged"):
        resume(one, sample, RunStore(tmp_path))


def test_an_interrupted_experiment_is_resumed_and_leaves_nothing(
    store: RunStore, sample: Dataset
) -> None:
    class KilledError(Exception):
        pass

    def die(progress: object) -> None:
        if isinstance(progress, EpochMetrics) and progress.epoch == 3:
            raise KilledError

    with pytest.raises(KilledError):
        run_experiment(
            Experiment(CONFIG, sample, store, "Mine"), on_progress=die, should_stop=lambda: False
        )
    assert store.runs() == []
    (one,) = find_unfinished(store.root)
    run = quiet(resume(one, sample, store))
    assert run.record.name == "Mine"
    assert len(run.record.history) == 3
    assert find_unfinished(store.root) == []
    assert [path.name for path in store.root.iterdir()] == [run.folder.name]
    straight = quiet(Experiment(CONFIG, sample, store))
    np.testing.assert_array_equal(run.test_scores()[0], straight.test_scores()[0])


def test_a_suspended_experiment_stays_and_a_cancelled_one_goes(
    store: RunStore, sample: Dataset
) -> None:
    controls = TrainingControls()

    def suspend(progress: object) -> None:
        if isinstance(progress, EpochMetrics):
            controls.suspend()

    experiment = Experiment(CONFIG, sample, store, controls=controls)
    with pytest.raises(JobCancelled):
        run_experiment(experiment, on_progress=suspend, should_stop=lambda: False)
    assert len(find_unfinished(store.root)) == 1
    find_unfinished(store.root)[0].discard()
    with pytest.raises(JobCancelled):
        run_experiment(
            Experiment(CONFIG, sample, store), on_progress=lambda _: None, should_stop=lambda: True
        )
    assert list(store.root.iterdir()) == []


def test_a_full_disk_while_states_are_saved_is_told_once_and_ends_nothing(
    store: RunStore, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(unfinished_module, "write_arrays", full)
    told: list[str] = []

    def listen(progress: object) -> None:
        if isinstance(progress, PhaseProgress):
            told.append(progress.text)

    run = run_experiment(
        Experiment(CONFIG, sample, store), on_progress=listen, should_stop=lambda: False
    )
    assert len(run.record.history) == 3
    assert sum("No space left" in text for text in told) == 1


def test_a_run_that_cannot_be_written_can_be_tried_again(
    store: RunStore, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = RunStore.keep

    def fail(*_: object, **__: object) -> None:
        raise StorageError("The disk is full; make room.")

    monkeypatch.setattr(RunStore, "keep", fail)
    with pytest.raises(UnkeptRunError, match="make room") as caught:
        quiet(Experiment(CONFIG, sample, store))
    with pytest.raises(StorageError):
        caught.value.keep()
    monkeypatch.setattr(RunStore, "keep", keep)
    run = caught.value.keep()
    assert [one.record.id for one in store.runs()] == [run.record.id]
    assert find_unfinished(store.root) == []


def test_a_run_is_trained_on(store: RunStore, sample: Dataset) -> None:
    first = quiet(Experiment(CONFIG, sample, store))
    more = CONFIG.changed(epochs=5)
    longer = quiet(Experiment(more, sample, store, state=first.state()))
    straight = quiet(Experiment(more, sample, store))
    assert len(longer.record.history) == 5
    np.testing.assert_array_equal(longer.test_scores()[0], straight.test_scores()[0])


def test_a_damaged_state_of_a_run_is_told(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    (run.folder / "state.npz").write_bytes(b"PK")
    with pytest.raises(StorageError, match="cannot be trained on"):
        run.state()
    (run.folder / "state.npz").unlink()
    assert run.state() is None
