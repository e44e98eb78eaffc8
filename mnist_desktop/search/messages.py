"""What the processes of a search tell the window: a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.study import TrialSummary


@dataclass(frozen=True)
class Outlook:
    """How far a worker is.

    Attributes
    ----------
    text : str
        What it does, in words.
    is_keeping : bool
        Whether trials are over, and the best settings are trained again.
    share : float or None
        Fraction of that which is done, 0 to 1; None while nothing says when it ends.
    seconds_left : float or None
        Until it ends, if that is known.
    """

    text: str
    is_keeping: bool = False
    share: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True)
class Outline:
    """What a search is for, and what was kept of it.

    Attributes
    ----------
    goal : Goal
        For what settings are searched.
    runs : tuple of str
        Ids of the runs in which the best settings were trained again.
    """

    goal: Goal
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importances:
    """How much each setting matters, by its name, 0 to 1."""

    values: Mapping[str, float]


@dataclass(frozen=True)
class CaughtUp:
    """All that has been told is how the search is now; trials have numbers below this count."""

    count: int


@dataclass(frozen=True)
class Failure:
    """Why a process ends, in a sentence."""

    text: str


Message = Outlook | Outline | TrialSummary | Importances | CaughtUp | Failure
_KINDS: Mapping[str, type[Any]] = {
    "outlook": Outlook,
    "outline": Outline,
    "trial": TrialSummary,
    "importances": Importances,
    "caught up": CaughtUp,
    "failure": Failure,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(message: Message) -> bytes:
    """Write a message as a line."""
    fields = dict(vars(message))
    if isinstance(message, Outline):
        fields["goal"] = message.goal.as_json()
    return json.dumps({"is": _NAMES[type(message)], **fields}).encode() + b"\n"


def decode(line: bytes) -> Message | None:
    """Read a line; None for one that is no message, which libraries may write as well."""
    try:
        fields = json.loads(line)
        kind = _KINDS[fields.pop("is")]
        if kind is TrialSummary:
            fields["curve"] = tuple(fields["curve"])
        elif kind is Outline:
            fields = {"goal": Goal(**fields["goal"]), "runs": tuple(fields["runs"])}
        message: Message = kind(**fields)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSettingError):
        return None
    return message
