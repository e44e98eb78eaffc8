"""What a search is for."""

from __future__ import annotations

from typing import Any

import pytest

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.search.goal import Goal


def test_limits_say_what_is_beyond_them() -> None:
    goal = Goal(max_parameters=25_000, max_seconds=10)
    assert goal.why_too_large(25_000) == ""
    assert goal.why_too_large(25_001) == "It has 25,001 parameters, more than 25,000."
    assert goal.why_too_slow(10) == ""
    assert goal.why_too_slow(10.5) == "Its training took longer than 10 s."
    assert Goal().why_too_large(10**9) == Goal().why_too_slow(1e9) == ""


def test_a_front_has_two_values_in_two_directions() -> None:
    assert Goal().values(0.9, 100, 2.0) == [0.9]
    for front, other in (("parameters", 100), ("seconds", 2.0)):
        goal = Goal(front=front)
        assert goal.directions == ["maximize", "minimize"]
        assert goal.values(0.9, 100, 2.0) == [0.9, other]


@pytest.mark.parametrize(
    "values",
    [{"max_parameters": 0}, {"max_seconds": 0}, {"max_seconds": float("nan")}, {"front": "x"}],
)
def test_what_is_no_limit_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettingError):
        Goal(**values)
