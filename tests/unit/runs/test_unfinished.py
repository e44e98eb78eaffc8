"""What an interrupted training leaves can be taken up again, by one program at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled, StorageError, TrainingError
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs import unfinished as unfinished_module
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import (
    LongerTraining,
    NewTraining,
    ResumedTraining,
    TrainingContext,
    TrainingRequest,
    UnkeptRunError,
)
from mnist_desktop.runs.unfinished import UnfinishedTraining, begin_training, find_unfinished
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.progress import EpochMetrics, TrainingControls
from mnist_desktop.training.trainer import TrainingResult
from tests.made_windows import Windows, refusal

CONFIG = ARCHITECTURES["dense-10"].recipe.changed(epochs=3)


def after(state: TrainingState, epochs: int) -> TrainingState:
    """The same state as if it had come to so many epochs."""
    history = tuple(replace(state.history[0], epoch=1 + number) for number in range(epochs))
    return replace(state, epochs_done=epochs, history=history, best_epoch=1)


@pytest.fixture
def state(result: TrainingResult) -> TrainingState:
    assert result.state is not None
    return result.state


def quiet(request: TrainingRequest, sample: Dataset, store: RunStore) -> Any:
    context = TrainingContext(sample, store)
    return request.run(context, on_progress=lambda _: None, should_stop=lambda: False)


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
    one.write(after(state, 1))
    first = set(one.folder.glob("state-*"))
    one.write(after(state, 2))
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
        one.write(after(state, epoch))
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


def test_what_was_ended_in_its_first_epoch_is_cleared_away(
    tmp_path: Path, state: TrainingState
) -> None:
    one = begin_training(tmp_path, "")
    assert find_unfinished(tmp_path) == []
    one.write(state)  # it was about to be held by a program that has just begun
    assert find_unfinished(tmp_path) == [one]
    one = begin_training(tmp_path, "")
    then = time.time() - 120
    os.utime(one.folder / "name.json", (then, then))
    assert one not in find_unfinished(tmp_path)
    assert not one.folder.exists()


def test_what_has_lost_its_name_is_offered_all_the_same(
    tmp_path: Path, state: TrainingState
) -> None:
    one = begin_training(tmp_path, "Lost")
    one.write(state)
    (one.folder / "name.json").unlink()
    (found,) = find_unfinished(tmp_path)
    assert found.name == ""
    assert found.read() is not None


def test_the_newest_state_is_known_by_its_content_when_the_clock_goes_back(
    tmp_path: Path, state: TrainingState
) -> None:
    one = begin_training(tmp_path, "")
    for epoch in (1, 2):
        one.write(after(state, epoch))
    for path in one.folder.glob("state-*"):  # as if the first had been written an hour later
        os.utime(path, (0, 0) if path.name == "state-2.npz" else None)
    again = find_unfinished(tmp_path)[0]
    for epoch in (3, 4):
        again.write(after(state, epoch))
        outline = again.outline()
        assert outline is not None
        assert outline.progress == (epoch, 0)
        assert outline.config == state.config
        assert len(outline.history) == epoch
    epochs = {np.load(path)["words"].tobytes() for path in one.folder.glob("state-*")}
    assert all(b'"epochs_done": 3' in words or b'"epochs_done": 4' in words for words in epochs)


def test_a_training_that_another_program_has_ended_is_told(tmp_path: Path) -> None:
    one = begin_training(tmp_path, "")
    one.discard()
    with pytest.raises(StorageError, match="been finished"), one.held():
        pass
    assert list(tmp_path.iterdir()) == []


def test_on_windows_its_own_lock_is_not_waited_for_when_it_is_discarded(
    tmp_path: Path, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock file cannot be removed before it is given up."""
    one, unlink = begin_training(tmp_path, ""), os.unlink
    is_locked = True

    def refuse_lock(path: str | Path, **options: Any) -> None:
        if is_locked and Path(path).name == "lock":
            raise refusal(32)
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", refuse_lock)
    with one.held():
        one.discard()
        assert one.folder.is_dir()
        is_locked = False
    assert windows.slept == []
    assert list(tmp_path.iterdir()) == []


def test_a_state_is_saved_although_another_program_looks_at_the_one_before(
    state: TrainingState, tmp_path: Path, windows: Windows
) -> None:
    one = begin_training(tmp_path, "")
    for done in (1, 2, 3):
        windows.held_until, windows.winerror = windows.now + 0.5, 5
        one.write(after(state, done))
    newest = one.read()
    assert newest is not None
    assert newest.epochs_done == 3
    assert windows.refused > 3


