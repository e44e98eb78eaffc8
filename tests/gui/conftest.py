"""A real window on the offscreen platform, and nothing left of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from leftovers import nothing_left
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_desktop.app import make_window
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.sources import SAMPLE
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.fonts import use_bundled_font
from mnist_desktop.workers.garbage import MainThreadGarbageCollector


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, in the program's own font."""
    use_bundled_font(qapp)
    return qapp


@pytest.fixture(autouse=True)
def nothing_is_left(
    qapp: QApplication, garbage_collector: MainThreadGarbageCollector
) -> Iterator[None]:
    """No thread, timer or window outlives its test."""
    with nothing_left(qapp, garbage_collector):
        yield


OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, paths: AppPaths) -> Iterator[OpenWindow]:
    """Opens windows with the sample's digits, or others, their services not yet started."""
    windows: list[MainWindow] = []

    def open_one(chosen: str = SAMPLE) -> MainWindow:
        made = make_window(qapp, paths, DatasetRequest(paths.digits, chosen=chosen))
        windows.append(made)
        made.show()
        qtbot.waitExposed(made)
        return made

    yield open_one
    for made in windows:  # for good, now and not when their garbage is collected
        made.shut_down()
        made.close()
        made.deleteLater()


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    """The main window with the sample's digits, shown, its services not yet started."""
    return open_window()
