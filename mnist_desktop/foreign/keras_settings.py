"""The settings of a layer in a foreign file, taken out one by one and checked.

Each setting has a type and a range; a file with an unknown setting is refused. Names of
initializers, regularizers and constraints are checked and dropped, since they matter only for
training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mnist_desktop.networks.layers import MAX_SIDE, RANGES
from mnist_desktop.networks.plan import InnerLayer, Shape

Json = dict[str, Any]

ACTIVATIONS = frozenset(
    {
        "celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish",
        "leaky_relu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
        "softmax", "softplus", "softsign", "swish", "tanh",
    }
)  # fmt: skip
# Functions of TensorFlow that do the same, by the names that files have for them.
_ALIASES = {**{name: name for name in ACTIVATIONS}, "softmax_v2": "softmax"}
_FUNCTIONS = re.compile(r"builtins|(keras|tf_keras)(\.src)?\.(activations|ops)(\.[a-z_0-9]+)?")
# How layers may compute; here all of them compute with float32.
NUMBERS = frozenset(
    {"bfloat16", "float16", "float32", "float64", "mixed_bfloat16", "mixed_float16"}
)
# Keras's own modules for what matters only in training; nothing is looked up there.
_OWN = re.compile(
    r"(keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras)(\.src)?"
    r"\.(initializers|regularizers|constraints)(\.[a-z_0-9]+){0,2}"
)
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


class PlanError(ValueError):
    """The network is not opened; the message continues "it ..."."""


def quoted(value: object) -> str:
    """Return the beginning of a value from a file, safe to print."""
    return ascii(value)[:60]


class LayerSettings:
    """A layer's settings, each of which is taken out once.

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
        """Return the error that names a setting and its value."""
        return PlanError(f"has {self.layer} whose {name} is {quoted(value)}, which is not accepted")

    def drop(self) -> None:
        """Take all settings that are left: those that matter only in training."""
        self._left.clear()

    def check_image(self, shape: Shape) -> None:
        """Refuse a layer for images on anything else."""
        if len(shape) != 3:
            raise PlanError(f"has {self.layer} on {shape}, which is not an image")

    def finish(self) -> None:
        """Refuse settings that were not taken."""
        if self._left:
            raise PlanError(f"has {self.layer} with the unknown setting {quoted(min(self._left))}")

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Take an integer within a range; Keras writes None where the default is meant."""
        value = self.take(name)
        return self._as_whole(name, default if value is None else value, low, high)

    def _as_whole(self, name: str, value: object, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise self.refuse(name, value)
        return value

    def number(self, name: str, default: float) -> float:
        """Take a number within the range that this setting has in every layer."""
        value = self.take(name, default)
        low, high = RANGES[name]
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
        """Take a setting that must equal one of a few values, including its type."""
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
        """Take the sizes of a border: top and bottom, left and right."""
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
        """Take an axis that must be the last one: channels or units."""
        value = self.take("axis", default)
        only = value[0] if isinstance(value, list) and len(value) == 1 else value
        if type(only) is not int or only not in (-1, len(shape)):
            raise self.refuse("axis", value)

    def activation(self, name: str = "activation") -> str | InnerLayer:
        """Take an activation, given by its exact name or as a layer of its own."""
        value = self.take(name, "linear")
        if value is None:
            return "linear"
        if isinstance(value, dict) and value.get("class_name") == "function":
            home, function = value.get("module"), value.get("config")
            is_own = isinstance(home, str) and _FUNCTIONS.fullmatch(home)
            if is_own and isinstance(function, str) and function in _ALIASES:
                value = function
        if isinstance(value, str) and _ALIASES.get(value) in ACTIVATIONS:
            return _ALIASES[value]
        if isinstance(value, dict) and value.get("module", "keras.layers") == "keras.layers":
            return self._activation_layer(value)
        if isinstance(value, dict):
            raise PlanError(
                f"has {self.layer} whose {name} names {quoted(value.get('class_name'))} "
                f"{quoted(value.get('config'))} in the module {quoted(value.get('module'))}, "
                "program code that would be loaded"
            )
        raise self.refuse(name, value)

    def _activation_layer(self, value: Json) -> InnerLayer:
        kind, registered = value.get("class_name"), value.get("registered_name")
        if not isinstance(kind, str) or kind not in ACTIVATION_LAYERS or registered is not None:
            raise self.refuse("activation", kind)
        inner = LayerSettings(value.get("config"), f"an activation {kind} in {self.layer}")
        inner.common()
        settings = ACTIVATION_LAYERS[kind](inner)
        inner.finish()
        return InnerLayer(kind, settings)

    def common(self) -> tuple[str, bool]:
        """Take the settings that every layer has: name, data type and whether it is trainable.

        Keras 2 also gives any layer the input shape that it would have as the first one.
        """
        name = self.take("name", "")
        if not isinstance(name, str):
            raise self.refuse("name", name)
        dtype = self.take("dtype", "float32")
        if isinstance(dtype, dict):
            inner = dtype.get("config")
            is_policy = dtype.get("class_name") in ("DTypePolicy", "FloatDTypePolicy", "Policy")
            dtype = inner.get("name") if is_policy and isinstance(inner, dict) else dtype
        if not isinstance(dtype, str) or dtype not in NUMBERS:
            raise PlanError(
                f"has {self.layer} that computes with {quoted(dtype)}, which is not accepted"
            )
        self.take("batch_input_shape")
        self.one_of("quantization_config", (None,), None)
        self.builtin("activity_regularizer")
        return name, self.flag("trainable", True)

    def builtins(self, *weights: str) -> None:
        """Take and drop initializers, regularizers and constraints, which must be Keras's own."""
        for weight in weights:
            for setting in ("initializer", "regularizer", "constraint"):
                self.builtin(f"{weight}_{setting}")

    def builtin(self, name: str) -> None:
        """Take and drop an object of one of Keras's own classes."""
        value = self.take(name)
        if value is None or (isinstance(value, str) and _PLAIN_NAME.fullmatch(value)):
            return
        if not isinstance(value, dict):
            raise self.refuse(name, value)
        kind, registered = value.get("class_name"), value.get("registered_name")
        home = value.get("module")  # which Keras 2 does not give
        is_home = home is None or (isinstance(home, str) and _OWN.fullmatch(home))
        is_known = is_home and registered in (None, kind)
        if not is_known or not isinstance(kind, str) or not _PLAIN_NAME.fullmatch(kind):
            raise PlanError(
                f"has {self.layer} whose {name} comes from {quoted(value.get('module'))} "
                f"({quoted(kind)}), program code that would be loaded"
            )

    def channels_last(self) -> None:
        """Take the order of an image's axes; only channels last is accepted."""
        self.one_of("data_format", ("channels_last", None), "channels_last")

    def number_or_none(self, name: str) -> float | None:
        """Take a number as `number` does, or None."""
        value = self.take(name)
        return None if value is None else LayerSettings({name: value}, self.layer).number(name, 0)


def _relu(settings: LayerSettings) -> Json:
    return {
        "max_value": settings.number_or_none("max_value"),
        "negative_slope": settings.number("negative_slope", 0.0),
        "threshold": settings.number("threshold", 0.0),
    }


def _leaky_relu(settings: LayerSettings) -> Json:
    slope = settings.number("alpha", 0.3)  # its name in Keras 2
    return {"negative_slope": settings.number("negative_slope", slope)}


def _elu(settings: LayerSettings) -> Json:
    return {"alpha": settings.number("alpha", 1.0)}


# Layers that may also be another layer's activation.
ACTIVATION_LAYERS: Mapping[str, Callable[[LayerSettings], Json]] = {
    "ELU": _elu,
    "LeakyReLU": _leaky_relu,
    "ReLU": _relu,
}
