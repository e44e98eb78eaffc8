"""Computes the steps that a network was reduced to, as a program that reads them does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.networks.plan import Array
from mnist_desktop.networks.steps import Step


def run_steps(steps: Sequence[Step], images: Array) -> Array:
    """Run images through a network, as a program that reads the exported file does.

    Parameters
    ----------
    steps : sequence of Step
        The network.
    images : ndarray of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].

    Returns
    -------
    ndarray of float32, shape (n, 10)
        The output of the last step.
    """
    flows = [images]
    for step in steps:
        taken = [flows[index] for index in step.inputs]
        flows.append(_COMPUTATIONS[step.kind](*taken, *step.weights, **step.options))
    return flows[-1]


def _windows(
    flow: Array, size: Sequence[int], strides: Sequence[int], border: Any, blank: float
) -> Array:
    """Parts of images under a sliding window, shape (n, rows, columns, channels, *size)."""
    above, left, below, right = border
    around = ((0, 0), (above, below), (left, right), (0, 0))
    padded = np.pad(flow, around, constant_values=blank) if any(border) else flow
    parts = np.lib.stride_tricks.sliding_window_view(padded, tuple(size), axis=(1, 2))
    return parts[:, :: strides[0], :: strides[1]]


def _conv(flow: Array, kernel: Array, bias: Array, *, strides: Any, border: Any) -> Array:
    parts = _windows(flow, kernel.shape[:2], strides, border, 0)
    filtered: Array = np.einsum("nyxcij,ijcf->nyxf", parts, kernel, optimize=True)
    return filtered + bias


def _depthwise(flow: Array, kernel: Array, bias: Array, *, strides: Any, border: Any) -> Array:
    parts = _windows(flow, kernel.shape[:2], strides, border, 0)
    filtered = np.einsum("nyxcij,ijcm->nyxcm", parts, kernel, optimize=True)
    flat: Array = filtered.reshape(*filtered.shape[:3], -1)
    return flat + bias


def _max_pool(flow: Array, *, size: Any, strides: Any, border: Any) -> Array:
    largest: Array = _windows(flow, size, strides, border, -np.inf).max(axis=(4, 5))
    return largest


def _average_pool(flow: Array, *, size: Any, strides: Any, border: Any) -> Array:
    """Average what is inside of the image, without the border."""
    total = _windows(flow, size, strides, border, 0).sum(axis=(4, 5))
    inside = np.ones((1, *flow.shape[1:3], 1), np.float32)
    counts: Array = _windows(inside, size, strides, border, 0).sum(axis=(4, 5))
    return np.asarray(total / counts, np.float32)


def _layer_norm(flow: Array, factor: Array, summand: Array, *, epsilon: float) -> Array:
    away = flow - flow.mean(axis=-1, keepdims=True)
    variance = np.square(away).mean(axis=-1, keepdims=True)
    return np.asarray(away / np.sqrt(variance + epsilon) * factor + summand, np.float32)


def _softmax(flow: Array) -> Array:
    powers = np.exp(flow - flow.max(axis=-1, keepdims=True))
    scores: Array = powers / powers.sum(axis=-1, keepdims=True)
    return scores


def _sigmoid(flow: Array) -> Array:
    with np.errstate(over="ignore"):  # far below 0 it is 1 / infinity, which is correctly 0
        return np.asarray(1 / (1 + np.exp(-flow)), np.float32)


def _erf(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Approximate the error function to 1.5e-7: M. Abramowitz and I. Stegun, 7.1.26."""
    t = 1 / (1 + 0.3275911 * np.abs(values))
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    polynomial = sum(term * t ** (power + 1) for power, term in enumerate(terms))
    return np.sign(values) * (1 - polynomial * np.exp(-values * values))


def _gelu(flow: Array) -> Array:
    exact = np.asarray(flow, np.float64)
    return np.asarray(exact / 2 * (1 + _erf(exact / np.sqrt(2))), np.float32)


_COMPUTATIONS: Mapping[str, Callable[..., Array]] = {
    "add": lambda *flows: np.sum(flows, axis=0),
    "average": lambda *flows: np.mean(flows, axis=0),
    "average_pool": _average_pool,
    "conv": _conv,
    "dense": lambda flow, kernel, bias: flow @ kernel + bias,
    "depthwise": _depthwise,
    "gelu": _gelu,
    "global_average": lambda flow: flow.mean(axis=(1, 2)),
    "layer_norm": _layer_norm,
    "leaky_relu": lambda flow, *, slope: np.where(flow < 0, flow * np.float32(slope), flow),
    "max_pool": _max_pool,
    "relu": lambda flow: np.maximum(flow, 0),
    "reshape": lambda flow, *, shape: flow.reshape(len(flow), *shape),
    "scale": lambda flow, factor, summand: flow * factor + summand,
    "sigmoid": _sigmoid,
    "silu": lambda flow: flow * _sigmoid(flow),
    "softmax": _softmax,
    "tanh": np.tanh,
}
