"""The socket that describes the window to tests: only where one is asked for."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mouse import ONE, draw
from pages import TIMEOUT_MS
from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mnist_desktop.app import let_inspect
from mnist_desktop.ui.inspection import Inspector
from mnist_desktop.ui.main_window import MainWindow


@pytest.fixture
def place() -> Iterator[Path]:
    """Where a socket can be; a short path."""
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        yield Path(folder, "seen")


def ask(qtbot: QtBot, place: Path) -> dict[str, dict[str, Any]]:
    """What the socket tells of the widgets with a name."""
    socket = QLocalSocket()
    with qtbot.waitSignal(socket.disconnected, timeout=TIMEOUT_MS):
        socket.connectToServer(str(place))
    windows = json.loads(bytes(socket.readAll().data()))["windows"]
    widgets = [part for window in windows for part in (window, *window["widgets"])]
    return {one["name"]: one for one in widgets if one["name"]}


def test_there_is_no_socket_unless_one_is_asked_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.delenv("MNIST_DESKTOP_INSPECT", raising=False)
    let_inspect(qapp)
    assert qapp.findChild(Inspector) is None
    monkeypatch.setenv("MNIST_DESKTOP_INSPECT", str(place))
    let_inspect(qapp)
    try:
        assert qapp.findChild(Inspector) is not None
        if os.name != "nt":  # whose pipes are no files
            assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0
    finally:
        for one in qapp.findChildren(Inspector):
            one.setParent(None)  # type: ignore[call-overload]
            one.deleteLater()


def test_it_tells_what_can_be_seen(qtbot: QtBot, window: MainWindow, place: Path) -> None:
    owner = QObject()
    inspector = Inspector(place, owner)
    window.show()
    draw(window.draw_panel.pad, ONE)
    qtbot.waitUntil(lambda: ask(qtbot, place)["predictionLabel"]["text"] == "1", timeout=TIMEOUT_MS)
    seen = ask(qtbot, place)
    pad = window.draw_panel.pad
    corner = pad.mapToGlobal(pad.rect().topLeft())
    assert seen["paintWidget"]["area"][:2] == [corner.x(), corner.y()]
    assert "Single layer" in seen["architectureComboBox"]["items"]
    assert not seen["stopButton"]["enabled"]
    assert "hiddenUnitsEdit" not in seen  # it is hidden
    assert inspector.parent() is owner


@pytest.mark.skipif(os.name == "nt", reason="pipes lie in no folder there")
def test_a_place_that_cannot_be_is_told(place: Path) -> None:
    owner = QObject()
    with pytest.raises(OSError, match="nowhere"):
        Inspector(place.parent / "nowhere" / "seen", owner)
