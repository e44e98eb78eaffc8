"""A training that was interrupted goes on as if it had never been."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import JobCancelled, TrainingError
from mnist_desktop.files.arrays import read_arrays, write_arrays
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.training import callbacks
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import STANDARD, Augmentation
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import BatchProgress, EpochMetrics, TrainingControls
from mnist_desktop.training.trainer import TrainingResult, train


class KilledError(Exception):
    """The program is gone."""


def run(
    config: TrainingConfig,
    dataset: Dataset,
    *,
    state: TrainingState | None = None,
    kill_at: tuple[int, int] | None = None,
    controls: TrainingControls | None = None,
) -> tuple[TrainingResult | None, list[TrainingState]]:
    """Train, and die once a batch of an epoch is reported; return the states that were saved."""
    states: list[TrainingState] = []

    def on_progress(progress: object) -> None:
        if not isinstance(progress, BatchProgress) or kill_at is None:
            return
        if (progress.epoch, progress.batch) >= kill_at:
            raise KilledError

    try:
        result = train(
            config,
            dataset,
            on_progress=on_progress,
            should_stop=lambda: False,
            keep_state=states.append,
            state=state,
            controls=controls,
        )
    except (KilledError, JobCancelled):
        return None, states
    return result, states


def assert_same(one: TrainingResult, other: TrainingResult) -> None:
    """Weights, history, batches and readings are equal to the last bit."""
    for mine, theirs in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in zip(one.history, other.history, strict=True):
        assert (mine.loss, mine.accuracy) == (theirs.loss, theirs.accuracy)
        assert (mine.val_loss, mine.val_accuracy) == (theirs.val_loss, theirs.val_accuracy)
    np.testing.assert_array_equal(one.batches.rows, other.batches.rows)
    np.testing.assert_array_equal(one.validation.scores, other.validation.scores)
    np.testing.assert_array_equal(one.test_scores, other.test_scores)


EVERYTHING = Augmentation(2, 10, 0.1, 10, 2, 0.5, 0.1, 6)
KINDS = {
    "dense-50-50": {"epochs": 3},
    "mlp": {"epochs": 3, "schedule": "cosine", "optimizer": "adamw"},
    "dense-100": {"epochs": 2, "weight_decay": 0.2, "label_smoothing": 0.1},
    "cnn": {"epochs": 2, "augment": STANDARD, "batch_size": 100},  # with dropout
    "flatten-dense-100": {"epochs": 2, "augment": EVERYTHING},  # compiled with XLA
    "cnn-small": {"epochs": 2, "augment": EVERYTHING, "batch_size": 100},
    "cnn-fast": {"epochs": 2, "batch_size": 100},  # with batch normalisation
    "cnn-compact": {"epochs": 2, "batch_size": 100},  # with smoothed labels
}


@pytest.mark.parametrize("name", list(KINDS))
def test_a_training_taken_up_after_an_epoch_equals_one_that_was_not_interrupted(
    name: str, sample: Dataset, tmp_path: Path
) -> None:
    config = ARCHITECTURES[name].recipe.changed(**KINDS[name])
    whole, _ = run(config, sample)
    _, states = run(config, sample, kill_at=(2, 1))
    assert [(one.epochs_done, one.chunks_done) for one in states] == [(1, 0)]
    write_arrays(tmp_path / "state.npz", states[-1].as_arrays())
    state = TrainingState.from_arrays(read_arrays(tmp_path / "state.npz"))
    assert state.config == config
    resumed, _ = run(config, sample, state=state)
    assert whole is not None
    assert resumed is not None
    assert_same(resumed, whole)


@pytest.mark.parametrize(
    "name", ["dense-50-50", "flatten-dense-100", "cnn", "cnn-compact", "cnn-small"]
)
def test_a_training_taken_up_within_an_epoch_equals_one_that_was_not_interrupted(
    name: str, sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "KEEP_SECONDS", 0.0)  # after each chunk
    config = ARCHITECTURES[name].recipe.changed(**{**KINDS[name], "batch_size": 4})
    if name.startswith("cnn"):
        config = config.changed(batch_size=100)
    whole, states = run(config, sample)
    assert whole is not None
    within = [one for one in states if one.epochs_done == 1 and one.chunks_done]
    assert within
    resumed, _ = run(config, sample, state=within[0])
    assert resumed is not None
    assert_same(resumed, whole)


def test_a_training_that_an_older_version_began_is_taken_up(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2, augment=STANDARD)
    whole, _ = run(config, sample)
    _, states = run(config, sample, kill_at=(2, 1))
    arrays = states[-1].as_arrays()
    words = json.loads(arrays["words"].tobytes())
    words["config"]["augment"] = True
    arrays["words"] = np.frombuffer(json.dumps(words).encode(), np.uint8)
    state = TrainingState.from_arrays(arrays)
    assert state.config == config
    resumed, _ = run(config, sample, state=state)
    assert whole is not None
    assert resumed is not None
    assert_same(resumed, whole)


def test_a_training_whose_run_was_not_kept_is_only_tested_again(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2)
    whole, states = run(config, sample)
    again, more = run(config, sample, state=states[-1])
    assert whole is not None
    assert again is not None
    assert more == []
    assert_same(again, whole)


def test_more_epochs_are_those_of_a_longer_training(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=2)
    short, _ = run(config, sample)
    assert short is not None
    longer, _ = run(config.changed(epochs=4), sample, state=short.state)
    straight, _ = run(config.changed(epochs=4), sample)
    assert longer is not None
    assert straight is not None
    assert_same(longer, straight)
    assert not longer.stopped


def test_other_digits_and_another_network_are_refused(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=1)
    _, states = run(config, sample)
    other = Dataset(sample.train.take(np.arange(500)), sample.test, "custom", "half")
    with pytest.raises(TrainingError, match="other digits"):
        run(config.changed(epochs=2), other, state=states[-1])
    with pytest.raises(TrainingError, match="does not fit"):
        run(ARCHITECTURES["dense-100"].recipe, sample, state=states[-1])


def test_a_pause_saves_the_training_and_changes_nothing(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-50-50"].recipe.changed(epochs=3, batch_size=4)
    whole, _ = run(config, sample)
    controls, told, states = TrainingControls(), [], []

    def on_progress(progress: object) -> None:
        told.append(progress)
        if isinstance(progress, BatchProgress) and progress.epoch == 2 and not states[1:]:
            controls.pause()
        if progress == PhaseProgress("Paused"):
            threading.Timer(0.2, controls.go_on).start()

    paused = train(
        config,
        sample,
        on_progress=on_progress,
        should_stop=lambda: False,
        keep_state=states.append,
        controls=controls,
    )
    assert whole is not None
    assert_same(paused, whole)
    place = told.index(PhaseProgress("Paused"))
    assert told[place + 1] == PhaseProgress("Training")


def test_a_paused_training_can_be_stopped(sample: Dataset) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=1000)
    controls, stop = TrainingControls(), threading.Event()

    def on_progress(progress: object) -> None:
        if isinstance(progress, EpochMetrics) and progress.epoch == 2:
            controls.pause()
        if progress == PhaseProgress("Paused"):
            stop.set()

    result = train(
        config, sample, on_progress=on_progress, should_stop=stop.is_set, controls=controls
    )
    assert result.stopped
    assert len(result.history) == 3


@pytest.mark.parametrize("batch_size", [4, 5000])  # with several chunks an epoch, and with one
@pytest.mark.parametrize("is_paused", [False, True])
def test_a_suspended_training_goes_on_from_where_it_was(
    is_paused: bool, batch_size: int, sample: Dataset
) -> None:
    config = ARCHITECTURES["dense-50-50"].recipe.changed(epochs=3, batch_size=batch_size)
    whole, _ = run(config, sample)
    controls, states = TrainingControls(), []

    def on_progress(progress: object) -> None:
        if isinstance(progress, BatchProgress) and progress.epoch == 2:
            if is_paused:
                controls.pause()
            else:
                controls.suspend()
        if progress == PhaseProgress("Paused"):
            controls.suspend()

    with pytest.raises(JobCancelled):
        train(
            config,
            sample,
            on_progress=on_progress,
            should_stop=lambda: False,
            keep_state=states.append,
            controls=controls,
        )
    assert states[-1].progress >= (1, 1)
    resumed, _ = run(config, sample, state=states[-1])
    assert whole is not None
    assert resumed is not None
    assert_same(resumed, whole)


def test_the_best_epoch_is_kept_when_that_is_requested(sample: Dataset) -> None:
    # Rising steps unlearn what was learnt.
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=6, learning_rate=0.05)
    controls = TrainingControls()
    controls.keeps_best = True
    kept, states = run(config, sample, controls=controls)
    assert kept is not None
    accuracies = [epoch.val_accuracy for epoch in kept.history]
    best = states[-1].best_epoch
    assert accuracies[best - 1] == max(accuracies)  # type: ignore[type-var]
    assert best < 6
    assert f"epoch {best}" in kept.note
    assert kept.kept_epoch == best
    read = kept.validation.scores[best - 1].argmax(axis=1)
    places = sample.train.split_indices(config.validation_share, 2026)[1]
    assert (read == sample.train.labels[places]).mean() == accuracies[best - 1]
    at_best, _ = run(config.changed(epochs=best), sample)
    assert at_best is not None
    for mine, theirs in zip(kept.model.get_weights(), at_best.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_training_that_diverges_later_keeps_its_last_finite_weights(
    sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=5)
    on_batch = callbacks.ProgressCallback.on_train_batch_end

    def spoil(self: callbacks.ProgressCallback, batch: int, logs: dict[str, float]) -> None:
        if self._epoch == 2:
            weights = self.model.trainable_variables[0]
            weights.assign(weights * np.nan)
            logs = {**logs, "loss": np.nan}
        on_batch(self, batch, logs)

    monkeypatch.setattr(callbacks.ProgressCallback, "on_train_batch_end", spoil)
    result, _ = run(config, sample)
    monkeypatch.undo()
    two, _ = run(config.changed(epochs=2), sample)
    assert result is not None
    assert two is not None
    assert len(result.history) == 2
    assert result.stopped
    assert "epoch 3" in result.note
    assert "learning rate" in result.note
    for mine, theirs in zip(result.model.get_weights(), two.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("phase", ["Testing", "Training"])
def test_a_cancelled_training_ends_at_once_with_nothing(phase: str, sample: Dataset) -> None:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2)
    controls = TrainingControls()

    def on_progress(progress: object) -> None:
        if isinstance(progress, PhaseProgress) and progress.text.startswith(phase):
            controls.cancel()

    with pytest.raises(JobCancelled):
        train(config, sample, on_progress=on_progress, should_stop=lambda: False, controls=controls)
