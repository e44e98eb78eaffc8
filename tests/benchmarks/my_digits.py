"""What many kept drawings cost: ``make bench-my-digits``, or ``python my_digits.py COUNT``.

The real window is started in a process of its own with none kept and with many, one more is kept,
the page is looked at, and one is removed and brought back. Where a turn of the window's event loop
is told, it is the processor time that the longest one took of the main thread: other programs on
the machine do not count. The window is on the platform that ``QT_QPA_PLATFORM`` names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from held_memory import held_megabytes
from PySide6.QtCore import QTimer

from mnist_desktop.app import make_application, make_window
from mnist_desktop.demo import pause, wait_until
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.digits.ink import Ink
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.main_window import MainWindow

COUNT = 20_000
POINTS = 60  # of a drawing
ROUNDS = 5
TICK_MS = 2


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=COUNT, help="drawings that are kept")
    parser.add_argument("--here", action="store_true", help="measure in this process, as JSON")
    return parser


def main() -> None:
    """Measure in fresh processes and print a table."""
    options = make_parser().parse_args()
    if options.here:
        print(json.dumps(measure(options.count)))
        return
    found = {}
    for count in (0, options.count):
        command = [sys.executable, __file__, "--here", str(count)]
        rounds = [
            json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            for _ in range(ROUNDS)
        ]
        found[count] = {name: float(np.median([one[name] for one in rounds])) for name in rounds[0]}
    print(f"{'median of ' + str(ROUNDS):42} {'none':>8} {options.count:>8,}")
    for name, value in found[0].items():
        print(f"{name:42} {value:8.2f} {found[options.count][name]:8.2f}")


def measure(count: int) -> dict[str, float]:
    """Start the window with so many drawings, and use them."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["MNIST_DESKTOP_HOME"] = home
        paths = AppPaths.from_environment()
        paths.prepare_libraries()
        paths.check_writable()
        write_drawings(paths.my_digits, count)
        began, worked = time.perf_counter(), time.process_time()
        window = make_window(make_application(), paths, DatasetRequest(paths.digits, chosen=SAMPLE))
        window.show()
        window.start_services()
        pause(0.0)
        took = {
            "start, seconds": time.perf_counter() - began,
            "start, processor seconds": time.process_time() - worked,
            "start, MB held": held_megabytes(),
        }
        try:
            return took | use(window)
        finally:
            window.shut_down()
            window.close()


def use(window: MainWindow) -> dict[str, float]:
    """Keep, look, scroll, remove and bring back; milliseconds of the longest turn of each."""
    view = window.tabs.my_digits_view
    window.draw_panel.pad.show_ink(Ink.from_points([[[0.5, 0.1], [0.5, 0.9]]]))
    pause(1.0)  # until it is read
    kept: list[float] = []
    view.kept.connect(lambda _: kept.append(time.perf_counter()))

    def change(act: Callable[[], object]) -> float:
        """Seconds until a change is on the disk."""
        began, before = time.perf_counter(), len(kept)
        act()
        wait_until(lambda: len(kept) > before, "it is kept")
        return kept[-1] - began

    def teach() -> None:
        window.draw_panel.teach_requested.emit(1)

    took: dict[str, float] = {}
    on_disk: list[float] = []
    took["one more: longest turn, ms"] = longest_turn(lambda: on_disk.append(change(teach)))
    took["one more: on the disk after, ms"] = on_disk[0] * 1000
    began = time.perf_counter()

    def look() -> None:
        window.tabs.setCurrentWidget(view.parentWidget())
        wait_until(lambda: view.list.model().rowCount() > 0, "they are read")

    took["page first seen: longest turn, ms"] = longest_turn(look)
    took["page first seen: there after, seconds"] = time.perf_counter() - began
    took["one more, seen: longest turn, ms"] = longest_turn(lambda: change(teach))
    view.list.setCurrentIndex(view.list.model().index(view.list.model().rowCount() // 2, 0))
    pause(1.0)
    took["remove one: longest turn, ms"] = longest_turn(lambda: change(view.remove_button.click))
    took["bring back: longest turn, ms"] = longest_turn(lambda: change(view.restore_button.click))
    bar = view.list.verticalScrollBar()
    took["scroll far: longest turn, ms"] = longest_turn(lambda: bar.setValue(bar.maximum() // 3))
    took["at the end, MB held"] = held_megabytes()
    return took


def longest_turn(act: Callable[[], object]) -> float:
    """Processor time that the longest turn took of the main thread, in milliseconds."""
    turns: list[float] = []
    last = [time.thread_time()]

    def tick() -> None:
        now = time.thread_time()
        turns.append(now - last[0])
        last[0] = now

    timer = QTimer(interval=TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    act()
    pause(0.5)
    timer.stop()
    return max(turns) * 1000


def write_drawings(path: Path, count: int) -> None:
    """Write drawings of a wandering pen; what they look like costs nothing."""
    rng = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            points = (np.cumsum(rng.normal(0, 0.03, (POINTS, 2)), axis=0) + 0.5).round(4)
            line = {"label": number % 10, "strokes": [points.tolist()]}
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
