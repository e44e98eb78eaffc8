"""Reduces a trained network to a few kinds of steps that other programs can compute.

The ONNX file and the web page are written from these steps, and `mnist_desktop.networks.run_steps`
computes them to check what was written. Steps are made from a plan, so that Keras is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.errors import ModelFileError
from mnist_desktop.networks.layers import (
    EPSILON,
    LEAKY_FUNCTION_SLOPE,
    LEAKY_LAYER_SLOPE,
    TRAINING_ONLY,
)
from mnist_desktop.networks.plan import Array, LayerPlan, NetworkPlan, Shape

IMAGE = (SIDE, SIDE, 1)
NO_BORDER = (0, 0, 0, 0)
ACTIVATIONS = ("gelu", "leaky_relu", "relu", "sigmoid", "silu", "softmax", "tanh")


@dataclass(frozen=True)
class Step:
    """One operation on the values that flow through a network.

    Attributes
    ----------
    kind : str
        ``conv``, ``depthwise``, ``max_pool`` and ``average_pool`` slide windows over images that
        have got a border; ``dense``; ``scale`` multiplies and adds by channel; ``layer_norm``
        brings the last axis to mean 0 and variance 1, multiplies and adds; ``global_average``
        takes the means of channels; ``reshape``; ``add`` and ``average`` merge several flows; one
        of `ACTIVATIONS`, of which softmax acts along the last axis.
    weights : tuple of ndarray of float32
        ``dense``: kernel (inputs, units) and bias (units,). ``conv``: kernel (height, width,
        channels, filters) and bias (filters,). ``depthwise``: kernel (height, width, channels,
        multiplier) and bias (channels × multiplier,). ``scale`` and ``layer_norm``: factor and
        summand (channels,). Otherwise empty.
    options : mapping
        ``strides`` (rows, columns) and ``border`` (above, left, below, right) of sliding windows,
        and ``size`` (rows, columns) of pooling, where the border does not count; ``shape`` of
        ``reshape``; ``slope`` of ``leaky_relu``; ``epsilon`` of ``layer_norm``.
    inputs : tuple of int
        What it takes: 0 is the image (28, 28, 1), n the output of the n-th step.
    """

    kind: str
    weights: tuple[Array, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[int, ...] = (0,)


def network_steps(plan: NetworkPlan, weights: Sequence[Array]) -> list[Step]:
    """Reduce a network to steps.

    Parameters
    ----------
    plan : NetworkPlan
        The layers and how they are connected.
    weights : sequence of ndarray of float32
        The weights of all layers, in the plan's order.

    Returns
    -------
    list of Step
        In order, from pixels to scores, which are the output of the last one.

    Raises
    ------
    ModelFileError
        If it has a layer that cannot be expressed as such steps.
    """
    making = _Making()
    given = 0
    if plan.input_shape != IMAGE:
        given = making.add("reshape", 0, shape=plan.input_shape)
    making.network(plan, given, iter(weights))
    return making.steps


class _Making:
    """Steps as they come together."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, kind: str, *inputs: int, weights: Sequence[Array] = (), **options: Any) -> int:
        """Add a step; return the number of its output."""
        numbers = tuple(np.asarray(one, np.float32) for one in weights)
        self.steps.append(Step(kind, numbers, options, inputs))
        return len(self.steps)

    def network(self, plan: NetworkPlan, given: int, weights: Iterator[Array]) -> int:
        """Add the steps of a network, whose input is given; return the number of its output."""
        flows, shapes = [given], [plan.input_shape]
        for one in plan.layers:
            taken = [flows[index] for index in one.inputs]
            if one.body is not None:
                flows.append(self.network(one.body, taken[0], weights))
            else:
                own = [next(weights) for _ in one.weights]
                task = _Task(self, one, taken, shapes[one.inputs[0]], own)
                flows.append(_LAYERS.get(one.kind, _refuse)(task))
            shapes.append(one.output_shape)
        return flows[plan.output]


@dataclass(frozen=True, eq=False)
class _Task:
    """A layer that is to become steps: what it takes, that one's shape, and its weights."""

    making: _Making
    layer: LayerPlan
    inputs: Sequence[int]
    shape: Shape
    weights: Sequence[Array]

    def get(self, name: str, default: Any) -> Any:
        """Return a setting, or Keras's default."""
        found = self.layer.settings.get(name)
        return default if found is None else found

    def add(self, kind: str, *more: Array, flow: int | None = None, **options: Any) -> int:
        """Add a step that takes the layer's input, or another flow."""
        given = self.inputs[0] if flow is None else flow
        return self.making.add(kind, given, weights=more, **options)

    def activated(self, flow: int) -> int:
        """Pass a flow through the activation that the layer has of its own."""
        name = self.get("activation", "linear")
        if name == "linear":
            return flow
        if name not in ACTIVATIONS:
            return _refuse(self)
        if name == "leaky_relu":
            return self.making.add(name, flow, slope=LEAKY_FUNCTION_SLOPE)
        return self.making.add(name, flow)

    def bias(self, count: int) -> Array:
        """Its last weight; zeros if it has no bias."""
        return self.weights[-1] if self.get("use_bias", True) else np.zeros(count, np.float32)

    def window(self, size: Sequence[int], strides: Sequence[int]) -> dict[str, Any]:
        """Where a sliding window of a size is put down: its strides and the border it needs."""
        if tuple(self.get("dilation_rate", (1, 1))) != (1, 1):
            _refuse(self)
        border = _border(self.shape, size, strides) if self.get("padding", "") == "same" else None
        return {"strides": tuple(strides), "border": border or NO_BORDER}