def test_a_drive_that_knows_no_locks_can_be_used(
    tmp_path: Path, state: TrainingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(filelock.FileLock, "acquire", no_locks)
    one = begin_training(tmp_path, "")
    with one.held():
        one.write(state)
    assert find_unfinished(tmp_path) == [one]


def test_nothing_that_can_be_read_is_told_in_words(
    tmp_path: Path, state: TrainingState, sample: Dataset
) -> None:
    one = begin_training(tmp_path, "")
    one.write(state)
    (only,) = one.folder.glob("state-*")
    only.write_bytes(b"")
    with pytest.raises(TrainingError, match="damaged"):
        quiet(ResumedTraining(one), sample, RunStore(tmp_path))


def test_an_interrupted_experiment_is_resumed_and_leaves_nothing(
    store: RunStore, sample: Dataset
) -> None:
    class KilledError(Exception):
        pass

    def die(progress: object) -> None:
        if isinstance(progress, EpochMetrics) and progress.epoch == 3:
            raise KilledError

    with pytest.raises(KilledError):
        NewTraining(CONFIG, "Mine").run(
            TrainingContext(sample, store), on_progress=die, should_stop=lambda: False
        )
    assert store.runs() == []
    (one,) = find_unfinished(store.root)
    run = quiet(ResumedTraining(one), sample, store)
    assert run.record.name == "Mine"
    assert len(run.record.history) == 3
    assert find_unfinished(store.root) == []
    assert [path.name for path in store.root.iterdir()] == [run.folder.name]
    straight = quiet(NewTraining(CONFIG), sample, store)
    np.testing.assert_array_equal(run.test_scores()[0], straight.test_scores()[0])


def test_a_suspended_experiment_stays_and_a_cancelled_one_goes(
    store: RunStore, sample: Dataset
) -> None:
    controls = TrainingControls()

    def suspend(progress: object) -> None:
        if isinstance(progress, EpochMetrics):
            controls.suspend()

    context = TrainingContext(sample, store, controls)
    with pytest.raises(JobCancelled):
        NewTraining(CONFIG).run(context, on_progress=suspend, should_stop=lambda: False)
    assert len(find_unfinished(store.root)) == 1
    find_unfinished(store.root)[0].discard()
    with pytest.raises(JobCancelled):
        NewTraining(CONFIG).run(
            TrainingContext(sample, store), on_progress=lambda _: None, should_stop=lambda: True
        )
    assert list(store.root.iterdir()) == []


@pytest.fixture
def interrupted(store: RunStore, sample: Dataset) -> UnfinishedTraining:
    """A training that was suspended after its second epoch."""
    controls = TrainingControls()

    def suspend(progress: object) -> None:
        if isinstance(progress, EpochMetrics) and progress.epoch == 2:
            controls.suspend()

    context = TrainingContext(sample, store, controls)
    with pytest.raises(JobCancelled):
        NewTraining(CONFIG).run(context, on_progress=suspend, should_stop=lambda: False)
    (one,) = find_unfinished(store.root)
    return one


def test_other_digits_leave_an_interrupted_training_as_it_was(
    store: RunStore, sample: Dataset, interrupted: UnfinishedTraining
) -> None:
    fewer = replace(sample, train=sample.train.take(np.arange(2000)))
    with pytest.raises(TrainingError, match="other digits"):
        quiet(ResumedTraining(interrupted), fewer, store)
    assert find_unfinished(store.root) == [interrupted]
    assert len(quiet(ResumedTraining(interrupted), sample, store).record.history) == 3


def test_a_stop_right_after_it_was_taken_up_keeps_what_was_learnt(
    store: RunStore, sample: Dataset, interrupted: UnfinishedTraining
) -> None:
    run = ResumedTraining(interrupted).run(
        TrainingContext(sample, store), on_progress=lambda _: None, should_stop=lambda: True
    )
    assert run.record.stopped
    assert len(run.record.history) >= 2
    assert find_unfinished(store.root) == []


@pytest.mark.parametrize("wish", ["suspend", "cancel"])
def test_an_interrupted_training_that_is_ended_at_once_goes_only_if_it_is_cancelled(
    wish: str, store: RunStore, sample: Dataset, interrupted: UnfinishedTraining
) -> None:
    controls = TrainingControls()
    getattr(controls, wish)()
    with pytest.raises(JobCancelled):
        ResumedTraining(interrupted).run(
            TrainingContext(sample, store, controls),
            on_progress=lambda _: None,
            should_stop=lambda: True,
        )
    assert find_unfinished(store.root) == ([interrupted] if wish == "suspend" else [])


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

    run = NewTraining(CONFIG).run(
        TrainingContext(sample, store), on_progress=listen, should_stop=lambda: False
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
        quiet(NewTraining(CONFIG), sample, store)
    with pytest.raises(StorageError):
        caught.value.keep()
    monkeypatch.setattr(RunStore, "keep", keep)
    run = caught.value.keep()
    assert [one.record.id for one in store.runs()] == [run.record.id]
    assert find_unfinished(store.root) == []


def test_a_run_is_trained_on(store: RunStore, sample: Dataset) -> None:
    first = quiet(NewTraining(CONFIG), sample, store)
    more = CONFIG.changed(epochs=5)
    longer = quiet(LongerTraining(first, 2), sample, store)
    straight = quiet(NewTraining(more), sample, store)
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
