"""Many trainings and readings in one program: memory, threads and file handles stay as they are.

``SOAK`` says how many trainings (5 unless told), ``PREDICTIONS`` how many drawings (2,000).
"""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QObject, QThreadPool, QTimer, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_desktop.app import make_window
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.digits.ink import Ink
from mnist_desktop.inference.reading import Reading
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import BUNDLED
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.workers.garbage import MainThreadGarbageCollector
from mnist_desktop.workers.prediction import PredictionController
from mnist_desktop.workers.training import TrainingController

SOAK = int(os.environ.get("SOAK", "5"))
PREDICTIONS = int(os.environ.get("PREDICTIONS", "2000"))
SEED = 1
GROWTH = 0.05  # of the memory after the first third, which warms everything up
WINDOWS = 6
TIMEOUT_MS = 120_000
ITSELF = Path("/proc/self")

pytestmark = pytest.mark.skipif(
    not (ITSELF / "statm").exists(), reason="memory, threads and file handles are read from /proc"
)


@dataclass(frozen=True)
class Used:
    """What the process holds.

    Attributes
    ----------
    memory : float
        Resident, in megabytes.
    threads, files : int
        How many threads and file handles; of fonts matplotlib keeps some dozens open.
    """

    memory: float
    threads: int
    files: int

    @classmethod
    def now(cls) -> Used:
        gc.collect()
        QApplication.processEvents()
        pages = int((ITSELF / "statm").read_text(encoding="ascii").split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        files = [one.readlink() for one in (ITSELF / "fd").iterdir() if one.is_symlink()]
        files = [path for path in files if path.suffix != ".ttf"]
        return cls(memory, len(list((ITSELF / "task").iterdir())), len(files))


def check(what: str, warm: Used, end: Used, seconds: float) -> None:
    """Tell the figures, and compare them."""
    print(
        f"\n{what} in {seconds:.0f} s: resident {warm.memory:.0f} MB after the first third, "
        f"{end.memory:.0f} MB at the end ({end.memory / warm.memory - 1:+.1%}); threads "
        f"{warm.threads} and {end.threads}, file handles {warm.files} and {end.files}"
    )
    assert end.memory <= warm.memory * (1 + GROWTH)
    assert end.threads == warm.threads
    assert end.files == warm.files


class Reader(QObject):
    """Has one random drawing read after the other."""

    def __init__(self, prediction: PredictionController) -> None:
        super().__init__()
        self.read = 0
        self._prediction = prediction
        self._wanted = 0
        self._rng = np.random.default_rng(SEED)
        self._loop = QEventLoop()
        prediction.read_finished.connect(self._on_read_finished)

    def read_more(self, count: int) -> None:
        """Come back when so many more drawings are read."""
        self._wanted = self.read + count
        self._next()
        self._loop.exec()

    def _next(self) -> None:
        strokes = tuple(
            self._rng.random((self._rng.integers(2, 30), 2), np.float32)
            for _ in range(self._rng.integers(1, 4))
        )
        self._prediction.read(Ink(strokes))

    @Slot(object)
    def _on_read_finished(self, reading: Reading) -> None:
        assert reading.predictions[0].label is not None
        self.read += 1
        if self.read < self._wanted:
            self._next()
        else:
            self._loop.quit()


@pytest.mark.timeout(600 + 20 * SOAK)
def test_trainings_leave_nothing_behind(
    qtbot: QtBot,
    bare_application: QApplication,
    garbage_collector: MainThreadGarbageCollector,
    paths: AppPaths,
    sample: Dataset,
) -> None:
    store = RunStore(paths.runs)
    training = TrainingController(store)
    training.finished.connect(garbage_collector.collect_all)
    training.set_dataset(sample)
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2)
    first, start = math.ceil(SOAK / 3), time.monotonic()
    warm = None
    for number in range(SOAK):
        if number == first:
            warm = Used.now()
        with qtbot.waitSignal(training.finished, timeout=TIMEOUT_MS):
            training.request(NewTraining(config.changed(seed=number)))
        runs = store.runs()
        assert len(runs) == min(number + 1, 3)
        if len(runs) == 3:
            store.delete(runs[-1].record.id)
    assert warm is not None, "SOAK must be 2 at least"
    seconds = time.monotonic() - start
    training.close()
    check(f"{SOAK} trainings", warm, Used.now(), seconds)


@pytest.mark.timeout(600 + PREDICTIONS // 20)
def test_readings_leave_nothing_behind(
    qtbot: QtBot,
    bare_application: QApplication,
    paths: AppPaths,
) -> None:
    prediction = PredictionController(RunStore(paths.runs))
    with qtbot.waitSignals([prediction.model_opened, prediction.read_finished], timeout=TIMEOUT_MS):
        prediction.open_model(BUNDLED)
    reader, first, start = Reader(prediction), math.ceil(PREDICTIONS / 3), time.monotonic()
    reader.read_more(first)
    warm = Used.now()
    reader.read_more(PREDICTIONS - first)
    end, seconds = Used.now(), time.monotonic() - start
    prediction.close()
    check(f"{reader.read} readings", warm, end, seconds)


@pytest.fixture
def no_idle_threads() -> Iterator[None]:
    """Qt's own threads, which draw large pictures, end as soon as they have nothing to do."""
    pool = QThreadPool.globalInstance()
    before = pool.expiryTimeout()
    pool.setExpiryTimeout(0)
    yield
    pool.setExpiryTimeout(before)


@pytest.mark.usefixtures("no_idle_threads")
def test_windows_leave_nothing_behind(
    qtbot: QtBot,
    bare_application: QApplication,
    paths: AppPaths,
) -> None:
    """A window is opened, trains and is closed, after others did the same.

    Its memory may grow more: the program has one window only, and each of these lists more runs.
    """
    used: list[Used] = []
    start = time.monotonic()
    for _ in range(WINDOWS):
        window = make_window(bare_application, paths, DatasetRequest(paths.digits, SAMPLE))
        window.show()
        window.start_services()
        panel, training = window.training_panel, window._services.training
        panel.architecture.setCurrentIndex(panel.architecture.findData("dense-10"))
        panel.epochs.setValue(1)
        with qtbot.waitSignal(training.finished, timeout=TIMEOUT_MS):
            panel.train_button.click()
        QTimer.singleShot(0, window, window.close)
        qtbot.waitUntil(lambda window=window: not window.isVisible(), timeout=TIMEOUT_MS)
        gone = window.destroyed
        with qtbot.waitSignal(gone, timeout=TIMEOUT_MS):
            window.deleteLater()
        used.append(Used.now())
    seconds = time.monotonic() - start
    what = f"{WINDOWS} windows with a training each"
    check(what, used[WINDOWS // 3 - 1], used[-1], seconds)
