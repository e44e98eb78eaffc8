"""How long a training can be expected to take on this machine."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.config import CUSTOM, TrainingConfig

REFERENCE_DIGITS = 57_000  # that `Architecture.seconds` is measured with
LEAST_EPOCHS = 2  # that a run must have: its first one includes TensorFlow's own preparations
RUNS_CONSIDERED = 5  # the latest: machines get faster, slower and exchanged
# How long a network of one's own takes on the reference machine: an update of its weights, for
# itself and each of them, and a digit, for each number that flows and each multiplication. They
# agree with what the recipes take to within this factor.
OWN_ERROR = 1.7
UPDATE_SECONDS, WEIGHT_SECONDS = 1e-4, 2e-9
VALUE_SECONDS, PRODUCT_SECONDS = 2e-9, 5e-12
ANY = ""  # the architectures that were trained here, taken together
Span = tuple[float, float]  # at least, and at most
AROUND_SECONDS = 2.0  # for building the network, testing it, and keeping the run


@dataclass(frozen=True)
class Pace:
    """How fast this machine trains, compared with the one the recipes were measured on.

    Attributes
    ----------
    ends : mapping of str to tuple of float
        How many times as long an epoch takes here at least and at most, by the architectures that
        were trained here, and of all of them by the name `ANY`; empty while nothing was measured.
    own : tuple of TrainingConfig and float, or None
        A training that is under way, and how many times as long its last epoch took.
    """

    ends: Mapping[str, Span] = field(default_factory=dict)
    own: tuple[TrainingConfig, float] | None = None

    @classmethod
    def from_records(cls, records: Iterable[RunRecord]) -> Pace:
        """Compare the epochs of runs with what the reference machine would have taken for them.

        Parameters
        ----------
        records : iterable of RunRecord
            The newest first; those with too few epochs to tell are left out.
        """
        found: dict[str, list[Span]] = {ANY: []}
        for record in records:
            lists = (found.get(record.config.architecture, []), found[ANY])
            if all(len(ones) == RUNS_CONSIDERED for ones in lists):
                continue
            ends = _factors(record)
            if ends is None:
                continue
            found[record.config.architecture] = lists[0]
            for ones in lists:
                if len(ones) < RUNS_CONSIDERED:
                    ones.append(ends)
        return cls(
            {
                name: (min(low for low, _ in ones), max(high for _, high in ones))
                for name, ones in found.items()
                if ones
            }
        )

    @property
    def is_measured(self) -> bool:
        """Whether it speaks of this machine, and not of the reference one."""
        return bool(self.ends) or self.own is not None

    def corrected(self, config: TrainingConfig, digits: int, seconds: float) -> Pace:
        """Take an epoch of a training that is under way into account.

        Parameters
        ----------
        config : TrainingConfig
            Its settings.
        digits : int
            How many it learns from.
        seconds : float
            How long the epoch took.
        """
        return replace(self, own=(config, seconds / _epoch_seconds(config, digits)))

    def span(self, config: TrainingConfig, digits: int) -> Span:
        """Estimate how long a training takes at least and at most, with everything around it.

        Parameters
        ----------
        config : TrainingConfig
            Of an architecture that can be trained from scratch.
        digits : int
            How many it learns from.

        Returns
        -------
        tuple of float
            In seconds; both are the same where nothing is known of how far apart they are.
        """
        low, high = self.epoch_span(config, digits)
        return AROUND_SECONDS + config.epochs * low, AROUND_SECONDS + config.epochs * high

    def epoch_span(self, config: TrainingConfig, digits: int) -> Span:
        """Estimate how long an epoch takes, after the first one; as for `span`."""
        low, high = self._factors(config)
        seconds = _epoch_seconds(config, digits)
        return low * seconds, high * seconds

    def _factors(self, config: TrainingConfig) -> Span:
        if self.own is not None and _is_alike(self.own[0], config):
            return self.own[1], self.own[1]
        low, high = self.ends.get(config.architecture) or self.ends.get(ANY) or (1.0, 1.0)
        if config.architecture == CUSTOM:
            return low / OWN_ERROR, high * OWN_ERROR
        return low, high


def _is_alike(one: TrainingConfig, other: TrainingConfig) -> bool:
    """Whether epochs of two trainings take the same time, as far as their settings tell."""
    same = ("architecture", "layers", "hidden_units", "batch_size", "augment")
    return all(getattr(one, name) == getattr(other, name) for name in same)


def _epoch_seconds(config: TrainingConfig, digits: int) -> float:
    """Seconds an epoch takes on the reference machine: in proportion to digits and multiplications.

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
    """Multiplications of a recipe's network for one image."""
    one = ARCHITECTURES[architecture_id]
    return one.plan(one.recipe).cost


def _factors(record: RunRecord) -> Span | None:
    """How many times as long as on the reference machine a run's epochs took, if it can tell."""
    whole = record.history[:-1] if record.stopped else record.history  # the last was cut short
    # A fine-tuned run holds no digits out, and its epochs are of another kind.
    is_known = record.config.architecture in (*ARCHITECTURES, CUSTOM)
    if len(whole) < LEAST_EPOCHS or not (is_known and record.dataset.validation):
        return None
    seconds = [one.seconds for one in whole[1:]]
    try:
        usual = _epoch_seconds(record.config, record.dataset.train)
    except InvalidSettingError:  # layers from somebody else, which cannot be built here
        return None
    return min(seconds) / usual, max(seconds) / usual
