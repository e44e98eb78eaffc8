"""The kinds of layer cards, as a palette offers them: what each is for, and what can be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.layers import MAX_FILTERS, MAX_SIDE, MAX_UNITS

# What a card says where Keras says "linear".
NO_ACTIVATION = "none"
# Keras's own 0.99 needs a thousand updates to settle, which a few epochs on few digits do not have
# (`mnist_desktop.networks.presets.ACCURATE_MOMENTUM`).
MOMENTUM = 0.9
# That of Keras's function; its layer has 0.3.
SLOPE = 0.2
ACTIVATIONS: Mapping[str, str] = {
    "relu": "Keeps what is above 0 and makes the rest 0: the usual choice.",
    "leaky-relu": "Like relu, but lets a fifth of what is below 0 through.",
    "tanh": "Bends values smoothly into -1 to 1.",
    "sigmoid": "Bends values smoothly into 0 to 1.",
    "gelu": "A smooth relu, used in transformers.",
    "silu": "A smooth relu: the value times its sigmoid.",
    "softmax": "Makes values positive, with a sum of 1.",
}


@dataclass(frozen=True)
class Setting:
    """A setting of a kind of card: which values it may have, and what it is called.

    Attributes
    ----------
    name : str
        Its name, also in text: ``stride`` of ``stride=2``.
    kind : {"whole", "number", "sides", "choice", "flag"}
        An integer, a floating-point number, two integers for rows and columns, one of `choices`,
        or True and False.
    default : object
        What a new card has; None where it follows from another setting.
    argument : str
        The argument of the class in ``keras.layers``.
    sentence : str
        What it is for.
    low, high : float
        Its range, of integers and numbers, and of each side.
    choices : tuple of str
        What can be chosen.
    is_required : bool
        Whether text has to give it.
    has_place : bool
        Whether text gives it without its name, in the order of the kind's settings.
    is_explicit : bool
        Whether the layer is given it even where it is Keras's default.
    """

    name: str
    kind: str
    default: Any
    argument: str
    sentence: str
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()
    is_required: bool = False
    has_place: bool = False
    is_explicit: bool = False

    @property
    def rule(self) -> str:
        """Which values it may have, as the end of a sentence."""
        between = f"from {_plain(self.low)} to {_plain(self.high)}"
        return {
            "whole": f"must be an integer {between}",
            "number": f"must be a number {between}",
            "sides": f"must be rows and columns such as 3x3, each {between}",
            "choice": f"must be one of {', '.join(self.choices)}",
            "flag": "must be yes or no",
        }[self.kind]

    def check(self, value: object) -> None:
        """Make sure that it may have a value.

        Raises
        ------
        InvalidSettingError
            If it may not.
        """
        if value is None and self.default is None:
            return
        if not self._accepts(value):
            raise InvalidSettingError(f"{self.name} {self.rule}, not {value!r:.40}.")

    def _accepts(self, value: object) -> bool:
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "sides":
            return isinstance(value, tuple) and len(value) == 2 and all(map(self._is_whole, value))
        if self.kind == "whole":
            return self._is_whole(value)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.low <= value <= self.high  # type: ignore[operator]

    def _is_whole(self, value: object) -> bool:
        return type(value) is int and self.low <= value <= self.high

    def to_keras(self, value: Any) -> Any:
        """Return a value as Keras takes it."""
        if self.argument == "activation":
            return "linear" if value == NO_ACTIVATION else value.replace("-", "_")
        return value

    def from_keras(self, value: Any) -> Any:
        """Return a value of Keras's as cards have it."""
        if self.argument == "activation" and isinstance(value, str):
            return NO_ACTIVATION if value == "linear" else value.replace("_", "-")
        return value


