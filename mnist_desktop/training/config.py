"""The settings of a training, as a frozen record that checks itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.limits import MAX_TEXT
from mnist_desktop.training.augmentation import OFF, Augmentation, augmentation_from_json

OPTIMIZERS: Mapping[str, str] = {
    "adam": "Adam",
    "sgd": "SGD with momentum",
    "rmsprop": "RMSprop",
    "adamw": "AdamW",
}
# The weight decay that belongs to an optimizer: AdamW's is Keras's.
OWN_DECAY: Mapping[str, float] = {"adam": 0.0, "sgd": 0.0, "rmsprop": 0.0, "adamw": 0.004}
LOSSES: Mapping[str, str] = {
    "sparse": "Sparse",
    "categorical": "One-hot",
}
OUTPUT_ACTIVATIONS: Mapping[str, str] = {"sigmoid": "Sigmoid", "softmax": "Softmax"}
# Names of the losses where there is room for longer ones.
LOSS_WORDS: Mapping[str, str] = {
    "sparse": "Cross-entropy on labels",
    "categorical": "Cross-entropy on one-hot vectors",
}
SCHEDULES: Mapping[str, str] = {
    "constant": "Constant",
    "linear": "Linear",
    "cosine": "Cosine",
    "one-cycle": "One-cycle",
}
# What the schedules do, where there is room for it.
SCHEDULE_WORDS: Mapping[str, str] = {
    "constant": "Constant",
    "linear": "Falling linearly to zero",
    "cosine": "Falling along a cosine to zero",
    "one-cycle": "Rising, then falling along a cosine to zero",
}

CUSTOM = "custom"  # the architecture whose layers are those of the config

MAX_EPOCHS = 1000
MAX_BATCH_SIZE = 10_000
MAX_UNITS = 4096
MAX_DECAY, MAX_SMOOTHING, MAX_VALIDATION_SHARE = 0.5, 0.5, 0.5
MAX_HIDDEN_LAYERS = 8
MAX_SEED = 2**31 - 1
MAX_NAME = 80  # characters of an architecture's id or name
MAX_LOSS = float(np.finfo(np.float32).max)  # the largest that TensorFlow can report
MAX_SECONDS = 1e10  # three hundred years
EXACT = 2**53  # up to here, a float holds every integer exactly
ROUNDING = 1e-6  # by how much a fraction may exceed 1 as float32


@dataclass(frozen=True)
class TrainingConfig:
    """All settings that decide how a network is trained.

    Attributes
    ----------
    architecture : str
        An id of `mnist_desktop.training.architectures.ARCHITECTURES`.
    epochs : int
        Passes over the training digits, 1 to 1,000.
    batch_size : int
        Digits per weight update, 1 to 10,000.
    learning_rate : float
        Step size, above 0 and at most 10: at the start, or with ``one-cycle`` the largest.
    optimizer : {"adam", "sgd", "rmsprop", "adamw"}
        SGD has a momentum of 0.9.
    loss : {"sparse", "categorical"}
        Cross-entropy on integer labels or on one-hot vectors; the same number either way.
    output_activation : {"sigmoid", "softmax"}
        The activation of the ten outputs.
    hidden_units : tuple of int
        Sizes of the hidden layers; only ``mlp`` reads it.
    seed : int
        Seed of initial weights, order of digits and dropout, 0 to 2**31 - 1.
    validation_share : float
        Fraction of the training digits held out for validation, 0 to 0.5.
    schedule : {"constant", "linear", "cosine", "one-cycle"}
        How the learning rate changes from the first update to the last.
    beta_1, beta_2 : float
        Decay rates of the averages of gradients and of their squares, 0 to below 1; only Adam
        and AdamW read them.
    augment : Augmentation
        How far each training digit is changed, differently in each epoch.
    label_smoothing : float
        How much of each label is spread evenly over the ten classes, 0 to 0.5. The gradients are
        those of the smoothed labels; the losses that are reported are those of the true ones.
    weight_decay : float or None
        How much of each weight, times the learning rate, each update takes away, 0 to 0.5;
        None for the optimizer's own, see `decay`.
    layers : str
        The layers as text in one line (`mnist_desktop.networks.layer_text`); only ``custom`` reads
        it. It is checked when the network is planned.
    started_from : str
        The name of the network that the layers were before they were changed, if they began with
        one; only names of networks read it (`mnist_desktop.training.network_names`).

    Raises
    ------
    InvalidSettingError
        If a value is outside its range.
    """

    architecture: str
    epochs: int = 5
    batch_size: int = 32
    learning_rate: float = 0.001
    optimizer: str = "adam"
    loss: str = "sparse"
    output_activation: str = "softmax"
    hidden_units: tuple[int, ...] = ()
    seed: int = 1
    validation_share: float = 0.05
    schedule: str = "constant"
    beta_1: float = 0.9
    beta_2: float = 0.999
    augment: Augmentation = OFF
    label_smoothing: float = 0.0
    weight_decay: float | None = None
    layers: str = ""
    started_from: str = ""

    def __post_init__(self) -> None:
        """Check every value, so that every config can be trained."""
        for kind, name in (
            ("Architecture", self.architecture),
            ("What the layers began with", self.started_from),
        ):
            if not (isinstance(name, str) and name.isprintable() and len(name) <= MAX_NAME):
                raise InvalidSettingError(f"{kind} must be a name, not {name!r:.60}.")
        check_integer("Epochs", self.epochs, 1, MAX_EPOCHS)
        check_integer("Batch size", self.batch_size, 1, MAX_BATCH_SIZE)
        check_integer("Seed", self.seed, 0, MAX_SEED)
        _check_choice("Optimizer", self.optimizer, OPTIMIZERS)
        _check_choice("Loss", self.loss, LOSSES)
        _check_choice("Output activation", self.output_activation, OUTPUT_ACTIVATIONS)
        _check_choice("Learning rate schedule", self.schedule, SCHEDULES)
        if not (is_number(self.learning_rate) and 0 < self.learning_rate <= 10):
            raise InvalidSettingError(
                f"Learning rate must be above 0 and at most 10, not {self.learning_rate!r:.40}; "
                "0.001 is a good start."
            )
        _check_fraction("Validation share", self.validation_share, MAX_VALIDATION_SHARE)
        for name, beta in (("Beta 1", self.beta_1), ("Beta 2", self.beta_2)):
            if not (is_number(beta) and 0 <= beta < 1):
                raise InvalidSettingError(f"{name} must be from 0 to below 1, not {beta!r:.40}.")
        _check_fraction("Label smoothing", self.label_smoothing, MAX_SMOOTHING)
        _check_fraction("Weight decay", self.decay, MAX_DECAY)
        if not isinstance(self.augment, Augmentation):
            raise InvalidSettingError(
                f"Augmentation must be given as amounts, not {self.augment!r:.40}."
            )
        is_line = isinstance(self.layers, str) and self.layers.isprintable()
        if not (is_line and len(self.layers) <= MAX_TEXT):
            raise InvalidSettingError(f"Layers must be one line of text, not {self.layers!r:.60}.")
        if len(self.hidden_units) > MAX_HIDDEN_LAYERS:
            raise InvalidSettingError(
                f"At most {MAX_HIDDEN_LAYERS} hidden layers can be used, "
                f"not {len(self.hidden_units)}."
            )
        for units in self.hidden_units:
            check_integer("Units of a hidden layer", units, 1, MAX_UNITS)

    @property
    def decay(self) -> float:
        """The weight decay that the network is trained with.

        It is decoupled from the gradients, whatever the optimizer [1]_, and applies to all weights,
        biases and those of normalisation included, as in Keras and PyTorch unless told otherwise.

        References
        ----------
        .. [1] I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019,
           https://arxiv.org/abs/1711.05101
        """
        return OWN_DECAY[self.optimizer] if self.weight_decay is None else self.weight_decay

    def changed(self, **changes: Any) -> TrainingConfig:
        """Return a copy with some values replaced."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """Return the values in a form that can be written as JSON."""
        words = {"hidden_units": list(self.hidden_units), "augment": str(self.augment)}
        return {**asdict(self), **words}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TrainingConfig:
        """Rebuild a config from `as_json`; unknown keys are ignored."""
        known = cls.__dataclass_fields__
        kept = {name: value for name, value in values.items() if name in known}
        kept["hidden_units"] = tuple(kept.get("hidden_units", ()))
        kept["augment"] = augmentation_from_json(kept.get("augment", False))
        return cls(**kept)


def describe_settings(config: TrainingConfig) -> dict[str, str]:
    """Describe in words how a network is trained, in the order in which to show it.

    Settings that do not apply are left out, such as hidden layers where the architecture fixes
    them, or a constant learning rate schedule. The architecture's name is not included.

    Parameters
    ----------
    config : TrainingConfig
        The settings.

    Returns
    -------
    dict of str to str
        Names and values, for example ``{"Optimizer": "Adam"}``.
    """
    betas = (config.beta_1, config.beta_2)
    usual = (TrainingConfig.beta_1, TrainingConfig.beta_2)
    fraction = f"{config.validation_share * 100:g}% of the training digits"
    words = {
        "Epochs": f"{config.epochs:,}",
        "Batch size": f"{config.batch_size:,}",
        "Optimizer": OPTIMIZERS[config.optimizer],
        "Learning rate": _plain(config.learning_rate),
        "Schedule": "" if config.schedule == "constant" else SCHEDULE_WORDS[config.schedule],
        "Weight decay": _plain(config.decay) if config.decay else "",
        "Beta 1 and 2": "",
        "Loss": LOSS_WORDS[config.loss],
        "Label smoothing": f"{config.label_smoothing:g}" if config.label_smoothing else "",
        "Output activation": OUTPUT_ACTIVATIONS[config.output_activation],
        "Hidden layers": "",
        "Layers": "",
        "Augmentation": config.augment.words,
        "Seed": f"{config.seed}",
        "Validation digits": fraction if config.validation_share else "None",
    }
    if config.optimizer in ("adam", "adamw") and betas != usual:
        words["Beta 1 and 2"] = f"{config.beta_1:g} and {config.beta_2:g}"
    if config.architecture == "mlp":
        words["Hidden layers"] = ", ".join(map(str, config.hidden_units)) or "None"
    if config.architecture == CUSTOM:
        words["Layers"] = config.layers or "None"
    return {name: value for name, value in words.items() if value}


def parse_hidden_units(text: str) -> tuple[int, ...]:
    """Read sizes of hidden layers from text such as ``"50, 50"``.

    Raises
    ------
    InvalidSettingError
        If a part is not an integer.
    """
    parts = [part for part in text.replace(",", " ").split() if part]
    try:
        return tuple(int(part) for part in parts)
    except ValueError:
        raise InvalidSettingError(
            f"Hidden layers are integers with commas between them, such as 50,50, not {text!r}."
        ) from None


def check_integer(name: str, value: object, low: int, high: int) -> None:
    """Make sure that a value is an integer in a range; booleans do not count as integers.

    Raises
    ------
    InvalidSettingError
        If it is not an integer, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidSettingError(
            f"{name} must be an integer from {low:,} to {high:,}, not {value!r:.40}."
        )


def is_number(value: object) -> bool:
    """Whether a value is a float, or an integer that a float holds exactly; not a boolean."""
    return isinstance(value, float) or (type(value) is int and abs(value) <= EXACT)


def check_amounts(name: str, *values: object, most: float) -> None:
    """Make sure that values are numbers from 0 to a limit.

    Raises
    ------
    InvalidSettingError
        If a value is not a number, or out of range.
    """
    for value in values:
        # NaN fails every comparison.
        if not (is_number(value) and 0 <= value <= most):  # type: ignore[operator]
            raise InvalidSettingError(
                f"{name} must be numbers from 0 to {most:.4g}, not {value!r:.40}."
            )


def _plain(number: float) -> str:
    """Write a number without an exponent, however small it is."""
    return np.format_float_positional(number, trim="-")


def _check_fraction(name: str, value: object, most: float) -> None:
    # NaN fails every comparison.
    if not (is_number(value) and 0 <= value <= most):  # type: ignore[operator]
        raise InvalidSettingError(f"{name} must be from 0 to {most:g}, not {value!r:.40}.")


def _check_choice(name: str, value: object, choices: Mapping[str, str]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise InvalidSettingError(f"{name} must be one of {', '.join(choices)}, not {value!r:.40}.")
