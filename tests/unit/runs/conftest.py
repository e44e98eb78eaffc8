"""A small real run that the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import TrainingResult, train


@pytest.fixture(scope="session")
def result(sample: Dataset) -> TrainingResult:
    """A trained dense-100, two epochs on the sample."""
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=2)
    return train(config, sample, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")