@dataclass(frozen=True)
class CardKind:
    """A kind of card, as the palette offers it.

    Attributes
    ----------
    word : str
        What it is called in text.
    title : str
        What it is called on the screen.
    layer : str
        The class in ``keras.layers``; empty for a block of several layers.
    sentence : str
        What it is for.
    settings : tuple of Setting
        Those with a place come first, in the order of their places.
    fixed : mapping
        Arguments of the class that make it this kind.
    """

    word: str
    title: str
    layer: str
    sentence: str
    settings: tuple[Setting, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def example(self) -> str:
        """How it is written, such as ``"conv 16 3x3"``."""
        needed = (one for one in self.settings if one.is_required)
        return " ".join([self.word, *(written(one.default) for one in needed)])

    def setting(self, name: str) -> Setting | None:
        """Return a setting by its name, None where the kind has none of that name."""
        return next((one for one in self.settings if one.name == name), None)


def written(value: object) -> str:
    """Write a value of a setting as text, so that it is read back as the same one."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value).removesuffix(".0")


def _plain(number: float) -> str:
    return f"{number:,.5f}".rstrip("0").rstrip(".")


def _activation(default: str = NO_ACTIVATION) -> Setting:
    return Setting(
        "activation", "choice", default, "activation",
        "what its outputs pass through", choices=(*ACTIVATIONS, NO_ACTIVATION), has_place=True,
    )  # fmt: skip


def _sides(
    name: str,
    default: Any,
    argument: str,
    sentence: str,
    *,
    is_required: bool = False,
    has_place: bool = False,
    is_explicit: bool = False,
) -> Setting:
    return Setting(
        name, "sides", default, argument, sentence, 1, MAX_SIDE,
        is_required=is_required, has_place=has_place, is_explicit=is_explicit,
    )  # fmt: skip


def _padding(default: str = "valid") -> Setting:
    return Setting(
        "padding", "choice", default, "padding",
        "“same” adds a border of zeros, so that the size stays; “valid” adds none",
        choices=("valid", "same"),
    )  # fmt: skip


_FILTERS = Setting(
    "filters", "whole", 16, "filters", "how many patterns it looks for", 1, MAX_FILTERS,
    is_required=True, has_place=True,
)  # fmt: skip
_KERNEL = _sides(
    "kernel", (3, 3), "kernel_size", "how many pixels a pattern covers",
    is_required=True, has_place=True,
)  # fmt: skip
_STRIDE = _sides("stride", (1, 1), "strides", "how many pixels it moves on at a time")
# TensorFlow's kernels move depthwise convolutions on by the same number in both directions.
_EVEN_STRIDE = Setting(
    "stride", "whole", 1, "strides", "how many pixels it moves on at a time", 1, MAX_SIDE
)
_BIAS = Setting(
    "bias", "flag", True, "use_bias", "whether it adds a number of its own to each output"
)
_MULTIPLIER = Setting(
    "multiplier", "whole", 1, "depth_multiplier", "how many patterns for each channel", 1, MAX_SIDE
)
_UNITS = Setting(
    "units", "whole", 128, "units", "how many outputs it has", 1, MAX_UNITS,
    is_required=True, has_place=True,
)  # fmt: skip
_MOMENTUM = Setting(
    "momentum", "number", MOMENTUM, "momentum",
    "how slowly the running means follow; 0.99 is Keras's own", 0, 0.999, is_explicit=True,
)  # fmt: skip
_EPSILON = Setting(
    "epsilon", "number", 0.001, "epsilon", "is added to variances, so that none is 0", 0.00001, 1
)
_STDDEV = Setting(
    "stddev", "number", 0.1, "stddev", "the standard deviation of what is added", 0, 100,
    is_required=True, has_place=True,
)  # fmt: skip
_SLOPE = Setting(
    "slope", "number", SLOPE, "negative_slope", "which part of what is below 0 is let through",
    0, 10, is_explicit=True,
)  # fmt: skip


def _rate(default: float) -> Setting:
    return Setting(
        "rate", "number", default, "rate", "which fraction is set to 0", 0, 0.999,
        is_required=True, has_place=True,
    )  # fmt: skip


def _pool_settings(*, is_explicit: bool = False) -> tuple[Setting, ...]:
    return (
        _sides(
            "size",
            (2, 2),
            "pool_size",
            "how many pixels become one",
            has_place=True,
            is_explicit=is_explicit,
        ),
        _sides("stride", None, "strides", "how many pixels it moves on at a time; as its size"),
        _padding(),
    )


def _activation_kind(word: str, title: str, layer: str = "Activation") -> CardKind:
    fixed = {"activation": word} if layer == "Activation" else {}
    return CardKind(word, title, layer, ACTIVATIONS[word], fixed=fixed)


_ALL = (
    CardKind(
        "conv",
        "Convolution",
        "Conv2D",
        "Slides small patterns over the image and says where each is found.",
        (_FILTERS, _KERNEL, _activation(), _STRIDE, _padding(), _BIAS),
    ),
    CardKind(
        "depthwise",
        "Depthwise convolution",
        "DepthwiseConv2D",
        "Slides patterns over each channel on its own: few weights, few multiplications.",
        (_KERNEL, _activation(), _EVEN_STRIDE, _padding(), _MULTIPLIER, _BIAS),
    ),
    CardKind(
        "separable",
        "Separable convolution",
        "SeparableConv2D",
        "A depthwise convolution whose channels are then mixed: a cheaper convolution.",
        (_FILTERS, _KERNEL, _activation(), _EVEN_STRIDE, _padding(), _MULTIPLIER, _BIAS),
    ),
    CardKind(
        "residual",
        "Residual block",
        "",
        "Two convolutions whose result is added to what they were given: deep networks learn "
        "more easily so.",
        (
            _FILTERS,
            _sides("kernel", (3, 3), "kernel_size", _KERNEL.sentence, has_place=True),
            _activation("relu"),
            _EVEN_STRIDE,
            _MOMENTUM,
        ),
    ),
    CardKind(
        "pool",
        "Max pooling",
        "MaxPooling2D",
        "Makes the image smaller: of each window, the largest value stays.",
        _pool_settings(),
    ),
    CardKind(
        "avgpool",
        "Average pooling",
        "AveragePooling2D",
        "Makes the image smaller: of each window, the mean stays.",
        _pool_settings(is_explicit=True),
    ),
    CardKind(
        "global-average",
        "Global average",
        "GlobalAveragePooling2D",
        "Makes one number of each channel: its mean over the whole image.",
    ),
    CardKind("flatten", "Flatten", "Flatten", "Puts all values in a row, as dense layers need."),
    CardKind(
        "dense",
        "Dense",
        "Dense",
        "Each output weighs all inputs and adds them up.",
        (_UNITS, _activation(), _BIAS),
    ),
    CardKind(
        "dropout",
        "Dropout",
        "Dropout",
        "Sets random values to 0 while the network learns, against overfitting.",
        (_rate(0.3),),
    ),
    CardKind(
        "spatial-dropout",
        "Spatial dropout",
        "SpatialDropout2D",
        "Sets random channels of an image to 0 while the network learns, against overfitting.",
        (_rate(0.2),),
    ),
    CardKind(
        "noise",
        "Gaussian noise",
        "GaussianNoise",
        "Adds random numbers while the network learns, against overfitting.",
        (_STDDEV,),
    ),
    CardKind(
        "batchnorm",
        "Batch normalisation",
        "BatchNormalization",
        "Brings each channel to mean 0 and variance 1 over a batch: networks learn faster.",
        (_MOMENTUM, _EPSILON),
    ),
    CardKind(
        "layernorm",
        "Layer normalisation",
        "LayerNormalization",
        "Brings the channels of each place to mean 0 and variance 1.",
        (_EPSILON,),
    ),
    _activation_kind("relu", "ReLU", "ReLU"),
    CardKind(
        "leaky-relu",
        "Leaky ReLU",
        "LeakyReLU",
        "Like relu, but lets a part of what is below 0 through.",
        (_SLOPE,),
    ),
    _activation_kind("tanh", "Tanh"),
    _activation_kind("sigmoid", "Sigmoid"),
    _activation_kind("gelu", "GELU"),
    _activation_kind("silu", "SiLU"),
    _activation_kind("softmax", "Softmax", "Softmax"),
)
# The last layer of every network: no card of the user's, and no part of the text.
OUTPUT_ACTIVATION = Setting(
    "activation", "choice", "softmax", "activation",
    "softmax gives probabilities with a sum of 1, sigmoid a score for each digit by itself",
    choices=("softmax", "sigmoid"),
)  # fmt: skip
OUTPUTS = CardKind(
    "outputs",
    "10 outputs",
    "Dense",
    "One for each digit: always the last layer, and always there",
    (OUTPUT_ACTIVATION,),
)
# All kinds by their words, in the order of the palette.
CARD_KINDS: Mapping[str, CardKind] = {one.word: one for one in _ALL}
