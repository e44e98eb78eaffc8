"""The catalogue of layers: ranges of their settings, shapes, weights and cost.

Settings are the arguments of the class in ``keras.layers``; a setting for both directions of an
image is a pair. Keras itself is not needed: everything is known before a network is built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_desktop.networks.plan import Shape

# Rounds to a multiple of ``step``, from ``least`` to ``most`` of them; Keras has no such layer.
FAKE_QUANTIZATION = "FakeQuantization"
EPSILON = 1e-3  # Keras's default for layers that normalise batches and channels
# Keras's defaults for what is below 0, of the layer and of the function leaky_relu.
LEAKY_LAYER_SLOPE, LEAKY_FUNCTION_SLOPE = 0.3, 0.2
# What a network passes on as it is once it is trained.
TRAINING_ONLY = (
    "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity", "SpatialDropout1D",
    "SpatialDropout2D",
)  # fmt: skip
MAX_UNITS, MAX_FILTERS, MAX_SIDE = 65_536, 4_096, 64
# Lowest and highest value of settings that are numbers, whichever layer has them.
RANGES: Mapping[str, tuple[float, float]] = {
    "alpha": (0, 1e3),
    "epsilon": (0, 1),
    "max_value": (0, 1e6),
    "momentum": (0, 1),
    "negative_slope": (0, 1e3),
    "offset": (-1e6, 1e6),
    "rate": (0, 0.999),
    "scale": (-1e6, 1e6),
    "stddev": (0, 1e3),
    "threshold": (0, 1e6),
}


@dataclass(frozen=True)
class LayerShape:
    """The shape of a layer's output and weights, and what the layer costs.

    Attributes
    ----------
    output : tuple of int
        Shape of its output for one image; a side is below 1 where its window does not fit.
    weights : tuple of tuple of int
        Shapes of its weights, in Keras's order.
    cost : int
        Multiplications for one image: products with weights, not additions alone or activations.
    patch : int
        How many numbers are gathered for each number of its output.
    steps : int
        How many numbers it processes one by one and not as a matrix product, in addition to its
        output.
    inside : int
        How many numbers its intermediate results have.
    unrolled : int
        How many times it is built, one for each step, if it is recurrent.
    """

    output: Shape
    weights: tuple[Shape, ...] = ()
    cost: int = 0
    patch: int = 1
    steps: int = 0
    inside: int = 0
    unrolled: int = 0


def layer_shape(kind: str, settings: Mapping[str, Any], shapes: Sequence[Shape]) -> LayerShape:
    """Return what a layer makes of its inputs.

    Parameters
    ----------
    kind : str
        Name of the class in ``keras.layers``: a key of `SHAPES` or `ATTENTIONS`, or one of
        `MERGES`.
    settings : mapping
        Arguments of the class; those left out have Keras's defaults.
    shapes : sequence of tuple of int
        Shapes of its inputs for one image: several for a layer of `MERGES` or `ATTENTIONS`, else
        one.

    Returns
    -------
    LayerShape
    """
    if kind in ATTENTIONS:
        return ATTENTIONS[kind](settings, shapes)
    return _merged(kind, shapes) if kind in MERGES else SHAPES[kind](settings, shapes[0])


def _slid(settings: Mapping[str, Any], shape: Shape, window: str) -> Shape:
    """How often a window fits, in both directions; less than once where it does not."""
    size = settings[window]
    strides, gaps = settings.get("strides", (1, 1)), settings.get("dilation_rate", (1, 1))
    sides = []
    for side, extent, step, gap in zip(shape[:2], size, strides, gaps, strict=True):
        reach = (extent - 1) * gap + 1
        is_padded = settings.get("padding") == "same"
        sides.append(math.ceil(side / step) if is_padded else (side - reach) // step + 1)
    return tuple(sides)


def _dense(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    units = settings["units"]
    output = (*shape[:-1], units)
    weights = _with_bias(settings, (shape[-1], units))
    return LayerShape(output, weights, cost=math.prod(output) * shape[-1])


def _conv(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    filters = settings["filters"]
    output = (*_slid(settings, shape, "kernel_size"), filters)
    weights = _with_bias(settings, (*settings["kernel_size"], shape[2], filters))
    patch = math.prod(settings["kernel_size"]) * shape[2]
    return LayerShape(output, weights, cost=math.prod(output) * patch, patch=patch)


def _depthwise(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    times = settings.get("depth_multiplier", 1)
    output = (*_slid(settings, shape, "kernel_size"), shape[2] * times)
    window = math.prod(settings["kernel_size"])
    products = window * math.prod(output)
    return LayerShape(
        output,
        _with_bias(settings, (*settings["kernel_size"], shape[2], times), (shape[2] * times,)),
        cost=products,
        patch=window * shape[2],
        steps=products,
    )


def _separable(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    """A depthwise convolution without bias, followed by a 1×1 convolution."""
    inner = _depthwise(settings, shape)
    deep, filters = inner.output[2], settings["filters"]
    output = (*inner.output[:2], filters)
    return LayerShape(
        output,
        (inner.weights[0], *_with_bias(settings, (1, 1, deep, filters))),
        cost=inner.cost + math.prod(output) * deep,
        patch=inner.patch,
        steps=inner.steps,
        inside=math.prod(inner.output),
    )


def _with_bias(
    settings: Mapping[str, Any], kernel: Shape, units: Shape | None = None
) -> tuple[Shape, ...]:
    """Shapes of a kernel and, unless it is switched off, of a bias for each unit."""
    bias = kernel[-1:] if units is None else units
    return (kernel, bias) if settings.get("use_bias", True) else (kernel,)


def _pool(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    made = {"pool_size": (2, 2), **settings}
    made["strides"] = made.get("strides") or made["pool_size"]
    output = (*_slid(made, shape, "pool_size"), shape[2])
    return LayerShape(output, steps=math.prod(made["pool_size"]) * math.prod(output))


def _global_pool(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    return LayerShape((1, 1, shape[2]) if settings.get("keepdims") else (shape[2],))


def _padding(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    added = [sum(border) for border in settings["padding"]]
    return LayerShape((shape[0] + added[0], shape[1] + added[1], shape[2]))


def _cropping(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    cut = [sum(border) for border in settings["cropping"]]
    return LayerShape((shape[0] - cut[0], shape[1] - cut[1], shape[2]))


def _batch_normalization(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    """Scale and offset of each channel, and their running means and variances."""
    count = 2 + settings.get("center", True) + settings.get("scale", True)
    return LayerShape(shape, ((shape[-1],),) * count, cost=math.prod(shape))


def _layer_normalization(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    count = settings.get("center", True) + settings.get("scale", True)
    return LayerShape(shape, ((shape[-1],),) * count, cost=math.prod(shape))


def _prelu(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    shared = settings.get("shared_axes") or ()
    slopes = tuple(1 if axis in shared else side for axis, side in enumerate(shape, start=1))
    return LayerShape(shape, (slopes,), cost=math.prod(shape))


def _permuted(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    output = tuple(shape[place - 1] for place in settings["dims"])
    return LayerShape(output, steps=math.prod(output))


def _upsampling(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    vertical, horizontal = settings.get("size", (2, 2))
    output = (shape[0] * vertical, shape[1] * horizontal, shape[2])
    return LayerShape(output, steps=4 * math.prod(output))


def _resizing(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    output = (settings["height"], settings["width"], shape[2])
    return LayerShape(output, steps=4 * math.prod(output))


def _rows_left(settings: Mapping[str, Any], rows: int, window: str) -> int:
    """How often a window fits into a list of rows."""
    gap: int = settings.get("dilation_rate", 1)
    step: int = settings.get("strides", 1)
    reach: int = (settings[window] - 1) * gap + 1
    is_padded = settings.get("padding") in ("same", "causal")
    return math.ceil(rows / step) if is_padded else (rows - reach) // step + 1


def _conv_1d(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    filters, size = settings["filters"], settings["kernel_size"]
    output = (_rows_left(settings, shape[0], "kernel_size"), filters)
    weights = _with_bias(settings, (size, shape[1], filters))
    patch = size * shape[1]
    return LayerShape(output, weights, cost=math.prod(output) * patch, patch=patch)


def _pool_1d(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    made = {"pool_size": 2, **settings}
    made["strides"] = made.get("strides") or made["pool_size"]
    output = (_rows_left(made, shape[0], "pool_size"), shape[1])
    return LayerShape(output, steps=made["pool_size"] * math.prod(output))


def _global_pool_1d(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    return LayerShape((1, shape[1]) if settings.get("keepdims") else (shape[1],))


def _recurrent(gates: int) -> Callable[[Mapping[str, Any], Shape], LayerShape]:
    """Shape of a layer that takes row after row, with so many products of its state for each."""

    def shape_of(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
        (rows, inputs), units = shape, settings["units"]
        kernels = ((inputs, gates * units), (units, gates * units))
        is_after = gates == 3 and settings.get("reset_after", True)
        bias = (2, gates * units) if is_after else (gates * units,)
        products = rows * gates * units
        return LayerShape(
            (rows, units) if settings.get("return_sequences") else (units,),
            (*kernels, bias) if settings.get("use_bias", True) else kernels,
            cost=products * (inputs + units),
            steps=4 * products,
            inside=4 * products,
            unrolled=rows,
        )

    return shape_of


def _bidirectional(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    inner = settings["layer"]
    one = SHAPES[inner.kind](inner.settings, shape)
    is_wide = settings.get("merge_mode", "concat") == "concat"
    return LayerShape(
        (*one.output[:-1], one.output[-1] * (2 if is_wide else 1)),
        one.weights * 2,
        cost=2 * one.cost,
        steps=2 * one.steps,
        inside=2 * one.inside,
        unrolled=2 * one.unrolled,
    )


def _time_distributed(settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    """A layer for each part of the input, which Keras builds one after the other."""
    inner, count = settings["layer"], shape[0]
    one = SHAPES[inner.kind](inner.settings, shape[1:])
    return LayerShape(
        (count, *one.output),
        one.weights,
        cost=count * one.cost,
        patch=one.patch,
        steps=count * one.steps,
        inside=count * one.inside,
        unrolled=count,
    )


def _attention(_settings: Mapping[str, Any], shapes: Sequence[Shape]) -> LayerShape:
    """Each row of the first input as a mean of the second one's rows, by their products."""
    (rows, width), (others, value_width) = shapes[:2]
    pairs = rows * others
    return LayerShape(
        (rows, value_width), cost=pairs * (width + value_width), steps=2 * pairs, inside=pairs
    )


