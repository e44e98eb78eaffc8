"""A wish made early is kept, served once, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.workers.training import TrainingController

SHORT = ARCHITECTURES["dense-10"].recipe.changed(epochs=1)
ENDLESS = SHORT.changed(epochs=1000)
TIMEOUT_MS = 60_000


@pytest.fixture
def training(tmp_path: Path) -> Iterator[TrainingController]:
    controller = TrainingController(RunStore(tmp_path))
    yield controller
    controller.close()


def test_a_wish_made_before_tensorflow_and_digits_is_served(
    qtbot: QtBot, training: TrainingController, sample: Dataset
) -> None:
    with qtbot.waitSignal(training.waiting):
        training.request(NewTraining(SHORT))
    assert training.is_busy
    signals = [training.started, training.succeeded, training.finished]
    with qtbot.waitSignals(signals, order="strict", timeout=TIMEOUT_MS):
        training.set_dataset(sample)
    assert not training.is_busy


def test_a_waiting_wish_can_be_taken_back(
    qtbot: QtBot, training: TrainingController, sample: Dataset
) -> None:
    training.request(NewTraining(SHORT))
    with qtbot.waitSignals([training.cancelled, training.finished], order="strict"):
        training.stop()
    with qtbot.assertNotEmitted(training.started, wait=50):
        training.set_dataset(sample)
    assert not training.is_busy


def test_a_stopped_training_is_kept(
    qtbot: QtBot, training: TrainingController, sample: Dataset
) -> None:
    training.set_dataset(sample)
    with qtbot.waitSignal(
        training.progressed, timeout=TIMEOUT_MS, check_params_cb=lambda p: hasattr(p, "batch")
    ):
        training.request(NewTraining(ENDLESS))
    signals = [training.succeeded, training.finished]
    with (
        qtbot.waitSignals(signals, order="strict", timeout=TIMEOUT_MS),
        qtbot.waitSignal(training.succeeded, timeout=TIMEOUT_MS) as caught,
    ):
        training.stop()
    run = caught.args[0]
    assert isinstance(run, Run)
    assert run.record.stopped


def test_a_second_training_at_the_same_time_is_refused(
    qtbot: QtBot, training: TrainingController
) -> None:
    training.request(NewTraining(SHORT))
    with pytest.raises(RuntimeError, match="already under way"):
        training.request(NewTraining(SHORT))


def test_a_training_that_fails_tells_it_and_the_next_one_runs(
    qtbot: QtBot, training: TrainingController, sample: Dataset
) -> None:
    training.set_dataset(sample)
    diverging = SHORT.changed(
        architecture="mlp", hidden_units=(512,) * 8, learning_rate=10.0, optimizer="sgd", epochs=2
    )
    signals = [training.started, training.failed, training.finished]
    with qtbot.waitSignals(signals, order="strict", timeout=TIMEOUT_MS):
        training.request(NewTraining(diverging))
    signals = [training.succeeded, training.finished]
    with qtbot.waitSignals(signals, order="strict", timeout=TIMEOUT_MS):
        training.request(NewTraining(SHORT))
