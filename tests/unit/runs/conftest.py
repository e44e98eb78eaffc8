"""A small real run that the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.experiment import Experiment, run_experiment
from mnist_desktop.runs.store import Run, RunStore
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import TrainingResult, train


@pytest.fixture(scope="session")
def result(sample: Dataset) -> TrainingResult:
    """A trained dense-100, two epochs on the sample."""
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=2)
    return train(config, sample, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.fixture(scope="session")
def kept(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A kept run of cnn-fast, one epoch on the sample; not to be changed."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    config = ARCHITECTURES["cnn-fast"].recipe.changed(epochs=1)
    experiment = Experiment(config, sample, store, name="Shared")
    return run_experiment(experiment, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")
