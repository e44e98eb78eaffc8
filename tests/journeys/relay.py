"""Brings what a Windows program says in a named pipe to whoever asks on a TCP port.

Run by a Windows Python beside the program; prints its port. Linux knows nothing of Wine's pipes.
Whoever connects names a pipe in a line and gets all that is said in it, or nothing.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading


def answer(connection: socket.socket) -> None:
    """Say what is said in the pipe that is asked for."""
    with connection, contextlib.suppress(OSError):  # there is none, or no more
        name = connection.makefile(encoding="ascii").readline().strip()
        with open(rf"\\.\pipe\{name}", "rb", buffering=0) as pipe:  # noqa: PTH123
            while block := pipe.read(1 << 16):
                connection.sendall(block)


with socket.create_server(("127.0.0.1", 0)) as server:
    sys.stdout.write(f"{server.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()
