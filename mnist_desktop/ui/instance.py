"""One window on one run store: a second start raises the first one's window."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from mnist_desktop.paths import make_private

logger = logging.getLogger(__name__)

ANSWER_MS = 3000  # more than a busy window needs to answer
ANY_PROCESS = -1
MAX_TOKEN = 4096  # bytes
MAX_ADDRESS = 103  # bytes of a socket's path: macOS has room for 104 with the final zero, Linux 108


class WindowInstance(QObject):
    """Finds out whether this is the first window, and passes on the request to show it.

    The first window listens where only its user can replace it: at a socket in a folder
    that only they can write to, or at a Windows pipe with their name.

    Parameters
    ----------
    folder : Path
        The program's data folder; windows on different folders know nothing of each other.
    parent : QObject, optional
        Lives in the main thread.
    name : str
        Of the lock and the socket; windows of different names know nothing of each other either.

    Signals
    -------
    raise_requested()
        The program was started again: the window is to come to the front.
    """

    raise_requested = Signal()

    def __init__(
        self, folder: Path, parent: QObject | None = None, *, name: str = "window"
    ) -> None:
        super().__init__(parent)
        self._folder = folder.resolve()  # a link to it is the same folder
        self._path = self._folder / f"{name}.lock"
        self._lock = QLockFile(str(self._path))
        self._lock.setStaleLockTime(0)  # however long it runs; one whose process is gone is stale
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)

    def claim(self) -> bool:
        """Become the first window; False if there is one already."""
        if not self._lock.tryLock(0):
            return False
        if not any(self._listen(address) for address in self._addresses()):
            reason = self._server.errorString() or "no folder is private"
            logger.warning("A second start cannot raise this window: %s", reason)
        return True

    def _listen(self, address: str) -> bool:
        """Take calls at an address; only the lock's owner comes here."""
        QLocalServer.removeServer(address)  # left by a window that did not end properly
        return self._server.listen(address)

    def _addresses(self) -> Iterator[str]:
        """Where the first window can be called, best first; not every drive can hold a socket."""
        name = hashlib.sha256(os.fsencode(self._path)).hexdigest()[:16]
        if sys.platform == "win32":  # pipes have no folder
            yield f"mnist-desktop-{getpass.getuser()}-{name}"
            return
        beside = self._path.with_suffix(".socket")
        if _can_hold(beside):
            yield str(beside)
        elsewhere = _runtime_folder() / f"{name}.socket"
        if _can_hold(elsewhere):
            yield str(elsewhere)

    def take_over(self) -> bool:
        """Become the first window although another one seems to be: it does not answer.

        Its lock may be damaged, or from another machine that has crashed.
        """
        with contextlib.suppress(OSError):
            self._path.unlink()
        return self.claim()

    def raise_other(self) -> bool:
        """Ask the first window to come to the front; False if it does not answer."""
        if sys.platform == "win32":
            import ctypes

            # Windows lets only the program the user has just started bring a window to the front.
            ctypes.windll.user32.AllowSetForegroundWindow(ANY_PROCESS)
        return any(self._call(address) for address in self._addresses())

    def _call(self, address: str) -> bool:
        """Ask whoever listens at an address to come to the front; False without an answer."""
        socket = QLocalSocket()
        socket.connectToServer(address)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        # With Wayland the same right is a token that the starter hands over.
        socket.write(os.environ.get("XDG_ACTIVATION_TOKEN", "").encode() + b"\n")
        return socket.waitForBytesWritten(ANSWER_MS) and socket.waitForReadyRead(ANSWER_MS)

    def release(self) -> None:
        """Let the next start be the first."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _on_server_new_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.setReadBufferSize(MAX_TOKEN)
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(self._on_socket_ready_read)

    @Slot()
    def _on_socket_ready_read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket) or not socket.canReadLine():
            return
        token = bytes(socket.readLine().data()).decode(errors="replace").strip()
        if token.isprintable() and token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        self.raise_requested.emit()
        socket.write(b"raised\n")
        socket.disconnectFromServer()


def _runtime_folder() -> Path:
    """A folder for this user's sockets, made if need be; whether it is theirs is to be seen."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(given or tempfile.gettempdir(), f"mnist-desktop-{os.getuid()}")
    with contextlib.suppress(OSError):
        make_private(folder)
    return folder


def _can_hold(path: Path) -> bool:
    """Whether a socket can be there, and only this user can replace it."""
    try:
        folder = path.parent.lstat()
    except OSError:
        return False
    is_closed = not folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    is_own = stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.getuid() and is_closed
    return is_own and len(os.fsencode(path)) <= MAX_ADDRESS
