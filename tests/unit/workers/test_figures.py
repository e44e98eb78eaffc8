from __future__ import annotations

import functools
import gc
import subprocess
import sys
import weakref

import numpy as np
from pytestqt.qtbot import QtBot

from mnist_desktop.evaluation.figures.confusion import MatrixMaker, confusion_cells
from mnist_desktop.evaluation.figures.frame import FigureColors, Frame
from mnist_desktop.workers.figures import DrawnFigure, FigureController, FigureOrder, Holder

FRAME = Frame.of_pixels(400, 300, 1, FigureColors())
ONE = Holder()


def order(count: int, frame: Frame = FRAME, holder: Holder = ONE) -> FigureOrder:
    matrix = np.full((10, 10), count, np.int64)
    return FigureOrder(holder, MatrixMaker(functools.partial(confusion_cells, matrix)), frame)


def test_a_figure_is_changed_while_only_its_numbers_differ_and_its_last_picture_stays(
    qtbot: QtBot,
) -> None:
    figures, drawn = FigureController(), list[DrawnFigure]()
    figures.drawn.connect(drawn.append)
    wider = Frame.of_pixels(500, 300, 1, FigureColors())
    pictures = []
    try:
        for one in (order(7), order(1234), order(5, holder=Holder()), order(5, wider)):
            with qtbot.waitSignal(figures.drawn, timeout=60_000):
                figures.order(one)
            pictures.append(np.array(drawn[-1].renderer.buffer_rgba()))
    finally:
        figures.close()
    first, second, other, wide = drawn
    assert first.figure is second.figure
    assert len({id(one.figure) for one in (second, other, wide)}) == 3
    assert {text.get_text() for text in second.figure.axes[0].texts} >= {"1,234"}
    assert (pictures[0] != pictures[1]).any()
    np.testing.assert_array_equal(np.array(first.renderer.buffer_rgba()), pictures[0])
    assert pictures[3].shape == (300, 500, 4)


def test_what_was_drawn_is_forgotten_with_whom_it_was_drawn_for(qtbot: QtBot) -> None:
    figures, holder = FigureController(), Holder()
    drawn: list[weakref.ref[object]] = []
    figures.drawn.connect(lambda one: drawn.append(weakref.ref(one.figure)))
    try:
        with qtbot.waitSignal(figures.drawn, timeout=60_000):
            figures.order(order(7, holder=holder))
        gc.collect()
        assert drawn[0]() is not None
        del holder

        def is_forgotten() -> bool:  # the worker's thread may hold it until its slot has returned
            gc.collect()
            return drawn[0]() is None

        qtbot.waitUntil(is_forgotten)
    finally:
        figures.close()


def test_matplotlib_is_imported_by_the_thread_of_the_figures_before_one_is_wanted() -> None:
    program = """
import sys, threading
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QTimer
from mnist_desktop.workers.figures import FigureController
app = QApplication(["", "-platform", "offscreen"])
figures = FigureController()
figures.warm_up()
print("matplotlib" in sys.modules)
who = []
class Note:
    def find_spec(name, path=None, target=None):
        if name == "matplotlib":
            who.append(threading.current_thread() is threading.main_thread())
sys.meta_path.insert(0, Note)
timer = QTimer()
timer.timeout.connect(lambda: "matplotlib.backends.backend_qtagg" in sys.modules and app.quit())
timer.start(20)
app.exec()
figures.close()
print(who[0])
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )

    assert result.stdout == "False\nFalse\n"
