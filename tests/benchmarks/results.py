"""What looking at results costs: ``make bench-results``.

Opens the real window with all of MNIST, shows 60,000 digits in the gallery and scrolls through
them, and lets networks of every kind read 10,000 test digits. The window is on the platform that
``QT_QPA_PLATFORM`` names.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from held_memory import held_megabytes
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QScrollBar, QWidget
from references import full_mnist

from mnist_desktop.app import make_application, make_window
from mnist_desktop.demo import pause, wait_until
from mnist_desktop.digits.dataset import Digits
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.metrics import evaluate_scores
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.reading_job import THREADS, SplitReadings, SplitRequest, read_split
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES

ROUNDS = 5
FRAME_MS = 16
FRAMES = 600
ROW, PAGE = 104, 900  # pixels


def silent(job: Callable[..., Any], config: object) -> Any:
    """Run a job that nobody watches."""
    return job(config, on_progress=lambda _: None, should_stop=lambda: False)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNIST_DESKTOP_HOME"] = home
        paths = AppPaths.from_environment()
        paths.prepare_libraries()
        paths.check_writable()
        store, dataset = RunStore(paths.runs), full_mnist()
        runs = {}
        for name in ("dense-100", "cnn-fast", "cnn", "cnn-accurate"):
            recipe = ARCHITECTURES[name].recipe.changed(epochs=1, validation_share=0.0)
            runs[name] = silent(NewTraining(recipe).run, TrainingContext(dataset, store))
        files = {name: run.checked_litert_file() for name, run in runs.items()}
        print(
            f"Reading {len(dataset.test):,} test digits, seconds, median and longest of {ROUNDS}:"
        )
        for name, file in (*files.items(), ("bundled", bundled_reader.litert_file())):
            taken = [time_reading(file, dataset.test) for _ in range(ROUNDS)]
            print(f"  {name:13} {statistics.median(taken):.2f}  {max(taken):.2f}", flush=True)
        request = SplitRequest(runs["cnn-fast"], dataset, "training")
        measure_gallery(paths, silent(read_split, request))


def time_reading(litert_file: Path, digits: Digits) -> float:
    """Seconds to open a network, read all digits and sum the scores up."""
    started = time.perf_counter()
    scores = Predictor(litert_file, threads=THREADS).scores(digits.images)
    assert evaluate_scores(scores, digits.labels).count == len(digits)
    return time.perf_counter() - started


class PaintWatcher(QObject):
    """Notes when a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.painted: list[float] = []
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.note)  # once the painting is done
        return False

    def note(self) -> None:
        self.painted.append(time.perf_counter())


def measure_gallery(paths: AppPaths, readings: SplitReadings) -> None:
    """Show all training digits in the window, and scroll through them."""
    window = make_window(make_application(), paths)
    window.resize(1920, 1080)
    window.tabs.setCurrentWidget(window.tabs.gallery_view.parentWidget())
    window.show()
    pause(1.0)
    gallery = window.tabs.gallery_view
    digits = gallery.browser.list
    watcher = PaintWatcher(digits.viewport())
    before = held_megabytes()
    first = []
    for order in ("index", "loss", "confidence", "index", "loss"):
        gallery.order_box.setCurrentIndex(gallery.order_box.findData(order))
        seen = len(watcher.painted)
        started = time.perf_counter()
        gallery.show_readings(readings)
        wait_until(lambda seen=seen: len(watcher.painted) > seen, "the digits are painted")
        first.append((watcher.painted[seen] - started) * 1000)
        pause(1.0)
    print(
        f"Gallery of {digits.gallery.rowCount():,} digits, {digits.viewport().width()} x "
        f"{digits.viewport().height()} pixels:"
    )
    print(f"  first paint, ms: {statistics.median(first):.0f} (longest {max(first):.0f})")
    for name, step in (("a row's height a frame", ROW), ("a page a frame", PAGE)):
        gaps = scroll(digits.verticalScrollBar(), step)
        middle, late = statistics.median(gaps), float(np.percentile(gaps, 99))
        print(
            f"  scrolling {name}, ms between frames: {middle:.1f}, 99th percentile "
            f"{late:.1f}, longest {max(gaps):.1f}"
        )
    print(f"  memory: {held_megabytes() - before:+.0f} MB")
    window.shut_down()
    window.close()


def scroll(bar: QScrollBar, step: int) -> list[float]:
    """Milliseconds between the frames of a long scroll, of which each is to take sixteen."""
    bar.setValue(0)
    pause(0.3)
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.perf_counter())
        bar.setValue((bar.value() + step) % bar.maximum())

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(FRAME_MS)
    wait_until(lambda: len(ticks) > FRAMES, "the scroll is over")
    timer.stop()
    return [(later - earlier) * 1000 for earlier, later in itertools.pairwise(ticks)]


if __name__ == "__main__":
    main()
