"""What the processes of a search say is understood, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from mnist_desktop.search.goal import Goal
from mnist_desktop.search.messages import (
    CaughtUp,
    Failure,
    Importances,
    Message,
    Outline,
    Outlook,
    decode,
    encode,
)
from mnist_desktop.search.study import TrialSummary

TRIAL = TrialSummary(
    3, "complete", 0.98, 1_000, 2.5, {"architecture": "dense-10"}, "", True, (0.9, 0.98)
)


@pytest.mark.parametrize(
    "message",
    [
        Outlook("Training", share=0.25, seconds_left=30.0),
        Outline(Goal(25_000, front="seconds"), ("one", "two")),
        TRIAL,
        Importances({"epochs": 0.7}),
        CaughtUp(4),
        Failure("There is no search “ä”."),
    ],
)
def test_a_message_is_read_as_it_was_written(message: Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize(
    "line", [b"", b"2026-01-01 warning", b"{", b"[]", b"3", b'{"is": "x"}', b'{"is": "trial"}',
             b'{"is": "outline", "goal": {"max_parameters": 0}, "runs": []}', b"\xff"]
)  # fmt: skip
def test_what_is_no_message_is_left_out(line: bytes) -> None:
    assert decode(line) is None
