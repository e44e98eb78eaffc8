"""The real program, which opens its window, looks at every run on every page, and closes it.

Started by `test_foreign_runs` in a process of its own. It prints one JSON object: how many runs
were listed and found damaged, what the window told, and what went wrong. ``--only-start`` closes
the window as soon as what it remembers is shown.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import sys
import time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QMessageBox

import mnist_desktop.app
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.runs_table import COLUMNS

STEP_MS = 10
LOOK = 0.03  # seconds for which a page is looked at, at least
MOST = 20.0  # seconds that any wait takes
SILENT = ("propagateSizeHints", "This plugin does not support")  # of the platform

faults: list[str] = []
told: list[str] = []
start_services = MainWindow.start_services


class _Faults(logging.Handler):
    """Takes what nobody has expected, and what Qt complains of."""

    def emit(self, record: logging.LogRecord) -> None:
        is_qt = record.name.endswith(".qt")
        if record.levelno >= logging.ERROR or is_qt:
            text = logging.Formatter("%(message)s").format(record)
            if not any(words in text for words in SILENT):
                faults.append(text[-2000:])


def look(window: MainWindow, seconds: float) -> None:
    """Let the window live for a while; dialogs are read and closed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, STEP_MS)
        for box in window.findChildren(QMessageBox):
            if box.isVisible():
                told.append(box.text())
                box.close()
        time.sleep(STEP_MS / 1000)


def wait(window: MainWindow, is_over: Any) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + MOST
    while not is_over() and time.monotonic() < end:
        look(window, LOOK)


def visit(window: MainWindow) -> None:
    wait(window, lambda: window._services.data.dataset is not None)
    look(window, 5 * LOOK)
    if "--only-start" not in sys.argv:
        runs = window.tabs.runs_view.table.runs.runs
        for count, run in enumerate(runs):
            window.chooser.select(ModelRef(run.record.id))
            for page in range(window.tabs.count()):
                window.tabs.setCurrentIndex((page + count) % window.tabs.count())
                look(window, LOOK)
            window.tabs.runs_view.table.select(run.record.id)
            window.tabs.runs_view.table.sortByColumn(count % len(COLUMNS), Qt.SortOrder(count % 2))
        look(window, 5 * LOOK)  # the last one is remembered
    window.close()


def begin(window: MainWindow) -> None:
    start_services(window)
    QTimer.singleShot(0, window, lambda: visit(window))


def main() -> int:
    faulthandler.enable()
    MainWindow.start_services = begin  # type: ignore[method-assign]
    mnist_desktop.app.tell = lambda text: faults.append(f"cannot start: {text}")
    logging.getLogger("mnist_desktop").addHandler(_Faults())
    windows: list[MainWindow] = []
    show = MainWindow.show

    def note(window: MainWindow) -> None:
        windows.append(window)
        show(window)

    MainWindow.show = note  # type: ignore[method-assign]
    code = mnist_desktop.app.main()
    found = windows[0]
    print(
        json.dumps(
            {
                "code": code,
                "listed": found.tabs.runs_view.table.runs.rowCount(),
                "damaged": len(found._services.store.damaged),
                "told": sorted(set(told)),
                "faults": faults,
                "remembered": found._services.settings.value("model"),
            }
        )
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
