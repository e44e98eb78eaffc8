"""Plain arithmetic in a Keras graph, such as ``x / 255``, planned as layers that do the same.

Keras 3 describes an operation by its class (``TrueDivide``), Keras 2 a function of TensorFlow by
its name (``math.truediv``). Neither is looked up: a name only selects an entry of a table here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mnist_desktop.foreign.keras_calls import Call, Source
from mnist_desktop.foreign.keras_settings import Json, PlanError, quoted
from mnist_desktop.networks.layers import RANGES
from mnist_desktop.networks.plan import Shape

TENSORFLOW = "TFOpLambda"  # Keras 2's layer around a function of TensorFlow


@dataclass(frozen=True)
class Operation:
    """A layer that does what an operation does: its kind, its settings and what it takes."""

    kind: str
    settings: Json
    sources: tuple[str, ...]


@dataclass(frozen=True)
class _Asked:
    """An operation as the file describes it, with everything that it is given."""

    label: str
    values: Sequence[object]
    named: Mapping[str, object]
    shapes: Mapping[str, Shape]

    def take(self, place: int, *names: str) -> object:
        """Return an argument, given by place or by one of its names."""
        if place < len(self.values):
            return self.values[place]
        return next((self.named[name] for name in names if name in self.named), None)

    @property
    def only(self) -> tuple[str, Shape]:
        """The only source, with its shape."""
        first = self.take(0, "x", "input", "logits", "features", "tensor", "x1")
        if not isinstance(first, Source):
            raise self.refused("takes something other than a layer's output")
        return first.name, self.shape(first)

    def shape(self, source: Source) -> Shape:
        if source.name not in self.shapes:
            raise self.refused("takes an input from no earlier layer")
        return self.shapes[source.name]

    def refused(self, why: str) -> PlanError:
        return PlanError(f"has {self.label} that {why}")


def plan_operation(
    name: str, label: str, call: Call, config: Json, shapes: Mapping[str, Shape]
) -> Operation:
    """Plan an operation as a layer.

    Parameters
    ----------
    name : str
        A key of `OPERATIONS`.
    label : str
        What the operation is called in errors.
    call : Call
        What it is called with.
    config : dict
        Its settings, in Keras 3.
    shapes : mapping of str to tuple of int
        Shapes of the outputs of all earlier layers.

    Raises
    ------
    PlanError
        If it does something that no layer does.
    """
    asked = _Asked(label, call.values, {**config, **call.named}, shapes)
    unknown = set(asked.named) - _KNOWN
    if unknown:
        raise asked.refused(f"is called with {quoted(min(unknown))}")
    return OPERATIONS[name](asked)


_Planned = Callable[[_Asked], Operation]


def _arithmetic(merge: str, rescale: Callable[[float, bool], tuple[float, float]]) -> _Planned:
    """Plan an operation of two values: two outputs, or an output and a number.

    Parameters
    ----------
    merge : str
        The layer that does it with two outputs; empty if there is none.
    rescale : callable
        Returns scale and offset, given the number and whether it comes first.
    """

    def plan(asked: _Asked) -> Operation:
        first, second = asked.take(0, "x", "x1"), asked.take(1, "y", "x2")
        if isinstance(first, Source) and isinstance(second, Source):
            if not merge or asked.shape(first) != asked.shape(second) or first == second:
                raise asked.refused("takes two inputs that do not fit together")
            return Operation(merge, {}, (first.name, second.name))
        source, number = (second, first) if isinstance(second, Source) else (first, second)
        if not isinstance(source, Source):
            raise asked.refused("takes something other than a layer's output")
        scale, offset = rescale(_number(asked, number), source is second)
        asked.shape(source)
        for value in (scale, offset):
            if not RANGES["scale"][0] <= value <= RANGES["scale"][1]:
                raise asked.refused(f"computes with {quoted(number)}")
        return Operation("Rescaling", {"scale": scale, "offset": offset}, (source.name,))

    return plan


def _number(asked: _Asked, value: object) -> float:
    """Return a number, which may be wrapped in lists or in Keras 3's description of an array."""
    config = value.get("config") if isinstance(value, dict) else None
    if isinstance(config, dict):
        value = config.get("value")
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if type(value) not in (int, float) or not abs(value) < math.inf:  # type: ignore[arg-type]
        raise asked.refused(f"computes with {quoted(value)}")
    return float(value)  # type: ignore[arg-type]


def _quotient(number: float, is_first: bool) -> tuple[float, float]:
    """Divide by a number; a number divided by an output is beyond any range, and so refused."""
    return (math.inf if is_first or number == 0 else 1 / number), 0.0


def _negative(asked: _Asked) -> Operation:
    name, _shape = asked.only
    return Operation("Rescaling", {"scale": -1.0, "offset": 0.0}, (name,))


def _same(asked: _Asked) -> Operation:
    if not str(asked.named.get("dtype", "float")).startswith("float"):
        raise asked.refused(f"converts to {quoted(asked.named['dtype'])}")
    return Operation("Identity", {}, (asked.only[0],))


