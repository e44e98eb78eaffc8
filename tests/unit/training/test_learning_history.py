"""What is noted while a network learns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.training import learning_history
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.learning_history import (
    MAX_EPOCHS_KEPT,
    POINTS_PER_EPOCH,
    BatchRecorder,
    EpochRecorder,
)
from mnist_desktop.training.trainer import train


def sizes_of(digits: int, batch_size: int) -> NDArray[np.int64]:
    """How many digits each batch has."""
    full, rest = divmod(digits, batch_size)
    return np.array([batch_size] * full + [rest] * (rest > 0))


def running_means(values: NDArray[np.float64], sizes: NDArray[np.int64]) -> NDArray[np.float32]:
    """What Keras tells: the mean over all digits of the epoch up to and with each batch."""
    sums = np.cumsum(values * sizes[:, np.newaxis], axis=0)
    return (sums / np.cumsum(sizes)[:, np.newaxis]).astype(np.float32)


def make_values(count: int, seed: int = 1) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(0.1, 2, count), rng.uniform(0.2, 1, count)])


# Batches


@pytest.mark.parametrize(("digits", "batch_size"), [(96, 32), (100, 32), (7, 10), (33, 32)])
def test_running_means_are_turned_into_values_of_batches(digits: int, batch_size: int) -> None:
    sizes = sizes_of(digits, batch_size)
    recorder = BatchRecorder(digits, batch_size)
    epochs = [make_values(len(sizes), seed) for seed in (1, 2)]
    for epoch, values in enumerate(epochs):
        means = running_means(values, sizes)
        recorder.add(means[:2])  # in two chunks, as they come
        recorder.add(means[2:])
        recorder.end_epoch(epoch)
    found = recorder.metrics
    expected = np.concatenate(epochs)
    np.testing.assert_allclose(found.loss, expected[:, 0], rtol=2e-4)
    np.testing.assert_allclose(found.accuracy, expected[:, 1], rtol=2e-4)
    ends = np.cumsum(sizes) / digits
    np.testing.assert_allclose(found.places, np.concatenate([ends, 1 + ends]), rtol=1e-6)
    assert found.places[-1] == 2


def test_batches_of_a_long_epoch_are_taken_together() -> None:
    batches = 2 * POINTS_PER_EPOCH + 5  # three at a time, and two are left
    digits = 4 * batches - 1
    sizes, values = sizes_of(digits, 4), make_values(batches)
    recorder = BatchRecorder(digits, 4)
    recorder.add(running_means(values, sizes))
    recorder.end_epoch(0)
    found = recorder.metrics
    starts = range(0, batches, 3)
    expected = [
        np.average(values[at : at + 3], axis=0, weights=sizes[at : at + 3]) for at in starts
    ]
    assert len(found.places) == len(starts) <= POINTS_PER_EPOCH
    assert len(values) % 3 == 1 or sizes[-1] == 3
    np.testing.assert_allclose(np.column_stack([found.loss, found.accuracy]), expected, atol=2e-3)
    assert found.places[-1] == 1


def test_an_epoch_that_was_cut_short_ends_where_it_was_cut() -> None:
    sizes, values = sizes_of(100, 10)[:4], make_values(4)
    recorder = BatchRecorder(100, 10)
    recorder.add(running_means(values, sizes))
    assert len(recorder.metrics.places) == 0  # until the epoch ends
    recorder.end_epoch(0)
    np.testing.assert_allclose(recorder.metrics.places, [0.1, 0.2, 0.3, 0.4], rtol=1e-6)
    np.testing.assert_allclose(recorder.metrics.loss, values[:, 0], rtol=2e-4)


def test_nothing_learnt_is_nothing_noted() -> None:
    recorder = BatchRecorder(100, 10)
    recorder.end_epoch(0)
    assert len(recorder.metrics.loss) == 0


# Epochs


def record(epochs: int, digits: int = 5) -> EpochRecorder:
    """Add scores after each epoch that tell which one it was."""
    recorder = EpochRecorder()
    for epoch in range(1, epochs + 1):
        recorder.add(epoch, np.full((digits, 10), epoch / 2048))
    return recorder


@pytest.mark.parametrize("epochs", [1, 2, 37, MAX_EPOCHS_KEPT])
def test_of_few_epochs_all_are_kept(epochs: int) -> None:
    found = record(epochs).scores
    assert found.epochs.tolist() == list(range(1, epochs + 1))
    assert found.scores.shape == (epochs, 5, 10)
    assert found.scores.dtype == np.float16


@pytest.mark.parametrize("epochs", [101, 102, 150, 201, 202, 399, 400, 401, 1000])
def test_many_epochs_are_thinned_out_evenly_and_the_last_is_kept(epochs: int) -> None:
    found = record(epochs).scores
    kept = found.epochs.tolist()
    assert kept[0] == 1
    assert kept[-1] == epochs
    assert MAX_EPOCHS_KEPT / 2 <= len(kept) <= MAX_EPOCHS_KEPT
    steps = set(np.diff(kept[:-1]))
    assert len(steps) == 1
    assert kept[-1] - kept[-2] <= steps.pop()
    np.testing.assert_allclose(found.scores[:, 0, 0], found.epochs / 2048, rtol=1e-3)


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_history, "MAX_SCORES_KEPT", 300)
    for epochs in range(1, 60):
        found = record(epochs, digits=5).scores
        assert found.scores.size <= 300
        assert found.epochs[-1] == epochs
    found = record(40, digits=1000).scores  # two are kept, however many digits there are
    assert found.epochs.tolist() == [1, 40]


def test_without_validation_digits_nothing_is_kept() -> None:
    found = EpochRecorder().scores
    assert len(found.epochs) == len(found.scores) == 0


# In a training


def test_batches_and_validation_scores_agree_with_what_a_training_reports(
    sample: Dataset,
) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2, batch_size=48)
    result = train(config, sample, on_progress=lambda _: None, should_stop=lambda: False)
    sizes = sizes_of(result.train_count, 48)
    assert sizes[-1] < 48
    loss, accuracy = (
        values.reshape(2, len(sizes)) for values in (result.batches.loss, result.batches.accuracy)
    )
    for epoch, metrics in enumerate(result.history):
        assert np.average(loss[epoch], weights=sizes) == pytest.approx(metrics.loss, rel=1e-3)
        mean = np.average(accuracy[epoch], weights=sizes)
        assert mean == pytest.approx(metrics.accuracy, rel=1e-3)
    right = accuracy * sizes  # each batch has an integer of them
    np.testing.assert_allclose(right, right.round(), atol=0.05)
    _, held_out = split_training_digits(sample.train, config.validation_share)
    labels = sample.train.labels[held_out]
    assert result.validation.epochs.tolist() == [1, 2]
    for scores, metrics in zip(result.validation.scores, result.history, strict=True):
        assert (scores.argmax(axis=1) == labels).mean() == pytest.approx(metrics.val_accuracy)
