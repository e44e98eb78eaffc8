"""A search with two processes, one of which is killed: no trial is lost, none made twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.study import Search
from tests.made_searches import begin, few, make_trials

# A worker as the command starts it, with a lease that is quicker to end.
WORKER = """
import logging
import sys
logging.getLogger().addHandler(logging.NullHandler())
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.search.study import open_search
from mnist_desktop.search.lease import Lease
from tests.made_searches import few, make_trials
search, lease = open_search("small", sys.argv[1]), Lease(float(sys.argv[3]), silent_looks=10)
make_trials(search, few(sample_dataset()), int(sys.argv[2]), lease)
"""
ROOT = Path(__file__).resolve().parents[2]
TRIALS = 4


def start(search: Search, trials: int, beat_seconds: float = 0.05) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, search.url, str(trials), str(beat_seconds)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def training(search: Search) -> list[int]:
    """The trials that are running and whose network is known: nothing is being written of them."""
    found = search.trials()
    return [one.number for one in found if one.state == "running" and one.parameters]


def count_finished(search: Search) -> int:
    return sum(one.state in ("complete", "pruned") for one in search.trials())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    sample: Dataset, tmp_path: Path
) -> None:
    digits = few(sample)
    search = begin(tmp_path, digits, epochs=20)
    # Its beats are far apart: killed while it writes one, it would hold up the others for long.
    killed = start(search, 10_000, beat_seconds=10)
    while not (count_finished(search) > 1 and (theirs := training(search))):
        assert killed.poll() is None, killed.stderr
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    before = {one.number: one for one in search.trials()}

    other = start(search, TRIALS + len(before))
    make_trials(search, digits, TRIALS + len(before))
    _, errors = other.communicate(timeout=200)
    assert other.returncode == 0, errors

    after = {one.number: one for one in search.trials()}
    finished = [one for one in before.values() if one.state in ("complete", "pruned")]
    assert finished
    assert all(after[one.number] == one for one in finished)
    assert {one.state for one in after.values()} <= {"complete", "pruned", "interrupted"}
    for number in theirs:
        assert after[number].state == "interrupted"
        settings = after[number].settings
        again = [one for one in after.values() if one.settings == settings]
        assert sum(one.state in ("complete", "pruned") for one in again) == 1


def test_the_command_works_with_several_processes(tmp_path: Path) -> None:
    space = tmp_path / "small.toml"
    space.write_text('architecture = "dense-10"\nepochs = 1\naugment = "none"\nbatch_size = 64\n'
                     'schedule = "constant"\nweight_decay = 0\n')  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mnist_desktop", "search", "start", "small", "--space", str(space),
         "--data", "sample", "--trials", "4", "--workers", "2", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["running"] == found["failed"] == 0
    assert len(found["trials"]) == 4
    assert len(found["runs"]) == 3
