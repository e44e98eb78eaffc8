"""Child processes: what they are given, and how they are waited for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mnist_desktop.files.child import feed, was_ended

WITHOUT_READING = "import time; print('ready', flush=True); time.sleep(60)"
COUNTING = "import sys; print(len(sys.stdin.buffer.read()))"
MUCH = bytes(10_000_000)  # more than any pipe holds


def test_a_child_is_given_all_that_it_is_to_read() -> None:
    command = [sys.executable, "-c", COUNTING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        feed(child, MUCH)
        said, _ = child.communicate(timeout=60)
    assert int(said) == len(MUCH)


def test_a_child_that_reads_nothing_is_not_waited_for() -> None:
    command = [sys.executable, "-c", WITHOUT_READING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        feed(child, MUCH)
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"ready"
        child.kill()


@pytest.mark.parametrize(
    ("code", "expected"), [(0, False), (1, False), (2, False), (-9, True), (0xC0000005, True)]
)
def test_a_worker_that_was_ended_is_known_by_its_exit_code(code: int, expected: bool) -> None:
    assert was_ended(code) == expected
