"""The layers that take an image or a list of numbers as a whole, as LiteRT's operators.

Settings that are left out have Keras's defaults. Convolutions and dense layers take their weights
with the outputs first, where Keras has them last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_desktop.networks.layers import EPSILON, FAKE_QUANTIZATION, TRAINING_ONLY
from mnist_desktop.networks.litert.activations import ACTIVATION_LAYERS, activated
from mnist_desktop.networks.litert.graph import Flow, Graph, size
from mnist_desktop.networks.plan import Array, Shape

SAME, VALID = 0, 1  # as LiteRT's schema numbers the paddings
SMALL_EPSILON = 1e-6  # Keras's default for layers that normalise single vectors
SMALLEST_NORM = 1e-12


@dataclass(frozen=True, eq=False)
class Task:
    """A layer that is to be computed.

    Attributes
    ----------
    graph : Graph
        Operators are added to it.
    settings : mapping
        Arguments of the class in ``keras.layers``.
    weights : sequence of ndarray of float32
        In Keras's order.
    inputs : sequence of Flow
        What it takes: several for a layer that merges, else one.
    shape : tuple of int
        Shape of its output for one image.
    """

    graph: Graph
    settings: Mapping[str, Any]
    weights: Sequence[Array]
    inputs: Sequence[Flow]
    shape: Shape

    @property
    def flow(self) -> Flow:
        """Its input, if it takes one."""
        return self.inputs[0]

    def apply(self, name: str, *inputs: Any, **options: Any) -> Flow:
        """Apply an operator; see `Graph.apply`."""
        return self.graph.apply(name, *inputs, **options)

    def activated(self, flow: Flow) -> Flow:
        """Pass values through the activation that the layer has of its own."""
        return activated(self.graph, flow, self.settings.get("activation", "linear"))

    @property
    def bias(self) -> Array:
        """Its last weight; zeros if it has no bias."""
        if self.settings.get("use_bias", True):
            return self.weights[-1]
        return np.zeros(self.shape[-1], np.float32)


def _dense(task: Task) -> Flow:
    made = task.apply(
        "FULLY_CONNECTED",
        task.flow,
        task.weights[0].T,
        task.bias if task.settings.get("use_bias", True) else None,
        shape=task.shape,
        keepNumDims=len(task.shape) > 1,
    )
    return task.activated(made)


def _window(settings: Mapping[str, Any]) -> dict[str, int]:
    """Options that convolutions have in common."""
    strides, gaps = settings.get("strides", (1, 1)), settings.get("dilation_rate", (1, 1))
    return {
        "padding": SAME if settings.get("padding") == "same" else VALID,
        "strideH": strides[0],
        "strideW": strides[1],
        "dilationHFactor": gaps[0],
        "dilationWFactor": gaps[1],
    }


def _conv(task: Task) -> Flow:
    kernel = task.weights[0].transpose(3, 0, 1, 2)
    options = _window(task.settings)
    return task.activated(
        task.apply("CONV_2D", task.flow, kernel, task.bias, shape=task.shape, **options)
    )


def _depthwise_products(task: Task, bias: Array, shape: Shape) -> Flow:
    rows, columns, channels, times = task.weights[0].shape
    kernel = task.weights[0].reshape(1, rows, columns, channels * times)
    return task.apply(
        "DEPTHWISE_CONV_2D",
        task.flow,
        kernel,
        bias,
        shape=shape,
        depthMultiplier=times,
        **_window(task.settings),
    )


def _depthwise(task: Task) -> Flow:
    return task.activated(_depthwise_products(task, task.bias, task.shape))


def _separable(task: Task) -> Flow:
    """A depthwise convolution without bias, followed by a 1×1 convolution."""
    kernel = task.weights[1].transpose(3, 0, 1, 2)
    deep = kernel.shape[3]
    nothing = np.zeros(deep, np.float32)
    products = _depthwise_products(task, nothing, (*task.shape[:2], deep))
    options = _window({})
    return task.activated(
        task.apply("CONV_2D", products, kernel, task.bias, shape=task.shape, **options)
    )


def _conv_1d(task: Task) -> Flow:
    """Rows are an image of one column."""
    (rows, channels), settings = task.flow.shape, task.settings
    gap, step = settings.get("dilation_rate", 1), settings.get("strides", 1)
    flow = task.graph.reshape(task.flow, (rows, 1, channels))
    if settings.get("padding") == "causal":
        before = (task.weights[0].shape[0] - 1) * gap
        flow = _padded(task.graph, flow, ((before, 0), (0, 0)))
    options = _window({**settings, "strides": (step, 1), "dilation_rate": (gap, 1)})
    kernel = task.weights[0].transpose(2, 0, 1)[:, :, np.newaxis]
    shape = (task.shape[0], 1, task.shape[1])
    made = task.apply("CONV_2D", flow, kernel, task.bias, shape=shape, **options)
    return task.graph.reshape(task.activated(made), task.shape)


def _pooled(task: Task, name: str, flow: Flow, shape: Shape, sizes: Sequence[int]) -> Flow:
    step = task.settings.get("strides") or sizes
    return task.apply(
        name,
        flow,
        shape=shape,
        padding=SAME if task.settings.get("padding") == "same" else VALID,
        strideH=step[0],
        strideW=step[1],
        filterHeight=sizes[0],
        filterWidth=sizes[1],
    )


def _pool(name: str) -> Callable[[Task], Flow]:
    def make(task: Task) -> Flow:
        return _pooled(task, name, task.flow, task.shape, task.settings.get("pool_size", (2, 2)))

    return make


def _pool_1d(name: str) -> Callable[[Task], Flow]:
    """Rows are an image of one column."""

    def make(task: Task) -> Flow:
        length, (rows, channels) = task.settings.get("pool_size", 2), task.flow.shape
        step = task.settings.get("strides") or length
        settings = {**task.settings, "strides": (step, 1)}
        flow = task.graph.reshape(task.flow, (rows, 1, channels))
        inner = Task(task.graph, settings, (), (flow,), (task.shape[0], 1, channels))
        return task.graph.reshape(_pooled(inner, name, flow, inner.shape, (length, 1)), task.shape)

    return make


def _reduced(graph: Graph, name: str, flow: Flow, axes: Sequence[int]) -> Flow:
    """Reduce values along axes, counted from 0 for the images; the axes stay, with one value."""
    shape = tuple(1 if axis in axes else side for axis, side in enumerate(flow.shape, start=1))
    return graph.apply(name, flow, axes, shape=shape, keepDims=True)


def _global_pool(name: str) -> Callable[[Task], Flow]:
    def make(task: Task) -> Flow:
        axes = tuple(range(1, len(task.flow.shape)))
        return task.graph.reshape(_reduced(task.graph, name, task.flow, axes), task.shape)

    return make


def _padded(graph: Graph, flow: Flow, borders: Sequence[Sequence[int]]) -> Flow:
    (above, below), (left, right) = borders
    rows, columns, channels = flow.shape
    shape = (above + rows + below, left + columns + right, channels)
    around = ((0, 0), (above, below), (left, right), (0, 0))
    return graph.apply("PAD", flow, around, shape=shape)


def _cropping(task: Task) -> Flow:
    (above, _), (left, _) = task.settings["cropping"]
    return task.apply("SLICE", task.flow, (0, above, left, 0), (-1, *task.shape), shape=task.shape)


def _scaled(task: Task, flow: Flow, factor: Any, summand: Any) -> Flow:
    return task.apply("ADD", task.apply("MUL", flow, factor), summand)


def _batch_normalization(task: Task) -> Flow:
    """In a trained network it is one multiplication and one addition for each channel."""
    left = [np.asarray(one, np.float64) for one in task.weights]
    gamma = left.pop(0) if task.settings.get("scale", True) else np.float64(1)
    beta = left.pop(0) if task.settings.get("center", True) else np.float64(0)
    mean, variance = left
    factor = gamma / np.sqrt(variance + task.settings.get("epsilon", EPSILON))
    return _scaled(task, task.flow, factor, beta - mean * factor)


def _normalized(task: Task, flow: Flow, axes: Sequence[int]) -> Flow:
    """Subtract the mean and divide by the standard deviation, both along axes."""
    mean = _reduced(task.graph, "MEAN", flow, axes)
    away = task.apply("SUB", flow, mean)
    variance = _reduced(task.graph, "MEAN", task.apply("MUL", away, away), axes)
    epsilon = task.settings.get("epsilon", EPSILON)
    return task.apply("MUL", away, task.apply("RSQRT", task.apply("ADD", variance, epsilon)))


def _scaled_and_centred(task: Task, flow: Flow, shape: Shape) -> Flow:
    """Multiply by the learnt scale and add the learnt offset, where the layer has them."""
    left = [one.reshape(shape) for one in task.weights]
    if task.settings.get("scale", True):
        flow = task.apply("MUL", flow, left.pop(0))
    return task.apply("ADD", flow, left.pop()) if left else flow


def _layer_normalization(task: Task) -> Flow:
    flow = _normalized(task, task.flow, (len(task.shape),))
    return _scaled_and_centred(task, flow, task.shape[-1:])


def _group_normalization(task: Task) -> Flow:
    channels, groups = task.shape[-1], task.settings.get("groups", 32)
    groups = channels if groups == -1 else groups
    places = size(task.flow) // channels
    grouped = task.graph.reshape(task.flow, (places, groups, channels // groups))
    flow = _normalized(task, grouped, (1, 3))
    flow = _scaled_and_centred(task, flow, (groups, channels // groups))
    return task.graph.reshape(flow, task.shape)


def _rms_normalization(task: Task) -> Flow:
    squares = task.apply("MUL", task.flow, task.flow)
    mean = _reduced(task.graph, "MEAN", squares, (len(task.shape),))
    epsilon = task.settings.get("epsilon", SMALL_EPSILON)
    inverse = task.apply("RSQRT", task.apply("ADD", mean, epsilon))
    return task.apply("MUL", task.apply("MUL", task.flow, inverse), task.weights[0])


def _unit_normalization(task: Task) -> Flow:
    squares = task.apply("MUL", task.flow, task.flow)
    total = _reduced(task.graph, "SUM", squares, (len(task.shape),))
    inverse = task.apply("RSQRT", task.apply("MAXIMUM", total, SMALLEST_NORM**2))
    return task.apply("MUL", task.flow, inverse)


def _prelu(task: Task) -> Flow:
    return task.apply("PRELU", task.flow, task.weights[0])


def _permute(task: Task) -> Flow:
    return task.apply("TRANSPOSE", task.flow, (0, *task.settings["dims"]), shape=task.shape)


def _resized(default: str) -> Callable[[Task], Flow]:
    """Resize images; pixels are areas, whose centres lie at halves."""

    def make(task: Task) -> Flow:
        is_smooth = task.settings.get("interpolation", default) == "bilinear"
        name = "RESIZE_BILINEAR" if is_smooth else "RESIZE_NEAREST_NEIGHBOR"
        return task.apply(name, task.flow, task.shape[:2], shape=task.shape, halfPixelCenters=True)

    return make


def _rescaling(task: Task) -> Flow:
    return _scaled(task, task.flow, task.settings["scale"], task.settings.get("offset", 0.0))


def _fake_quantization(task: Task) -> Flow:
    step, least, most = (float(task.settings[name]) for name in ("step", "least", "most"))
    steps = task.apply("ROUND", task.apply("DIV", task.flow, step))
    kept = task.apply("MINIMUM", task.apply("MAXIMUM", steps, least), most)
    return task.apply("MUL", kept, step)


def _reshape(task: Task) -> Flow:
    return task.graph.reshape(task.flow, task.shape)


def _unchanged(task: Task) -> Flow:
    return task.flow


def _activation_layer(kind: str) -> Callable[[Task], Flow]:
    return lambda task: ACTIVATION_LAYERS[kind](task.graph, task.flow, task.settings)


def _merged(name: str) -> Callable[[Task], Flow]:
    """Merge inputs one after the other with an operator of two."""

    def make(task: Task) -> Flow:
        flow, *others = task.inputs
        for one in others:
            flow = task.apply(name, flow, one)
        return flow

    return make


def _average(task: Task) -> Flow:
    return task.apply("MUL", _merged("ADD")(task), 1 / len(task.inputs))


def _concatenated(task: Task) -> Flow:
    return task.apply("CONCATENATION", *task.inputs, shape=task.shape, axis=len(task.shape))


LAYERS: Mapping[str, Callable[[Task], Flow]] = {
    **{kind: _activation_layer(kind) for kind in ACTIVATION_LAYERS},
    **dict.fromkeys(TRAINING_ONLY, _unchanged),
    "Activation": lambda task: task.activated(task.flow),
    "Add": _merged("ADD"),
    "Average": _average,
    "AveragePooling1D": _pool_1d("AVERAGE_POOL_2D"),
    "AveragePooling2D": _pool("AVERAGE_POOL_2D"),
    "BatchNormalization": _batch_normalization,
    "Concatenate": _concatenated,
    "Conv1D": _conv_1d,
    "Conv2D": _conv,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    FAKE_QUANTIZATION: _fake_quantization,
    "Flatten": _reshape,
    "GlobalAveragePooling1D": _global_pool("MEAN"),
    "GlobalAveragePooling2D": _global_pool("MEAN"),
    "GlobalMaxPooling1D": _global_pool("REDUCE_MAX"),
    "GlobalMaxPooling2D": _global_pool("REDUCE_MAX"),
    "GroupNormalization": _group_normalization,
    "LayerNormalization": _layer_normalization,
    "MaxPooling1D": _pool_1d("MAX_POOL_2D"),
    "MaxPooling2D": _pool("MAX_POOL_2D"),
    "Maximum": _merged("MAXIMUM"),
    "Minimum": _merged("MINIMUM"),
    "Multiply": _merged("MUL"),
    "PReLU": _prelu,
    "Permute": _permute,
    "RMSNormalization": _rms_normalization,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Resizing": _resized("bilinear"),
    "SeparableConv2D": _separable,
    "Softmax": lambda task: activated(task.graph, task.flow, "softmax"),
    "Subtract": _merged("SUB"),
    "UnitNormalization": _unit_normalization,
    "UpSampling2D": _resized("nearest"),
    "ZeroPadding2D": lambda task: _padded(task.graph, task.flow, task.settings["padding"]),
}
