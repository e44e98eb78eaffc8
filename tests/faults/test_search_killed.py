"""Four workers, each in a network namespace of its own; one of them is killed again and again.

``KILL_SECONDS`` says for how long (60 unless told), ``KILL_EVERY`` how many seconds lie between two
kills (10). For PostgreSQL, the server is restarted once. What is held: no trial that has finished
is lost or made twice, none is left running without its worker, and the search ends.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.search.study import AGAIN, BEAT, RUNNING, Search, TrialSummary
from tests.made_searches import begin
from tests.servers import running

SECONDS = float(os.environ.get("KILL_SECONDS", "60"))
EVERY = float(os.environ.get("KILL_EVERY", "10"))
WORKERS, MORE_TRIALS = 4, 8
ABANDONED_SECONDS = 120.0
ROOT = Path(__file__).resolve().parents[2]
HOST, NETWORK = "10.213.7.1", "10.213.7.0/24"
BRIDGE = "mnist-kill"
FINISHED = ("complete", "pruned")

pytestmark = [
    pytest.mark.timeout(SECONDS + 600),
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("ip"),
        reason="network namespaces are made by root on Linux",
    ),
]


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, timeout=30)


@pytest.fixture
def namespaces() -> Iterator[list[str]]:
    """Namespaces that reach one another, and this one, by a bridge."""
    names = [f"{BRIDGE}-{number}" for number in range(WORKERS)]
    with ExitStack() as undo:
        ip(f"link add {BRIDGE} type bridge")
        undo.callback(ip, f"link del {BRIDGE}")
        ip(f"addr add {HOST}/24 dev {BRIDGE}")
        ip(f"link set {BRIDGE} up")
        for number, name in enumerate(names):
            ip(f"netns add {name}")
            undo.callback(ip, f"netns del {name}")
            ip(f"link add mk{number} type veth peer name eth0 netns {name}")
            ip(f"link set mk{number} master {BRIDGE} up")
            ip(f"-n {name} addr add 10.213.7.{10 + number}/24 dev eth0")
            ip(f"-n {name} link set eth0 up")
        yield names


@pytest.fixture
def server() -> Iterator[Any]:
    with running("PostgreSQL", HOST, NETWORK) as found:
        yield found


@dataclass
class Worker:
    """``search join`` in a namespace; a new one begins when it is killed."""

    namespace: str
    url: str
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self, trials: int) -> None:
        program = [sys.executable, "-m", "mnist_desktop", "search", "join", "small"]
        options = ["--storage", self.url, "--trials", str(trials), "--data", "sample"]
        with (self.folder / f"{self.namespace}.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, *program, *options],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
                     "MNIST_DESKTOP_HOME": str(self.folder / "home")},
            )  # fmt: skip

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait()


class Observer:
    """Looks at the search from time to time, and remembers what it saw."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._finished: dict[int, TrialSummary] = {}
        self._beats: dict[int, tuple[int, float]] = {}
        self.lost: set[int] = set()
        self.longest_silence = 0.0

    def look(self) -> None:
        trials = {one.number: one for one in self._search.trials()}
        self.lost |= {n for n, one in self._finished.items() if trials.get(n) != one}
        self._finished |= {n: one for n, one in trials.items() if one.state in FINISHED}
        now = time.monotonic()
        for one in self._search.study.get_trials(deepcopy=False):
            if trials.get(one.number) is None or trials[one.number].state != RUNNING:
                self._beats.pop(one.number, None)
                continue
            beat = one.user_attrs.get(BEAT, 0)
            if self._beats.get(one.number, (None, 0.0))[0] != beat:
                self._beats[one.number] = (beat, now)
            silence = now - self._beats[one.number][1]
            self.longest_silence = max(self.longest_silence, silence)

    def count_finished(self) -> int:
        return len(self._finished)

    def made_twice(self) -> list[int]:
        """Trials that were made again although they, or another of their successors, finished."""
        trials = self._search.study.get_trials(deepcopy=False)
        again = [one.user_attrs[AGAIN] for one in trials if AGAIN in one.user_attrs]
        return sorted({n for n in again if n in self._finished or again.count(n) > 1})


def run_and_kill(search: Search, workers: list[Worker], server: Any) -> None:
    """Kill workers for a while; then have the others make a few more trials and end."""
    observer, chance, kills = Observer(search), random.Random(7), 0
    for worker in workers:
        worker.start(1_000_000)
    ends = time.monotonic() + SECONDS
    restart_at = time.monotonic() + SECONDS / 2
    for number in itertools.count(1):
        next_kill = ends - SECONDS + number * EVERY
        while time.monotonic() < min(next_kill, ends):
            observer.look()
            time.sleep(1)  # a search of other processes is looked at; there is nothing to wait for
        if time.monotonic() >= ends:
            break
        unlucky = chance.choice(workers)
        assert unlucky.process.poll() is None, "It ended by itself."
        unlucky.end(signal.SIGKILL)
        kills += 1
        unlucky.start(1_000_000)
        if server and time.monotonic() > restart_at:
            server.stop()
            server.start()
            restart_at = float("inf")
    for worker in workers:
        worker.end(signal.SIGTERM)
    began = time.monotonic()
    for worker in workers:
        worker.start(observer.count_finished() + MORE_TRIALS)
    while any(worker.process.poll() is None for worker in workers):
        observer.look()
        time.sleep(1)
    observer.look()
    states = [one.state for one in search.trials()]
    print(
        f"\n{search.url.partition(':')[0]}: {kills} kills; "
        + ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
        + f"; longest without a sign of life {observer.longest_silence:.0f} s; "
        f"ended {time.monotonic() - began:.0f} s after the last workers began"
    )
    assert [worker.process.returncode for worker in workers] == [0] * WORKERS
    assert observer.count_finished() > 0
    assert observer.lost == set()
    assert observer.made_twice() == []
    assert RUNNING not in states
    assert observer.longest_silence < ABANDONED_SECONDS


def start_all(url: str, namespaces: list[str], folder: Path, server: Any = None) -> None:
    search = begin(url, sample_dataset(), epochs=40, architecture="dense-100")
    workers = [Worker(name, url, folder) for name in namespaces]
    try:
        run_and_kill(search, workers, server)
    finally:
        for worker in workers:
            if hasattr(worker, "process") and worker.process.poll() is None:
                worker.end(signal.SIGKILL)
        for path in sorted(folder.glob("*.log")):
            print(path.read_text("utf-8")[-500:])
        search.close()


def test_in_a_shared_folder(namespaces: list[str], tmp_path: Path) -> None:
    start_all(f"journal:{tmp_path / 'small.journal'}", namespaces, tmp_path)


def test_in_postgresql(namespaces: list[str], server: Any, tmp_path: Path) -> None:
    start_all(server.url, namespaces, tmp_path, server)
