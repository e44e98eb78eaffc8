"""The trials of a search as arrays, for figures."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.formats import count, percent, seconds
from mnist_desktop.search.settings import SETTINGS
from mnist_desktop.search.study import COMPLETE, FAILED, PRUNED, TrialSummary, best_of

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SettingColumn:
    """The values of one setting.

    Attributes
    ----------
    name : str
        The setting's name in a study.
    places : ndarray of float64, shape (n,)
        Where each trial's value lies: the number itself, or the place of a choice among `choices`;
        not a number where a trial has no such setting.
    choices : tuple of str
        What can be chosen, in words; empty for a range.
    is_log : bool
        Whether the range is searched by factors.
    """

    name: str
    places: Floats
    choices: tuple[str, ...]
    is_log: bool

    @property
    def title(self) -> str:
        """Its name in words, such as ``"learning rate"``."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, eq=False)
class TrialArrays:
    """All trials of a search, a row each, in order of their numbers.

    Attributes
    ----------
    numbers : ndarray of int64, shape (n,)
        Of the trials.
    scores : ndarray of float64, shape (n,)
        From 0 to 1; not a number for trials that are not complete.
    parameters, seconds : ndarray of float64, shape (n,)
        Not a number where it is not known.
    is_complete, is_pruned, is_failed : ndarray of bool, shape (n,)
        Their states; all False for one that is running, say.
    best : int or None
        The row of the best trial.
    settings : sequence of mapping
        Of each trial.
    """

    numbers: NDArray[np.int64]
    scores: Floats
    parameters: Floats
    seconds: Floats
    is_complete: Mask
    is_pruned: Mask
    is_failed: Mask
    best: int | None
    settings: Sequence[Mapping[str, Any]]
    _columns: dict[str, SettingColumn] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, trials: Sequence[TrialSummary]) -> TrialArrays:
        """Take what figures need of each trial."""
        states = np.array([one.state for one in trials], dtype=object)
        best = best_of(trials)
        return cls(
            numbers=np.array([one.number for one in trials], np.int64),
            scores=_floats([one.score for one in trials]),
            parameters=_floats([one.parameters for one in trials]),
            seconds=_floats([one.seconds for one in trials]),
            is_complete=states == COMPLETE,
            is_pruned=states == PRUNED,
            is_failed=states == FAILED,
            best=None if best is None else trials.index(best),
            settings=[one.settings for one in trials],
        )

    def row_of(self, number: int | None) -> int | None:
        """In which row a trial is; None if there is no such trial."""
        rows = np.flatnonzero(self.numbers == number)  # no number is None
        return int(rows[0]) if len(rows) else None

    def rows_of(self, numbers: frozenset[int] | None) -> Mask | None:
        """Which rows belong to trials with these numbers."""
        if numbers is None:
            return None
        return np.isin(self.numbers, np.fromiter(numbers, np.int64, len(numbers)))

    @functools.cached_property
    def setting_names(self) -> list[str]:
        """The settings that complete trials have, in the order in which they are drawn."""
        rows = np.flatnonzero(self.is_complete).tolist()
        found = {name for row in rows for name in self.settings[row]}
        return [name for name in SETTINGS if name in found]

    def column(self, name: str) -> SettingColumn:
        """The values of a setting; worked out when it is first asked for."""
        if name not in self._columns:  # two threads at once make the same
            self._columns[name] = _column(name, [one.get(name) for one in self.settings])
        return self._columns[name]

    def describe(self, row: int) -> str:
        """Say what a trial has come to, in a line."""
        words = [percent(self.scores[row])] if self.is_complete[row] else []
        words += ["pruned"] if self.is_pruned[row] else []
        words += ["failed"] if self.is_failed[row] else []
        if np.isfinite(self.parameters[row]):
            words.append(count(int(self.parameters[row]), "parameter"))
        if np.isfinite(self.seconds[row]):
            words.append(seconds(self.seconds[row]))
        return f"Trial {self.numbers[row]}: {', '.join(words)}"


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array(values, np.float64)  # None becomes "not a number"


def _column(name: str, values: Sequence[Any]) -> SettingColumn:
    setting = SETTINGS[name]
    if setting.is_range:
        return SettingColumn(name, _floats(values), (), setting.is_log)
    known = {value for value in values if value is not None}
    order = sorted(known, key=setting.words.index if setting.words else float)
    place = {value: number for number, value in enumerate(order)}
    places = _floats([None if value is None else place[value] for value in values])
    return SettingColumn(name, places, tuple(_written(value) for value in order), is_log=False)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str) else f"{value:,g}"
