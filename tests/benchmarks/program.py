"""The program under the clock: ``python program.py TASK`` prints one JSON object.

Each task is a process of its own, as a user would start it. The window is the real one, on the
platform that ``QT_QPA_PLATFORM`` names.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from typing import Any

BEGAN = time.time() - time.process_time()  # about when the process was started
TIMER_MS = 8
POINTS = 500  # of a stroke that is drawn slowly


def open_window() -> tuple[Any, Any]:
    """Open the window as the program does, and wait for its first paint."""
    from mnist_desktop.app import make_application, make_window
    from mnist_desktop.paths import AppPaths

    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    app = make_application()
    paths.check_writable()
    window = make_window(app, paths)
    window.show()
    app.processEvents()
    return app, window


def close(window: Any) -> None:
    """End all threads and close."""
    window.shut_down()
    window.close()


def start(_options: Any) -> dict[str, Any]:
    """Seconds from the start of the process to the painted window, and to a stroke read."""
    _, window = open_window()
    painted = time.time()
    from mnist_desktop.demo import THREE, draw_stroke, wait_until

    draw_stroke(window.draw_panel.pad, THREE)
    wait_until(lambda: window.draw_panel.bars.prediction.label is not None, "the stroke is read")
    read = time.time()
    heavy = {"tensorflow", "keras", "scipy", "sklearn", "matplotlib"} & set(sys.modules)
    close(window)
    return {"painted": painted - BEGAN, "read": read - BEGAN, "heavy_modules": sorted(heavy)}


def strokes(options: Any) -> dict[str, Any]:
    """Seconds from each of many mouse releases until the new scores are painted."""
    app, window = open_window()
    import numpy as np
    from PySide6.QtCore import QEvent, QObject

    from mnist_desktop.demo import THREE, draw_stroke, pause, wait_until

    ends = np.linspace(0, len(THREE) - 1, POINTS // 4)  # `draw_stroke` goes four steps to each
    hand = [tuple(np.interp(ends, range(len(THREE)), one)) for one in zip(*THREE, strict=True)]
    stroke = list(zip(*hand, strict=True))
    painted: list[float] = []

    class Watcher(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and panel.bars.prediction.label is not None:
                painted.append(time.perf_counter())
            return False

    panel = window.draw_panel
    watcher = Watcher()
    panel.bars.installEventFilter(watcher)
    released: list[float] = []
    panel.pad.stroke_finished.connect(lambda: released.append(time.perf_counter()))
    taken = []
    for _ in range(options.count):
        panel.pad.clear()
        wait_until(lambda: panel.bars.prediction.label is None, "the pad is empty")
        pause(0.02)
        draw_stroke(panel.pad, stroke)
        after = len(painted)
        while len(painted) == after:
            app.processEvents()
        taken.append(painted[-1] - released[-1])
    close(window)
    return {"seconds": taken}


def stalls(options: Any) -> dict[str, Any]:
    """Gaps between the ticks of a timer in the window, by what the program was doing."""
    app, window = open_window()
    from PySide6.QtCore import Qt, QTimer

    from mnist_desktop.demo import pause, wait_until
    from mnist_desktop.runs.training_job import NewTraining
    from mnist_desktop.training.architectures import ARCHITECTURES

    training = window._services.training
    ticks: list[tuple[float, str]] = []
    phase = "start"
    ended = False

    def enter(name: str) -> None:
        nonlocal phase
        phase = name

    def follow(progress: Any) -> None:
        kind = type(progress).__name__
        if kind == "BatchProgress" and phase == "first batches":
            enter("training")
        if kind == "PhaseProgress" and phase == "training":
            enter("testing and keeping")

    def end() -> None:
        nonlocal ended
        enter("showing")
        ended = True

    training.engine_started.connect(lambda: enter("import"))
    training.started.connect(lambda: enter("first batches"))
    training.progressed.connect(follow)
    training.finished.connect(end)
    window.start_services()
    wait_until(lambda: window._services.data.dataset is not None, "digits are there")
    timer = QTimer(app)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append((time.perf_counter(), phase)))
    timer.start(TIMER_MS)
    recipe = ARCHITECTURES[options.architecture].recipe
    training.request(NewTraining(recipe.changed(epochs=options.epochs)))
    wait_until(lambda: ended, "the training is over")
    pause(1.0)
    timer.stop()
    close(window)
    gaps: dict[str, list[float]] = {}
    for (earlier, _), (later, name) in itertools.pairwise(ticks):
        gaps.setdefault(name, []).append(later - earlier)
    return {"gaps": gaps}


def theme(options: Any) -> dict[str, Any]:
    """Seconds of the main thread for a switch of the theme, quiet and beside a training.

    All pages have been looked at, so that there is as much to style as there can be.
    """
    app, window = open_window()
    from mnist_desktop.demo import pause, wait_until
    from mnist_desktop.runs.training_job import NewTraining
    from mnist_desktop.training.architectures import ARCHITECTURES

    window.start_services()
    wait_until(lambda: window._services.data.dataset is not None, "digits are there")
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        pause(0.5)

    def switch() -> list[float]:
        taken = []
        for _ in range(options.count):
            began = time.perf_counter()
            window.header.theme_button.click()
            app.processEvents()
            taken.append(time.perf_counter() - began)
            pause(0.3)
        return taken

    quiet = switch()
    training = window._services.training
    progress: list[object] = []
    training.progressed.connect(progress.append)
    recipe = ARCHITECTURES[options.architecture].recipe
    training.request(NewTraining(recipe.changed(epochs=1000)))
    wait_until(lambda: len(progress) > 20, "the training is under way")
    busy = switch()
    training.cancel()
    close(window)
    return {"quiet": quiet, "busy": busy}


def matrix(options: Any) -> dict[str, Any]:
    """Seconds from the numbers of a matrix to their paint and to the figure, and to a mark.

    In a fresh home, where matplotlib has never listed fonts; the numbers come after the seconds of
    ``--idle``, in which the window has nothing to do.
    """
    os.environ["MNIST_DESKTOP_HOME"] = tempfile.mkdtemp(prefix="bench-matrix-")
    app, window = open_window()
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtTest import QTest
    from references import full_mnist

    from mnist_desktop.demo import pause, wait_until
    from mnist_desktop.digits.splits import make_split
    from mnist_desktop.evaluation import bundled_reader
    from mnist_desktop.runs.model_ref import BUNDLED
    from mnist_desktop.runs.reading_job import SplitReadings

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                watched.event(event)
                watched.installEventFilter(self)
                painted.append(time.perf_counter())
                return True
            return False

    painted: list[float] = []
    drawn: list[float] = []
    watcher = Watcher()
    window.start_services()
    wait_until(lambda: window._services.data.dataset is not None, "digits are there")
    view = window.tabs.confusion_view
    figure = view.figure
    figure.over.installEventFilter(watcher)
    figure.shown.connect(lambda: drawn.append(time.perf_counter()))
    pause(options.idle)

    def measure(act: Any) -> tuple[float, float]:
        painted.clear()
        drawn.clear()
        began = time.perf_counter()
        act()
        wait_until(lambda: figure.is_current, "the figure is there")
        return painted[0] - began, drawn[-1] - began

    kept = bundled_reader.readings_of_mnist()
    readings = SplitReadings(BUNDLED, make_split(full_mnist(), "test", 0), kept)
    first = measure(lambda: view.show_readings(readings))
    later = [
        measure(lambda place=place: view.values_box.setCurrentIndex(place))
        for place in itertools.islice(itertools.cycle((1, 2, 0)), 9)
    ]
    marks = []
    for true, predicted in itertools.product(range(0, 10, 2), range(10)):
        painted.clear()
        began = time.perf_counter()
        QTest.mouseMove(figure, figure.cell_rect(true, predicted).center().toPoint())
        while not painted:
            app.processEvents()
        marks.append(painted[0] - began)
    close(window)
    return {"first": first, "later": later, "marks": marks}


def train(options: Any) -> dict[str, Any]:
    """Train a recipe; seconds of fit, of its epochs, and the test accuracy."""
    from references import full_mnist

    from mnist_desktop.training.architectures import ARCHITECTURES
    from mnist_desktop.training.trainer import train as run

    config = ARCHITECTURES[options.architecture].recipe.changed(seed=options.seed)
    if options.epochs:
        config = config.changed(epochs=options.epochs)
    if options.all_digits:
        config = config.changed(validation_share=0.0)
    result = run(config, full_mnist(), on_progress=lambda _: None, should_stop=lambda: False)
    later = [epoch.seconds for epoch in result.history[1:]]
    return {
        "fit": result.fit_seconds,
        "epochs": [result.fit_seconds - sum(later), *later],
        "accuracy": result.test.accuracy,
    }


def memory(options: Any) -> dict[str, Any]:
    """Megabytes the process holds after each of many trainings in the window."""
    _, window = open_window()
    from pathlib import Path

    from mnist_desktop.demo import pause, wait_until
    from mnist_desktop.runs.training_job import NewTraining
    from mnist_desktop.training.architectures import ARCHITECTURES

    window.start_services()
    wait_until(lambda: window._services.data.dataset is not None, "digits are there")
    training = window._services.training
    ended: list[bool] = []
    training.finished.connect(lambda: ended.append(True))
    held = []
    for number in range(options.count):
        recipe = ARCHITECTURES[options.architecture].recipe
        config = recipe.changed(epochs=options.epochs or 1, seed=number)
        training.request(NewTraining(config))
        wait_until(lambda number=number: len(ended) > number, "the training is over")
        pause(1.0)
        status = Path("/proc/self/status").read_text(encoding="ascii")
        pages = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        held.append(int(pages.split()[1]) / 1024)
    close(window)
    return {"megabytes": held}


TASKS = {
    "start": start,
    "strokes": strokes,
    "stalls": stalls,
    "theme": theme,
    "matrix": matrix,
    "train": train,
    "memory": memory,
}


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--architecture", default="dense-100")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--idle", type=float, default=0, help="seconds before a matrix comes")
    parser.add_argument("--all-digits", action="store_true", help="hold none out for validation")
    return parser


def main() -> None:
    """Run one task and print what it came to."""
    options = make_parser().parse_args()
    print(json.dumps(TASKS[options.task](options)))


if __name__ == "__main__":
    main()
