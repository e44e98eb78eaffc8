"""Whatever fails inside a method that Qt calls is told, and the window goes on."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest
from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import mnist_desktop.ui
import mnist_desktop.workers
from mnist_desktop.ui.parts.figure_canvas import _canvas_class
from mnist_desktop.ui.parts.guarded import guarded, is_guarded, is_of_qt

TOO_LARGE = 10**308
# Qt has methods of these names, which it never calls itself.
OF_OUR_OWN = {"close", "setText"}
# One only hands over to Qt's own loop, on a thread that takes no errors; of the other's value, an
# icon's engine, there is nothing else to return.
EXEMPT = {"WorkerThread.run", "_TintedIcon.clone"}


def our_classes() -> Iterator[type]:
    """Every class of the window and its workers that derives from one of Qt's."""
    for room in (mnist_desktop.ui, mnist_desktop.workers):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for one in vars(importlib.import_module(module.name)).values():
                is_ours = isinstance(one, type) and one.__module__ == module.name
                if is_ours and any(map(is_of_qt, one.__mro__)):
                    yield one
    yield _canvas_class()


def overrides(cls: type) -> Iterator[tuple[str, Any]]:
    """What a class, or a Python class above it, puts in the place of a method of Qt's."""
    qt = next(base for base in cls.__mro__ if is_of_qt(base))
    for name in dir(cls):
        method = getattr(cls, name)
        if isinstance(method, FunctionType) and hasattr(qt, name) and not name.startswith("_"):
            yield name, method


def test_every_override_of_the_window_is_guarded() -> None:
    found = [
        (f"{cls.__name__}.{name}", is_guarded(method))
        for cls in our_classes()
        for name, method in overrides(cls)
        if name not in OF_OUR_OWN and f"{cls.__name__}.{name}" not in EXEMPT
    ]
    assert len(found) > 45
    assert [name for name, is_safe in found if not is_safe] == []


def test_a_fault_in_an_override_is_told_once_and_qt_gets_something_it_can_use(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: told.append(error))

    @guarded
    class Broken(QWidget):
        def paintEvent(self, _event: QPaintEvent) -> None:
            painter = QPainter(self)
            painter.drawPoint(0, 0)
            raise ValueError("painting")

        def sizeHint(self) -> QSize:
            raise ValueError("size")

        def event(self, event: QEvent) -> bool:
            if event.type() == QEvent.Type.ToolTip:
                raise ValueError("event")
            return super().event(event)

    widget = Broken()
    qtbot.addWidget(widget)
    widget.resize(50, 50)
    for _ in range(5):
        widget.grab()  # a painter that stays open would be a warning, which fails the test
    assert widget.sizeHint() == QSize()
    assert not widget.event(QEvent(QEvent.Type.ToolTip))
    assert [str(error) for error in told] == ["painting", "size", "event"]


def test_a_number_that_qt_cannot_hold_is_told_and_not_handed_over(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: told.append(error))

    @guarded
    class Numbers(QAbstractListModel):
        count = 3

        def rowCount(self, _parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
            return self.count

        def data(self, index: QModelIndex, _role: int = 0) -> object:
            return -(2**63) + 1 if index.row() else TOO_LARGE

    model = Numbers()
    assert model.data(model.index(0)) is None
    assert model.data(model.index(1)) == -(2**63) + 1
    model.count = 2**31
    assert model.rowCount() == 0
    assert [type(error) for error in told] == [OverflowError, OverflowError]


def test_a_table_with_a_number_that_qt_cannot_hold_does_not_end_the_program() -> None:
    """In a process of its own: without the guard it is ended by a signal."""
    program = textwrap.dedent(
        """
        from PySide6.QtCore import QAbstractListModel, QSortFilterProxyModel, QModelIndex, QTimer
        from PySide6.QtWidgets import QApplication, QListView
        from mnist_desktop.ui.parts.guarded import guarded

        @guarded
        class Numbers(QAbstractListModel):
            def rowCount(self, parent=QModelIndex()):
                return 3

            def data(self, index, role=0):
                return 10**308 if role == 0 else None

        app = QApplication([])
        view, model, proxy = QListView(), Numbers(), QSortFilterProxyModel()
        proxy.setSourceModel(model)
        view.setModel(proxy)
        proxy.sort(0)
        view.show()
        QTimer.singleShot(100, app.quit)
        app.exec()
        print("it went on")
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "it went on" in done.stdout
    assert done.stderr.count("\nOverflowError: ") == 1
