"""The layers that a foreign network may have, and how the settings of each are read or refused.

`mnist_desktop.networks.layers` says what a layer makes of its input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from mnist_desktop.foreign.keras_settings import (
    ACTIVATION_LAYERS,
    Json,
    LayerSettings,
    PlanError,
)
from mnist_desktop.networks.layers import MAX_FILTERS, MAX_SIDE, MAX_UNITS
from mnist_desktop.networks.plan import Shape


def _check_image(settings: LayerSettings, shape: Shape) -> None:
    if len(shape) != 3:
        raise PlanError(f"has {settings.layer} on {shape}, which is not an image")


def _dense(settings: LayerSettings, _shape: Shape) -> Json:
    units = settings.whole("units", 1, MAX_UNITS)
    use_bias = settings.flag("use_bias", True)
    settings.builtins("kernel", "bias")
    return {"units": units, "use_bias": use_bias, "activation": settings.activation()}


def _window(settings: LayerSettings) -> Json:
    """Take the settings that all convolutions have."""
    made = {
        "kernel_size": settings.pair("kernel_size", 1, MAX_SIDE),
        "strides": settings.pair("strides", 1, MAX_SIDE, 1),
        "padding": settings.one_of("padding", ("valid", "same"), "valid"),
        "dilation_rate": settings.pair("dilation_rate", 1, MAX_SIDE, 1),
        "use_bias": settings.flag("use_bias", True),
        "activation": settings.activation(),
    }
    if max(made["strides"]) > 1 and max(made["dilation_rate"]) > 1:
        raise PlanError(f"has {settings.layer} with both strides and dilation")
    settings.channels_last()
    settings.one_of("groups", (1,), 1)
    return made


def _conv(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    made = {"filters": filters, **_window(settings)}
    settings.builtins("kernel", "bias")
    return made


def _depthwise(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    times = settings.whole("depth_multiplier", 1, MAX_SIDE)
    made = {"depth_multiplier": times, **_window(settings)}
    if made["strides"][0] != made["strides"][1]:
        raise PlanError(f"has {settings.layer} with two different strides")
    settings.builtins("depthwise", "bias")
    return made


def _separable(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    made = {"filters": filters, **_depthwise(settings, shape)}
    settings.builtins("pointwise")
    return made


def _pool(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    size = settings.pair("pool_size", 1, MAX_SIDE, 2)
    strides = settings.take("strides")
    if strides is not None:
        strides = LayerSettings({"strides": strides}, settings.layer).pair("strides", 1, MAX_SIDE)
    padding = settings.one_of("padding", ("valid", "same"), "valid")
    settings.channels_last()
    return {"pool_size": size, "strides": strides or size, "padding": padding}


def _global_pool(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    settings.channels_last()
    return {"keepdims": settings.flag("keepdims", False)}


def _flatten(settings: LayerSettings, _shape: Shape) -> Json:
    settings.channels_last()
    return {}


def _reshape(settings: LayerSettings, shape: Shape) -> Json:
    target = settings.take("target_shape")
    is_shape, size = isinstance(target, list) and 1 <= len(target) <= 4, math.prod(shape)
    if not is_shape or any(type(side) is not int or not -1 <= side <= size for side in target):
        raise settings.refuse("target_shape", target)
    known = math.prod(side for side in target if side != -1)
    sides = tuple(size // known if side == -1 and known else side for side in target)
    if target.count(-1) > 1 or math.prod(sides) != size:
        raise settings.refuse("target_shape", target)
    return {"target_shape": sides}


def _padding(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    made = {"padding": settings.border("padding")}
    settings.channels_last()
    return made


def _cropping(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    made = {"cropping": settings.border("cropping")}
    settings.channels_last()
    return made


def _batch_normalization(settings: LayerSettings, shape: Shape) -> Json:
    settings.last_axis(shape)
    center, scale = settings.flag("center", True), settings.flag("scale", True)
    settings.builtins("beta", "gamma", "moving_mean", "moving_variance")
    settings.flag("synchronized", False)
    settings.one_of("renorm", (False,), False)
    settings.take("renorm_clipping")
    settings.take("renorm_momentum")
    return {
        "momentum": settings.number("momentum", 0.99),
        "epsilon": settings.number("epsilon", 0.001),
        "center": center,
        "scale": scale,
    }


def _layer_normalization(settings: LayerSettings, shape: Shape) -> Json:
    settings.last_axis(shape)
    center, scale = settings.flag("center", True), settings.flag("scale", True)
    settings.builtins("beta", "gamma")
    settings.one_of("rms_scaling", (False,), False)
    return {"epsilon": settings.number("epsilon", 0.001), "center": center, "scale": scale}


def _activation(settings: LayerSettings, _shape: Shape) -> Json:
    return {"activation": settings.activation()}


def _prelu(settings: LayerSettings, shape: Shape) -> Json:
    settings.builtins("alpha")
    axes = settings.take("shared_axes")
    shared = axes if isinstance(axes, list) else [] if axes is None else [axes]
    if any(type(axis) is not int or not 1 <= axis <= len(shape) for axis in shared):
        raise settings.refuse("shared_axes", axes)
    return {"shared_axes": sorted(set(shared)) or None}


def _softmax(settings: LayerSettings, shape: Shape) -> Json:
    settings.last_axis(shape)
    return {}


def _rescaling(settings: LayerSettings, _shape: Shape) -> Json:
    return {"scale": settings.number("scale", 1), "offset": settings.number("offset", 0)}


def _noise(settings: LayerSettings, _shape: Shape) -> Json:
    """Take the settings of a layer that acts only during training."""
    taken = {name: settings.number_or_none(name) for name in ("rate", "stddev")}
    _seed(settings)
    settings.one_of("noise_shape", (None,), None)
    settings.channels_last()
    made = {name: value for name, value in taken.items() if value is not None}
    if len(made) != 1:
        raise settings.refuse("rate", None)
    return made


def _spatial_dropout(settings: LayerSettings, shape: Shape) -> Json:
    _check_image(settings, shape)
    return _noise(settings, shape)


def _nothing(settings: LayerSettings, _shape: Shape) -> Json:
    """Take the settings of a layer that does nothing in a trained network.

    What it does to images during training is not kept.
    """
    _seed(settings)
    settings.channels_last()
    for name in ("fill_mode", "interpolation", "mode"):
        if not isinstance(settings.take(name, ""), str):
            raise settings.refuse(name, "no word")
    for name in (
        "factor",
        "height_factor",
        "width_factor",
        "fill_value",
        "value_range",
        "l1",
        "l2",
    ):
        value = settings.take(name)
        if not all(type(n) in (int, float, type(None)) for n in _flat(value)):
            raise settings.refuse(name, value)
    return {}


def _flat(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _seed(settings: LayerSettings) -> None:
    seed = settings.take("seed")
    if seed is not None and type(seed) is not int:
        raise settings.refuse("seed", seed)


def _slope(take: Callable[[LayerSettings], Json]) -> Callable[[LayerSettings, Shape], Json]:
    return lambda settings, _shape: take(settings)


LAYERS: Mapping[str, Callable[[LayerSettings, Shape], Json]] = {
    **{kind: _slope(take) for kind, take in ACTIVATION_LAYERS.items()},
    "Activation": _activation,
    "ActivityRegularization": _nothing,
    "AlphaDropout": _noise,
    "AveragePooling2D": _pool,
    "BatchNormalization": _batch_normalization,
    "Conv2D": _conv,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Dropout": _noise,
    "Flatten": _flatten,
    "GaussianDropout": _noise,
    "GaussianNoise": _noise,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling2D": _global_pool,
    "Identity": _nothing,
    "LayerNormalization": _layer_normalization,
    "MaxPooling2D": _pool,
    "PReLU": _prelu,
    "RandomBrightness": _nothing,
    "RandomContrast": _nothing,
    "RandomFlip": _nothing,
    "RandomRotation": _nothing,
    "RandomTranslation": _nothing,
    "RandomZoom": _nothing,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "SeparableConv2D": _separable,
    "Softmax": _softmax,
    "SpatialDropout2D": _spatial_dropout,
    "ZeroPadding2D": _padding,
}
# Opened as layers that pass on their input unchanged.
INERT = frozenset(kind for kind, take in LAYERS.items() if take is _nothing)


def check_merge(kind: str, settings: LayerSettings, shapes: Sequence[Shape]) -> None:
    """Refuse a layer that merges several inputs if their shapes do not fit together."""
    if kind == "Concatenate":
        settings.last_axis(shapes[0])
        shapes = [shape[:-1] for shape in shapes]
    if len(set(shapes)) != 1 or (kind == "Subtract" and len(shapes) != 2):
        raise PlanError(f"has {settings.layer} whose inputs do not fit together")


# How many of a layer's weights, the last ones, are statistics and not learned.
FIXED_WEIGHTS: Mapping[str, int] = {"BatchNormalization": 2}

# Layers known to run code or read files, with the reason that is given.
DANGEROUS: Mapping[str, str] = {
    "Lambda": "which is program code of its own",
    "TFSMLayer": "which runs a TensorFlow program from another file",
    "TorchModuleWrapper": "which unpickles PyTorch code",
    "FlaxLayer": "which is program code of its own",
    "JaxLayer": "which is program code of its own",
    "StringLookup": "which reads files or addresses that it names",
    "IntegerLookup": "which reads files or addresses that it names",
    "TextVectorization": "which reads files or addresses that it names",
}
