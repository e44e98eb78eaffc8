"""Searches that nobody has worked on: trials made up from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.settings import SETTINGS, Setting, Value
from mnist_desktop.search.space import Space
from mnist_desktop.search.study import (
    COMPLETE,
    FAILED,
    PARAMETERS,
    PRUNED,
    REASON,
    SECONDS,
    Search,
    TrialSummary,
    begin_search,
    without_test_digits,
)

SIZES = {"cnn-fast": 35_000, "cnn-small": 9_000, "cnn-compact": 24_000, "cnn-accurate": 160_000}
SHARES = {COMPLETE: 0.62, PRUNED: 0.35, FAILED: 0.03}


def made_trials(number: int, seed: int = 20) -> list[TrialSummary]:
    """Make up trials in the usual space: later ones are somewhat better, some far worse."""
    return list(_made(number, np.random.default_rng(seed)))


def _made(number: int, chance: np.random.Generator) -> Iterator[TrialSummary]:
    space = Space()
    for place in range(number):
        settings = space.draw(lambda setting, values: _drawn(setting, values, chance))
        state = str(chance.choice(list(SHARES), p=list(SHARES.values()))) if place else COMPLETE
        parameters = SIZES.get(settings["architecture"]) or _size(settings)
        seconds = settings["epochs"] * (1.5 + parameters / 20_000) * chance.uniform(0.9, 1.2)
        yield TrialSummary(
            number=place,
            state=state,
            score=round(_score(settings, parameters, place, chance), 4)
            if state == COMPLETE
            else None,
            parameters=None if state == FAILED else parameters,
            seconds=seconds,
            settings=settings,
            reason="" if state == COMPLETE else "For want of luck.",
            is_trained=True,
        )


def _drawn(setting: Setting, values: tuple[Value, ...], chance: np.random.Generator) -> Any:
    if not setting.is_range:
        return values[int(chance.integers(len(values)))]
    low, high = map(float, values)  # type: ignore[arg-type]
    drawn = float(np.exp(chance.uniform(np.log(low), np.log(high)))) if setting.is_log else (
        chance.uniform(low, high)
    )  # fmt: skip
    return round(drawn) if setting.is_integer else drawn


def _size(settings: dict[str, Any]) -> int:
    return int(100 + settings["conv_layers"] * settings["filters"] ** 2 * settings["kernel"] ** 2)


def _score(
    settings: dict[str, Any], parameters: int, place: int, chance: np.random.Generator
) -> float:
    """An accuracy that the learning rate, the epochs and the size decide, with some chance."""
    error = 0.004 + 0.02 / settings["epochs"] + 20 / (parameters + 2_000)
    error *= 1 + 1.5 * np.log10(settings["learning_rate"] / 0.006) ** 2
    error *= 1.6 if settings["augment"] == "none" else 1.0
    error *= np.exp(chance.normal(0, 0.15)) * (1 + 0.5 * np.exp(-place / 60))
    if chance.random() < 0.01:
        error = chance.uniform(0.3, 0.9)
    return float(max(1 - error, 0.1))


def with_score(trial: TrialSummary, score: float) -> TrialSummary:
    """Make a trial one that is complete with this score."""
    return replace(trial, state=COMPLETE, score=score, parameters=trial.parameters or 1_000)


def keep_trials(
    url: str, name: str, trials: list[TrialSummary], digits: Dataset, goal: Goal | None = None
) -> Search:
    """Keep trials in a study, as if they had been made."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )
    from optuna.trial import TrialState, create_trial

    goal, space = goal or Goal(), Space()
    states = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}

    def where(setting: Setting) -> Any:
        values = space.values[setting.name]
        if not setting.is_range:
            return CategoricalDistribution(values)
        kind: Any = IntDistribution if setting.is_integer else FloatDistribution
        return kind(*values, log=setting.is_log)

    distributions = {one: where(setting) for one, setting in SETTINGS.items()}
    search = begin_search(name, url, space, goal, without_test_digits(digits))
    search.study.add_trials(
        create_trial(
            state=states[one.state],
            params=one.settings,
            distributions={key: distributions[key] for key in one.settings},
            values=None
            if one.score is None
            else goal.values(one.score, one.parameters or 0, one.seconds or 0.0),
            user_attrs={
                **({PARAMETERS: one.parameters} if one.parameters else {}),
                SECONDS: one.seconds,
                **({REASON: one.reason} if one.reason else {}),
            },
        )
        for one in trials
    )
    return search
