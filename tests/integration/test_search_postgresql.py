"""A search kept in PostgreSQL: a worker is killed, the server restarted, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.database import UnreachableError
from mnist_desktop.search.study import open_search
from tests.integration.test_search import count_finished, start, training
from tests.made_searches import begin, few, make_trials

pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server of this test's own, on loopback."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        # It refuses to run as root; its package makes a user for it.
        user = {"user": "postgres"} if hasattr(os, "geteuid") and os.geteuid() == 0 else {}
        log = self.folder / "program.log"
        with log.open("a") as output:
            subprocess.run(
                [self.programs / program, "-D", self.folder / "data", *arguments],
                cwd=self.folder, stdout=output, stderr=output, check=True, timeout=100, **user,
            )  # fmt: skip

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -F"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")


def find_programs() -> Path | None:
    found = shutil.which("pg_ctl") or max(
        map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), default=None
    )
    return Path(found).parent if found else None


@pytest.fixture
def server() -> Iterator[Server]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not below the test's own folder, which another user cannot enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        found = Server(programs, Path(name), port)
        if os.geteuid() == 0:
            shutil.chown(name, "postgres")
        found.run("initdb", "-U", "tester", "--auth=trust", "--no-sync")
        found.start()
        yield found
        found.stop()


def test_a_killed_worker_and_a_restarted_server_lose_nothing(
    server: Server, sample: Dataset
) -> None:
    digits = few(sample)
    search = begin(server.url, digits, epochs=20)
    killed = start(search, 10_000)
    while not (count_finished(search) > 1 and (theirs := training(search))):
        assert killed.poll() is None, killed.stderr
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    before = {one.number: one for one in search.trials() if one.state in ("complete", "pruned")}

    begun = len(search.trials())
    other = start(search, 4 + len(before))
    while len(search.trials()) == begun:  # it is at work when the server goes
        assert other.poll() is None, other.stderr
    server.stop()
    with pytest.raises(UnreachableError, match="make sure that its server is running"):
        open_search("small", server.url)
    server.start()
    make_trials(search, digits, 4 + len(before))
    _, errors = other.communicate(timeout=200)
    assert errors == ""

    after = {one.number: one for one in search.trials()}
    assert before
    assert all(after[number] == one for number, one in before.items())
    assert {one.state for one in after.values()} <= {"complete", "pruned", "interrupted"}
    for number in theirs:
        assert after[number].state == "interrupted"
    search.close()
