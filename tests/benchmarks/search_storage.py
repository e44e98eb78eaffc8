"""What a storage costs a search: the time of a trial that trains nothing, in blocks of trials.

Each trial draws settings, reports three quarters and tells a result, through the storage named:
`memory` (for comparison: choosing settings alone), `journal`, `PostgreSQL`, `MariaDB`, and each of
the last three behind this program's own server, `journal+gRPC` and so on. Servers run on this
machine. `locks` measures for how long a journal is locked while four processes write to it.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.search import journal, trial
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.lease import Lease, Watch
from mnist_desktop.search.serving import ServeRequest, serve
from mnist_desktop.search.space import Space
from mnist_desktop.search.study import Search, begin_search, open_search, without_test_digits
from mnist_desktop.training.progress import EpochMetrics
from tests.servers import SERVERS, running

PLACES = ["memory", "journal", "journal+gRPC", "PostgreSQL", "PostgreSQL+gRPC", "MariaDB",
          "MariaDB+gRPC", "locks"]  # fmt: skip
BLOCKS = (100, 500, 1000)
WRITERS, WRITES = 4, 5_000


def train(config: Any, _: Any, *, on_progress: Any, **__: Any) -> Any:
    """Train nothing, and report as a training does."""
    accuracy = random.random()  # noqa: S311
    for epoch in range(1, config.epochs + 1):
        on_progress(EpochMetrics(epoch, 0.1, accuracy, 0.1, accuracy, 0.0))
    return SimpleNamespace(fit_seconds=0.0, note="", test=SimpleNamespace(accuracy=accuracy))


@contextlib.contextmanager
def served(url: str) -> Iterator[str]:
    """Serve a storage on a thread while a block runs."""
    ended, ready, urls = threading.Event(), threading.Event(), []

    def on_progress(progress: Any) -> None:
        urls.append(progress.text)
        ready.set()

    request = ServeRequest(url, port=0)
    thread = threading.Thread(
        target=lambda: serve(request, on_progress=on_progress, should_stop=ended.is_set)
    )
    thread.start()
    ready.wait()
    try:
        yield urls[0]
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def opened(place: str) -> Iterator[Search]:
    """A new search in one of `PLACES`."""
    blind = without_test_digits(sample_dataset())
    kind, _, proxy = place.partition("+")
    with contextlib.ExitStack() as stack:
        if kind == "memory":
            from optuna.storages import InMemoryStorage

            module = "mnist_desktop.search.study.open_storage"
            stack.enter_context(patch(module, lambda *_, **__: InMemoryStorage()))
        if kind in SERVERS:
            url = stack.enter_context(running(kind)).url
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"journal:{Path(folder) / 'x.journal'}"
        if proxy:
            url = stack.enter_context(served(url))
        search = begin_search("x", url, Space(), Goal(), blind)
        stack.callback(search.close)
        yield search


def measure(place: str) -> None:
    """Make trials, and print what each block of them took."""
    with (
        opened(place) as search,
        patch.object(trial, "train", train),
        patch.object(trial, "count_parameters", lambda _: 1000),
        Watch(search, Lease()) as watch,
    ):
        begin = 0
        for end in BLOCKS:
            taken = []
            for _ in range(begin, end):
                began = time.perf_counter()
                trial.run_trial(
                    search, None, watch, on_progress=lambda _: None, should_stop=lambda: False
                )
                taken.append(1000 * (time.perf_counter() - began))
            print(
                f"{place:16} trials {begin:4} to {end:4}: {statistics.mean(taken):6.1f} ms each "
                f"(median {statistics.median(taken):.1f}, longest {max(taken):.0f})",
                flush=True,
            )
            begin = end


def write(url: str, held: Any) -> None:
    """Write many lines, and put for how long each has locked the journal."""
    seconds: list[float] = []
    release = journal.JournalLock.release

    def timed(self: Any) -> None:
        seconds.append(time.monotonic() - self._since)
        release(self)

    with patch.object(journal.JournalLock, "release", timed):
        search = open_search("x", url)
        for number in range(WRITES):
            search.study.set_user_attr("note", number)
    held.put(seconds)


def measure_locks() -> None:
    """Let several processes write at once."""
    with opened("journal") as search:
        context = multiprocessing.get_context("spawn")
        held = context.Queue()
        writers = [context.Process(target=write, args=(search.url, held)) for _ in range(WRITERS)]
        for one in writers:
            one.start()
        seconds = sorted(one for _ in writers for one in held.get())
        for one in writers:
            one.join()
    print(
        f"locks            {len(seconds):,} writes by {WRITERS} processes: median "
        f"{1000 * statistics.median(seconds):.1f} ms, 99.9% below "
        f"{1000 * seconds[int(0.999 * len(seconds))]:.0f} ms, longest {1000 * seconds[-1]:.0f} ms",
        flush=True,
    )


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", help=", ".join(PLACES))
    return parser


def main() -> None:
    """Measure all places, or those that are named."""
    for place in make_parser().parse_args().places or PLACES:
        if place == "locks":
            measure_locks()
        else:
            measure(place)


if __name__ == "__main__":
    main()
