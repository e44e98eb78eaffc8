"""Runs are whole or not there."""

from __future__ import annotations

import errno
import io
import json
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest
from numpy.lib import format as npy

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import (
    InvalidInputError,
    JobCancelled,
    ModelFileError,
    RunNotFoundError,
    StorageError,
)
from mnist_desktop.foreign import litert_probe
from mnist_desktop.runs import run as run_module
from mnist_desktop.runs import store as store_module
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.record import MAX_NAME_LENGTH
from mnist_desktop.runs.run import DamagedRun
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import begin_training
from mnist_desktop.training.trainer import TrainingResult
from tests.made_windows import Windows


def test_a_kept_run_is_read_back_as_it_was(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    kept = store.keep(result, sample, "My first")
    (read,) = RunStore(store.root).runs()
    for name in ("id", "name", "created", "config", "dataset", "history", "versions"):
        assert getattr(read.record, name) == getattr(kept.record, name)
    np.testing.assert_array_equal(read.record.confusion, result.test.confusion)
    assert read.record.test_accuracy == result.test.accuracy
    assert read.record.name == "My first"
    assert read.record.versions["keras"]
    scores, labels = read.test_scores()
    np.testing.assert_allclose(scores, result.test_scores, atol=1e-7)
    np.testing.assert_array_equal(labels, sample.test.labels)


def test_a_run_holds_all_its_files_and_nothing_else(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    folder = store.keep(result, sample).folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "batches.npz",
        "history.json",
        "model.keras",
        "model.tflite",
        "run.json",
        "state.npz",
        "test-scores.npz",
        "validation-scores.npz",
    ]
    assert [path.name for path in store.root.iterdir()] == [folder.name]


def test_runs_kept_in_the_same_second_have_their_own_folders(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    ids = {store.keep(result, sample).record.id for _ in range(3)}
    assert len(ids) == 3
    assert {run.record.id for run in store.runs()} == ids


def test_two_trainings_of_one_recipe_have_names_of_their_own(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    def keep(name: str = "") -> str:
        return store.keep(result, sample, name).record.name

    recipe = keep()
    assert [keep(), keep()] == [f"{recipe} 2", f"{recipe} 3"]
    assert keep(f"{recipe} 2") == f"{recipe} 4"  # trained on
    assert [keep("Mine"), keep("Mine"), keep("Mine 2")] == ["Mine", "Mine 2", "Mine 3"]
    long = "x" * MAX_NAME_LENGTH
    assert [keep(long), keep(long)] == [long, f"{long[:-2]} 2"]
    names = [run.record.name for run in RunStore(store.root).runs()]
    assert len(set(names)) == len(names) == 9


def test_the_name_of_a_run_that_is_gone_or_was_renamed_is_free_again(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    first, second = (store.keep(result, sample) for _ in range(2))
    store.change(first.record.id, name="Better")
    store.delete(second.record.id)
    kept = [store.keep(result, sample).record.name for _ in range(2)]
    assert kept == [first.record.name, second.record.name]


def test_a_damaged_run_does_not_keep_another_from_being_kept(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    first = store.keep(result, sample)
    (first.folder / "run.json").write_text("{", encoding="utf-8")
    assert store.keep(result, sample).record.name == first.record.name


def test_a_run_is_kept_although_a_scanner_looks_at_its_files(
    store: RunStore, result: TrainingResult, sample: Dataset, windows: Windows
) -> None:
    """Windows renames no folder in which a file is open; the run was lost."""

    def scan() -> None:
        if not windows.refused:
            windows.held_until, windows.winerror = windows.now + 1.0, 5

    windows.hold = scan
    run = store.keep(result, sample, "Scanned")
    assert windows.refused > 1
    windows.refused = 0
    store.change(run.record.id, starred=True)
    store.delete(run.record.id)
    store.restore(run.record.id)
    assert [one.record.name for one in RunStore(store.root).runs()] == ["Scanned"]
    assert [one.name for one in store.root.iterdir() if one.name != ".lock"] == [run.record.id]


def test_a_run_whose_files_stay_open_in_another_program_says_so(
    store: RunStore, copied: Callable[[str], Path], windows: Windows
) -> None:
    copied("one")
    windows.held_until, windows.winerror = 1e9, 5
    with pytest.raises(StorageError, match=r"has .* open\); close it there and try again\.$"):
        store.delete("one")
    assert (store.root / "one").is_dir()


def test_two_programs_that_keep_a_run_at_the_same_moment_both_keep_it(
    store: RunStore, result: TrainingResult, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one finishes while the first is still writing its network."""
    write_model, other = store_module.write_model, []

    def write_slowly(*arguments: Any) -> None:
        if not other:
            other.append(None)
            other[0] = RunStore(store.root).keep(result, sample)
        write_model(*arguments)

    monkeypatch.setattr(store_module, "write_model", write_slowly)
    mine = store.keep(result, sample)
    assert {run.record.id for run in store.runs()} == {mine.record.id, other[0].record.id}
    assert store.get(mine.record.id).folder == mine.folder


def test_scores_that_are_damaged_are_told(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    path = run.folder / "test-scores.npz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(StorageError, match="cannot be read"):
        run.test_scores()


def test_what_a_killed_program_left_is_removed_after_a_day(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    for name, age in (
        (".new-old", 2 * 24 * 3600),
        (".deleted-old", 2 * 24 * 3600),
        (".new-now", 0),
    ):
        (store.root / name).mkdir(parents=True)
        then = time.time() - age
        os.utime(store.root / name, (then, then))
    run = store.keep(result, sample)
    assert {path.name for path in store.root.iterdir()} == {".new-now", run.folder.name}


def test_nothing_is_left_of_a_run_that_could_not_be_written(
    store: RunStore, result: TrainingResult, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "_write_results", full)
    with pytest.raises(StorageError, match="No space left"):
        store.keep(result, sample)
    assert list(store.root.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="folders are not read-only on Windows")
def test_a_place_that_is_a_file_is_told_in_words(
    tmp_path: Path, result: TrainingResult, sample: Dataset
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="could not be kept"):
        RunStore(tmp_path / "file" / "runs").keep(result, sample)


def test_a_store_on_a_drive_that_is_gone_is_told_and_not_made_anew(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    assert len(store.runs()) == 1
    home = store.root.parent
    away = home.with_name("away")
    home.rename(away)
    for wish in (
        store.runs,
        lambda: store.change(run.record.id, starred=True),
        lambda: store.keep(result, sample),
        lambda: begin_training(store.root, "Next"),
    ):
        with pytest.raises(StorageError, match="connect that again"):
            wish()
    assert not home.exists()
    away.rename(home)
    assert [one.record.id for one in store.runs()] == [run.record.id]


@pytest.mark.parametrize("place", ["folder", "file"])
def test_a_share_that_does_not_answer_is_no_damaged_run(
    store: RunStore,
    result: TrainingResult,
    sample: Dataset,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.keep(result, sample)

    def stale(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    if place == "folder":
        monkeypatch.setattr(os, "scandir", stale)
    else:
        monkeypatch.setattr(run_module, "read_small", stale)
    with pytest.raises(StorageError, match="connect that again"):
        store.runs()
    monkeypatch.undo()
    assert len(store.runs()) == 1
    assert store.damaged == ()


def test_a_run_that_another_program_deletes_meanwhile_is_not_damaged(
    store: RunStore, result: TrainingResult, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.keep(result, sample)
    read_record = store_module.read_record

    def too_late(folder: Path) -> Any:
        monkeypatch.undo()
        RunStore(store.root).delete(run.record.id)
        return read_record(folder)

    monkeypatch.setattr(store_module, "read_record", too_late)
    assert store.runs() == []
    assert store.damaged == ()


def test_changes_wait_for_another_program_and_do_not_wait_forever(
    store: RunStore, result: TrainingResult, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.keep(result, sample)
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    with (
        filelock.FileLock(store.root / ".lock"),
        pytest.raises(StorageError, match="Another program is changing"),
    ):
        store.change(run.record.id, starred=True)
    assert store.change(run.record.id, starred=True).record.starred


DAMAGED = {
    "json": "[]",
    "deep": "[" * 200_000,
    "huge": {"confusion": [[10**30] * 10] * 10},
    "endless": {"fit_seconds": 10**400},
    "rate": {"config": {"architecture": "dense-10", "learning_rate": 10**400}},
    "architecture": {"config": {"architecture": []}},
    "old": {"created": "0001-01-01T00:00:00+14:00"},
    "temperature": {"temperature": float("inf")},
    "parameters": {"parameters": 1e400},
    "star": {"starred": [1]},
    "versions": {"versions": {"keras": 3}},
    "count": {"dataset": {"name": "mnist", "source": "", "train": "x", "validation": 1, "test": 1}},
    "null": "null",
    "format": {"format": 99},
    "shape": {"confusion": [[1, 2]]},
    "number": {"test_accuracy": "x"},
    "created": {"created": None},
    "digits": {"dataset": {"name": "?", "source": "", "train": 1, "validation": 1, "test": 1}},
    "newer": {"config": {"architecture": "dense-10", "optimizer": "lion"}},
}


@pytest.mark.parametrize("damage", ["missing", "cut", *DAMAGED])
def test_a_damaged_run_is_passed_over_and_the_others_stay(
    store: RunStore, copied: Callable[[str], Path], damage: str
) -> None:
    copied("good")
    bad = copied("bad")
    record = bad / "run.json"
    values = json.loads(record.read_text())
    if damage == "missing":
        (bad / "model.tflite").unlink()
    elif damage == "cut":
        record.write_text(record.read_text()[:100])
    else:
        change = DAMAGED[damage]
        is_text = isinstance(change, str)
        record.write_text(change if is_text else json.dumps({**values, **change}))
    assert [run.record.id for run in store.runs()] == ["good"]


@pytest.mark.parametrize(
    "epoch", [{"val_accuracy": "<b>x"}, {"loss": None}, {"epoch": 0}, {"accuracy": [1]}, {"x": 1}]
)
def test_a_run_with_a_damaged_epoch_is_passed_over(
    store: RunStore, copied: Callable[[], Path], epoch: dict[str, Any]
) -> None:
    history = copied() / "history.json"
    epochs = json.loads(history.read_text())
    history.write_text(json.dumps([*epochs[:-1], {**epochs[-1], **epoch}]))
    assert store.runs() == []
    assert len(store.damaged) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
@pytest.mark.parametrize("name", ["run.json", "history.json"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(
    store: RunStore, copied: Callable[[], Path], name: str
) -> None:
    folder = copied()
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert store.runs() == []
    assert store.damaged == (DamagedRun(folder.name, f"{name}: it is no regular file but a pipe"),)


def test_a_file_beside_the_runs_is_no_run(store: RunStore) -> None:
    store.root.mkdir()
    (store.root / "desktop.ini").write_text("[.ShellClassInfo]")
    assert store.runs() == []
    assert store.damaged == ()


def test_names_and_notes_of_others_are_cleaned_and_cut(
    store: RunStore, copied: Callable[[], Path]
) -> None:
    record = copied() / "run.json"
    values = json.loads(record.read_text())
    values.update(name="x\x1b]0;owned\x07\ud800" + "y" * 300, note="one\ntwo\x1b" + "z" * 9000)
    record.write_text(json.dumps(values))
    (run,) = store.runs()
    assert run.record.name == ("x]0;owned" + "y" * 300)[:80]
    assert run.record.note.startswith("one\ntwoz")
    assert len(run.record.note) == 2000


def test_scores_that_are_no_scores_are_told(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    labels = sample.test.labels
    for scores, numbers in (
        (np.zeros((3, 10)), labels),
        (np.zeros((len(labels), 9)), labels),
        (np.zeros((len(labels), 10)), labels + 10),
        (np.array(["x"] * len(labels)), labels),
    ):
        np.savez(run.folder / "test-scores.npz", scores=scores, labels=numbers)
        with pytest.raises(StorageError, match="damaged"):
            run.test_scores()


def test_arrays_that_announce_more_than_the_file_holds_are_not_allocated(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    header = io.BytesIO()
    npy.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 10)}
    )
    tracemalloc.start()
    with zipfile.ZipFile(run.folder / "test-scores.npz", "w") as archive:
        archive.writestr("scores.npy", header.getvalue() + bytes(1000))
        archive.writestr("labels.npy", header.getvalue())
    with pytest.raises(StorageError, match="damaged"):
        run.test_scores()
    with zipfile.ZipFile(run.folder / "test-scores.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("scores.npy", header.getvalue() + bytes(50_000_000))
    with pytest.raises(StorageError, match="damaged"):
        run.test_scores()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 120_000_000  # what the test itself has written, twice


def test_a_network_from_somebody_else_is_tried_out_once(
    store: RunStore, result: TrainingResult, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Path] = []
    monkeypatch.setattr(litert_probe, "check_litert_file", tried.append)
    run = store.keep(result, sample)
    assert run.checked_litert_file().is_file()
    assert tried == []  # it was written here
    path = run.folder / "model.tflite"
    path.write_bytes(path.read_bytes() + b"\0")
    for _ in range(2):
        assert run.checked_litert_file() == path
    assert tried == [path]


def test_a_network_that_does_harm_is_refused(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    (run.folder / "model.tflite").write_bytes(b"\x1c\0\0\0TFL3" + b"\xff" * 400)
    with pytest.raises(ModelFileError, match="not a complete LiteRT model"):
        open_model(ModelRef(run.record.id), store)


def test_rename_is_kept_and_cleans_the_name(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    store.change(run.record.id, name="  Zwölf\n/ Netze  ")
    assert store.get(run.record.id).record.name == "Zwölf/ Netze"
    assert store.get(run.record.id).folder == run.folder


def test_a_note_and_a_star_are_kept_and_leave_the_rest_as_it_was(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample, "First")
    assert (run.record.note, run.record.starred) == ("", False)
    store.change(run.record.id, note=" Two lines,\nboth kept ", starred=True)
    changed = store.change(run.record.id, name="Second").record
    (read,) = store.runs()
    assert (read.record.name, read.record.note) == ("Second", "Two lines,\nboth kept")
    assert read.record.starred
    assert read.record.created == run.record.created == changed.created


def test_a_run_of_version_0_1_without_note_star_batches_and_epochs_is_read(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    record = run.folder / "run.json"
    values = json.loads(record.read_text())
    del values["note"], values["starred"]
    record.write_text(json.dumps(values))
    (run.folder / "batches.npz").unlink()
    (run.folder / "validation-scores.npz").unlink()
    (read,) = store.runs()
    assert (read.record.note, read.record.starred) == ("", False)
    assert len(read.batch_metrics().places) == 0
    assert read.validation_epochs() == ()


def test_batches_and_validation_readings_are_read_back(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    for name in ("places", "loss", "accuracy"):
        np.testing.assert_array_equal(
            getattr(run.batch_metrics(), name), getattr(result.batches, name)
        )
    assert run.validation_epochs() == (1, 2)
    scores = run.validation_scores(2)
    np.testing.assert_array_equal(scores, result.validation.scores[1].astype(np.float32))
    with pytest.raises(InvalidInputError, match="epoch 3"):
        run.validation_scores(3)


@pytest.mark.parametrize("name", ["batches.npz", "validation-scores.npz"])
def test_damaged_details_are_told_and_leave_the_run_in_the_list(
    store: RunStore, result: TrainingResult, sample: Dataset, name: str
) -> None:
    run = store.keep(result, sample)
    (run.folder / name).write_bytes(b"PK")
    assert len(store.runs()) == 1
    with pytest.raises(StorageError, match="damaged"):
        run.batch_metrics() if name == "batches.npz" else run.validation_epochs()


def test_the_size_is_that_of_all_files(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    assert run.size == sum(len(path.read_bytes()) for path in run.folder.iterdir())


def test_a_deleted_run_is_gone_from_the_list_and_comes_back_whole(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample, "Dear")
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    store.delete(run.record.id)
    assert store.runs() == []
    store.keep(result, sample)  # does not clear away what was deleted just now
    assert store.restore(run.record.id).record.name == "Dear"
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    assert len(store.runs()) == 2


def test_a_run_deleted_long_ago_is_gone_for_good(
    store: RunStore, result: TrainingResult, sample: Dataset
) -> None:
    run = store.keep(result, sample)
    then = time.time() - 3 * 24 * 3600
    os.utime(run.folder, (then, then))
    store.delete(run.record.id)  # its day begins now, however old the run is
    store.keep(result, sample)
    (gone,) = store.root.glob(".deleted-*")
    os.utime(gone, (then, then))
    store.keep(result, sample)
    with pytest.raises(RunNotFoundError, match="more than a day"):
        store.restore(run.record.id)


@pytest.mark.parametrize("run_id", ["nope", "", "..", "../runs"])
def test_a_run_that_is_not_there_is_told_in_words(store: RunStore, run_id: str) -> None:
    with pytest.raises(RunNotFoundError, match="There is no run"):
        store.get(run_id)


def test_a_store_that_was_never_used_is_empty(tmp_path: Path) -> None:
    assert RunStore(tmp_path / "nowhere").runs() == []


# Many runs


@pytest.fixture
def three(store: RunStore, copied: Callable[[str], Path]) -> RunStore:
    """A store of three runs."""
    for name in ("first", "second", "third"):
        copied(name)
    return store


def folders_read(opened: Any, root: Path) -> set[str]:
    """The folders in which something was opened, with the names they had."""
    places = [path.relative_to(root).parts for path in opened.under(root)]
    return {parts[0].removeprefix(".deleted-") for parts in places if parts} - {".lock"}


def test_what_is_done_with_one_run_reads_no_other(three: RunStore, opened: Any) -> None:
    for wish in (
        lambda: three.get("second"),
        lambda: three.change("second", name="Changed", note="much", starred=True),
        lambda: three.delete("second"),
        lambda: three.restore("second"),
    ):
        opened.clear()
        wish()
        assert folders_read(opened, three.root) <= {"second"}
    assert three.get("second").record.name == "Changed"


def test_runs_that_are_listed_again_are_read_only_where_they_changed(
    three: RunStore, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SETTLED_NS", 0)
    before = {run.record.id: run for run in three.runs()}
    opened.clear()
    RunStore(three.root).change("second", name="Changed")
    opened.clear()
    after = {run.record.id: run for run in three.runs()}
    assert folders_read(opened, three.root) == {"second"}
    assert after["second"].record.name == "Changed"
    assert after["first"] is before["first"]
    (three.root / "third" / "model.keras").unlink()
    assert sorted(run.record.id for run in three.runs()) == ["first", "second"]
    assert [one.name for one in three.damaged] == ["third"]


def test_a_file_that_is_changed_twice_within_a_tick_of_the_clock_is_read_again(
    store: RunStore, copied: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = copied() / "run.json"
    text = record.read_text()
    now = time.time_ns()
    monkeypatch.setattr(store_module, "_stamp", lambda _folder: ((1, 1, now, now),))
    for name in ("One", "Two"):
        record.write_text(json.dumps({**json.loads(text), "name": name}))
        assert [run.record.name for run in store.runs()] == [name]


def test_a_listing_can_be_stopped(three: RunStore) -> None:
    with pytest.raises(JobCancelled):
        three.runs(lambda: True)
