"""A trained network taken apart into the few steps that others can compute.

What the ONNX file and the web page are written from. Layers are told by their class names, so that
Keras need not be imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.errors import ModelFileError

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """One thing done to the numbers that flow through a network.

    Attributes
    ----------
    kind : {"dense", "conv", "scale", "pool", "flatten", "relu", "sigmoid", "softmax"}
        ``conv`` is a valid convolution with stride 1, ``scale`` multiplies and adds by channel,
        ``pool`` takes the maximum of 2×2 pixels.
    weights : tuple of ndarray of float32
        ``dense``: kernel (inputs, units) and bias (units,). ``conv``: kernel (height, width,
        channels, filters) and bias (filters,). ``scale``: factor and summand (channels,).
        Otherwise empty.
    """

    kind: str
    weights: tuple[Array, ...] = ()


def network_steps(model: Any) -> list[Step]:
    """Take a Keras model apart.

    Parameters
    ----------
    model : keras.Sequential
        A network made of the layers that this program builds.

    Returns
    -------
    list of Step
        In order, from pixels to scores.

    Raises
    ------
    ModelFileError
        If it has a layer that cannot be written down so.
    """
    steps: list[Step] = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("InputLayer", "Dropout"):
            continue  # dropout does nothing once a network is trained
        steps += _LAYERS[kind](layer) if kind in _LAYERS else _refuse(layer)
    return steps


def _dense(layer: Any) -> list[Step]:
    return [Step("dense", _kernel_and_bias(layer)), *_activation(layer)]


def _conv(layer: Any) -> list[Step]:
    if layer.padding != "valid" or tuple(layer.strides) != (1, 1):
        _refuse(layer)
    return [Step("conv", _kernel_and_bias(layer)), *_activation(layer)]


def _pool(layer: Any) -> list[Step]:
    if tuple(layer.pool_size) != (2, 2) or tuple(layer.strides) != (2, 2):
        _refuse(layer)
    return [Step("pool")]


def _batch_normalization(layer: Any) -> list[Step]:
    """Once trained, it is one multiplication and one addition for each channel."""
    gamma, beta, mean, variance = (np.asarray(weight, np.float64) for weight in layer.get_weights())
    factor = gamma / np.sqrt(variance + layer.epsilon)
    summand = beta - mean * factor
    return [Step("scale", (factor.astype(np.float32), summand.astype(np.float32)))]


_LAYERS: Mapping[str, Callable[[Any], list[Step]]] = {
    "Dense": _dense,
    "Conv2D": _conv,
    "MaxPooling2D": _pool,
    "BatchNormalization": _batch_normalization,
    "Flatten": lambda _layer: [Step("flatten")],
    "ReLU": lambda _layer: [Step("relu")],
}


def _kernel_and_bias(layer: Any) -> tuple[Array, Array]:
    kernel = np.asarray(layer.get_weights()[0], np.float32)
    bias = layer.get_weights()[1] if layer.use_bias else np.zeros(kernel.shape[-1])
    return kernel, np.asarray(bias, np.float32)


def _activation(layer: Any) -> list[Step]:
    name = layer.activation.__name__
    if name == "linear":
        return []
    return [Step(name)] if name in ("relu", "sigmoid", "softmax") else _refuse(layer)


def _refuse(layer: Any) -> list[Step]:
    raise ModelFileError(
        f"The layer {layer.name} ({type(layer).__name__}) cannot be exported so; "
        "export the network for Keras or LiteRT instead."
    )
