"""A real window on the offscreen platform, and nothing left of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import windows
from leftovers import nothing_left
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.find_dataset import SAMPLE
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
    found: list[MainWindow] = []

    def open_one(chosen: str = SAMPLE) -> MainWindow:
        made = windows.open_window(qapp, paths, chosen)
        found.append(made)
        qtbot.waitExposed(made)
        return made

    yield open_one
    for made in found:
        windows.close_window(made)


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    """The main window with the sample's digits, shown, its services not yet started."""
    return open_window()
