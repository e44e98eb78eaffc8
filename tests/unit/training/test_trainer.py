"""Training: real networks, real digits, a few seconds each."""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import time
import weakref
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits, Images, as_network_input
from mnist_desktop.errors import JobCancelled, TrainingError
from mnist_desktop.evaluation.reliability import expected_calibration_error
from mnist_desktop.inference.calibration import at_temperature
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.training import chunked_fit, trainer
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import (
    BatchProgress,
    EpochMetrics,
    Progress,
    TrainingControls,
    WatchedReading,
)
from mnist_desktop.training.trainer import TrainingResult, train
from mnist_desktop.training.validation_reading import ValidationReading

SHORT = ARCHITECTURES["dense-10"].recipe.changed(epochs=2)


@dataclass
class Watcher:
    """Collects progress with the time of each, and can stop a training after some batches."""

    stop_after: int | None = None
    seen: list[Progress] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        self.times.append(time.perf_counter())

    def should_stop(self) -> bool:
        batches = [p for p in self.seen if isinstance(p, BatchProgress)]
        return self.stop_after is not None and len(batches) >= self.stop_after


def run(config: TrainingConfig, dataset: Dataset, watcher: Watcher | None = None) -> TrainingResult:
    watcher = watcher or Watcher()
    return train(config, dataset, on_progress=watcher, should_stop=watcher.should_stop)


def first_of(dataset: Dataset, count: int) -> Dataset:
    """The same with fewer training digits, where what is learnt does not matter."""
    few = Digits(dataset.train.images[:count], dataset.train.labels[:count])
    return replace(dataset, train=few)


def test_a_training_learns_and_is_tested_on_the_test_split(sample: Dataset) -> None:
    result = run(SHORT.changed(epochs=5, learning_rate=0.01), sample)
    assert result.test.accuracy > 0.85
    assert result.test.confusion.sum() == len(sample.test)
    assert (result.test.confusion.sum(axis=1) == np.bincount(sample.test.labels)).all()
    assert result.test_scores.shape == (len(sample.test), 10)
    assert (result.train_count, result.validation_count) == (3800, 200)
    assert result.parameters == 7850
    assert not result.stopped


