"""A search kept in a server: a worker is killed, the server restarted, and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.database import UnreachableError
from mnist_desktop.search.study import open_search
from tests.integration.test_search import ROOT, count_finished, start, training
from tests.made_searches import begin, few, make_trials
from tests.servers import SERVERS, free_port, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


class Proxy:
    """This program's own server, of a journal."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / "served.journal"
        self.port = free_port()
        self.url = f"grpc://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mnist_desktop", "search", "serve",
             "--storage", f"journal:{self.journal}", "--port", str(self.port)],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        assert f"Serving at {self.url}" in self.process.stderr.readline()

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()


@pytest.fixture(params=[*SERVERS, "gRPC"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param != "gRPC":
        with running(request.param) as found:
            yield found
        return
    proxy = Proxy(tmp_path)
    proxy.start()
    yield proxy
    proxy.stop()


def test_a_killed_worker_and_a_restarted_server_lose_nothing(server: Any, sample: Dataset) -> None:
    digits = few(sample)
    search = begin(server.url, digits, epochs=20)
    killed = start(search, 10_000)
    while not (count_finished(search) > 1 and (theirs := training(search))):
        assert killed.poll() is None, killed.communicate()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    before = {one.number: one for one in search.trials() if one.state in ("complete", "pruned")}

    begun = len(search.trials())
    other = start(search, 4 + len(before))
    while len(search.trials()) == begun:  # it is at work when the server goes
        assert other.poll() is None, other.communicate()
    server.stop()
    with pytest.raises(UnreachableError, match="make sure that"):
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
