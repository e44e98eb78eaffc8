"""Loss and optimizer of a network that is to be trained."""

from __future__ import annotations

import pytest

from mnist_desktop.training.compiled_network import make_optimizer
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras

load_keras()


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
