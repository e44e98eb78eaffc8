"""Labels are checked by the network in use, and by all others that are known to have read them."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.splits import make_split
from mnist_desktop.errors import JobCancelled
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.runs import label_check_job
from mnist_desktop.runs.label_check_job import CheckedLabels, LabelCheckRequest, check_labels
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.reading_job import SplitReadings, SplitRequest, read_split
from mnist_desktop.runs.run import Run


def read(run: Run | None, dataset: Dataset, name: str = "test") -> SplitReadings:
    request = SplitRequest(run, dataset, name)
    return read_split(request, on_progress=lambda _: None, should_stop=lambda: False)


def checked(own: SplitReadings, dataset: Dataset, *runs: Run) -> CheckedLabels:
    request = LabelCheckRequest(own, dataset, runs)
    return check_labels(request, on_progress=lambda _: None, should_stop=lambda: False)


def copy_of(run: Run, folder: Path, name: str, **changes: object) -> Run:
    """The same run under another name and id, in a folder of its own."""
    record = dataclasses.replace(run.record, id=name.lower(), name=name, **changes)
    shutil.copytree(run.folder, folder / name)
    return Run(record, folder / name)


def test_test_digits_are_checked_by_every_run_of_the_same_digits(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    other = copy_of(kept, tmp_path, "Other")
    info = dataclasses.replace(kept.record.dataset, name="mnist")
    of_other_digits = copy_of(kept, tmp_path, "Elsewhere", dataset=info)
    own = read(kept, sample)
    found = checked(own, sample, kept, other, of_other_digits)
    assert found.readings is own
    assert found.others == ("Other",)
    assert [one is own.readings for one in found.check.readings] == [True, False]
    np.testing.assert_array_equal(found.check.readings[1].scores, other.test_scores()[0])
    assert found.words.startswith("Checked by this network and 1 other: the more agree")
    assert found.names == "The others: Other."


def test_validation_digits_are_checked_by_runs_that_held_out_the_same(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    same = copy_of(kept, tmp_path, "Same")
    config = kept.record.config.changed(validation_share=0.1)
    others = copy_of(kept, tmp_path, "Others", config=config)
    own = read(kept, sample, "validation")
    found = checked(own, sample, same, others)
    assert found.others == ("Same",)
    np.testing.assert_array_equal(found.check.readings[1].scores, kept.validation_scores(1))


def test_training_digits_are_checked_by_the_network_in_use_alone(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    found = checked(read(kept, sample, "training"), sample, copy_of(kept, tmp_path, "Other"))
    assert found.others == ()
    words = "Checked by this network alone. It has learnt these digits: many wrong labels fit."
    assert found.words == words


def test_what_has_learnt_from_the_digits_before_is_not_asked_and_says_so_itself(
    kept: Run, sample: Dataset, tmp_path: Path
) -> None:
    learnt = copy_of(kept, tmp_path, "Learnt", base_saw_test=True)
    assert checked(read(kept, sample), sample, learnt).others == ()
    assert "many wrong labels fit" in checked(read(None, sample), sample, kept).words
    own = dataclasses.replace(read(kept, sample), model=ModelRef(learnt.record.id))
    assert "many wrong labels fit" in checked(own, sample, learnt).words


def test_a_damaged_run_is_passed_over(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    damaged, whole = (copy_of(kept, tmp_path, name) for name in ("Damaged", "Whole"))
    (damaged.folder / "test-scores.npz").write_bytes(b"nothing")
    assert checked(read(kept, sample), sample, damaged, whole).others == ("Whole",)


def test_the_best_runs_are_asked_and_not_more_than_some(
    kept: Run, sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_check_job, "MOST", 2)
    runs = []
    for number in (1, 3, 2):
        epoch = dataclasses.replace(kept.record.history[0], val_accuracy=0.9 + number / 100)
        runs.append(copy_of(kept, tmp_path, f"Run {number}", history=(epoch,)))
    assert checked(read(kept, sample), sample, *runs).others == ("Run 3", "Run 2")


def test_the_bundled_reader_is_asked_about_mnists_test_digits() -> None:
    kept = bundled_reader.readings_of_mnist()
    digits = Digits(np.zeros((10_000, 28, 28), np.uint8), kept.labels)
    mnist, own = Dataset(digits, digits, "mnist", "here"), Dataset(digits, digits, "custom", "here")
    others = Readings(kept.labels, np.full((10_000, 10), 0.1))
    file = ModelRef(file=Path("other.keras"))
    of_mnist = SplitReadings(file, make_split(mnist, "test", 0), others)
    assert checked(of_mnist, mnist).others == ("Bundled reader",)
    assert checked(dataclasses.replace(of_mnist, model=BUNDLED), mnist).others == ()
    of_own = SplitReadings(file, make_split(own, "test", 0), others)
    assert checked(of_own, own).others == ()


def test_it_can_be_stopped(kept: Run, sample: Dataset, tmp_path: Path) -> None:
    request = LabelCheckRequest(read(kept, sample), sample, (copy_of(kept, tmp_path, "Other"),))
    with pytest.raises(JobCancelled):
        check_labels(request, on_progress=lambda _: None, should_stop=lambda: True)
