"""What every test stands on: a home of its own, and real digits."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE, sample_dataset
from mnist_desktop.paths import AppPaths, resource
from mnist_desktop.runs.dataset_job import bring_digits
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.workers.garbage import MainThreadGarbageCollector
from tests.made_classes import fashion_folder

# Read once, before any test hides it: full MNIST if it is named, the embedded sample otherwise.
DATA = os.environ.get("MNIST_DESKTOP_DATA")
AppPaths.from_environment().prepare_libraries()
# Before any QApplication is made; without a word on it, the offscreen screen is 800 by 800.
if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    # Qt takes the colon behind a drive for the end of the name; pytest is started on that drive.
    screen = os.path.splitdrive(Path(__file__).with_name("screen.json"))[1]
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    if sys.platform == "win32":  # there, that platform knows of no font
        os.environ.setdefault("QT_QPA_FONTDIR", str(resource("fonts")))


@dataclass
class OpenedFiles:
    """Which files were opened, and by which thread, since the last `clear`."""

    found: list[tuple[Path, bool]] = field(default_factory=list)

    def clear(self) -> None:
        self.found.clear()

    def under(self, root: Path, *, by_main: bool = False) -> list[Path]:
        """Those in a folder or below it; only the main thread's, if that is asked for."""
        found = [path for path, is_main in self.found if is_main or not by_main]
        return [path for path in found if path.is_relative_to(root)]


_watchers: list[OpenedFiles] = []

# Tests may run under nohup; what they start would then ignore a closed terminal as well, but a
# handler of Python's is not inherited.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


def _note_opening(event: str, arguments: tuple[object, ...]) -> None:
    if _watchers and event == "open" and isinstance(arguments[0], str):
        is_main = threading.current_thread() is threading.main_thread()
        _watchers[-1].found.append((Path(arguments[0]), is_main))


sys.addaudithook(_note_opening)  # no hook can be taken away again


@pytest.fixture
def opened() -> Iterator[OpenedFiles]:
    """What is opened while a test runs."""
    _watchers.append(OpenedFiles())
    yield _watchers[-1]
    _watchers.pop()


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


# What MNIST Desktop Reader goes without: build.spec excludes it.
LEFT_OUT = (
    "tensorflow",
    "keras",
    "optuna",
    "sqlalchemy",
    "grpc",
    "onnx",
    "arro3",
    "pooch",
    "requests",
)


@pytest.fixture
def as_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be MNIST Desktop Reader: what it goes without can be neither found nor imported."""
    for name in LEFT_OUT:
        monkeypatch.setitem(sys.modules, name, None)


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
    context = TrainingContext(sample, store)
    return NewTraining(config, "Shared").run(
        context, on_progress=lambda _: None, should_stop=lambda: False
    )


@pytest.fixture(scope="session")
def clothes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of images of clothes, called and laid out as Fashion-MNIST."""
    return fashion_folder(tmp_path_factory.mktemp("clothes"))


@pytest.fixture(scope="session")
def clothes_run(clothes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A kept run of dense-10 that reads clothes; not to be changed."""
    folder = tmp_path_factory.mktemp("clothes-runs")
    dataset = bring_digits(
        DatasetRequest(folder, str(clothes)), on_progress=lambda _: None, should_stop=lambda: False
    )
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=3)
    return NewTraining(config, "Clothes").run(
        TrainingContext(dataset, RunStore(folder)),
        on_progress=lambda _: None,
        should_stop=lambda: False,
    )
