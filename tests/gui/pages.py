"""What the tests of the pages share: runs to look at, figures and digits that are shown."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QListView,
    QMessageBox,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.foreign.trusted_networks import trust
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.figure_canvas import FigureHolder

TIMEOUT_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
Cell = tuple[int, int]  # true digit, predicted digit


@functools.cache
def trained(root: Path, architecture: str, epochs: int, name: str) -> Run:
    """Train on the sample, once for all tests that name the same folder."""
    config = ARCHITECTURES[architecture].recipe.changed(epochs=epochs)
    context = TrainingContext(sample_dataset(), RunStore(root))
    return NewTraining(config, name).run(
        context, on_progress=lambda _: None, should_stop=lambda: False
    )


def begin(qtbot: QtBot, window: MainWindow, *runs: Run, select: Run | None = None) -> None:
    """Put copies of runs into the window's store, choose the first, and wait for the digits."""
    window.resize(1280, 800)
    for run in runs:
        shutil.copytree(run.folder, services_of(window).store.root / run.record.id)
        trust(run.folder / "model.tflite", services_of(window).store.root)
    if runs:
        list_runs(qtbot, window, select=(select or runs[0]).record.id)
    window.start_services()
    qtbot.waitUntil(lambda: services_of(window).data.dataset is not None, timeout=TIMEOUT_MS)
    settle(qtbot, window)


def list_runs(qtbot: QtBot, window: MainWindow, select: str = "") -> None:
    """Have the window look which runs there are, wait until it lists them, and choose one."""
    services_of(window).runs.read()
    wait_for_runs(qtbot, window)
    if select:
        window.chooser.select(ModelRef(select))


