"""A host on this machine that answers as a test tells it to."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import pytest

THREAD_ENDS_S = 10.0


@dataclass(frozen=True)
class Answer:
    """What the host says to one address.

    ``stalls`` leaves the client waiting after ``body``; ``length`` is announced for it.
    """

    body: bytes = b""
    status: int = 200
    length: int | None = None
    location: str = ""
    stalls: bool = False


class LocalHost:
    """An HTTP server on a port of its own, in threads that end with it."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.stalled = threading.Event()
        self._may_go_on = threading.Event()
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client may leave
                    host._answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False  # so that closing waits for them
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def close(self) -> None:
        self._may_go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        answer = self.answers.get(handler.path, Answer(b"not here", 404))
        handler.send_response(answer.status)
        length = len(answer.body) if answer.length is None else answer.length
        handler.send_header("Content-Length", str(length))
        if answer.location:
            handler.send_header("Location", answer.location)
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.wfile.flush()
        if answer.stalls:
            self.stalled.set()
            self._may_go_on.wait()


Host = TypeVar("Host", bound=LocalHost)


@contextlib.contextmanager
def answering(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Have a host answer, past any proxy, until the last download from it has ended."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    yield host
    host.close()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join(THREAD_ENDS_S)
            assert not thread.is_alive(), "a download outlived its host"
