"""How long a training can be expected to take on this machine."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.config import CUSTOM, TrainingConfig

REFERENCE_DIGITS = 57_000  # that `Architecture.seconds` is measured with
LEAST_EPOCHS = 2  # that a run must have: its first one includes TensorFlow's own preparations
RUNS_CONSIDERED = 5  # the latest: machines get faster, slower and exchanged
# How long a network of one's own takes on the reference machine: an update of its weights, for
# itself and each of them, and a digit, for each number that flows and each multiply-add. They agree
# with what the recipes take to within a factor of 1.7.
UPDATE_SECONDS, WEIGHT_SECONDS = 1e-4, 2e-9
VALUE_SECONDS, PRODUCT_SECONDS = 2e-9, 5e-12
AROUND_SECONDS = 2.0  # for building the network, testing it, and keeping the run


@dataclass(frozen=True)
class Pace:
    """How fast this machine trains, compared with the one the recipes were measured on.

    Attributes
    ----------
    overall : float or None
        How many times as long an epoch takes here; None while nothing has been measured.
    by_architecture : mapping of str to float
        The same for the architectures that were trained here.
    """

    overall: float | None = None
    by_architecture: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_records(cls, records: Iterable[RunRecord]) -> Pace:
        """Compare the epochs of runs with what the reference machine would have taken for them.

        Parameters
        ----------
        records : iterable of RunRecord
            The newest first; those with too few epochs to tell are left out.
        """
        factors: dict[str, list[float]] = {}
        latest: list[float] = []
        for record in records:
            ones = factors.get(record.config.architecture, [])
            if len(ones) == len(latest) == RUNS_CONSIDERED:
                continue
            factor = _factor(record)
            if factor is None:
                continue
            ones = factors.setdefault(record.config.architecture, ones)
            for found in (ones, latest):
                if len(found) < RUNS_CONSIDERED:
                    found.append(factor)
        if not latest:
            return cls()
        return cls(median(latest), {name: median(found) for name, found in factors.items()})

    def seconds(self, config: TrainingConfig, digits: int) -> float:
        """Estimate how long a training takes, with everything around it.

        Parameters
        ----------
        config : TrainingConfig
            Of an architecture that can be trained from scratch.
        digits : int
            How many it learns from.
        """
        return AROUND_SECONDS + config.epochs * self.epoch_seconds(config, digits)

    def epoch_seconds(self, config: TrainingConfig, digits: int) -> float:
        """Estimate how long an epoch takes, after the first one; parameters as for `seconds`."""
        usual = 1.0 if self.overall is None else self.overall
        factor = self.by_architecture.get(config.architecture, usual)
        return factor * _epoch_seconds(config, digits)


def _epoch_seconds(config: TrainingConfig, digits: int) -> float:
    """Seconds an epoch takes on the reference machine: in proportion to digits and multiply-adds.

    The size of a batch is taken into account only for a network of one's own.
    """
    if config.architecture == CUSTOM:
        return _planned_seconds(config, digits)
    one = ARCHITECTURES[config.architecture]
    size = one.plan(config).cost / _recipe_cost(config.architecture)
    return one.seconds / one.recipe.epochs * size * digits / REFERENCE_DIGITS


def _planned_seconds(config: TrainingConfig, digits: int) -> float:
    plan = plan_of(config)
    update = UPDATE_SECONDS + WEIGHT_SECONDS * plan.parameters
    digit = VALUE_SECONDS * plan.values + PRODUCT_SECONDS * plan.cost
    return -(-digits // config.batch_size) * update + digits * digit


@functools.cache
def _recipe_cost(architecture_id: str) -> int:
    """Multiply-adds of a recipe's network for one image."""
    one = ARCHITECTURES[architecture_id]
    return one.plan(one.recipe).cost


def _factor(record: RunRecord) -> float | None:
    """How many times as long as on the reference machine a run's epochs took, if it can tell."""
    whole = record.history[:-1] if record.stopped else record.history  # the last was cut short
    # A fine-tuned run holds no digits out, and its epochs are of another kind.
    is_known = record.config.architecture in (*ARCHITECTURES, CUSTOM)
    if len(whole) < LEAST_EPOCHS or not (is_known and record.dataset.validation):
        return None
    seconds = median(one.seconds for one in whole[1:])
    try:
        return seconds / _epoch_seconds(record.config, record.dataset.train)
    except InvalidSettingError:  # layers from somebody else, which cannot be built here
        return None
