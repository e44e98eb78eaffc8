"""Reduces a trained network to a few kinds of steps that other programs can compute.

The ONNX file and the web page are written from these steps, and the steps are also computed here to
check them. Layers are recognised by their class names, so that Keras need not be imported.
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
    """One operation on the values that flow through a network.

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
    """Reduce a Keras model to steps.

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
        If it has a layer that cannot be expressed as such steps.
    """
    steps: list[Step] = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("InputLayer", "Dropout"):
            continue  # dropout does nothing once a network is trained
        steps += _LAYERS[kind](layer) if kind in _LAYERS else _refuse(layer)
    return steps


def run_steps(steps: list[Step], images: Array) -> Array:
    """Run images through a network, as a program that reads the exported file does.

    Parameters
    ----------
    steps : list of Step
        The network.
    images : ndarray of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1]. A network that begins with a dense layer flattens them.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The output of the last step.
    """
    flow = images
    for step in steps:
        flow = _COMPUTATIONS[step.kind](flow, *step.weights)
    return flow


def _run_dense(flow: Array, kernel: Array, bias: Array) -> Array:
    return _flat(flow) @ kernel + bias


def _run_conv(flow: Array, kernel: Array, bias: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(flow, kernel.shape[:2], axis=(1, 2))
    filtered: Array = np.einsum("nyxcij,ijcf->nyxf", windows, kernel, optimize=True)
    return filtered + bias


def _run_pool(flow: Array) -> Array:
    count, rows, columns, channels = flow.shape
    even = flow[:, : rows // 2 * 2, : columns // 2 * 2]
    squares = even.reshape(count, rows // 2, 2, columns // 2, 2, channels)
    largest: Array = squares.max(axis=(2, 4))
    return largest


def _run_softmax(flow: Array) -> Array:
    powers = np.exp(flow - flow.max(axis=1, keepdims=True))
    scores: Array = powers / powers.sum(axis=1, keepdims=True)
    return scores


def _run_sigmoid(flow: Array) -> Array:
    with np.errstate(over="ignore"):  # far below 0 it is 1 / infinity, which is correctly 0
        return np.asarray(1 / (1 + np.exp(-flow)), np.float32)


def _flat(flow: Array) -> Array:
    return flow.reshape(len(flow), -1)


_COMPUTATIONS: Mapping[str, Callable[..., Array]] = {
    "dense": _run_dense,
    "conv": _run_conv,
    "scale": lambda flow, factor, summand: flow * factor + summand,
    "pool": _run_pool,
    "flatten": _flat,
    "relu": lambda flow: np.maximum(flow, 0),
    "sigmoid": _run_sigmoid,
    "softmax": _run_softmax,
}


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
    """In a trained network it is one multiplication and one addition for each channel."""
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
