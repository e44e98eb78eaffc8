"""The windows that tests have opened, and what each works with."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from mnist_desktop.app import make_services
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.services import Services

_services: dict[MainWindow, Services] = {}


def open_window(app: QApplication, paths: AppPaths, chosen: str) -> MainWindow:
    """Make a window with these digits and show it; its services are not yet started."""
    services = make_services(app, paths, DatasetRequest(paths.digits, chosen=chosen))
    window = MainWindow(services)
    _services[window] = services
    window.show()
    return window


def services_of(window: MainWindow) -> Services:
    """What a window works with."""
    return _services[window]


def close_window(window: MainWindow) -> None:
    """End a window for good, now and not when its garbage is collected."""
    del _services[window]
    window.shut_down()
    window.close()
    window.deleteLater()
