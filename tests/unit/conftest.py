"""A small real run that tests of several rooms share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.trainer import TrainingResult, train
from tests.made_windows import Windows


@pytest.fixture(scope="session")
def result(sample: Dataset) -> TrainingResult:
    """A trained dense-100, two epochs on the sample."""
    config = ARCHITECTURES["dense-100"].recipe.changed(epochs=2)
    return train(config, sample, on_progress=lambda _: None, should_stop=lambda: False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")


@pytest.fixture(scope="session")
def saved(result: TrainingResult, sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same, kept once; not to be changed."""
    return RunStore(tmp_path_factory.mktemp("saved")).keep(result, sample)


@pytest.fixture
def copied(store: RunStore, saved: Run) -> Callable[[str], Path]:
    """Put a copy of it into the store under a name; returns its folder."""

    def copy(name: str = "copy") -> Path:
        store.root.mkdir(exist_ok=True)
        return Path(shutil.copytree(saved.folder, store.root / name))

    return copy


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    """Windows, as far as it refuses changes of files that are open; waiting takes no time."""
    made = Windows()
    made.take_over(monkeypatch)
    return made
