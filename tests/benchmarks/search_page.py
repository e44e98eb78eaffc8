"""What a search of 5,000 trials costs on the screen: ``make bench-search``.

The trials are made up from a seed and kept in a journal as the program keeps them: presets and
convolutional networks, a third of them pruned, a few failed. Printed are, of each plot, the median
of five times from its being wanted until it is drawn in the window; the processor time that this
took on all threads, in which other programs do not count; the longest stall of the main thread
meanwhile (the time between two events that are 1 ms apart); and the time until the trial under the
mouse is found and painted. Last come the longest stalls while trials are added to a search of 500.
The window is on the platform that ``QT_QPA_PLATFORM`` names.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from mnist_desktop.app import make_application
from mnist_desktop.demo import pause
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.importance import importances_of
from mnist_desktop.search.study import Search, TrialSummary, open_search
from mnist_desktop.ui.pages.search_plots import REDRAW_MS, SearchPlots
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import ThemeController
from mnist_desktop.workers.figures import FigureController
from tests.made_trials import keep_trials, made_trials

TRIALS, USUAL, ROUNDS = 5_000, 500, 5
SIZES = ((496, 330), (608, 430))  # pixels: in windows of 1024×700 and of 1280×800
GOAL = Goal(max_parameters=25_000)

Found = TypeVar("Found")


class Stalls:
    """The longest time in which the main thread did not answer.

    Attributes
    ----------
    longest : float
        In seconds, since the start or the last `reset`.
    """

    def __init__(self) -> None:
        self.reset()
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def reset(self) -> None:
        """Begin anew."""
        self.longest, self._last = 0.0, time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DESKTOP_HOME"] = folder
        url = f"journal:{Path(folder) / 'large.journal'}"
        keep_trials(url, "large", made_trials(TRIALS), sample_dataset(), GOAL).close()
        search = reading(url)
        trials = timed("  its trials are listed", search.trials)
        importances = timed("  importances are estimated", lambda: importances_of(search.study))
        app = make_application()
        theme = ThemeController(app, Settings(Path(folder) / "settings.ini"))
        theme.apply()
        for size in SIZES:
            plots_in(size, trials, importances, theme)
        live(importances, theme)


def reading(url: str) -> Search:
    """Open the search, as another process would."""
    print(f"A search of {TRIALS:,} trials:")
    found = timed("  it is opened", lambda: open_search("large", url))
    assert found is not None
    return found


def timed(name: str, act: Callable[[], Found]) -> Found:
    """Do something five times, print how long it took, and return what it has returned last."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = act()
        taken.append(time.perf_counter() - began)
    print(f"{name:44}{statistics.median(taken) * 1000:8.0f} ms", flush=True)
    return found


def plots_in(
    size: tuple[int, int],
    trials: list[TrialSummary],
    importances: dict[str, float],
    theme: ThemeController,
) -> None:
    """Measure each plot in a window of one size."""
    figures = FigureController()
    plots = open_plots(size, figures, theme)
    stalls = Stalls()
    print(
        f"\n{size[0]} x {size[1]} pixels, ms{'drawn':>26}{'worked':>10}{'stall':>10}{'hover':>10}"
    )
    plots.show_trials(trials, GOAL, importances)
    wait_for(plots)
    for place in range(plots.kind_box.count()):
        taken, worked, stalled = [], [], []
        for _ in range(ROUNDS):
            plots.kind_box.setCurrentIndex((place + 1) % plots.kind_box.count())
            wait_for(plots)
            stalls.reset()
            began, worked_before = time.perf_counter(), time.process_time()
            plots.kind_box.setCurrentIndex(place)
            wait_for(plots)
            taken.append(time.perf_counter() - began)
            worked.append(time.process_time() - worked_before)
            stalled.append(stalls.longest)
        found = (*map(statistics.median, (taken, worked)), max(stalled), hovered(plots.figure))
        row = "".join(f"{one * 1000:10.1f}" for one in found)
        print(f"  {plots.kind_box.itemText(place):32}{row}", flush=True)
    figures.close()
    plots.close()


def open_plots(
    size: tuple[int, int], figures: FigureController, theme: ThemeController
) -> SearchPlots:
    """Show the widget in a window of its own."""
    plots = SearchPlots(figures)
    plots.set_theme(theme.theme)
    plots.resize(*size)
    plots.show()
    return plots


def live(importances: dict[str, float], theme: ThemeController) -> None:
    """Measure what trials that come one by one cost in a search of 500."""
    figures = FigureController()
    plots = open_plots(SIZES[-1], figures, theme)
    trials = made_trials(USUAL)
    stalls, number = Stalls(), USUAL - 3 * plots.kind_box.count()
    print(f"\nA search of {USUAL} trials that goes on, ms{'stall':>20}")
    plots.show_trials(trials[:number], GOAL, importances)
    for place in range(plots.kind_box.count()):
        plots.kind_box.setCurrentIndex(place)
        wait_for(plots)
        stalls.reset()
        for _ in range(3):
            number += 1
            plots.show_trials(trials[:number], GOAL, importances)
            pause(REDRAW_MS / 1000)
            wait_for(plots)
        print(f"  {plots.kind_box.itemText(place):32}{stalls.longest * 1000:20.1f}", flush=True)
    figures.close()
    plots.close()


def wait_for(plots: SearchPlots) -> None:
    """Wait until the plot that is wanted can be seen."""
    loop = QEventLoop()
    plots.figure.when_current(loop.quit)
    if not plots.figure.is_current:
        loop.exec()


def hovered(figure: QWidget) -> float:
    """Move the mouse over the plot; the median of the times until it is painted."""
    canvas = figure.canvas  # type: ignore[attr-defined]
    taken = []
    for step in range(60):
        place = QPoint(60 + step * (canvas.width() - 80) // 60, 80 + step % 7 * 20)
        began = time.perf_counter()
        QTest.mouseMove(canvas, place)
        figure.over.repaint()  # type: ignore[attr-defined]
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
