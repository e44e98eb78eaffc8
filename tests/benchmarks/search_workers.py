"""What a second worker brings: ``python search_workers.py [MINUTES] [ROUNDS]``.

The same dense network is trained in every trial, by one worker and by two, one thread each, in
turns. Counted are the trials that lie between the first and the last end of one: starting costs
seconds that do not matter to a search of hours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

SPACE = """
architecture = "dense-100"
epochs = 3
batch_size = 128
optimizer = "adam"
schedule = "constant"
label_smoothing = 0
weight_decay = 0
augment = "none"
learning_rate = [0.001, 0.003]
"""


def trials_a_minute(workers: int, minutes: float) -> float:
    """Let workers make trials, and count them."""
    from mnist_desktop.search.study import open_search

    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder, "space.toml")
        space.write_text(SPACE, encoding="utf-8")
        url = f"journal:{Path(folder, 'rate.journal')}"
        one_thread = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
        # More trials than can be made: the best settings are not trained again after a stop.
        process = subprocess.Popen(
            [sys.executable, "-m", "mnist_desktop", "search", "start", "rate", "--storage", url,
             "--space", str(space), "--workers", str(workers), "--json"],
            env={**os.environ, **one_thread, "MNIST_DESKTOP_HOME": folder},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(60 * minutes)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        search = open_search("rate", url)
        assert search is not None
        trials = search.study.get_trials(deepcopy=False)
        ends: list[datetime] = sorted(
            one.datetime_complete for one in trials if one.values and one.datetime_complete
        )
    # The first end of each worker is left out, with its start and what it compiles.
    counted = ends[workers:]
    return 60 * (len(counted) - 1) / (counted[-1] - counted[0]).total_seconds()


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=1.5)
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    return parser


def main() -> None:
    """Print a line for each round, and the median of their ratios."""
    options = make_parser().parse_args()
    ratios = []
    for _ in range(options.rounds):
        one, two = (trials_a_minute(workers, options.minutes) for workers in (1, 2))
        ratios.append(two / one)
        print(f"{one:.1f} trials a minute by one worker, {two:.1f} by two", flush=True)
    print(f"{statistics.median(ratios):.2f} times as many")


if __name__ == "__main__":
    main()
