"""One window on one run store: a second start raises the first one's window."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 3000  # more than a busy window needs to answer
ANY_PROCESS = -1
MAX_TOKEN = 4096  # bytes


class WindowInstance(QObject):
    """Tells whether this is the first window, and passes the wish to see it on.

    Parameters
    ----------
    folder : Path
        The program's data folder; windows on different folders know nothing of each other.
    parent : QObject, optional
        Lives in the main thread.

    Signals
    -------
    raise_wished()
        The program was started again: the window is to come to the front.
    """

    raise_wished = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder = folder.resolve()  # a link to it is the same folder
        self._path = folder / "window.lock"
        self._lock = QLockFile(str(self._path))
        self._lock.setStaleLockTime(0)  # however long it runs; one whose process is gone is stale
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        self._name = f"mnist-desktop-{name}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_server_new_connection)

    def claim(self) -> bool:
        """Become the first window; False if there is one already."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._name)  # left by a window that did not end properly
        self._server.listen(self._name)
        return True

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
        socket = QLocalSocket()
        socket.connectToServer(self._name)
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
        self.raise_wished.emit()
        socket.write(b"raised\n")
        socket.disconnectFromServer()
