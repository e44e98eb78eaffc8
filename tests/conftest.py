"""What every test stands on: a home of its own, and real digits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from mnist_desktop.digits.dataset import Dataset, read_dataset
from mnist_desktop.digits.sources import SAMPLE, sample_dataset
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.experiment import Experiment, run_experiment
from mnist_desktop.runs.store import Run, RunStore
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.workers.garbage import MainThreadGarbageCollector

# Read once, before any test hides it: full MNIST if it is named, the embedded sample otherwise.
DATA = os.environ.get("MNIST_DESKTOP_DATA")
AppPaths.from_environment().prepare_libraries()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any QApplication is made


@pytest.fixture(scope="session")
def garbage_collector(qapp: QCoreApplication) -> Iterator[MainThreadGarbageCollector]:
    """As in the program: no garbage is collected outside the main thread."""
    collector = MainThreadGarbageCollector(qapp)
    yield collector
    collector.close()


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, settings and caches that no other test and no user sees."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    monkeypatch.setenv("MNIST_DESKTOP_HOME", str(folder / "program"))
    monkeypatch.delenv("MNIST_DESKTOP_DATA", raising=False)
    return folder


@pytest.fixture
def paths(home: Path) -> AppPaths:
    """The program's folders inside the test's home."""
    found = AppPaths.from_environment()
    found.check_writable()
    return found


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """Full MNIST when ``MNIST_DESKTOP_DATA`` names it, the embedded sample otherwise."""
    return read_dataset(Path(DATA)) if DATA else sample_dataset()


@pytest.fixture(scope="session")
def chosen() -> str:
    """What to ask the program for to get the digits of `dataset`."""
    return DATA or SAMPLE


@pytest.fixture(scope="session")
def sample() -> Dataset:
    """The embedded sample of 5,000 digits."""
    return sample_dataset()


@pytest.fixture(scope="session")
def kept(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A kept run of cnn-fast, one epoch on the sample; not to be changed."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    config = ARCHITECTURES["cnn-fast"].recipe.changed(epochs=1)
    experiment = Experiment(config, sample, store, name="Shared")
    return run_experiment(experiment, on_progress=lambda _: None, should_stop=lambda: False)
