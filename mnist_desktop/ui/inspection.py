"""Describes what can be seen of the program's windows, to tests that drive it from outside.

Off unless ``MNIST_DESKTOP_INSPECT`` names a socket. It only describes and never acts: what a test
wants done, it does with the mouse and the keyboard of the screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
    Slot,
)
from PySide6.QtNetwork import QLocalServer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QStatusBar,
    QTabBar,
    QWidget,
)

from mnist_desktop.ui.parts.figure_canvas import FigureHolder

JsonObject = dict[str, Any]
Area = list[int]  # left, top, width, height in pixels of the screen


class Inspector(QObject):
    """Answers whoever connects with one JSON object: `describe_windows`.

    Parameters
    ----------
    path : Path
        Of the socket, which is this user's alone; there must be none yet.
    parent : QObject
        Lives in the main thread.

    Raises
    ------
    OSError
        If there can be no such socket.
    """

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)
        if not self._server.listen(str(path)):
            raise OSError(f"{path}: {self._server.errorString()}")

    @Slot()
    def _on_server_new_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        try:
            socket.write(json.dumps(describe_windows()).encode())
        finally:
            socket.disconnectFromServer()  # once all is written


def describe_windows() -> JsonObject:
    """Describe all windows that can be seen, menus and dialogs included.

    Returns
    -------
    dict
        ``windows``, a list of what `describe_widget` says of each with its ``widgets``, parents
        before children. The one that takes mouse and keyboard now has ``on_top``; ``active`` is
        one that has the keyboard of the screen.
    """
    on_top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    windows = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    return {
        "windows": [
            {
                **describe_widget(window),
                "title": window.windowTitle(),
                "active": window.isActiveWindow(),
                "full_screen": window.isFullScreen(),
                "on_top": window is (on_top or window),
                "widgets": [describe_widget(one) for one in _seen_in(window)],
            }
            for window in windows
        ]
    }


def _seen_in(window: QWidget) -> Iterator[QWidget]:
    """Widgets of a window of which something can be seen."""
    for widget in window.findChildren(QWidget):
        if widget.window() is window and widget.isVisible() and not _seen_part(widget).isEmpty():
            yield widget


def _seen_part(widget: QWidget) -> QRect:
    """What can be seen of a widget, which may lie in a scroll area, in its own coordinates.

    Not Qt's visible region: that lacks what its own children cover.
    """
    part, inside, corner = widget.rect(), widget, QPoint()
    while not inside.isWindow() and (around := inside.parentWidget()) is not None:
        corner += inside.pos()
        inside = around
        part = part.intersected(inside.rect().translated(-corner))
    return part


def _area(widget: QWidget, part: QRect) -> Area:
    corner: QPoint = widget.mapToGlobal(part.topLeft())
    return [corner.x(), corner.y(), part.width(), part.height()]


def describe_widget(widget: QWidget) -> JsonObject:
    """Describe what a user sees of a widget, or a screen reader says about it.

    Returns
    -------
    dict
        ``name`` (of the object), ``class``, ``area`` of its visible part on the screen, and, where
        there are any, ``accessible_name``, ``accessible_description``, ``tip``, and what its kind
        has: ``text``, ``value``, ``checked``, ``items``, ``cells``, ``axes`` …
    """
    found: JsonObject = {
        "name": widget.objectName(),
        "class": type(widget).__name__,
        "area": _area(widget, _seen_part(widget)),
        "enabled": widget.isEnabled(),
        "focus": widget.hasFocus(),
        "accessible_name": widget.accessibleName(),
        "accessible_description": widget.accessibleDescription(),
        "tip": widget.toolTip(),
    }
    for kind, describe in _KINDS:
        if isinstance(widget, kind):
            found |= describe(widget)
    return found


def _describe_button(button: QAbstractButton) -> JsonObject:
    return {"text": button.text(), "checked": button.isChecked()}


def _describe_choice(box: QComboBox) -> JsonObject:
    items = [box.itemText(place) for place in range(box.count())]
    return {"text": box.currentText(), "items": items}


def _describe_slider(slider: QAbstractSlider) -> JsonObject:
    return {"value": slider.value(), "minimum": slider.minimum(), "maximum": slider.maximum()}


def _describe_progress(bar: QProgressBar) -> JsonObject:
    return {"value": bar.value(), "minimum": bar.minimum(), "maximum": bar.maximum()}


def _describe_tabs(bar: QTabBar) -> JsonObject:
    return {
        "text": bar.tabText(bar.currentIndex()),
        "items": [bar.tabText(place) for place in range(bar.count())],
        "cells": [
            {"text": bar.tabText(place), "area": _area(bar, bar.tabRect(place))}
            for place in range(bar.count())
        ],
    }


def _describe_menu(menu: QMenu) -> JsonObject:
    return {
        "cells": [
            {
                "text": action.text(),
                "enabled": action.isEnabled(),
                "checked": action.isChecked(),
                "area": _area(menu, menu.actionGeometry(action)),
            }
            for action in menu.actions()
            if not action.isSeparator()
        ]
    }


def _describe_items(view: QAbstractItemView) -> JsonObject:
    """Count all rows, and describe the cells that can be seen."""
    model: QAbstractItemModel | None = view.model()
    if model is None:
        return {"rows": 0, "cells": []}
    return {
        "rows": model.rowCount(view.rootIndex()),
        "cells": [
            {
                "row": index.row(),
                "column": index.column(),
                "text": str(index.data(Qt.ItemDataRole.DisplayRole) or ""),
                "accessible_text": str(index.data(Qt.ItemDataRole.AccessibleTextRole) or ""),
                "selected": view.selectionModel().isSelected(index),
                "area": _area(view.viewport(), area),
            }
            for index, area in _seen_cells(view)
        ],
    }


def _seen_cells(view: QAbstractItemView) -> Iterator[tuple[QModelIndex, QRect]]:
    """Cells that can be seen, from the first row that can; a list may have 60,000."""
    model, root, seen = view.model(), view.rootIndex(), view.viewport().rect()
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)
    # Near the corner there may be an edge between cells.
    first = next((i for d in (2, 12, 40) if (i := view.indexAt(QPoint(d, d))).isValid()), None)
    for row in range(first.row() if first is not None else 0, model.rowCount(root)):
        is_seen = False
        for column in range(columns):
            index = model.index(row, column, root)
            area = view.visualRect(index).intersected(seen)
            if not area.isEmpty():
                is_seen = True
                yield index, area
        if not is_seen:
            return


def _describe_figure(holder: FigureHolder) -> JsonObject:
    """Describe where axes lie and what they span; the first number is at the left and bottom.

    A figure that is still to be drawn in another size has none yet: they would lie elsewhere.
    """
    return {
        "axes": [
            {
                "area": _area(holder, holder.area_of(axes).toRect()),
                "x": [float(end) for end in axes.get_xlim()],
                "y": [float(end) for end in axes.get_ylim()],
            }
            for axes in (holder.axes if holder.is_current else ())
        ]
    }


_KINDS: tuple[tuple[type[QWidget], Callable[[Any], JsonObject]], ...] = (
    (QLabel, lambda label: {"text": label.text()}),
    (QAbstractButton, _describe_button),
    (QLineEdit, lambda edit: {"text": edit.text()}),
    (QPlainTextEdit, lambda edit: {"text": edit.toPlainText()}),
    (QSpinBox, lambda box: {"value": box.value(), "text": box.text()}),
    (QDoubleSpinBox, lambda box: {"value": box.value(), "text": box.text()}),
    (QComboBox, _describe_choice),
    (QAbstractSlider, _describe_slider),
    (QProgressBar, _describe_progress),
    (QStatusBar, lambda bar: {"text": bar.currentMessage()}),
    (QMessageBox, lambda box: {"text": box.text()}),
    (QTabBar, _describe_tabs),
    (QMenu, _describe_menu),
    (QAbstractItemView, _describe_items),
    (FigureHolder, _describe_figure),
)
