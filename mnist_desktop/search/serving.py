"""Serves a storage to workers on other machines, until that is stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.search.proxy import GRPC, PORT, address, make_server
from mnist_desktop.search.storage import close_storage, open_storage, told
from mnist_desktop.training.config import check_integer

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLL_SECONDS = 0.2  # between two looks at whether to stop
GRACE_SECONDS = 5.0  # for calls that are being answered then
MAX_PORT = 65_535


@dataclass(frozen=True)
class ServeRequest:
    """A storage is to be served.

    Attributes
    ----------
    url : str
        Which; see `open_storage`. A journal that does not exist is made.
    host : str
        Under which of this machine's addresses; by default it is reached from this machine only.
    port : int
        At which port; 0 for any that is free.

    Raises
    ------
    InvalidSettingError
        If the port is no such number.
    """

    url: str
    host: str = "127.0.0.1"
    port: int = PORT

    def __post_init__(self) -> None:
        """Check the port."""
        check_integer("The port", self.port, 0, MAX_PORT)

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach it, whoever they belong to."""
        return self.host not in LOOPBACK


@dataclass(frozen=True)
class Served:
    """A storage was served.

    Attributes
    ----------
    address : str
        As whose URL.
    seconds : float
        For how long.
    """

    address: str
    seconds: float


def serve(request: ServeRequest, *, on_progress: OnProgress, should_stop: ShouldStop) -> Served:
    """Serve a storage until that is stopped.

    Parameters
    ----------
    request : ServeRequest
        What to serve, and where.
    on_progress : callable
        Called with a `PhaseProgress` that holds the URL, once it is served.
    should_stop : callable
        When it answers True, what was asked before is answered, and the server ends.

    Raises
    ------
    InvalidInputError
        If the storage or the address is none.
    StudyStorageError
        If the storage cannot be used.
    """
    storage = open_storage(request.url, create=True)
    try:
        server = make_server(storage, lambda: told(request.url))
        try:
            port = server.add_insecure_port(address(request.host, request.port))
        except RuntimeError:
            raise InvalidInputError(
                f"Nothing can be served at {address(request.host, request.port)}: another program "
                "uses this port, or it is no address of this machine; give another --port or "
                "--host."
            ) from None
        url = f"{GRPC}{address(request.host, port)}"
        began = time.monotonic()
        server.start()
        on_progress(PhaseProgress(url))
        while not should_stop():
            server.wait_for_termination(POLL_SECONDS)
        server.stop(GRACE_SECONDS).wait()
        return Served(url, time.monotonic() - began)
    finally:
        close_storage(storage)
