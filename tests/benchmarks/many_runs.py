"""The window with thousands of kept runs under the clock: ``make bench-runs``.

One real training is kept and copied, under other names and dates, into stores of each size; the
window is opened on each in a process of its own. What is told of an action is how long the main
thread did nothing else: the longest gap between the ticks of a timer from its beginning until the
files are changed and half a second longer; and, in parentheses, how long it computed at most
between two ticks, which other programs on a busy machine do not make longer. Starts are made in
turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

TIMER_MS = 8
DELETED = 15
AFTER_S = 0.5
LONGEST_S = 600.0
NAME, TEXT = "Renamed", "network 77"


def make_template(folder: Path) -> Path:
    """Train once on the sample, and return the run's folder."""
    from mnist_desktop.digits.find_dataset import sample_dataset
    from mnist_desktop.runs.store import RunStore
    from mnist_desktop.runs.training_job import NewTraining, TrainingContext
    from mnist_desktop.training.architectures import ARCHITECTURES

    folder.mkdir(parents=True)
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=10)
    context = TrainingContext(sample_dataset(), RunStore(folder))
    run = NewTraining(config, "Network").run(
        context, on_progress=lambda _: None, should_stop=lambda: False
    )
    return run.folder


def copy_run(template: Path, root: Path, number: int) -> Path:
    """Put a copy of a run into a store: a minute older, fitted worse, with a name of its own."""
    values = json.loads((template / "run.json").read_text(encoding="utf-8"))
    created = datetime.fromisoformat(values["created"]) - timedelta(minutes=number)
    folder = root / f"{created:%Y%m%d-%H%M%S}-dense-10"
    folder.mkdir(parents=True)
    for path in template.iterdir():
        if path.name == "history.json":
            (folder / path.name).write_bytes(path.read_bytes())
        elif path.name != "run.json":
            os.link(path, folder / path.name)
    values.update(
        name=f"Network {number}",
        created=created.isoformat(timespec="seconds"),
        train_accuracy=values["train_accuracy"] - number * 37 % 997 / 1e5,
        note=f"Note {number}" if number % 3 == 0 else "",
    )
    (folder / "run.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    return folder


def make_home(home: Path, template: Path, count: int) -> None:
    """Make a home with so many runs, the middle one of which is the network in use."""
    from mnist_desktop.paths import AppPaths
    from mnist_desktop.ui.parts.settings import open_settings

    os.environ["MNIST_DESKTOP_HOME"] = str(home)
    paths = AppPaths.from_environment()
    paths.check_writable()
    folders = [copy_run(template, paths.runs, number) for number in range(count)]
    known = template.parent.parent / "known-networks.txt"
    (paths.runs.parent / known.name).write_bytes(known.read_bytes())
    if folders:
        open_settings(paths.settings_file)[0].change(model=folders[count // 2].name)


def start(options: argparse.Namespace) -> dict[str, float]:
    """Seconds from the process's start to the painted window, the listed runs; the worst stall."""
    from program import BEGAN, close, open_window

    app, window = open_window()
    painted = time.time() - BEGAN
    clock = Clock(app)
    window.start_services()
    listed = clock.wait(lambda: window.tabs.runs_view.table.runs.rowCount() == options.runs)
    clock.pause(AFTER_S)
    stall, own = clock.longest()
    close(window)
    return {"painted": painted, "listed": painted + listed, "stall": stall, "computed": own}


def now() -> tuple[float, float]:
    """The time, and the main thread's own, in seconds."""
    return time.perf_counter(), time.thread_time()


class Clock:
    """Tells how long the main thread was at something."""

    def __init__(self, app: Any) -> None:
        from PySide6.QtCore import Qt, QTimer

        from mnist_desktop.demo import pause

        self.pause = pause
        self._ticks = [now()]
        timer = QTimer(app)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: self._ticks.append(now()))
        timer.start(TIMER_MS)

    def wait(self, is_done: Callable[[], bool]) -> float:
        """Let the window live until something is so; returns the seconds it took."""
        began = time.perf_counter()
        while not is_done():
            assert time.perf_counter() - began < LONGEST_S
            self.pause(0.02)
        return time.perf_counter() - began

    def longest(self) -> tuple[float, float]:
        """Seconds of the longest gap since the beginning, and the most computed in one."""
        walls, own = zip(*self._ticks, strict=True)
        return max(b - a for a, b in pairwise(walls)), max(b - a for a, b in pairwise(own))

    def time(self, act: Callable[[], object], is_done: Callable[[], bool]) -> tuple[float, float]:
        """The longest gap from an action on until it is done and nothing comes after it."""
        self.pause(0.2)
        self._ticks = [now()]
        act()
        self.wait(is_done)
        self.pause(AFTER_S)
        return self.longest()


def act(options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    """Seconds that each action keeps the main thread busy, in the order in which they are done."""
    from program import close, open_window
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QInputDialog

    from mnist_desktop.runs.store import RunStore

    app, window = open_window()
    view, clock = window.tabs.runs_view, Clock(app)
    table, root = view.table, window._services.store.root
    window.start_services()
    clock.wait(lambda: len(table.runs.runs) == options.runs)
    clock.pause(2.0)
    found: dict[str, tuple[float, float]] = {}
    key, order = Qt.Key, Qt.SortOrder

    def press(code: Any) -> Callable[[], None]:
        return lambda: QTest.keyClick(table, code)

    def at_once() -> bool:
        return True

    found["first look at the page"] = clock.time(
        lambda: window.tabs.setCurrentWidget(view.parentWidget()), view.isVisible
    )
    table.setFocus()
    if options.runs:
        middle = window.model_box.itemData(options.runs // 2)
        record = root / middle / "run.json"

        def says(text: str) -> Callable[[], bool]:
            return lambda: text in record.read_text(encoding="utf-8")

        QInputDialog.getText = lambda *_, **__: (NAME, True)  # type: ignore[method-assign]
        QInputDialog.getMultiLineText = lambda *_: (NAME * 3, True)  # type: ignore[method-assign]
        table.select(middle)
        found["star"] = clock.time(press(key.Key_S), says('"starred": true'))
        found["rename"] = clock.time(press(key.Key_F2), says(f'"name": "{NAME}"'))
        found["note"] = clock.time(press(key.Key_N), says(NAME * 3))
        table.runs.tick(
            window.model_box.itemData(1 + number) for number in range(1, 2 * DELETED, 2)
        )
        ids = table.ticked_ids()
        assert len(ids) == DELETED
        found[f"delete {DELETED}"] = clock.time(
            press(key.Key_Delete), lambda: not any((root / one).exists() for one in ids)
        )
        found["undo"] = clock.time(
            view.undo_button.click, lambda: all((root / one).exists() for one in ids)
        )
        found["tick all"] = clock.time(table.selectAll, at_once)
        found["untick all"] = clock.time(table.untick_all, at_once)
        found["select another run"] = clock.time(lambda: table.select(middle), at_once)
    shown = table.model().rowCount
    found["find"] = clock.time(lambda: view.find_edit.setText(TEXT), lambda: shown() < 50)
    found["clear the find"] = clock.time(view.find_edit.clear, lambda: shown() == options.runs)
    found["sort, slowest column"] = max(
        clock.time(lambda place=place, how=how: table.sortByColumn(place, how), at_once)
        for place in range(table.model().columnCount())
        for how in (order.AscendingOrder, order.DescendingOrder)
    )
    found["open the list of networks"] = clock.time(window.model_box.showPopup, at_once)
    window.model_box.hidePopup()
    run = RunStore(root).get(copy_run(options.template, root, -1).name)
    found["training kept and listed"] = clock.time(
        lambda: window._services.training.succeeded.emit(run),
        lambda: len(table.runs.runs) == options.runs + 1,
    )
    close(window)
    return found


TASKS = {"start": start, "act": act}


def run_task(task: str, home: Path, template: Path, runs: int) -> dict[str, Any]:
    """Do a task in a process of its own."""
    environment = {**os.environ, "MNIST_DESKTOP_HOME": str(home)}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    words = ["--task", task, "--runs", str(runs), "--template", str(template)]
    done = subprocess.run(
        [sys.executable, __file__, *words],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def table_of(found: dict[int, dict[str, tuple[float, float]]]) -> str:
    """A table of actions and stores."""
    head = ["action", *(f"{count:,} runs" for count in found)]
    lines = [head, ["---"] * len(head)]
    for action in found[max(found)]:
        lines.append([action, *(_in_words(one.get(action)) for one in found.values())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _in_words(taken: tuple[float, float] | None) -> str:
    return "–" if taken is None else f"{taken[0] * 1000:.0f} ms ({taken[1] * 1000:.0f})"


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[0, 1000, 5000])
    parser.add_argument("--rounds", type=int, default=5, help="starts on each store")
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--template", type=Path, help=argparse.SUPPRESS)
    return parser


def main() -> None:
    """Measure and print both tables; or do one task, as a process of the former."""
    options = make_parser().parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder) / "template" / "runs")
        homes = {count: Path(folder) / str(count) for count in options.counts}
        for count, home in homes.items():
            make_home(home, template, count)
        starts: dict[int, list[dict[str, float]]] = {count: [] for count in homes}
        for number in range(options.rounds + 1):
            for count, home in homes.items():
                found = run_task("start", home, template, count)
                if number:  # the first reads the programs and the runs from the disk
                    starts[count].append(found)
        print("| start | " + " | ".join(f"{count:,} runs" for count in homes) + " | ratio |")
        print("|---|" + "---|" * (len(homes) + 1))
        for figure in ("painted", "listed", "stall", "computed"):
            taken = [statistics.median(one[figure] for one in starts[count]) for count in homes]
            cells = " | ".join(f"{one:.3f} s" for one in taken)
            print(f"| {figure} | {cells} | {taken[-1] / taken[0]:.2f} |")
        print()
        print(table_of({c: run_task("act", home, template, c) for c, home in homes.items()}))


if __name__ == "__main__":
    main()
