"""What the page of searches costs: part of ``make bench-search``.

With a search of 5,000 made-up trials: the time from the opening of the page until all are in its
table, at first and once they are remembered; a frame while the table is scrolled by a few rows, and
by many; a trial that arrives. Then a real search of small networks on the sample, with two
processes: the stalls of the main thread (the time between two events that are 1 ms apart) while it
runs and is watched, for ``SECONDS`` seconds.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from mnist_desktop.app import make_application
from mnist_desktop.demo import pause
from mnist_desktop.digits.find_dataset import SAMPLE, sample_dataset
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.known import SearchRef
from mnist_desktop.search.space import Space
from mnist_desktop.search.study import begin_search, without_test_digits
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.search_view import SearchView
from mnist_desktop.workers.search import SearchOrder
from tests.gui.windows import close_window, open_window, services_of
from tests.made_trials import keep_trials, made_trials

TRIALS = 5_000
SECONDS = int(os.environ.get("SECONDS", "60"))
FRAMES = 200
QUICK = {"architecture": ("dense",), "epochs": (5, 20), "schedule": ("constant",)}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DESKTOP_HOME"] = folder
        paths = AppPaths.from_environment()
        (paths.data / "searches").mkdir(parents=True)
        digits = sample_dataset()
        keep_trials(url(paths, "large"), "large", made_trials(TRIALS), digits, Goal()).close()
        app = make_application()
        window = open_window(app, paths, SAMPLE)
        window.resize(1280, 800)
        window.start_services()
        pause(2)
        opened(window)
        table(window.tabs.search_view)
        begin_search(
            "small", url(paths, "small"), Space(QUICK), Goal(), without_test_digits(digits)
        ).close()
        stalls(window)
        close_window(window)


def url(paths: AppPaths, name: str) -> str:
    return f"journal:{paths.data / 'searches' / name}.journal"


def told(name: str, seconds: float) -> None:
    print(f"  {name:52}{seconds * 1000:10.1f} ms", flush=True)


def until(is_so: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not is_so():
        pause(0.005)
    return time.perf_counter() - began


def opened(window: MainWindow) -> None:
    """Measure how long it takes until all trials are shown."""
    print(f"A search of {TRIALS:,} trials:")
    began = time.perf_counter()
    window.tabs.turn_to(window.tabs.search_actions.page)
    view = window.tabs.search_view
    until(lambda: len(view.table.trials.rows) >= TRIALS)
    told("its page is opened for the first time", time.perf_counter() - began)
    pause(3)
    memory = services_of(window).paths.cache / "searches"
    until(lambda: any(memory.glob("*.jsonl")))
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        window.tabs.search_actions._show(SearchRef("large"))
        until(lambda: len(view.table.trials.rows) >= TRIALS)
        taken.append(time.perf_counter() - began)
        pause(4)
    told("once its trials are remembered", statistics.median(taken))


def table(view: SearchView) -> None:
    """Measure frames, and a trial that arrives."""
    bar, viewport = view.table.verticalScrollBar(), view.table.viewport()
    for name, step in (("a frame, scrolled by a third of a row", 9), ("by many rows", 600)):
        taken = []
        for frame in range(FRAMES):
            began = time.perf_counter()
            bar.setValue(frame * step)
            viewport.repaint()
            taken.append(time.perf_counter() - began)
        told(f"{name}, median", statistics.median(taken))
    one, taken = view.table.trials.rows[0], []
    for number in range(TRIALS, TRIALS + 30):
        began = time.perf_counter()
        view.put_trials([replace(one, number=number)])
        QApplication.processEvents()
        taken.append(time.perf_counter() - began)
    told("a trial arrives, median", statistics.median(taken))


def stalls(window: MainWindow) -> None:
    """Measure how long the main thread does not answer while a search runs."""
    search = services_of(window).search
    ref = SearchRef("small")
    window.tabs.search_actions._show(ref)
    search.start(SearchOrder(ref, workers=2, digits=("--data=sample",)))
    rows = window.tabs.search_view.table.trials
    until(lambda: len(rows.rows) > 1)
    gaps: list[float] = []
    works: list[float] = []
    last, worked = time.perf_counter(), time.thread_time()

    def tick() -> None:
        nonlocal last, worked
        now, work = time.perf_counter(), time.thread_time()
        gaps.append(now - last)
        works.append(work - worked)
        last, worked = now, work

    timer = QTimer(interval=1)
    timer.timeout.connect(tick)
    timer.start()
    before = len(rows.rows)
    pause(SECONDS)
    timer.stop()
    gaps.sort()
    print(f"A search runs, {SECONDS} s, {len(rows.rows) - before} trials begun, two processes:")
    told("stalls, 99th percentile", gaps[int(0.99 * len(gaps))])
    told("stalls, longest", gaps[-1])
    told("the longest without what other programs took", max(works))


if __name__ == "__main__":
    main()
