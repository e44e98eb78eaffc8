"""Plans of the networks that the program offers for training, and of those it comes with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from mnist_desktop.digits.dataset import CLASSES, SIDE
from mnist_desktop.networks.plan import NetworkPlan, Shape
from mnist_desktop.networks.plan_builder import Layer, plan_sequence

FLAT, PICTURE, IMAGE = (SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1)
# Low, so that running means forget the first batches even if an epoch has only thirty batches.
FAST_MOMENTUM = 0.8
# Lower than usual, so that they settle in two hundred batches as well. Chosen by the sample's 200
# validation digits (means of seeds 1 to 3): 99.3% with 0.9, and 22.8% with 0.99. The result on its
# test digits: 97.8%, and 22.0% with 0.99.
ACCURATE_MOMENTUM = 0.9
MOMENTUM = 0.99
FLATTEN, POOL, RELU = Layer("Flatten", {}), Layer("MaxPooling2D", {}), Layer("ReLU", {})


@functools.lru_cache(maxsize=64)
def preset(name: str, hidden_units: tuple[int, ...], output_activation: str) -> NetworkPlan:
    """Plan one of this program's own networks; each is planned once.

    Parameters
    ----------
    name : str
        A key of `PRESETS`.
    hidden_units : tuple of int
        Sizes of the hidden layers; only ``mlp`` reads it.
    output_activation : {"sigmoid", "softmax"}
        The activation of the ten outputs.

    Returns
    -------
    NetworkPlan
        Takes pixels in [0, 1] and gives ten scores in [0, 1].
    """
    input_shape, hidden = PRESETS[name]
    scores = dense(CLASSES, output_activation, name="scores")
    called = name.replace("-", "_")
    layers = [*hidden(hidden_units), scores]
    return plan_sequence(called, input_shape, layers, input_name="pixels")


def dense(units: int, activation: str = "relu", *, name: str = "") -> Layer:
    """A dense layer: each unit is a weighted sum of all inputs."""
    return Layer("Dense", {"units": units, "activation": activation}, name)


def dropout(rate: float) -> Layer:
    """A dropout layer, which sets a fraction of the values to zero during training."""
    return Layer("Dropout", {"rate": rate})


def normalised_dense(units: int, momentum: float = MOMENTUM) -> list[Layer]:
    """A dense layer with batch normalisation, which makes a bias unnecessary."""
    return [Layer("Dense", {"units": units, "use_bias": False}), *_normalised(momentum)]


def normalised_convolution(
    filters: int, size: int, stride: int = 1, momentum: float = MOMENTUM
) -> list[Layer]:
    """A convolution with batch normalisation; one with a stride is padded."""
    settings = {"strides": (stride, stride), "padding": "same"} if stride > 1 else {}
    return [_bare_convolution(filters, size, **settings), *_normalised(momentum)]


def pooled_block(filters: int, size: int, momentum: float) -> list[Layer]:
    """A convolution that is pooled first, so that later layers have a quarter of the values."""
    return [_bare_convolution(filters, size), POOL, *_normalised(momentum)]


def _normalised(momentum: float) -> list[Layer]:
    return [Layer("BatchNormalization", {"momentum": momentum}), RELU]


def _convolution(filters: int, size: int) -> Layer:
    settings = {"filters": filters, "kernel_size": (size, size), "activation": "relu"}
    return Layer("Conv2D", settings)


def _bare_convolution(filters: int, size: int, **settings: object) -> Layer:
    made = {"filters": filters, "kernel_size": (size, size), "use_bias": False, **settings}
    return Layer("Conv2D", made)


def _mlp(hidden_units: Sequence[int]) -> list[Layer]:
    return [FLATTEN, *map(dense, hidden_units)]


def _cnn_fast(_hidden_units: Sequence[int]) -> list[Layer]:
    return [
        *pooled_block(16, 5, FAST_MOMENTUM),
        *pooled_block(16, 3, FAST_MOMENTUM),
        FLATTEN,
        *normalised_dense(128, FAST_MOMENTUM),
    ]


def _cnn(_hidden_units: Sequence[int]) -> list[Layer]:
    return [
        _convolution(32, 3),
        POOL,
        _convolution(64, 3),
        POOL,
        dropout(0.25),
        FLATTEN,
        dense(96),
        dropout(0.5),
    ]


def _cnn_accurate(_hidden_units: Sequence[int]) -> list[Layer]:
    return [
        *pooled_block(24, 5, ACCURATE_MOMENTUM),
        *normalised_convolution(48, 3, momentum=ACCURATE_MOMENTUM),
        *pooled_block(64, 3, ACCURATE_MOMENTUM),
        FLATTEN,
        dropout(0.2),
        *normalised_dense(128, ACCURATE_MOMENTUM),
        dropout(0.2),
    ]


def _cnn_best(_hidden_units: Sequence[int]) -> list[Layer]:
    return [
        *pooled_block(32, 5, ACCURATE_MOMENTUM),
        *normalised_convolution(64, 3, momentum=ACCURATE_MOMENTUM),
        *pooled_block(96, 3, ACCURATE_MOMENTUM),
        dropout(0.2),
        *normalised_convolution(128, 3, momentum=ACCURATE_MOMENTUM),
        FLATTEN,
        dropout(0.4),
    ]


def _narrow(first: int, others: int) -> list[Layer]:
    """Four convolutions down to 2×2 places, with few weights and no hidden layer."""
    return [
        *pooled_block(first, 3, ACCURATE_MOMENTUM),
        *normalised_convolution(others, 3, momentum=ACCURATE_MOMENTUM),
        *pooled_block(others, 3, ACCURATE_MOMENTUM),
        *normalised_convolution(others, 3, momentum=ACCURATE_MOMENTUM),
        FLATTEN,
    ]


def _reader(_hidden_units: Sequence[int]) -> list[Layer]:
    """One of the bundled reader's two networks.

    After C. Deotte's networks for MNIST, whose convolutions with a stride learn their pooling, with
    batch normalisation before each ReLU.
    """

    def block(filters: int) -> list[Layer]:
        return [
            *normalised_convolution(filters, 3),
            *normalised_convolution(filters, 3),
            *normalised_convolution(filters, 5, stride=2),
            dropout(0.3),
        ]

    return [*block(32), *block(64), FLATTEN, *normalised_dense(128), dropout(0.4)]


# The input shape of each, and its layers up to the ten outputs.
PRESETS: Mapping[str, tuple[Shape, Callable[[Sequence[int]], list[Layer]]]] = {
    "dense-10": (FLAT, lambda _units: []),
    "dense-100": (FLAT, lambda _units: [dense(100)]),
    "flatten-dense-100": (PICTURE, lambda _units: _mlp((100,))),
    "dense-50-50": (PICTURE, lambda _units: _mlp((50, 50))),
    "mlp": (PICTURE, _mlp),
    "cnn-fast": (IMAGE, _cnn_fast),
    "cnn": (IMAGE, _cnn),
    "cnn-accurate": (IMAGE, _cnn_accurate),
    "cnn-best": (IMAGE, _cnn_best),
    "cnn-small": (IMAGE, lambda _units: _narrow(16, 16)),
    "cnn-compact": (IMAGE, lambda _units: _narrow(16, 32)),
    "reader": (IMAGE, _reader),
}


def digit_check() -> NetworkPlan:
    """Plan the bundled digit check, whose five outputs are kinds of drawings."""
    layers = [
        *normalised_convolution(24, 3),
        *normalised_convolution(32, 5, stride=2),
        *normalised_convolution(48, 3),
        *normalised_convolution(64, 5, stride=2),
        *normalised_convolution(80, 3),
        dropout(0.2),
        FLATTEN,
        *normalised_dense(96),
        dropout(0.3),
        dense(5, "softmax", name="kinds"),
    ]
    return plan_sequence("digit_check", IMAGE, layers, input_name="pixels")