def test_progress_tells_every_epoch_and_ends_at_its_last_batch(sample: Dataset) -> None:
    watcher = Watcher()
    result = run(SHORT, sample, watcher)
    batches = [p for p in watcher.seen if isinstance(p, BatchProgress)]
    epochs = [p for p in watcher.seen if isinstance(p, EpochMetrics)]
    assert isinstance(watcher.seen[0], PhaseProgress)
    assert [metrics.epoch for metrics in epochs] == [1, 2]
    assert tuple(epochs) == result.history
    expected = -(-3800 // 32)
    for epoch in (1, 2):
        last = [p for p in batches if p.epoch == epoch][-1]
        assert (last.batch, last.batches, last.epochs) == (expected, expected, 2)
    assert batches[-1].share == 1
    assert batches[-1].seconds_left == pytest.approx(0)
    assert all(0 <= p.accuracy <= 1 and p.loss > 0 for p in batches)
    assert all(metrics.val_accuracy is not None for metrics in epochs)


def test_progress_is_throttled_to_twenty_a_second(sample: Dataset) -> None:
    watcher = Watcher()
    run(SHORT.changed(epochs=2, batch_size=1), sample, watcher)
    kept = [
        (time_, p)
        for time_, p in zip(watcher.times, watcher.seen, strict=True)
        if isinstance(p, BatchProgress)
    ]
    gaps = [
        later - earlier
        for (earlier, _), (later, p) in itertools.pairwise(kept)
        if p.batch < p.batches  # the end of an epoch is always told
    ]
    assert gaps
    assert min(gaps) >= 0.045


def test_a_stop_keeps_what_was_learnt(sample: Dataset) -> None:
    watcher = Watcher(stop_after=2)
    result = run(SHORT.changed(epochs=1000), sample, watcher)
    assert result.stopped
    assert len(result.history) <= 2
    assert result.test_scores.shape == (1000, 10)
    fresh = ARCHITECTURES["dense-10"].build(SHORT)
    assert not np.allclose(result.model.get_weights()[0], fresh.get_weights()[0])


def test_after_a_stop_not_one_more_chunk_of_batches_is_trained(sample: Dataset) -> None:
    """A chunk is at most 1,024 digits of a convolutional network: a fifth of a second."""
    watcher = Watcher(stop_after=1)
    result = run(ARCHITECTURES["cnn-accurate"].recipe.changed(epochs=50), sample, watcher)
    batches = [p for p in watcher.seen if isinstance(p, BatchProgress)]
    assert len(batches) == 1
    assert batches[0].batch <= 1024 // 128
    assert result.stopped


def test_a_stop_before_the_first_batch_keeps_nothing(sample: Dataset) -> None:
    with pytest.raises(JobCancelled):
        train(SHORT, sample, on_progress=lambda _: None, should_stop=lambda: True)


def test_a_stop_during_the_last_batches_of_the_last_epoch_is_no_stop(sample: Dataset) -> None:
    config = SHORT.changed(epochs=1, batch_size=4000)  # one batch is the whole training
    result = run(config, sample, Watcher(stop_after=1))
    assert not result.stopped


@pytest.mark.parametrize("name", ["dense-100", "cnn", "cnn-accurate"])
def test_the_same_seed_gives_the_same_numbers(name: str, sample: Dataset) -> None:
    sample = first_of(sample, 800)
    config = ARCHITECTURES[name].recipe.changed(epochs=1, seed=5)
    first, second = run(config, sample), run(config, sample)
    for one, other in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert first.history[0].loss == second.history[0].loss


def test_another_seed_gives_other_numbers(sample: Dataset) -> None:
    first, second = run(SHORT, sample), run(SHORT.changed(seed=2), sample)
    assert first.history[0].loss != second.history[0].loss


def test_sparse_and_one_hot_labels_come_to_the_same(sample: Dataset) -> None:
    sparse, one_hot = run(SHORT, sample), run(SHORT.changed(loss="categorical"), sample)
    assert sparse.history[-1].loss == pytest.approx(one_hot.history[-1].loss, rel=1e-5)
    assert sparse.test.accuracy == one_hot.test.accuracy


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_the_test_loss_is_keras_own(activation: str, sample: Dataset) -> None:
    result = run(SHORT.changed(output_activation=activation), sample)
    pixels = as_network_input(sample.test.images, (784,))
    loss, accuracy = result.model.evaluate(pixels, sample.test.labels, verbose=0)
    assert result.test.loss == pytest.approx(loss, rel=1e-4)
    assert result.test.accuracy == pytest.approx(accuracy, abs=1e-6)


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        ("adam", "constant"),
        ("adam", "cosine"),
        ("sgd", "linear"),
        ("sgd", "constant"),
        ("rmsprop", "cosine"),
        ("adamw", "linear"),
        ("adam", "one-cycle"),
    ],
)
def test_every_optimizer_and_schedule_lowers_the_loss(
    optimizer: str, schedule: str, sample: Dataset
) -> None:
    result = run(SHORT.changed(optimizer=optimizer, schedule=schedule), sample)
    assert result.history[-1].loss < result.history[0].loss


def test_without_validation_all_training_digits_are_learnt_from(sample: Dataset) -> None:
    result = run(SHORT.changed(epochs=1, validation_share=0.0), sample)
    assert result.train_count == 4000
    assert result.history[0].val_loss is None


def test_a_batch_larger_than_the_digits_is_one_batch(sample: Dataset) -> None:
    watcher = Watcher()
    run(SHORT.changed(batch_size=10_000), sample, watcher)
    assert {p.batches for p in watcher.seen if isinstance(p, BatchProgress)} == {1}


def test_a_training_that_diverges_says_which_setting_to_change(sample: Dataset) -> None:
    config = TrainingConfig(
        "mlp", epochs=2, learning_rate=10.0, optimizer="sgd", hidden_units=(512,) * 8
    )
    with pytest.raises(TrainingError, match="learning rate"):
        run(config, sample)


