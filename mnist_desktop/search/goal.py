"""What a search is for: accuracy, within limits, or against another quantity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.formats import count
from mnist_desktop.training.config import MAX_SECONDS, check_integer, is_number

PARAMETERS, SECONDS = "parameters", "seconds"
MAX_PARAMETERS = 10**9


@dataclass(frozen=True)
class Goal:
    """As many validation digits as possible are to be read right.

    Attributes
    ----------
    max_parameters : int or None
        How many parameters a network may have.
    max_seconds : float or None
        How long its training may take.
    front : {"", "parameters", "seconds"}
        What is to be small at the same time: then networks are searched of which no other is
        better in both (a Pareto front).

    Raises
    ------
    InvalidSettingError
        If a limit is no such number.
    """

    max_parameters: int | None = None
    max_seconds: float | None = None
    front: str = ""

    def __post_init__(self) -> None:
        """Check every value."""
        if self.max_parameters is not None:
            check_integer("The most parameters", self.max_parameters, 1, MAX_PARAMETERS)
        seconds = self.max_seconds
        if seconds is not None and not (is_number(seconds) and 0 < seconds <= MAX_SECONDS):
            raise InvalidSettingError(
                f"The most seconds must be a number above 0, not {seconds!r:.40}."
            )
        if self.front not in ("", PARAMETERS, SECONDS):
            raise InvalidSettingError(
                f"A front is of accuracy and {PARAMETERS} or {SECONDS}, not {self.front!r:.40}."
            )

    @property
    def directions(self) -> list[Literal["maximize", "minimize"]]:
        """In which direction each value of a trial is better, as Optuna names it."""
        return ["maximize", "minimize"] if self.front else ["maximize"]

    def values(self, score: float, parameters: int, seconds: float) -> list[float]:
        """What a trial has come to, for each of `directions`."""
        other = {PARAMETERS: parameters, SECONDS: seconds}
        return [score, *([other[self.front]] if self.front else [])]

    def why_too_large(self, parameters: int) -> str:
        """Say why a network is not even trained; nothing if it is small enough."""
        if self.max_parameters is None or parameters <= self.max_parameters:
            return ""
        return f"It has {count(parameters, 'parameter')}, more than {self.max_parameters:,}."

    def why_too_slow(self, seconds: float) -> str:
        """Say why a training is ended; nothing while it has not taken too long."""
        if self.max_seconds is None or seconds <= self.max_seconds:
            return ""
        return f"Its training took longer than {self.max_seconds:g} s."

    def as_json(self) -> dict[str, Any]:
        """Return the values in a form that can be written as JSON."""
        return asdict(self)
