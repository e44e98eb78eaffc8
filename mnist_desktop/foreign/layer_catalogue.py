"""The layers that a foreign network may have: their settings, checked, and the shapes they make.

A file's settings are read one by one, each with a type and a range; one that is not known refuses
the file. Names of initializers, regularizers and constraints are looked at and forgotten: they are
of use only where a network is taught.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_desktop.networks.plan import ActivationPlan, Shape

Json = dict[str, Any]

MAX_UNITS, MAX_FILTERS, MAX_SIDE = 65_536, 4_096, 64
ACTIVATIONS = frozenset(
    {
        "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish",
        "leaky_relu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
        "softmax", "softplus", "softsign", "swish", "tanh",
    }
)  # fmt: skip
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


class PlanError(ValueError):
    """A network that is not opened; the text goes on from "it ..."."""


def told(value: object) -> str:
    """Part of what was found in a file, safe to print and short."""
    return ascii(value)[:60]


@dataclass(frozen=True)
class LayerShape:
    """What a layer is made with, and what it makes of its input.

    Attributes
    ----------
    settings : mapping
        What ``keras.layers`` makes it with.
    output : tuple of int
        Shape of its output for one image.
    weights : tuple of tuple of int
        Shapes of its weights.
    kind : str
        Another class to build it with; empty where it is its own.
    patch : int
        How many numbers each number of its output is made of, as far as they must be gathered.
    steps : int
        How many numbers it goes through one by one and not as a product of matrices, beside its
        output.
    inside : int
        How many numbers it keeps for itself before it gives any.
    """

    settings: Mapping[str, Any]
    output: Shape
    weights: tuple[Shape, ...] = ()
    kind: str = ""
    patch: int = 1
    steps: int = 0
    inside: int = 0


class Settings:
    """A layer's settings, each taken out once.

    Parameters
    ----------
    values : dict
        As found in the file.
    layer : str
        What the layer is called in errors.
    """

    def __init__(self, values: object, layer: str) -> None:
        if not isinstance(values, dict):
            raise PlanError(f"has {layer} without settings")
        self._left: Json = dict(values)
        self.layer = layer

    def take(self, name: str, default: object = None) -> Any:
        """Take a setting as it is, unchecked."""
        return self._left.pop(name, default)

    def refuse(self, name: str, value: object) -> PlanError:
        """Return the error that names a setting and what it was."""
        return PlanError(f"has {self.layer} whose {name} is {told(value)}, which is not accepted")

    def finish(self) -> None:
        """Refuse what was not taken."""
        if self._left:
            raise PlanError(f"has {self.layer} with the unknown setting {told(min(self._left))}")

    def whole(self, name: str, low: int, high: int) -> int:
        """Take a whole number within bounds."""
        return self._as_whole(name, self.take(name), low, high)

    def _as_whole(self, name: str, value: object, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise self.refuse(name, value)
        return value

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """Take a number within bounds."""
        value = self.take(name, default)
        if type(value) not in (int, float) or not low <= value <= high:
            raise self.refuse(name, value)
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Take true or false."""
        value = self.take(name, default)
        if type(value) is not bool:
            raise self.refuse(name, value)
        return value

    def one_of(self, name: str, allowed: tuple[object, ...], default: object) -> Any:
        """Take a setting that has a few values, of exactly these types."""
        value = self.take(name, default)
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise self.refuse(name, value)
        return value

    def pair(self, name: str, low: int, high: int, default: object = None) -> tuple[int, int]:
        """Take a number for both directions, or one for each."""
        value = self.take(name, default)
        both = value if isinstance(value, list) else [value, value]
        if len(both) != 2:
            raise self.refuse(name, value)
        first, second = (self._as_whole(name, one, low, high) for one in both)
        return first, second

    def border(self, name: str) -> tuple[tuple[int, int], tuple[int, int]]:
        """Take what is added or cut: above and below, left and right."""
        value = self.take(name)
        sides = value if isinstance(value, list) else []
        if [len(one) if isinstance(one, list) else 0 for one in sides] != [2, 2]:
            raise self.refuse(name, value)
        vertical, horizontal = (
            (self._as_whole(name, one[0], 0, MAX_SIDE), self._as_whole(name, one[1], 0, MAX_SIDE))
            for one in sides
        )
        return vertical, horizontal

    def last_axis(self, shape: Shape, default: object = -1) -> None:
        """Take an axis that must be the last: channels, or units."""
        value = self.take("axis", default)
        only = value[0] if isinstance(value, list) and len(value) == 1 else value
        if type(only) is not int or only not in (-1, len(shape)):
            raise self.refuse("axis", value)

    def activation(self, name: str = "activation") -> str | ActivationPlan:
        """Take an activation by its exact name, or as a layer with a slope."""
        value = self.take(name, "linear")
        if value is None:
            return "linear"
        if isinstance(value, str) and value in ACTIVATIONS:
            return value
        if isinstance(value, dict) and value.get("module") == "keras.layers":
            return self._activation_layer(value)
        if isinstance(value, dict):
            raise PlanError(
                f"has {self.layer} whose {name} names {told(value.get('class_name'))} "
                f"{told(value.get('config'))} in the module {told(value.get('module'))}, program "
                "code that would be loaded"
            )
        raise self.refuse(name, value)

    def _activation_layer(self, value: Json) -> ActivationPlan:
        kind = value.get("class_name")
        if kind not in ("ELU", "LeakyReLU", "ReLU") or value.get("registered_name") is not None:
            raise self.refuse("activation", kind)
        inner = Settings(value.get("config"), f"an activation {kind} in {self.layer}")
        inner.common()
        settings = LAYERS[kind](inner, (1,)).settings
        inner.finish()
        return ActivationPlan(kind, settings)

    def common(self) -> tuple[str, bool]:
        """Take what every layer has: name, kind of numbers, whether it learns."""
        name = self.take("name", "")
        if not isinstance(name, str):
            raise self.refuse("name", name)
        dtype = self.take("dtype", "float32")
        if isinstance(dtype, dict):
            inner = dtype.get("config")
            is_policy = dtype.get("class_name") in ("DTypePolicy", "Policy")
            dtype = inner.get("name") if is_policy and isinstance(inner, dict) else dtype
        if dtype != "float32":
            raise PlanError(
                f"has {self.layer} that computes with {told(dtype)} and not with float32"
            )
        self.builtin("activity_regularizer", "regularizers")
        return name, self.flag("trainable", True)

    def builtins(self, *weights: str) -> None:
        """Take how weights began and were held: of Keras's own kinds, and not used."""
        for weight in weights:
            for setting in ("initializer", "regularizer", "constraint"):
                self.builtin(f"{weight}_{setting}", f"{setting}s")

    def builtin(self, name: str, module: str) -> None:
        """Take one of Keras's own objects, of whatever kind; nothing is made of it."""
        value = self.take(name)
        if value is None or (isinstance(value, str) and _PLAIN_NAME.fullmatch(value)):
            return
        if not isinstance(value, dict):
            raise self.refuse(name, value)
        kind, registered = value.get("class_name"), value.get("registered_name")
        is_known = value.get("module") == f"keras.{module}" and registered in (None, kind)
        if not is_known or not isinstance(kind, str) or not _PLAIN_NAME.fullmatch(kind):
            raise PlanError(
                f"has {self.layer} whose {name} comes from {told(value.get('module'))} "
                f"({told(kind)}), program code that would be loaded"
            )

    def channels_last(self) -> None:
        """Take the only order of an image's numbers that is accepted."""
        self.one_of("data_format", ("channels_last", None), "channels_last")


