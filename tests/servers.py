"""Servers of databases, run by a test on loopback as an ordinary user, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

STARTED_SECONDS = 60


@dataclass
class PostgreSQL:
    """A PostgreSQL server."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    clients: str = "127.0.0.1/32"
    programs: Path | None = field(default_factory=lambda: folder_of("pg_ctl", "postgresql/*/bin"))

    @property
    def missing(self) -> str:
        if find_spec("psycopg") is None:
            return "the driver of PostgreSQL is not installed"
        return "" if self.programs else "PostgreSQL's server is not installed"

    @property
    def url(self) -> str:
        return f"postgresql://tester@{self.host}:{self.port}/postgres"

    def make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-U", "tester", "--auth=trust", "--no-sync")
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self.clients} trust\n")

    def start(self) -> None:
        options = f"-h {self.host} -p {self.port} -k {self.folder} -F"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        assert self.programs is not None
        # It refuses to run as root; its package makes a user for it.
        user = {"user": "postgres"} if os.geteuid() == 0 else {}
        with (self.folder / "program.log").open("a") as output:
            subprocess.run(
                [self.programs / program, "-D", self.folder / "data", *arguments],
                cwd=self.folder, stdout=output, stderr=output, check=True, timeout=100, **user,
            )  # fmt: skip


@dataclass
class MariaDB:
    """A MariaDB server, which speaks MySQL; without its own tables, and so without passwords."""

    folder: Path
    port: int
    programs: Path | None = field(default_factory=lambda: folder_of("mariadbd"))
    process: subprocess.Popen[bytes] | None = None

    @property
    def missing(self) -> str:
        if find_spec("pymysql") is None:
            return "the driver of MySQL is not installed"
        return "" if self.programs else "MariaDB's server is not installed"

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/digits"

    def make(self) -> None:
        (self.folder / "data" / "digits").mkdir(parents=True)  # a folder is a database there

    def start(self) -> None:
        assert self.programs is not None
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [self.programs / "mariadbd", "--no-defaults", f"--datadir={self.folder / 'data'}",
                 f"--socket={self.folder / 'socket'}", f"--port={self.port}", "--skip-grant-tables",
                 "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=2",
                 *(["--user=root"] if os.geteuid() == 0 else [])],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        ends = time.monotonic() + STARTED_SECONDS
        while not answers(self.port):
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < ends
            time.sleep(0.05)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()  # killed in its first minute, it loses the tables' own header
        self.process.wait(STARTED_SECONDS)


SERVERS: dict[str, Any] = {"PostgreSQL": PostgreSQL, "MariaDB": MariaDB}


def folder_of(program: str, elsewhere: str = "") -> Path | None:
    """Where a server's program is; Debian has some outside the search path."""
    places = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    found = shutil.which(program, path=places)
    if found is None and elsewhere:
        found = max(map(str, Path("/usr/lib").glob(f"{elsewhere}/{program}")), default=None)
    return Path(found).resolve().parent if found else None


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(kind: str, host: str = "127.0.0.1", clients: str = "") -> Iterator[Any]:
    """Run a server while a block runs; skip the test where there is none.

    PostgreSQL can also listen at another address, for clients of another network.
    """
    # Not below the test's own folder, which another user cannot enter.
    with tempfile.TemporaryDirectory(prefix="db-", ignore_cleanup_errors=True) as name:
        elsewhere = (host, clients) if clients else ()
        server = SERVERS[kind](Path(name), free_port(host), *elsewhere)
        if server.missing:
            pytest.skip(server.missing)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