def wait_for_digits(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the header says which digits there are."""
    qtbot.waitUntil(lambda: "0" in says(window, "datasetStatusLabel"), timeout=TIMEOUT_MS)


def wait_for_runs(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no run is being read or changed any more."""
    qtbot.waitUntil(lambda: not services_of(window).runs.is_busy, timeout=TIMEOUT_MS)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until nothing is read or drawn any more, and all figures have their sizes."""
    services = services_of(window)
    holders = window.findChildren(FigureHolder)

    def is_quiet() -> bool:
        QApplication.processEvents()  # layouts first: they change sizes
        return not (
            services.evaluation.is_busy
            or services.plans.is_busy
            or services.runs.is_busy
            or services.figures.is_busy
            or any(holder.is_waiting or not is_drawn(holder) for holder in holders)
        )

    qtbot.waitUntil(is_quiet, timeout=TIMEOUT_MS)


def is_drawn(holder: FigureHolder) -> bool:
    """Whether a figure that can be seen is drawn as large as it is shown."""
    if not holder.isVisible() or holder.make is None:
        return True
    if holder.canvas is None or holder.canvas.size() != holder.size():
        return False
    return holder.canvas.image().size() == holder.size() * holder.devicePixelRatioF()


def turn_to(qtbot: QtBot, window: MainWindow, page: QWidget) -> None:
    """Show a page, or the one that holds a view, and wait for its figures."""
    held: QWidget | None = page
    while held is not None and window.tabs.indexOf(held) < 0:
        held = held.parentWidget()
    assert held is not None
    window.tabs.setCurrentWidget(held)
    assert window.tabs.currentWidget() is held
    settle(qtbot, window)


# Digits


def places(run: Run, true: int | None = None, predicted: int | None = None) -> NDArray[np.intp]:
    """Which test digits a run has in a cell, a row or a column, from the scores that it keeps."""
    scores, labels = run.test_scores()
    read = scores.argmax(axis=1)
    wanted = np.ones(len(labels), bool)
    if true is not None:
        wanted &= labels == true
    if predicted is not None:
        wanted &= read == predicted
    return np.flatnonzero(wanted)


def places_in(run: Run, *cells: Cell) -> list[int]:
    """Which test digits a run has in these cells, in order."""
    return sorted(int(one) for cell in cells for one in places(run, *cell))


def worst_cell(run: Run) -> Cell:
    """The most frequent mistake."""
    scores, labels = run.test_scores()
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (labels, scores.argmax(axis=1)), 1)
    np.fill_diagonal(matrix, 0)
    true, predicted = divmod(int(matrix.argmax()), 10)
    return true, predicted


def shown(window: MainWindow) -> list[int]:
    """Numbers of the digits in the gallery, in the order they are shown in."""
    gallery = window.tabs.gallery_view.browser.list.gallery
    return [gallery.digit(row).number for row in range(gallery.rowCount())]


def click_digit(qtbot: QtBot, digits: QListView, row: int) -> None:
    """Click on a digit of a list."""
    index = digits.model().index(row, 0)
    qtbot.waitUntil(lambda: not digits.visualRect(index).isEmpty())
    QTest.mouseClick(digits.viewport(), LEFT, pos=digits.visualRect(index).center())


# Figures


def place_on(holder: FigureHolder, x: float, y: float, axes: int = 0) -> QPoint:
    """Where a point of the data lies on the canvas."""
    return holder.place_of(holder.axes[axes], x, y).toPoint()


def click_cell(
    holder: FigureHolder, cell: tuple[float, float], keys: Qt.KeyboardModifier = NONE
) -> None:
    """Click on a cell of a matrix; outside of 0 to 9 lie the digits beside it."""
    true, predicted = cell
    QTest.mouseClick(holder, LEFT, keys, place_on(holder, predicted, true))


def drag(canvas: QWidget, start: QPoint, end: QPoint, steps: int = 5) -> None:
    """Press, move in small steps, release."""
    QTest.mousePress(canvas, LEFT, NONE, start)
    for step in range(1, steps + 1):
        QTest.mouseMove(canvas, start + (end - start) * (step / steps))
    QTest.mouseRelease(canvas, LEFT, NONE, end)


def turn_wheel(canvas: QWidget, place: QPoint, notches: int, pixels: int = 0) -> None:
    """Turn the wheel over a figure, upwards if positive; a touch pad tells pixels as well."""
    turn = QWheelEvent(
        QPointF(place), QPointF(canvas.mapToGlobal(place)), QPoint(0, pixels * notches),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, turn)


def cell_texts(holder: FigureHolder) -> dict[Cell, list[str]]:
    """What stands in the cells of a matrix, the large text before the small one."""
    found: dict[Cell, list[str]] = {}
    for text in sorted(holder.axes[0].texts, key=lambda one: one.get_position()[1]):
        x, y = text.get_position()
        found.setdefault((round(y), round(x)), []).append(text.get_text())
    return found


def lines(axes: Any) -> dict[str, Any]:
    """The lines of axes by their names."""
    return {line.get_label(): line for line in axes.get_lines()}


# Controls


def choose(box: QComboBox, text: str) -> None:
    """Go to an entry of a box with the arrow keys."""
    row = box.findText(text)
    assert row >= 0, text
    while box.currentIndex() != row:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down if before < row else Qt.Key.Key_Up)
        assert box.currentIndex() != before


def button(parent: QWidget, text: str) -> QPushButton:
    """Find a button that can be seen by the text on it."""
    texts = {one.text().replace("&", ""): one for one in parent.findChildren(QPushButton)}
    return texts[text]


def action(of: QToolButton, text: str) -> QAction:
    """Find an entry of a button's menu."""
    return {one.text(): one for one in of.menu().actions()}[text]


def texts(parent: QWidget) -> str:
    """All that labels say."""
    return "\n".join(label.text() for label in parent.findChildren(QLabel))


def dialogs(window: MainWindow) -> list[str]:
    """What is told in dialogs of errors."""
    return [box.text() for box in window.findChildren(QMessageBox, "errorDialog")]


def answers(window: MainWindow) -> str:
    """What the toast says."""
    toast = window.findChild(QWidget, "toast")
    return texts(toast) if isinstance(toast, QWidget) and toast.isVisible() else ""


def written(qtbot: QtBot, window: MainWindow, output: Path, what: str = "") -> None:
    """Wait until the window says that a file is written, or several into a folder."""
    said = window.statusBar().currentMessage
    qtbot.waitUntil(lambda: said() == f"Written to {output}", timeout=TIMEOUT_MS)
    assert answers(window) == (what or f"Saved {output.name}")


def tile(window: MainWindow, name: str, part: str = "tileValue") -> str:
    """The number in a tile above the matrix, or the name over it."""
    found = window.tabs.confusion_view.findChild(QWidget, f"{name.title().replace(' ', '')}Tile")
    return found.findChild(QLabel, part).text()


def says(parent: QWidget, name: str) -> str:
    """What a label says, by its object name."""
    return parent.findChild(QLabel, name).text()
