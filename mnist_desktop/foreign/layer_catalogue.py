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
from mnist_desktop.foreign.preprocessing_layers import (
    center_crop,
    normalization,
    random_crop,
    resizing,
)
from mnist_desktop.foreign.sequence_layers import (
    bidirectional,
    conv_1d,
    global_pool_1d,
    gru,
    lstm,
    pool_1d,
    simple_rnn,
)
from mnist_desktop.networks.layers import MAX_FILTERS, MAX_SIDE, MAX_UNITS
from mnist_desktop.networks.plan import InnerLayer, Shape


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
    settings.check_image(shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    made = {"filters": filters, **_window(settings)}
    settings.builtins("kernel", "bias")
    return made


def _depthwise(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
    times = settings.whole("depth_multiplier", 1, MAX_SIDE)
    made = {"depth_multiplier": times, **_window(settings)}
    if made["strides"][0] != made["strides"][1]:
        raise PlanError(f"has {settings.layer} with two different strides")
    settings.builtins("depthwise", "bias")
    return made


def _separable(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    made = {"filters": filters, **_depthwise(settings, shape)}
    settings.builtins("pointwise", "kernel")  # the second is left over in Keras 2
    return made


def _pool(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
    size = settings.pair("pool_size", 1, MAX_SIDE, 2)
    strides = settings.take("strides")
    if strides is not None:
        strides = LayerSettings({"strides": strides}, settings.layer).pair("strides", 1, MAX_SIDE)
    padding = settings.one_of("padding", ("valid", "same"), "valid")
    settings.channels_last()
    return {"pool_size": size, "strides": strides or size, "padding": padding}


def _global_pool(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
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
    settings.check_image(shape)
    made = {"padding": settings.border("padding")}
    settings.channels_last()
    return made


def _cropping(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
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


def _group_normalization(settings: LayerSettings, shape: Shape) -> Json:
    groups = settings.whole("groups", -1, MAX_FILTERS)
    if groups == 0 or shape[-1] % groups:
        raise settings.refuse("groups", groups)
    return {"groups": groups, **_layer_normalization(settings, shape)}


def _rms_normalization(settings: LayerSettings, shape: Shape) -> Json:
    settings.last_axis(shape)
    return {"epsilon": settings.number("epsilon", 1e-6)}


def _unit_normalization(settings: LayerSettings, shape: Shape) -> Json:
    settings.last_axis(shape)
    return {}


def _permute(settings: LayerSettings, shape: Shape) -> Json:
    dims = settings.take("dims")
    order = dims if isinstance(dims, list) else []
    is_whole = all(type(one) is int for one in order)
    if not is_whole or sorted(order) != list(range(1, len(shape) + 1)):
        raise settings.refuse("dims", dims)
    return {"dims": tuple(order)}


def _upsampling(settings: LayerSettings, shape: Shape) -> Json:
    settings.check_image(shape)
    way = settings.one_of("interpolation", ("bilinear", "nearest"), "nearest")
    settings.channels_last()
    return {"size": settings.pair("size", 1, 8, 2), "interpolation": way}


def _thresholded_relu(settings: LayerSettings, _shape: Shape) -> Json:
    return {
        "threshold": LayerSettings(
            {"threshold": settings.take("theta", 1.0)}, settings.layer
        ).number("threshold", 1.0)
    }


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
    settings.check_image(shape)
    return _noise(settings, shape)


def _nothing(settings: LayerSettings, _shape: Shape) -> Json:
    """Drop the settings of a layer that does nothing in a trained network."""
    settings.drop()
    return {}


def _seed(settings: LayerSettings) -> None:
    seed = settings.take("seed")
    if seed is not None and type(seed) is not int:
        raise settings.refuse("seed", seed)


def _time_distributed(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``TimeDistributed`` and of the layer that it applies to each part."""
    inner = settings.take("layer")
    kind = inner.get("class_name") if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or kind not in _DISTRIBUTED:
        raise settings.refuse("layer", kind)
    if len(shape) < 2:
        raise PlanError(f"has {settings.layer} on {shape}, which has no parts")
    one = LayerSettings(inner.get("config"), f"{kind} in {settings.layer}")
    one.common()
    made = LAYERS[kind](one, shape[1:])
    one.finish()
    return {"layer": InnerLayer(kind, made)}


def _slope(take: Callable[[LayerSettings], Json]) -> Callable[[LayerSettings, Shape], Json]:
    return lambda settings, _shape: take(settings)


# Layers that change images, or anything else, only during training.
_TRAINING_ONLY = (
    "ActivityRegularization", "AugMix", "CutMix", "Identity", "MixUp", "RandAugment",
    "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur",
    "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert", "RandomPerspective",
    "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
    "RandomTranslation", "RandomWidth", "RandomZoom",
)  # fmt: skip
# Layers that another one may apply to each part of its input.
_DISTRIBUTED = (
    "Activation", "AveragePooling1D", "AveragePooling2D", "BatchNormalization", "Conv1D", "Conv2D",
    "Dense", "DepthwiseConv2D", "Dropout", "Flatten", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "LayerNormalization",
    "LeakyReLU", "MaxPooling1D", "MaxPooling2D", "ReLU", "Reshape", "SeparableConv2D",
)  # fmt: skip
LAYERS: Mapping[str, Callable[[LayerSettings, Shape], Json]] = {
    **{kind: _slope(take) for kind, take in ACTIVATION_LAYERS.items()},
    **dict.fromkeys(_TRAINING_ONLY, _nothing),
    "Activation": _activation,
    "AlphaDropout": _noise,
    "AveragePooling1D": pool_1d,
    "AveragePooling2D": _pool,
    "BatchNormalization": _batch_normalization,
    "Bidirectional": bidirectional,
    "CenterCrop": center_crop,
    "Conv1D": conv_1d,
    "Conv2D": _conv,
    "Cropping2D": _cropping,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise,
    "Dropout": _noise,
    "Flatten": _flatten,
    "GRU": gru,
    "GaussianDropout": _noise,
    "GaussianNoise": _noise,
    "GlobalAveragePooling1D": global_pool_1d,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling1D": global_pool_1d,
    "GlobalMaxPooling2D": _global_pool,
    "GroupNormalization": _group_normalization,
    "LSTM": lstm,
    "LayerNormalization": _layer_normalization,
    "MaxPooling1D": pool_1d,
    "MaxPooling2D": _pool,
    "Normalization": normalization,
    "Permute": _permute,
    "PReLU": _prelu,
    "RMSNormalization": _rms_normalization,
    "RandomCrop": random_crop,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "Resizing": resizing,
    "SeparableConv2D": _separable,
    "SimpleRNN": simple_rnn,
    "Softmax": _softmax,
    "SpatialDropout1D": _noise,
    "SpatialDropout2D": _spatial_dropout,
    "TimeDistributed": _time_distributed,
    "ThresholdedReLU": _thresholded_relu,
    "UnitNormalization": _unit_normalization,
    "UpSampling2D": _upsampling,
    "ZeroPadding2D": _padding,
}
# What early versions of TensorFlow 2 call layers.
OLD_NAMES: Mapping[str, str] = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
}
# Planned as another kind of layer, which does the same in a trained network.
PLANNED_AS: Mapping[str, str] = {
    **dict.fromkeys(_TRAINING_ONLY, "Identity"),
    "CenterCrop": "Cropping2D",
    "Normalization": "BatchNormalization",
    "RandomCrop": "Identity",
    "ThresholdedReLU": "ReLU",
}


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