def _image(settings: Settings, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise PlanError(f"has {settings.layer} on {shape}, which is no image")
    height, width, channels = shape
    return height, width, channels


def _slid(shape: Shape, size: Shape, strides: Shape, padding: str, gaps: Shape = (1, 1)) -> Shape:
    """How often a window fits, in both directions; less than once where it does not."""
    sides = []
    for side, window, step, gap in zip(shape[:2], size, strides, gaps, strict=True):
        reach = (window - 1) * gap + 1
        sides.append(math.ceil(side / step) if padding == "same" else (side - reach) // step + 1)
    return tuple(sides)


def _dense(settings: Settings, shape: Shape) -> LayerShape:
    units = settings.whole("units", 1, MAX_UNITS)
    use_bias = settings.flag("use_bias", True)
    settings.builtins("kernel", "bias")
    settings.one_of("quantization_config", (None,), None)
    made = {"units": units, "use_bias": use_bias, "activation": settings.activation()}
    weights: tuple[Shape, ...] = ((shape[-1], units), (units,))
    return LayerShape(made, (*shape[:-1], units), weights[: 1 + use_bias])


def _window(settings: Settings) -> dict[str, Any]:
    """Take what all convolutions have."""
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


def _slid_by(made: Mapping[str, Any], image: Shape) -> Shape:
    size, strides, gaps = made["kernel_size"], made["strides"], made["dilation_rate"]
    return _slid(image, size, strides, made["padding"], gaps)


def _conv(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    made = {"filters": filters, **_window(settings)}
    settings.builtins("kernel", "bias")
    weights: tuple[Shape, ...] = ((*made["kernel_size"], image[2], filters), (filters,))
    return LayerShape(
        made,
        (*_slid_by(made, image), filters),
        weights[: 1 + made["use_bias"]],
        patch=math.prod(made["kernel_size"]) * image[2],
    )


def _depthwise(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    times = settings.whole("depth_multiplier", 1, MAX_SIDE)
    made = {"depth_multiplier": times, **_window(settings)}
    if made["strides"][0] != made["strides"][1]:
        raise PlanError(f"has {settings.layer} with two different strides")
    settings.builtins("depthwise", "bias")
    filters = image[2] * times
    weights: tuple[Shape, ...] = ((*made["kernel_size"], image[2], times), (filters,))
    output = (*_slid_by(made, image), filters)
    window = math.prod(made["kernel_size"])
    return LayerShape(
        made,
        output,
        weights[: 1 + made["use_bias"]],
        patch=window * image[2],
        steps=window * math.prod(output),
    )


def _separable(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    filters = settings.whole("filters", 1, MAX_FILTERS)
    inner = _depthwise(settings, shape)
    settings.builtins("pointwise")
    deep = image[2] * inner.settings["depth_multiplier"]
    weights = (inner.weights[0], (1, 1, deep, filters), (filters,))
    return LayerShape(
        {"filters": filters, **inner.settings},
        (*inner.output[:2], filters),
        weights[: 2 + inner.settings["use_bias"]],
        patch=inner.patch,
        steps=inner.steps,
        inside=math.prod(inner.output),
    )


def _pool(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    size = settings.pair("pool_size", 1, MAX_SIDE, 2)
    strides = settings.take("strides")
    if strides is not None:
        strides = Settings({"strides": strides}, settings.layer).pair("strides", 1, MAX_SIDE)
    padding = settings.one_of("padding", ("valid", "same"), "valid")
    settings.channels_last()
    made = {"pool_size": size, "strides": strides or size, "padding": padding}
    output = (*_slid(image, size, made["strides"], padding), image[2])
    return LayerShape(made, output, steps=math.prod(size) * math.prod(output))


def _global_pool(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    settings.channels_last()
    keepdims = settings.flag("keepdims", False)
    return LayerShape({"keepdims": keepdims}, (1, 1, image[2]) if keepdims else (image[2],))


def _flatten(settings: Settings, shape: Shape) -> LayerShape:
    settings.channels_last()
    return LayerShape({}, (math.prod(shape),))


def _reshape(settings: Settings, shape: Shape) -> LayerShape:
    target = settings.take("target_shape")
    whole, size = isinstance(target, list) and 1 <= len(target) <= 4, math.prod(shape)
    if not whole or any(type(side) is not int or not -1 <= side <= size for side in target):
        raise settings.refuse("target_shape", target)
    known = math.prod(side for side in target if side != -1)
    sides = tuple(size // known if side == -1 and known else side for side in target)
    if target.count(-1) > 1 or math.prod(sides) != size:
        raise settings.refuse("target_shape", target)
    return LayerShape({"target_shape": sides}, sides)


def _padding(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    border = settings.border("padding")
    settings.channels_last()
    sides = (image[0] + sum(border[0]), image[1] + sum(border[1]))
    return LayerShape({"padding": border}, (*sides, image[2]))


def _cropping(settings: Settings, shape: Shape) -> LayerShape:
    image = _image(settings, shape)
    border = settings.border("cropping")
    settings.channels_last()
    sides = (image[0] - sum(border[0]), image[1] - sum(border[1]))
    return LayerShape({"cropping": border}, (*sides, image[2]))


def _batch_normalization(settings: Settings, shape: Shape) -> LayerShape:
    settings.last_axis(shape)
    center, scale = settings.flag("center", True), settings.flag("scale", True)
    settings.builtins("beta", "gamma", "moving_mean", "moving_variance")
    settings.flag("synchronized", False)
    settings.one_of("renorm", (False,), False)
    settings.take("renorm_clipping")
    settings.take("renorm_momentum")
    made = {
        "momentum": settings.number("momentum", 0, 1, 0.99),
        "epsilon": settings.number("epsilon", 0, 1, 0.001),
        "center": center,
        "scale": scale,
    }
    return LayerShape(made, shape, ((shape[-1],),) * (2 + center + scale))


def _layer_normalization(settings: Settings, shape: Shape) -> LayerShape:
    settings.last_axis(shape)
    center, scale = settings.flag("center", True), settings.flag("scale", True)
    settings.builtins("beta", "gamma")
    settings.one_of("rms_scaling", (False,), False)
    epsilon = settings.number("epsilon", 0, 1, 0.001)
    made = {"epsilon": epsilon, "center": center, "scale": scale}
    return LayerShape(made, shape, ((shape[-1],),) * (center + scale))


def _activation(settings: Settings, shape: Shape) -> LayerShape:
    return LayerShape({"activation": settings.activation()}, shape)


def _relu(settings: Settings, shape: Shape) -> LayerShape:
    most = settings.take("max_value")
    if most is not None:
        most = Settings({"max_value": most}, settings.layer).number("max_value", 0, 1e6, 0)
    made = {
        "max_value": most,
        "negative_slope": settings.number("negative_slope", 0, 1e3, 0.0),
        "threshold": settings.number("threshold", 0, 1e6, 0.0),
    }
    return LayerShape(made, shape)


def _leaky_relu(settings: Settings, shape: Shape) -> LayerShape:
    slope = settings.number("alpha", 0, 1e3, 0.3)  # what Keras 2 calls it
    return LayerShape({"negative_slope": settings.number("negative_slope", 0, 1e3, slope)}, shape)


def _elu(settings: Settings, shape: Shape) -> LayerShape:
    return LayerShape({"alpha": settings.number("alpha", 0, 1e3, 1.0)}, shape)


def _prelu(settings: Settings, shape: Shape) -> LayerShape:
    settings.builtins("alpha")
    axes = settings.take("shared_axes")
    shared = axes if isinstance(axes, list) else [] if axes is None else [axes]
    if any(type(axis) is not int or not 1 <= axis <= len(shape) for axis in shared):
        raise settings.refuse("shared_axes", axes)
    slopes = tuple(1 if axis in shared else side for axis, side in enumerate(shape, start=1))
    return LayerShape({"shared_axes": sorted(set(shared)) or None}, shape, (slopes,))


def _softmax(settings: Settings, shape: Shape) -> LayerShape:
    settings.last_axis(shape)
    return LayerShape({}, shape)


def _rescaling(settings: Settings, shape: Shape) -> LayerShape:
    scale, offset = (
        settings.number(name, -1e6, 1e6, default) for name, default in (("scale", 1), ("offset", 0))
    )
    return LayerShape({"scale": scale, "offset": offset}, shape)


def _noise(settings: Settings, shape: Shape) -> LayerShape:
    """Take a layer that does something only while a network is taught."""
    made = {}
    for name, most in (("rate", 0.999), ("stddev", 1e3)):
        if (value := settings.take(name)) is not None:
            made[name] = Settings({name: value}, settings.layer).number(name, 0, most, 0)
    _seed(settings)
    settings.one_of("noise_shape", (None,), None)
    settings.channels_last()
    if len(made) != 1:
        raise settings.refuse("rate", None)
    return LayerShape(made, shape)


def _spatial_dropout(settings: Settings, shape: Shape) -> LayerShape:
    _image(settings, shape)
    return _noise(settings, shape)


def _nothing(settings: Settings, shape: Shape) -> LayerShape:
    """Take a layer that changes nothing in a network that is taught already.

    What it would do to images while the network learns is not kept.
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
    return LayerShape({}, shape, kind="Identity")


def _flat(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _seed(settings: Settings) -> None:
    seed = settings.take("seed")
    if seed is not None and type(seed) is not int:
        raise settings.refuse("seed", seed)


LAYERS: Mapping[str, Callable[[Settings, Shape], LayerShape]] = {
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
    "ELU": _elu,
    "Flatten": _flatten,
    "GaussianDropout": _noise,
    "GaussianNoise": _noise,
    "GlobalAveragePooling2D": _global_pool,
    "GlobalMaxPooling2D": _global_pool,
    "Identity": _nothing,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu,
    "MaxPooling2D": _pool,
    "PReLU": _prelu,
    "RandomBrightness": _nothing,
    "RandomContrast": _nothing,
    "RandomFlip": _nothing,
    "RandomRotation": _nothing,
    "RandomTranslation": _nothing,
    "RandomZoom": _nothing,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "SeparableConv2D": _separable,
    "Softmax": _softmax,
    "SpatialDropout2D": _spatial_dropout,
    "ZeroPadding2D": _padding,
}


def merge(kind: str, settings: Settings, shapes: list[Shape]) -> LayerShape:
    """Take a layer that makes one of several inputs."""
    if kind == "Concatenate":
        settings.last_axis(shapes[0])
        if len({shape[:-1] for shape in shapes}) != 1:
            raise PlanError(f"has {settings.layer} whose inputs do not fit together")
        joined = (*shapes[0][:-1], sum(shape[-1] for shape in shapes))
        return LayerShape({}, joined, steps=math.prod(joined))
    if len(set(shapes)) != 1:
        raise PlanError(f"has {settings.layer} whose inputs do not fit together")
    return LayerShape({}, shapes[0], steps=len(shapes) * math.prod(shapes[0]))


MERGES = ("Add", "Average", "Concatenate", "Maximum", "Multiply")

# What is known to run code or read files, with the reason that is given.
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
