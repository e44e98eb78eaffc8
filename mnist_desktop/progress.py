"""What every job reports, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class PhaseProgress:
    """A training entered a phase that has no batches to count.

    Attributes
    ----------
    text : str
        What is being done, for example ``"Testing on 10,000 digits"``.
    """

    text: str


OnProgress = Callable[[Any], None]  # a record of progress, of whatever job
