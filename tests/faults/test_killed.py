"""The program is killed at random moments of training and saving: every file opens afterwards.

``KILLS`` says how often each test does so (20 unless told), ``KILL_SEED`` at which moments.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import begin_training, find_unfinished
from mnist_desktop.ui.parts.settings import open_settings

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("KILL_SEED", "1"))
LONGEST = 1.5  # seconds from the first batch to the kill; a training and its keeping take as long

# Trains again and again, and tells each epoch that is over.
TRAINING = """
import sys
from pathlib import Path
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.progress import EpochMetrics

paths = AppPaths.from_environment()
paths.prepare_libraries()
store, sample = RunStore(paths.runs), sample_dataset()
config = ARCHITECTURES["dense-100"].recipe.changed(epochs=6)

def tell(progress):
    if isinstance(progress, EpochMetrics):
        print(progress.epoch, flush=True)

def train(on_progress):
    context = TrainingContext(sample, store)
    return NewTraining(config).run(context, on_progress=on_progress, should_stop=lambda: False)

train(lambda _: None)
print("ready", flush=True)
while True:
    print(0, flush=True)
    run = train(tell)
    store.change(run.record.id, note="x" * 500, starred=True)
    print("kept", run.record.id, flush=True)
"""


# Writes one file after the other and tells what is written; TensorFlow is not needed for that.
SAVING = """
import sys
from dataclasses import replace
import numpy as np
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.paths import AppPaths
from mnist_desktop.exports.figures import write_matrix
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import UnfinishedTraining, find_unfinished
from mnist_desktop.ui.parts.settings import open_settings

paths = AppPaths.from_environment()
store, mine = RunStore(paths.runs), MyDigits(paths.my_digits)
settings, _ = open_settings(paths.settings_file)
(run,) = store.runs()
state = run.state()
(one,) = find_unfinished(paths.runs)
print("ready", flush=True)
with one.held():
    for number in range(one.read().chunks_done + 1, 1_000_000):
        one.write(replace(state, chunks_done=number))
        print("state", number, flush=True)
        store.change(run.record.id, note=f"{number} " * 300)
        print("note", number, flush=True)
        mine.add([Drawing(Ink((((0.1, 0.2), (0.3, number / 1e6)),)), number % 10)])
        print("digit", len(mine), flush=True)
        write_matrix(run.record.confusion * number, paths.data / "matrix.csv")
        print("matrix", number, flush=True)
        settings.change(theme="dark", count=number)
        print("settings", number, flush=True)
"""


def run_until_killed(program: str, moment: float) -> list[str]:
    """Run a program, kill it some seconds after it is ready, and return what it had told."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        while process.stdout.readline().strip() != "ready":
            assert process.poll() is None
        time.sleep(moment)  # the random moment is what is tested
        assert process.poll() is None, "the program ended by itself"
        process.kill()
        lines = process.stdout.read().splitlines(keepends=True)
        return [line.strip() for line in lines if line.endswith("\n")]  # the last may be cut off
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.timeout(36_000)
def test_a_killed_training_loses_at_most_an_epoch_and_leaves_no_damaged_file(
    paths: AppPaths, sample: Dataset
) -> None:
    rng = random.Random(SEED)
    lost_most = 0
    for number in range(KILLS):
        lines = run_until_killed(TRAINING, rng.uniform(0, LONGEST))
        kept = [line.removeprefix("kept ") for line in lines if line.startswith("kept ")]
        epoch = int(([line for line in lines if line.isdecimal()] or ["0"])[-1])
        store = RunStore(paths.runs)
        runs = {run.record.id: run for run in store.runs()}
        folders = {path.name for path in paths.runs.iterdir() if not path.name.startswith(".")}
        assert folders == set(runs), "a run does not open"
        assert set(kept) <= set(runs), "a run that was told to be kept is gone"
        for run in runs.values():
            assert len(run.record.history) == 6
            assert open_model(ModelRef(run.record.id), store).scores(
                sample.test.images[:2]
            ).shape == (2, 10)
            assert run.test_scores()[0].shape == (1000, 10)
            assert run.state() is not None
            assert len(run.batch_metrics().loss)
            assert run.validation_epochs() == (1, 2, 3, 4, 5, 6)
        found = [one for one in find_unfinished(paths.runs) if one.read() is not None]
        done = max((one.read().epochs_done for one in found), default=0)  # type: ignore[union-attr]
        if 0 < epoch < 6:  # it was killed within a training
            lost = epoch - done
            lost_most = max(lost_most, lost)
            assert lost <= 1, f"kill {number}: {epoch} epochs were told and {done} saved"
        for one in find_unfinished(paths.runs):
            one.discard()
        for folder in paths.runs.iterdir():
            if not folder.name.startswith(".") and len(folders) > 3:
                store.delete(folder.name)
    print(f"{KILLS} kills, seed {SEED}: every file opened, at most {lost_most} epoch lost")


@pytest.mark.timeout(36_000)
def test_a_program_killed_while_it_saves_leaves_every_file_whole(
    paths: AppPaths, kept: Run
) -> None:
    shutil.copytree(kept.folder, paths.runs / kept.record.id)
    state = kept.state()
    assert state is not None
    unfinished = begin_training(paths.runs, "")
    unfinished.write(replace(state, chunks_done=0))
    rng = random.Random(SEED)
    for number in range(KILLS):
        told = run_until_killed(SAVING, rng.uniform(0, 0.3))
        assert all(len(line.split()) == 2 for line in told), told
        last = {kind: int(value) for kind, value in (line.split() for line in told)}
        read = unfinished.read()
        assert read is not None
        assert read.chunks_done in (last.get("state", 0), last.get("state", 0) + 1) or not last
        (run,) = RunStore(paths.runs).runs()
        if "note" in last:
            assert run.record.note.startswith((f"{last['note']} ", f"{last['note'] + 1} "))
        if "digit" in last:
            assert len(MyDigits(paths.my_digits)) in (last["digit"], last["digit"] + 1)
        if "matrix" in last:
            rows = (paths.data / "matrix.csv").read_text(encoding="utf-8").splitlines()
            assert len(rows) == 11
            assert {len(row.split(",")) for row in rows} == {11}
        settings, notice = open_settings(paths.settings_file)
        assert notice == ""
        if "settings" in last:
            number_kept = int(str(settings.value("count")))
            assert number_kept in (last["settings"], last["settings"] + 1)
        assert not paths.my_digits.with_name(paths.my_digits.name + ".damaged").exists()
        if number % 20 == 19:
            paths.my_digits.unlink(missing_ok=True)
    print(f"{KILLS} kills while saving, seed {SEED}: every file was whole")
