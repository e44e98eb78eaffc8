"""A second start raises the first window."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PySide6.QtCore import QCoreApplication, QProcess, QProcessEnvironment, Qt
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from mnist_desktop import app as app_module
from mnist_desktop import win32
from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.instance import WindowInstance
from mnist_desktop.ui.main_window import MainWindow

CLAIM = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from mnist_desktop.ui.instance import WindowInstance
app = QCoreApplication([])
assert WindowInstance(Path(sys.argv[1])).claim()
os._exit(0)  # as if it had crashed: nothing is released
"""

CALL = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from mnist_desktop.ui.instance import WindowInstance
app = QCoreApplication([])
sys.exit(not WindowInstance(Path(sys.argv[1])).raise_other())
"""


@pytest.fixture
def first(qapp: object, paths: AppPaths) -> Iterator[WindowInstance]:
    instance = WindowInstance(paths.data)
    yield instance
    instance.release()


def test_a_second_start_raises_the_first_window_and_ends(
    qtbot: QtBot, window: MainWindow, first: WindowInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_ACTIVATION_TOKEN", raising=False)
    assert first.claim()
    first.raise_requested.connect(window.come_to_front)
    window.showMinimized()
    second = QProcess()
    environment = QProcessEnvironment.systemEnvironment()
    for name, value in (*os.environ.items(), ("XDG_ACTIVATION_TOKEN", "passed on")):
        environment.insert(name, value)
    second.setProcessEnvironment(environment)
    with qtbot.waitSignals([first.raise_requested, second.finished], timeout=60_000):
        second.start(sys.executable, ["-m", "mnist_desktop"])
    assert second.exitCode() == 0
    assert not window.windowState() & Qt.WindowState.WindowMinimized
    assert os.environ["XDG_ACTIVATION_TOKEN"].startswith("passed")


def test_the_answer_waits_until_it_is_read(
    qtbot: QtBot, paths: AppPaths, first: WindowInstance
) -> None:
    """On Windows it would be lost with the connection."""
    assert first.claim()
    caller = QLocalSocket()
    with qtbot.waitSignal(first.raise_requested):
        caller.connectToServer(next(first._addresses("window")))
        caller.write(b"\n")
    QCoreApplication.processEvents()
    qtbot.waitUntil(lambda: caller.bytesAvailable() > 0)
    assert caller.state() == QLocalSocket.LocalSocketState.ConnectedState
    (connection,) = first.findChildren(QLocalSocket)
    with qtbot.waitSignal(connection.destroyed):  # and nothing of it is left
        caller.disconnectFromServer()


def test_a_window_is_found_on_windows_whatever_a_shell_calls_the_user(
    paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = WindowInstance(paths.data)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(win32, "user_name", lambda: "Jürgen")
    found = []
    for name in ("Jürgen", "DOMAIN+jürgen", ""):  # from Explorer, from Git Bash, from a service
        for variable in ("LOGNAME", "USER", "USERNAME"):
            monkeypatch.setenv(variable, name)
        found += instance._addresses("window")
    assert len(found) == 3
    assert len(set(found)) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has pipes, which have no folder")
class TestWhereTheFirstWindowListens:
    @pytest.fixture(autouse=True)
    def runtime_folder(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        with TemporaryDirectory(prefix="run-") as name:  # a test's own folder has too long a name
            monkeypatch.setenv("XDG_RUNTIME_DIR", name)
            yield Path(name)

    def is_raised_from(self, folder: Path, qtbot: QtBot) -> bool:
        """Whether a second start finds the first window, that of this process."""
        second = QProcess()
        with qtbot.waitSignal(second.finished, timeout=60_000):
            second.start(sys.executable, ["-c", CALL, str(folder)])
        return second.exitCode() == 0

    def test_in_the_programs_own_folder_for_the_user_alone(
        self, qtbot: QtBot, paths: AppPaths, first: WindowInstance, runtime_folder: Path
    ) -> None:
        assert first.claim()
        socket = paths.data / "window.socket"
        assert stat.S_ISSOCK(socket.stat().st_mode)
        assert not socket.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        assert list(runtime_folder.iterdir()) == []
        assert self.is_raised_from(paths.data, qtbot)
        first.release()
        assert not socket.exists()

    @pytest.mark.parametrize("hindrance", ["taken", "too long", "open to all"])
    def test_elsewhere_where_that_cannot_be(
        self, hindrance: str, qtbot: QtBot, paths: AppPaths, runtime_folder: Path
    ) -> None:
        folder = paths.data
        if hindrance == "taken":
            (folder / "window.socket" / "by a folder").mkdir(parents=True)
        elif hindrance == "too long":
            folder = folder / ("deep " * 20)
            folder.mkdir()
        else:
            folder.chmod(0o777)
        first = WindowInstance(folder)
        assert first.claim()
        assert len(list(runtime_folder.glob("*/*.socket"))) == 1
        assert self.is_raised_from(folder, qtbot)
        first.release()

    def test_nowhere_where_anybody_could_take_its_place(
        self, paths: AppPaths, runtime_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        paths.data.chmod(0o777)
        shared = runtime_folder / f"mnist-desktop-{os.getuid()}"
        shared.mkdir()
        shared.chmod(0o777)
        first = WindowInstance(paths.data)
        assert first.claim()
        assert "A second start cannot raise this window" in caplog.text
        assert not WindowInstance(paths.data).raise_other()
        first.release()


def test_the_next_start_is_the_first_again(paths: AppPaths, first: WindowInstance) -> None:
    assert first.claim()
    second = WindowInstance(paths.data)
    assert not second.claim()
    first.release()
    assert second.claim()
    second.release()


def test_a_window_that_crashed_stands_in_nobodys_way(
    paths: AppPaths, first: WindowInstance
) -> None:
    subprocess.run([sys.executable, "-c", CLAIM, str(paths.data)], check=True, timeout=60)
    assert first.claim()


def test_windows_on_other_folders_know_nothing_of_each_other(
    paths: AppPaths, first: WindowInstance
) -> None:
    assert first.claim()
    other = WindowInstance(paths.cache)
    assert other.claim()
    other.release()


def test_a_window_that_does_not_answer_is_told(paths: AppPaths, first: WindowInstance) -> None:
    assert first.claim()
    first._server.close()
    assert not WindowInstance(paths.data).raise_other()


@pytest.mark.parametrize("content", ["", "rubbish\n", "1\npython3.11\nanother-machine\n"])
def test_a_lock_that_says_nothing_of_this_machine_can_be_taken_over(
    content: str, paths: AppPaths, first: WindowInstance
) -> None:
    (paths.data / "window.lock").write_text(content)
    assert not first.claim()
    assert not first.raise_other()
    assert first.take_over()
    assert not WindowInstance(paths.data).claim()


def test_a_window_that_hangs_and_cannot_lose_its_lock_stands_in_nobodys_way(
    qtbot: QtBot, paths: AppPaths, first: WindowInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.exists():
            raise PermissionError(13, "in use", str(path))
        raise FileNotFoundError(2, "missing", str(path))

    assert first.claim()
    first._server.close()
    monkeypatch.setattr(Path, "unlink", refuse)  # as Windows does while the window lives
    second = WindowInstance(paths.data)
    assert not second.claim()
    assert not second.raise_other()
    assert second.take_over()
    assert not WindowInstance(paths.data).claim()
    caller = QProcess()
    with qtbot.waitSignals([second.raise_requested, caller.finished], timeout=60_000):
        caller.start(sys.executable, ["-c", CALL, str(paths.data)])
    assert caller.exitCode() == 0

    first.release()  # it has ended at last
    assert not WindowInstance(paths.data).claim()  # the other one is there
    second.release()
    assert first.claim()


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_link_to_the_folder_is_the_same_folder(
    paths: AppPaths, first: WindowInstance, tmp_path: Path
) -> None:
    assert first.claim()
    (tmp_path / "link").symlink_to(paths.data)
    assert not WindowInstance(tmp_path / "link").claim()


def test_whoever_is_asked_decides_whether_there_is_another_window(
    paths: AppPaths, first: WindowInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    (paths.data / "window.lock").write_text("")
    answers, asked = [False, True], []

    def ask(_parent: object, words: str, _name: str) -> bool:
        asked.append(words)
        return answers.pop(0)

    monkeypatch.setattr(app_module, "ask", ask)
    assert not app_module.take_over(first)
    assert app_module.take_over(first)
    assert "does not answer" in asked[0]
