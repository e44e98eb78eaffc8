"""The main job in the real window, played by the program itself.

Train by a mouse click (not in the Reader, which does not train), look at the confusion matrix, draw
a digit with the mouse, read what it was taken for; with a screenshot of each step. Where there is
no display the window is drawn off screen.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from mnist_desktop import formats
from mnist_desktop.app import has_display, make_application, make_window
from mnist_desktop.digits.ink import THREE
from mnist_desktop.errors import OTHER_FOLDER, MnistDesktopError, unwritable
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.files.held import temporary_folder
from mnist_desktop.files.naming import check_file_name
from mnist_desktop.files.writing import write_bytes_atomically
from mnist_desktop.formats import percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.draw.drawing_files import png_bytes
from mnist_desktop.ui.draw.paint_widget import PaintWidget
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.training_state import PROGRESS_STEPS

SIZE = (1280, 800)
TIMEOUT_S = 600.0
DIGIT = 3


def play_demo(output: Path, paths: AppPaths) -> dict[str, Any]:
    """Play the demo and write screenshots and a summary.

    Parameters
    ----------
    output : Path
        Folder for the screenshots and ``summary.json``; made if need be.
    paths : AppPaths
        Digits are looked for as always; the demo's run and settings are thrown away at the end.

    Returns
    -------
    dict
        ``screenshots``, ``test_accuracy``, ``prediction``, ``text``.

    Raises
    ------
    MnistDesktopError
        If a step does not finish.
    """
    check_file_name(output)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(output, error, OTHER_FOLDER) from error
    with _temporary_home(paths) as home, _open_window(home) as window:
        return _play(window, output.absolute())


@contextmanager
def _temporary_home(paths: AppPaths) -> Iterator[AppPaths]:
    with temporary_folder("mnist-desktop-demo-") as folder:
        home = replace(paths, data=folder / "data", settings=folder / "settings")
        home.check_writable()
        yield home


@contextmanager
def _open_window(paths: AppPaths) -> Iterator[MainWindow]:
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = make_application()
    window = make_window(app, paths)
    window.resize(*SIZE)
    window.show()
    try:
        window.start_services()
        yield window
    finally:
        window.shut_down()
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def _play(window: MainWindow, output: Path) -> dict[str, Any]:
    shots: list[str] = []

    def shoot(name: str) -> None:
        path = output / f"{len(shots) + 1}-{name}.png"
        wait_until(lambda: is_painted(window), f"the picture “{name}” can be taken")
        picture = window.grab().toImage()
        check_not_blank(window, picture, name)
        write_bytes_atomically(path, png_bytes(picture))
        shots.append(str(path))

    wait_until(lambda: "looking" not in window.header.dataset_label.text(), "digits are found")
    shoot("start")
    summary = _look(shoot) if window.training_panel is None else _train(window, shoot)
    draw = window.draw_panel
    draw_stroke(draw.pad, THREE)
    wait_until(lambda: draw.bars.prediction.label is not None, "the drawing is read")
    shoot("draw")
    pages = window.tabs.results
    if window.training_panel is not None:
        window.tabs.turn_to(pages.curves_page)
        shoot("curves")
    window.tabs.turn_to(pages.gallery_page)
    shoot("digits")
    summary |= {
        "screenshots": shots,
        "prediction": draw.prediction_label.text(),
        "drawn": str(DIGIT),
    }
    text = summary.pop("text")
    write_bytes_atomically(output / "summary.json", json.dumps(summary, indent=1).encode())
    summary["text"] = (
        f"{text} Drew a {DIGIT}, read as {summary['prediction']}.\n"
        f"{formats.count(len(shots), 'screenshot')} and summary.json are in {output}"
    )
    return summary


def _look(shoot: Callable[[str], None]) -> dict[str, Any]:
    """Look at what the bundled reader reads, where nothing can be trained."""
    shoot("matrix")
    accuracy = bundled_reader.accuracy_on_mnist()
    text = f"The bundled reader reads {percent(accuracy)} of the test digits correctly."
    return {"test_accuracy": accuracy, "text": text}


def _train(window: MainWindow, shoot: Callable[[str], None]) -> dict[str, Any]:
    """Train a network, and look at its matrix."""
    panel = window.training_panel
    assert panel is not None  # noqa: S101 - the Reader looks instead
    click(panel.train_button)
    wait_until(
        lambda: panel.progress_bar.value() >= PROGRESS_STEPS // 2 or panel.train_button.isEnabled(),
        "the training is half way",
    )
    shoot("training")
    wait_until(panel.train_button.isEnabled, "the training ends")
    record = window.tabs.confusion_view.record
    if record is None:
        raise MnistDesktopError(f"The demo's training failed: {panel.status.text()}")
    shoot("matrix")
    return {
        "test_accuracy": record.test_accuracy,
        "architecture": record.config.architecture,
        "dataset": record.dataset.name,
        "fit_seconds": record.fit_seconds,
        "text": f"Trained {record.name} on {formats.count(record.dataset.train, 'digit')}: "
        f"{percent(record.test_accuracy)} of the test digits read correctly.",
    }


def is_painted(window: MainWindow) -> bool:
    """Whether nothing is read any more, and all figures that can be seen are drawn."""
    QApplication.processEvents()  # layouts first: they change sizes
    if window.tabs.results.is_busy:
        return False
    seen = [one for one in window.findChildren(FigureHolder) if one.isVisible()]
    return all(one.is_current for one in seen if one.make is not None)


def check_not_blank(window: MainWindow, picture: QImage, name: str) -> None:
    """Make sure that there is something to see on the page, in its figures and in its lists.

    Parameters
    ----------
    window : MainWindow
        The window.
    picture : QImage
        Was taken of it.
    name : str
        What the picture is to show.

    Raises
    ------
    MnistDesktopError
        If the page, or a part of it, has one colour only.
    """
    page = window.tabs.currentWidget()
    assert page is not None  # noqa: S101 - there are always pages
    lists = [one.viewport() for one in page.findChildren(QAbstractItemView)]
    for part in (page, *page.findChildren(FigureHolder), *lists):
        area = QRect(part.mapTo(window, QPoint()), part.size()) & window.rect()
        if part.isVisible() and is_blank(picture, area):
            raise MnistDesktopError(
                f"There is nothing to see in the demo's picture “{name}”: "
                f"{part.accessibleName() or part.objectName() or type(part).__name__} is blank."
            )


def is_blank(picture: QImage, area: QRect) -> bool:
    """Whether an area of a window, in its pixels, has one colour only in a picture of it."""
    ratio = picture.devicePixelRatio()
    corner, size = QPointF(area.topLeft()) * ratio, QSizeF(area.size()) * ratio
    part = picture.copy(QRectF(corner, size).toRect()).convertToFormat(QImage.Format.Format_RGB32)
    if part.isNull():
        return True
    pixels = np.frombuffer(part.constBits(), np.uint32)
    return bool((pixels == pixels[0]).all())


def wait_until(is_done: Callable[[], bool], what: str) -> None:
    """Let the window live until something is so.

    Raises
    ------
    MnistDesktopError
        After ten minutes.
    """
    end = time.monotonic() + TIMEOUT_S
    while not is_done():
        if time.monotonic() > end:
            raise MnistDesktopError(f"The demo waited {TIMEOUT_S:.0f} s in vain until {what}.")
        pause(0.02)


def pause(seconds: float) -> None:
    """Let the window live for a while; an event loop, so that other threads run as well."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def click(widget: QWidget) -> None:
    """Click in the middle of a widget with the left mouse button."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def draw_stroke(pad: PaintWidget, points: Sequence[tuple[float, float]]) -> None:
    """Draw with the mouse: press, move through all points in small steps, release."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    side = min(pad.width(), pad.height())
    points_on_pad = [(x * side, y * side) for x, y in points]
    QTest.mousePress(pad, left, none, QPoint(*map(round, points_on_pad[0])))
    for (x0, y0), (x1, y1) in itertools.pairwise(points_on_pad):
        for step in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(pad, QPoint(round(x0 + (x1 - x0) * step), round(y0 + (y1 - y0) * step)))
    QTest.mouseRelease(pad, left, none, QPoint(*map(round, points_on_pad[-1])))