def _border(shape: Shape, size: Sequence[int], strides: Sequence[int]) -> tuple[int, int, int, int]:
    """Return the border with which windows cover an image, above, left, below and right of it."""
    missing = [
        max((-(-side // step) - 1) * step + extent - side, 0)
        for side, extent, step in zip(shape[:2], size, strides, strict=True)
    ]
    above, left = (one // 2 for one in missing)
    return above, left, missing[0] - above, missing[1] - left


def _dense(task: _Task) -> int:
    if len(task.shape) != 1:
        return _refuse(task)
    kernel = task.weights[0]
    return task.activated(task.add("dense", kernel, task.bias(kernel.shape[-1])))


def _conv(task: _Task) -> int:
    kernel = task.weights[0]
    window = task.window(kernel.shape[:2], task.get("strides", (1, 1)))
    return task.activated(task.add("conv", kernel, task.bias(kernel.shape[-1]), **window))


def _depthwise_products(task: _Task, bias: Array) -> int:
    kernel = task.weights[0]
    window = task.window(kernel.shape[:2], task.get("strides", (1, 1)))
    return task.add("depthwise", kernel, bias, **window)


def _depthwise(task: _Task) -> int:
    return task.activated(_depthwise_products(task, task.bias(task.layer.output_shape[-1])))


def _separable(task: _Task) -> int:
    """A depthwise convolution without bias, followed by a 1×1 convolution."""
    mixing = task.weights[1]
    products = _depthwise_products(task, np.zeros(mixing.shape[2], np.float32))
    made = task.add(
        "conv", mixing, task.bias(mixing.shape[-1]),
        flow=products, strides=(1, 1), border=NO_BORDER,
    )  # fmt: skip
    return task.activated(made)


def _pool(kind: str) -> Callable[[_Task], int]:
    def make(task: _Task) -> int:
        size = tuple(task.get("pool_size", (2, 2)))
        return task.add(kind, size=size, **task.window(size, task.get("strides", size)))

    return make


def _global_average(task: _Task) -> int:
    return task.add("global_average") if len(task.layer.output_shape) == 1 else _refuse(task)


def _batch_normalization(task: _Task) -> int:
    """In a trained network it is one multiplication and one addition for each channel."""
    left = [np.asarray(one, np.float64) for one in task.weights]
    gamma = left.pop(0) if task.get("scale", True) else np.float64(1)
    beta = left.pop(0) if task.get("center", True) else np.float64(0)
    mean, variance = left
    factor = gamma / np.sqrt(variance + task.get("epsilon", EPSILON))
    return task.add("scale", factor, beta - mean * factor)


def _layer_normalization(task: _Task) -> int:
    if not (task.get("scale", True) and task.get("center", True)):
        return _refuse(task)
    return task.add("layer_norm", *task.weights, epsilon=task.get("epsilon", EPSILON))


def _relu(task: _Task) -> int:
    is_plain = not any(task.get(name, 0) for name in ("negative_slope", "threshold", "max_value"))
    return task.add("relu") if is_plain else _refuse(task)


def _merged(kind: str) -> Callable[[_Task], int]:
    return lambda task: task.making.add(kind, *task.inputs)


def _refuse(task: _Task) -> int:
    raise ModelFileError(
        f"The layer {task.layer.name} ({task.layer.kind}) cannot be exported so; "
        "export the network for Keras or LiteRT instead."
    )


_LAYERS: Mapping[str, Callable[[_Task], int]] = {
    **dict.fromkeys(TRAINING_ONLY, lambda task: task.inputs[0]),
    "Activation": lambda task: task.activated(task.inputs[0]),
    "Add": _merged("add"),
    "Average": _merged("average"),
    "AveragePooling2D": _pool("average_pool"),
    "BatchNormalization": _batch_normalization,
    "Conv2D": _conv,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Flatten": lambda task: task.add("reshape", shape=task.layer.output_shape),
    "GlobalAveragePooling2D": _global_average,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": lambda task: task.add(
        "leaky_relu", slope=task.get("negative_slope", LEAKY_LAYER_SLOPE)
    ),
    "MaxPooling2D": _pool("max_pool"),
    "ReLU": _relu,
    "SeparableConv2D": _separable,
    "Softmax": lambda task: task.add("softmax"),
}