def test_nothing_is_printed_and_no_standard_output_is_needed(
    sample: Dataset, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    run(SHORT, sample)
    assert capfd.readouterr() == ("", "")


def test_a_training_runs_on_any_thread(sample: Dataset) -> None:
    results: list[TrainingResult] = []
    thread = threading.Thread(target=lambda: results.append(run(SHORT, sample)))
    thread.start()
    thread.join()
    assert results[0].test.accuracy > 0.7


def test_a_trained_network_is_untouched_by_the_next_training_of_its_kind(sample: Dataset) -> None:
    first = run(SHORT, sample)
    before = [weight.copy() for weight in first.model.get_weights()]
    second = run(SHORT.changed(seed=2, learning_rate=0.02), sample)
    for one, other in zip(first.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.allclose(second.model.get_weights()[0], before[0])
    assert float(second.model.optimizer.learning_rate) == pytest.approx(0.02)


def test_a_second_training_of_a_kind_compiles_nothing_and_comes_to_the_same(
    sample: Dataset,
) -> None:
    config = SHORT.changed(batch_size=40, epochs=1)
    first = run(config, sample)
    compiled = trainer._trainee.cache_info().misses
    run(config.changed(seed=9, learning_rate=0.1, epochs=2), sample)  # leaves its state behind
    again = run(config, sample)
    assert trainer._trainee.cache_info().misses == compiled
    for one, other in zip(again.model.get_weights(), first.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["dense-10", "cnn-fast"])
def test_the_digits_are_let_go_when_a_training_is_over(
    name: str, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[weakref.ref[object]] = []
    as_tensor = chunked_fit._as_tensor

    def note(images: Images) -> object:
        tensor = as_tensor(images)
        held.append(weakref.ref(tensor))
        return tensor

    monkeypatch.setattr(chunked_fit, "_as_tensor", note)
    run(ARCHITECTURES[name].recipe.changed(epochs=1, batch_size=36), sample)
    gc.collect()
    assert [tensor() for tensor in held] == [None]


def test_the_graphs_of_a_network_that_is_no_longer_kept_for_training_are_freed(
    sample: Dataset,
) -> None:
    def graphs() -> int:
        trainer._trainee.cache_clear()
        gc.collect()
        return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())

    run(SHORT.changed(epochs=1), sample)  # what is made once stays
    before = graphs()
    run(SHORT.changed(epochs=1), sample)
    assert graphs() == before


# Watching, and calibrated scores


@pytest.mark.parametrize("name", ["dense-10", "cnn-accurate"])
def test_looking_on_changes_nothing(name: str, sample: Dataset) -> None:
    sample = first_of(sample, 800)
    config = ARCHITECTURES[name].recipe.changed(epochs=2, seed=3)
    seen: list[object] = []
    controls = TrainingControls()
    controls.image = sample.test.images[0]
    alone = run(config, sample)
    looked_at = train(
        config, sample, on_progress=seen.append, should_stop=lambda: False, controls=controls
    )

    for one, other in zip(alone.model.get_weights(), looked_at.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    readings = [one for one in seen if isinstance(one, WatchedReading)]
    assert [one.epoch for one in readings] == [1, 2]
    np.testing.assert_allclose(readings[-1].scores, looked_at.test_scores[0], atol=1e-5)


def test_there_is_nothing_to_read_on_an_empty_pad(sample: Dataset) -> None:
    seen: list[object] = []
    controls = TrainingControls()
    controls.image = np.zeros((28, 28), np.uint8)
    train(SHORT, sample, on_progress=seen.append, should_stop=lambda: False, controls=controls)

    assert not any(isinstance(one, WatchedReading) for one in seen)


def test_each_epoch_tells_how_the_validation_digits_are_read_and_what_has_changed(
    sample: Dataset,
) -> None:
    seen: list[object] = []
    config = SHORT.changed(epochs=3, validation_share=0.2)
    result = train(config, sample, on_progress=seen.append, should_stop=lambda: False)
    readings = [one for one in seen if isinstance(one, ValidationReading)]
    assert [one.epoch for one in readings] == [1, 2, 3]
    assert readings[0].changed == ()
    for reading, metrics in zip(readings, result.history, strict=True):
        accuracy = reading.matrix.trace() / reading.matrix.sum()
        assert accuracy == pytest.approx(metrics.val_accuracy)
    for earlier, later in itertools.pairwise(readings):
        gained = later.matrix.trace() - earlier.matrix.trace()
        assert gained == later.corrected - later.spoiled
        assert later.changed
        assert all(one.before != one.after for one in later.changed)


def test_scores_are_calibrated_on_held_out_digits(sample: Dataset) -> None:
    boastful = SHORT.changed(
        architecture="dense-100", epochs=30, learning_rate=0.01, validation_share=0.2
    )
    result = run(boastful, sample)
    raw = expected_calibration_error(result.test_scores, sample.test.labels)
    softened = at_temperature(result.test_scores, result.temperature)

    assert result.temperature > 1.2
    assert expected_calibration_error(softened, sample.test.labels) < raw


def test_too_few_held_out_digits_tell_no_temperature(sample: Dataset) -> None:
    assert run(SHORT.changed(epochs=1, validation_share=0.04), sample).temperature == 1
