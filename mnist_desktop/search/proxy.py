"""Studies that another process serves over a network (gRPC), so that many workers need few locks.

Server and client are Optuna's. What is added: errors of the storage behind the server arrive as
what they are, a server that has gone is noticed, and one port has one server.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_desktop.errors import InvalidInputError
from mnist_desktop.printable import printable
from mnist_desktop.search.database import MAX_REASON, StudyStorageError, UnreachableError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

GRPC = "grpc://"
PORT = 13000  # Optuna's
# At the same time, and so the most connections to a database behind it; all others wait.
SERVER_THREADS = 10
CALL_SECONDS = 60  # for an answer, or the server is taken for gone
# gRPC's own reaches two minutes; whoever waits for a server tries once in ten seconds.
RECONNECT_MILLISECONDS = 5_000
EVERY_CALL = {"name": [{}], "timeout": f"{CALL_SECONDS}s"}
CLIENT = [
    ("grpc.max_receive_message_length", -1),  # all trials of a search at once
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", RECONNECT_MILLISECONDS),
    ("grpc.enable_http_proxy", 0),  # the server is a machine next door, not in the web
    ("grpc.service_config", json.dumps({"methodConfig": [EVERY_CALL]})),
]
# Linux lets several servers share a port, each with a part of the calls.
SERVER = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", -1)]


def open_proxy(url: str) -> BaseStorage:
    """Open what `make_server` serves somewhere; nothing is sent yet.

    Parameters
    ----------
    url : str
        ``grpc://HOST:PORT``; without a port, Optuna's own.

    Raises
    ------
    InvalidInputError
        If the URL names no host and port.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it says is told in a sentence
    import grpc
    from optuna.exceptions import ExperimentalWarning
    from optuna.storages import GrpcStorageProxy
    from optuna.storages._grpc.auto_generated import api_pb2_grpc
    from optuna.storages._grpc.client import GrpcClientCache

    stub: Any = api_pb2_grpc.StorageServiceStub

    class Proxy(GrpcStorageProxy):
        """Gives up when a server does not answer, and finds it again when it does."""

        def _setup(self) -> None:
            self._channel = grpc.insecure_channel(address(self._host, self._port), CLIENT)
            self._stub = stub(self._channel)
            self._cache = GrpcClientCache(self._stub)

    host, port = _place(url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return Proxy(host=host, port=port)


def address(host: str, port: int) -> str:
    """Host and port in one."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host or parts.path not in ("", "/"):
        raise InvalidInputError(
            f"A server of searches is named by {GRPC}HOST:PORT, such as {GRPC}192.168.1.7:{PORT}, "
            f"not {url!r:.80}."
        )
    return host, port


def proxy_error(url: str, error: Exception) -> StudyStorageError | None:
    """Say in a sentence what a server has answered, or that it has not; None for other errors."""
    if "grpc" not in sys.modules:
        return None
    import grpc

    if not isinstance(error, grpc.RpcError):
        return None
    code: Any = getattr(error, "code", lambda: None)()
    details: Any = getattr(error, "details", lambda: None)()
    said = printable(" ".join(str(details or code).split()), MAX_REASON).rstrip(".")
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED:  # what `_Told` makes of an `UnreachableError`
        return UnreachableError(f"The server {url} cannot use its storage: {details}")
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return UnreachableError(
            f"The server {url} does not answer ({said}); make sure that 'mnist-desktop search "
            "serve' is running there and can be reached from here. What was tried before is not "
            "lost."
        )
    if code == grpc.StatusCode.DATA_LOSS:  # what `_Told` makes of any other `StudyStorageError`
        return StudyStorageError(f"The server {url} cannot use its storage: {details}")
    return StudyStorageError(
        f"The server {url} does not understand this program ({said}); have the same version run "
        "on both sides."
    )


def make_server(storage: BaseStorage, tell: Callable[[], Any]) -> Any:
    """Make a server of a storage, which is to be given a port and started.

    Parameters
    ----------
    storage : BaseStorage
        What is served.
    tell : callable
        Makes a context which turns what the storage raises into a `StudyStorageError`.

    Returns
    -------
    grpc.Server
        The server.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    import grpc
    from optuna.storages import get_storage
    from optuna.storages._grpc.auto_generated import api_pb2_grpc
    from optuna.storages._grpc.servicer import OptunaStorageProxyService

    class Told(grpc.ServerInterceptor):  # type: ignore[misc]
        """Answers with a sentence where the storage fails, and with which kind of failure it is."""

        def intercept_service(self, continuation: Any, call_details: Any) -> Any:
            handler = continuation(call_details)
            if handler is None:
                return None

            def answer(request: Any, context: Any) -> Any:
                try:
                    with tell():
                        return handler.unary_unary(request, context)
                except UnreachableError as error:
                    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
                except StudyStorageError as error:
                    context.abort(grpc.StatusCode.DATA_LOSS, str(error))

            return grpc.unary_unary_rpc_method_handler(
                answer, handler.request_deserializer, handler.response_serializer
            )

    threads = ThreadPoolExecutor(SERVER_THREADS, thread_name_prefix="search-serve")
    server = grpc.server(threads, interceptors=(Told(),), options=SERVER)
    service = OptunaStorageProxyService(get_storage(storage))  # a database's, with its cache
    add: Any = api_pb2_grpc.add_StorageServiceServicer_to_server
    add(service, server)
    return server
