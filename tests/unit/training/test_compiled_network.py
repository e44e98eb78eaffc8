"""Loss and optimizer of a network that is to be trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnist_desktop.training.compiled_network import make_network, make_optimizer
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras

keras = load_keras()


def rates(schedule: str, epochs: int, batches: int) -> list[float]:
    """The learning rate of each update, and after the last one."""
    config = TrainingConfig("cnn", epochs, learning_rate=0.01, schedule=schedule)
    optimizer = make_optimizer(config, batches)
    found = []
    for step in range(epochs * batches + 1):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


def test_one_cycle_rises_for_a_fifth_of_the_updates_and_falls_to_zero() -> None:
    found = rates("one-cycle", 5, 10)
    assert found[0] == pytest.approx(0.001)
    assert max(found) == found[10] == pytest.approx(0.01)
    assert found[:11] == sorted(found[:11])
    assert found[10:] == sorted(found[10:], reverse=True)
    assert found[-1] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("updates", [1, 2, 3])
def test_one_cycle_needs_few_updates(updates: int) -> None:
    assert all(0 <= rate <= 0.01 for rate in rates("one-cycle", 1, updates))


@pytest.mark.parametrize(
    ("optimizer", "weight_decay", "kept"),
    [
        ("adam", None, 1.0),
        ("adam", 0.5, 0.95),
        ("sgd", 0.5, 0.95),
        ("rmsprop", 0.5, 0.95),
        ("adamw", 0.5, 0.95),
        ("adamw", None, 0.9996),
        ("adamw", 0.0, 1.0),
    ],
)
def test_weight_decay_shrinks_every_weight_by_its_part_of_the_learning_rate(
    optimizer: str, weight_decay: float | None, kept: float
) -> None:
    config = TrainingConfig(
        "cnn-fast", learning_rate=0.1, optimizer=optimizer, weight_decay=weight_decay
    )
    network = make_network(config, 1)
    variables = network.trainable_variables
    before = [one.numpy() for one in variables]
    network.optimizer.apply([np.zeros(one.shape, np.float32) for one in variables], variables)
    assert any("gamma" in one.name for one in variables)
    for one, other in zip(variables, before, strict=True):
        np.testing.assert_allclose(one.numpy(), kept * other, rtol=1e-6)


def test_settings_that_are_given_reach_keras() -> None:
    config = TrainingConfig("cnn", weight_decay=0.03, label_smoothing=0.2, loss="sparse")
    network = make_network(config, 1)
    assert network.optimizer.weight_decay == 0.03
    truth = np.eye(10, dtype=np.float32)[[3]]
    scores = np.full((1, 10), 0.02, np.float32)
    scores[0, 3] = 0.82
    smoothed = 0.8 * truth + 0.02
    expected = -(smoothed * np.log(scores)).sum()
    found: Any = network.loss(truth, scores)
    assert float(found) == pytest.approx(expected, rel=1e-5)