def _multi_head_attention(settings: Mapping[str, Any], shapes: Sequence[Shape]) -> LayerShape:
    """The same for several heads, each of which multiplies rows by its own weights first."""
    query, value = shapes[:2]
    key = shapes[2] if len(shapes) > 2 else value
    heads, deep, wide = (settings[name] for name in ("num_heads", "key_dim", "value_dim"))
    weights: list[Shape] = []
    cost = inside = 0
    for rows, width, units in ((*query, deep), (*key, deep), (*value, wide)):
        weights += _with_bias(settings, (width, heads, units), (heads, units))
        cost += rows * width * heads * units
        inside += rows * heads * units
    weights += _with_bias(settings, (heads, wide, query[1]))
    pairs = query[0] * value[0] * heads
    return LayerShape(
        query,
        tuple(weights),
        cost=cost + pairs * (deep + wide) + query[0] * heads * wide * query[1],
        steps=2 * pairs,
        inside=inside + 2 * pairs,
    )


def _unchanged(_settings: Mapping[str, Any], shape: Shape) -> LayerShape:
    return LayerShape(shape)


SHAPES: Mapping[str, Callable[[Mapping[str, Any], Shape], LayerShape]] = {
    "Activation": _unchanged,
    "AlphaDropout": _unchanged,
    "AveragePooling1D": _pool_1d,
    "AveragePooling2D": _pool,
    "BatchNormalization": _batch_normalization,
    "Bidirectional": _bidirectional,
    "Conv1D": _conv_1d,
    "Conv2D": _conv,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Dropout": _unchanged,
    "ELU": _unchanged,
    FAKE_QUANTIZATION: _unchanged,
    "Flatten": lambda _settings, shape: LayerShape((math.prod(shape),)),
    "GRU": _recurrent(3),
    "GaussianDropout": _unchanged,
    "GaussianNoise": _unchanged,
    "GlobalAveragePooling1D": _global_pool_1d,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling1D": _global_pool_1d,
    "GlobalMaxPooling2D": _global_pool,
    "GroupNormalization": _layer_normalization,
    "Identity": _unchanged,
    "LSTM": _recurrent(4),
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _unchanged,
    "MaxPooling1D": _pool_1d,
    "MaxPooling2D": _pool,
    "PReLU": _prelu,
    "Permute": _permuted,
    "RMSNormalization": lambda _settings, shape: LayerShape(
        shape, (shape[-1:],), cost=math.prod(shape)
    ),
    "ReLU": _unchanged,
    "Rescaling": _unchanged,
    "Reshape": lambda settings, _shape: LayerShape(tuple(settings["target_shape"])),
    "Resizing": _resizing,
    "SeparableConv2D": _separable,
    "SimpleRNN": _recurrent(1),
    "Softmax": _unchanged,
    "SpatialDropout1D": _unchanged,
    "SpatialDropout2D": _unchanged,
    "TimeDistributed": _time_distributed,
    "UnitNormalization": _unchanged,
    "UpSampling2D": _upsampling,
    "ZeroPadding2D": _padding,
}
# Kinds that need an image: rows, columns and channels.
ON_IMAGES = frozenset(
    {
        "AveragePooling2D", "Conv2D", "Cropping2D", "DepthwiseConv2D", "GlobalAveragePooling2D",
        "GlobalMaxPooling2D", "MaxPooling2D", "Resizing", "SeparableConv2D", "SpatialDropout2D",
        "UpSampling2D", "ZeroPadding2D",
    }
)  # fmt: skip
# Kinds that merge several inputs into one.
MERGES = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")

# Kinds that weigh the rows of one input by those of another.
ATTENTIONS: Mapping[str, Callable[[Mapping[str, Any], Sequence[Shape]], LayerShape]] = {
    "Attention": _attention,
    "MultiHeadAttention": _multi_head_attention,
}


def _merged(kind: str, shapes: Sequence[Shape]) -> LayerShape:
    first = shapes[0]
    if kind == "Concatenate":
        joined = (*first[:-1], sum(shape[-1] for shape in shapes))
        return LayerShape(joined, steps=math.prod(joined))
    return LayerShape(first, steps=len(shapes) * math.prod(first))