def _activation(name: str) -> _Planned:
    def plan(asked: _Asked) -> Operation:
        source, shape = asked.only
        if asked.named.get("axis", -1) not in (-1, None, len(shape)):
            raise asked.refused(f"has the axis {quoted(asked.named['axis'])}")
        if asked.named.get("alpha", 1) not in (1, None):
            raise asked.refused(f"has the slope {quoted(asked.named['alpha'])}")
        return Operation("Activation", {"activation": name}, (source,))

    return plan


def _leaky(asked: _Asked) -> Operation:
    slope = _number(asked, asked.take(1, "negative_slope", "alpha") or 0.2)
    if not RANGES["negative_slope"][0] <= slope <= RANGES["negative_slope"][1]:
        raise asked.refused(f"has the slope {quoted(slope)}")
    return Operation("LeakyReLU", {"negative_slope": slope}, (asked.only[0],))


def _to_shape(asked: _Asked, shape: Sequence[object]) -> Operation:
    name, given = asked.only
    sides = tuple(side for side in shape if type(side) is int and 1 <= side <= math.prod(given))
    if not 1 <= len(sides) == len(shape) <= 4 or math.prod(sides) != math.prod(given):
        raise asked.refused(f"makes the shape {quoted(shape)} of {given}")
    return Operation("Reshape", {"target_shape": list(sides)}, (name,))


def _reshape(asked: _Asked) -> Operation:
    shape = asked.take(1, "newshape", "shape")
    if not isinstance(shape, list) or not shape or shape[0] not in (-1, None):
        raise asked.refused(f"makes the shape {quoted(shape)}, which joins several pictures")
    sides, size = shape[1:], math.prod(asked.only[1])
    if sides.count(-1) == 1 and all(type(side) is int and side for side in sides):
        others = -math.prod(sides)
        sides = [max(1, size // others) if side == -1 else side for side in sides]
    return _to_shape(asked, sides)


def _expand(asked: _Asked) -> Operation:
    axis, shape = asked.take(1, "axis"), asked.only[1]
    if type(axis) is not int or axis not in (-1, 1, len(shape) + 1):
        raise asked.refused(f"has the axis {quoted(axis)}")
    return _to_shape(asked, (1, *shape) if axis == 1 else (*shape, 1))


def _squeeze(asked: _Asked) -> Operation:
    axis, shape = asked.take(1, "axis"), asked.only[1]
    if (axis[0] if isinstance(axis, list) and axis else axis) not in (-1, len(shape)):
        raise asked.refused(f"has the axis {quoted(axis)}")
    return _to_shape(asked, shape[:-1])


_add = _arithmetic("Add", lambda number, _first: (1.0, number))
_subtract = _arithmetic(
    "Subtract", lambda number, first: (-1.0, number) if first else (1.0, -number)
)
_multiply = _arithmetic("Multiply", lambda number, _first: (number, 0.0))
_divide = _arithmetic("", _quotient)
_KNOWN = {
    "alpha", "axis", "dtype", "features", "function", "input", "logits", "name", "negative_slope",
    "newshape", "shape", "tensor", "trainable", "x", "x1", "x2", "y",
}  # fmt: skip
_ACTIVATIONS = {
    "Elu": "elu", "HardSigmoid": "hard_sigmoid", "LogSoftmax": "log_softmax",
    "Relu": "relu", "Relu6": "relu6", "Selu": "selu", "Sigmoid": "sigmoid", "Silu": "silu",
    "Softmax": "softmax", "Softplus": "softplus", "Softsign": "softsign", "Tanh": "tanh",
    "math.sigmoid": "sigmoid", "math.softplus": "softplus", "math.tanh": "tanh", "nn.elu": "elu",
    "nn.relu": "relu", "nn.relu6": "relu6", "nn.selu": "selu", "nn.silu": "silu",
    "nn.softmax": "softmax", "nn.softplus": "softplus", "nn.softsign": "softsign",
    "nn.tanh": "tanh", "tanh": "tanh", "sigmoid": "sigmoid",
}  # fmt: skip
OPERATIONS: Mapping[str, _Planned] = {
    **{name: _activation(activation) for name, activation in _ACTIVATIONS.items()},
    "Add": _add,
    "Cast": _same,
    "Divide": _divide,
    "ExpandDims": _expand,
    "LeakyRelu": _leaky,
    "Multiply": _multiply,
    "Negative": _negative,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Subtract": _subtract,
    "TrueDivide": _divide,
    "__operators__.add": _add,
    "cast": _same,
    "compat.v1.squeeze": _squeeze,
    "expand_dims": _expand,
    "identity": _same,
    "math.add": _add,
    "math.divide": _divide,
    "math.multiply": _multiply,
    "math.negative": _negative,
    "math.subtract": _subtract,
    "math.truediv": _divide,
    "nn.leaky_relu": _leaky,
    "realdiv": _divide,
    "reshape": _reshape,
    "squeeze": _squeeze,
}
