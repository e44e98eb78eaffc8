"""Turns a Keras file's description of a network into a plan of known layers, or refuses it.

Nothing that the description names is looked up or imported. A name only selects an entry of
`mnist_desktop.foreign.layer_catalogue`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.foreign.attention_layers import ATTENDED, ATTENTION_LAYERS
from mnist_desktop.foreign.budget import Budget
from mnist_desktop.foreign.channels_first import to_first, to_last, with_channels_last
from mnist_desktop.foreign.keras_2 import adapt_hard_sigmoid
from mnist_desktop.foreign.keras_calls import read_call, source
from mnist_desktop.foreign.keras_description import (
    LAYER_KEYS,
    MODEL_KEYS,
    Described,
    described,
    learns,
)
from mnist_desktop.foreign.keras_operations import plan_operation
from mnist_desktop.foreign.keras_settings import Json, LayerSettings, PlanError, quoted
from mnist_desktop.foreign.layer_catalogue import (
    FIXED_WEIGHTS,
    LAYERS,
    PLANNED_AS,
    check_merge,
)
from mnist_desktop.foreign.preprocessing_layers import stored_normalization
from mnist_desktop.formats import count
from mnist_desktop.inference.network import INPUT_SHAPES
from mnist_desktop.networks.layers import MERGES, layer_shape
from mnist_desktop.networks.limits import MAX_LAYERS
from mnist_desktop.networks.plan import Array, LayerPlan, NetworkPlan, Shape
from mnist_desktop.networks.plan_builder import numbered_name

MAX_JSON_DEPTH, MAX_NESTED = 40, 3
OUTPUT_SHAPE = (10,)
# Where .keras files store the weights of layers with parts, in the group of the layer.
WEIGHT_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Bidirectional": ("/forward_layer/cell", "/backward_layer/cell"),
    "GRU": ("/cell",),
    "LSTM": ("/cell",),
    "MultiHeadAttention": ("/query_dense", "/key_dense", "/value_dense", "/output_dense"),
    "SimpleRNN": ("/cell",),
    "TimeDistributed": ("/layer",),
}
NEEDED = "a network that takes 28×28 pixels and gives ten scores is needed"

# Possessive, so that it never backtracks: a megabyte of quotation marks would take hours.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)', re.DOTALL)
_IMAGE = (SIDE, SIDE)
_FIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,60}")


@dataclass(frozen=True)
class Place:
    """Where files store the weights of a layer.

    Attributes
    ----------
    group : str
        The path of their group in a ``.keras`` file.
    layer : str
        The layer whose weights an ``.h5`` file lists them among: it, or the network around it.
    shapes : tuple of tuple of int
        Their shapes in the file, in Keras's order.
    learned : tuple of bool
        Which of them change if the network is trained.
    parts : tuple of str
        Groups in the layer's group among which a ``.keras`` file divides them evenly.
    skipped : int
        How many arrays follow that are not needed.
    adapt : callable, optional
        Makes the plan's weights of the file's, where those differ.
    """

    group: str
    layer: str
    shapes: tuple[Shape, ...]
    learned: tuple[bool, ...]
    parts: tuple[str, ...] = ("",)
    skipped: int = 0
    adapt: Callable[[list[Array]], list[Array]] | None = None

    def to_plan(self, arrays: list[Array]) -> list[Array]:
        """Return the plan's weights, given those of the file."""
        return arrays if self.adapt is None else self.adapt(arrays)


def parse_json(text: bytes | bytearray) -> object:
    """Parse JSON that is not deeply nested, repeats no key and has only finite numbers.

    Raises
    ------
    PlanError
        If the text is anything else.
    """
    depth = 0
    for character in re.findall(rb"[\[\]{}]", _STRINGS.sub(b"", text)):
        depth += 1 if character in b"[{" else -1
        if depth > MAX_JSON_DEPTH:
            raise PlanError("describes its layers by lists nested too deeply")
    try:
        # Decoded here, because json would accept encodings whose brackets have not been counted.
        return json.loads(
            text.decode(), object_pairs_hook=_once_each, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        if isinstance(error, PlanError):
            raise
        raise PlanError("describes its layers in damaged JSON") from error


def _once_each(pairs: list[tuple[str, Any]]) -> Json:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise PlanError("describes something twice and leaves open which one applies")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise PlanError(f"describes its layers with {name}, which is not a number")


def plan_network(
    description: object, kernel: Shape | None = None, *, is_keras_2: bool = False
) -> tuple[NetworkPlan, tuple[Place, ...]]:
    """Make a plan of a network's description.

    Parameters
    ----------
    description : object
        The parsed content of ``config.json``, or of the attribute ``model_config``.
    kernel : tuple of int, optional
        Shape of the first weights that the file holds. The shape of the input follows from it where
        the description leaves it out, as Keras 2 may.
    is_keras_2 : bool
        Whether Keras 2 wrote it.

    Returns
    -------
    NetworkPlan
        A network that takes 28×28 pixels and gives ten scores.
    tuple of Place
        Where the file stores the weights of its layers, in the plan's order.

    Raises
    ------
    PlanError
        If it is anything else, or larger than a network for digits needs to be.
    """
    planner = _Planner(kernel, is_keras_2)
    plan = planner.network(description, _Where(), depth=0)
    if plan.output_shape != OUTPUT_SHAPE:
        scores = plan.output_shape
        given = f"{scores[0]} scores" if len(scores) == 1 else f"the shape {scores[:8]}"
        raise PlanError(f"gives {given} for a picture, and {NEEDED}")
    return plan, tuple(planner.places)


def ending_in_scores(plan: NetworkPlan) -> NetworkPlan:
    """Append a softmax to a network whose outputs are logits, as many networks have."""
    last = plan.layers[plan.output - 1]
    while last.body is not None:
        last = last.body.layers[last.body.output - 1]
    if not last.weights or last.settings.get("activation") not in ("linear", "log_softmax"):
        return plan
    count = len(plan.layers) + 1
    softmax = LayerPlan("Softmax", f"layer-{count}", {}, (), (plan.output,), plan.output_shape)
    return replace(plan, layers=(*plan.layers, softmax), output=count)


@dataclass(frozen=True)
class _Where:
    """Where a layer is: its group in a ``.keras`` file, and the outermost layer that it is in."""

    group: str = ""
    layer: str = ""
    is_frozen: bool = False

    def inside(self, one: Described, group: str) -> _Where:
        frozen = self.is_frozen or not learns(one)
        return _Where(group, self.layer or one.name, frozen)


class _Planner:
    """Plans layer by layer and keeps track of what the network would cost to build."""

    def __init__(self, kernel: Shape | None, is_keras_2: bool) -> None:
        self._kernel, self._is_keras_2 = kernel, is_keras_2
        self.places: list[Place] = []
        self._budget = Budget()

    def network(
        self, description: object, where: _Where, depth: int, given: Shape | None = None
    ) -> NetworkPlan:
        """Plan a network, or one nested in another, whose input shape is then `given`."""
        one = described(description, "a network", MODEL_KEYS)
        if not one.is_network:
            raise PlanError(
                f"is a model of the kind {quoted(one.kind)}, and only networks of plain layers "
                "(Sequential or Functional) can be opened"
            )
        if depth > MAX_NESTED:
            raise PlanError("has networks nested too deeply")
        settings = LayerSettings(one.settings, one.label)
        name, _trainable = settings.common()
        items = settings.take("layers")
        if not isinstance(items, list) or not 1 <= len(items) <= MAX_LAYERS:
            raise PlanError(f"is a network without layers or with more than {MAX_LAYERS}")
        layers = [described(item, "a layer", LAYER_KEYS, MODEL_KEYS) for item in items]
        make = self._sequence if one.kind == "Sequential" else self._graph
        plan = make(settings, layers, where, depth, given)
        settings.finish()
        if not plan.layers:
            raise PlanError("is a network without layers")
        fit = name if _FIT_NAME.fullmatch(name) else "network"
        return NetworkPlan(fit, plan.input_shape, plan.layers, plan.output)

    def _sequence(
        self,
        settings: LayerSettings,
        layers: list[Described],
        where: _Where,
        depth: int,
        given: Shape | None,
    ) -> NetworkPlan:
        shape = _batch_shape(settings.take("build_input_shape"), settings)
        if layers[0].kind == "InputLayer":
            shape = _input_shape(layers.pop(0))
        shape = shape or _first_shape(layers) or given
        if shape is None and self._kernel is not None:
            shape = _shape_for_kernel(layers, self._kernel)
        if shape is None:
            raise PlanError("does not give the shape of its input")
        _check_input(shape, given, depth)
        places = [
            where.inside(one, group)
            for one, group in zip(layers, _groups(layers, where.group), strict=True)
        ]
        plans: list[LayerPlan] = []
        current = shape
        for number, one in enumerate(layers):
            if one.kind == "InputLayer":
                raise PlanError("takes more than one input, or none that comes first")
            plan = self._layer(one, [current], (number,), places[number], depth)
            current = plan.output_shape
            plans.append(plan)
        return NetworkPlan("", shape, _named(plans), len(plans))

    def _graph(
        self,
        settings: LayerSettings,
        layers: list[Described],
        where: _Where,
        depth: int,
        given: Shape | None,
    ) -> NetworkPlan:
        start = _only_end(settings.take("input_layers"), settings)
        end = _only_end(settings.take("output_layers"), settings)
        groups = _groups(layers, where.group)
        numbers: dict[str, int] = {}
        shapes: list[Shape] = []
        plans: list[LayerPlan] = []
        for one, path in zip(layers, groups, strict=True):
            name = one.item.get("name", one.name)
            if not isinstance(name, str) or not name or name in numbers:
                raise PlanError("has layers whose names are missing or not unique")
            if one.kind == "InputLayer":
                numbers[name] = len(shapes)
                shapes.append(_input_shape(one))
                if len(shapes) != 1 or name != start:
                    raise PlanError("takes more than one input, or none that comes first")
                _check_input(shapes[0], given, depth)
                continue
            earlier = {other: shapes[number] for other, number in numbers.items()}
            layer, sources = _connected(one, earlier)
            inputs = tuple(numbers[other] for other in sources)
            taken = [earlier[other] for other in sources]
            plan = self._layer(layer, taken, inputs, where.inside(layer, path), depth)
            numbers[name] = len(shapes)
            plans.append(plan)
            shapes.append(plan.output_shape)
        if numbers.get(end, 0) == 0:
            raise PlanError("does not say which layer gives the scores")
        return NetworkPlan("", shapes[0], _named(plans), numbers[end])

    def _layer(
        self,
        one: Described,
        shapes: list[Shape],
        inputs: tuple[int, ...],
        where: _Where,
        depth: int,
    ) -> LayerPlan:
        """Plan one layer with one or more inputs."""
        config = with_channels_last(one.kind, one.settings, shapes[0])
        if config is not None and one.kind in LAYERS:
            return self._with_channels_last(one, config, shapes[0], inputs, where)
        if one.is_network:
            inner = replace(where, group=f"{where.group}/")
            body = self.network(one.item, inner, depth + 1, shapes[0])
            return LayerPlan("", body.name, {}, (), inputs, body.output_shape, learns(one), body)
        settings = LayerSettings(one.item.get("config"), one.label)
        name, trainable = settings.common()
        made: Json = {}
        if one.kind in MERGES:
            check_merge(one.kind, settings, shapes)
        elif one.kind in ATTENTION_LAYERS:
            made = ATTENTION_LAYERS[one.kind](settings, shapes)
        elif len(shapes) == 1:
            made = LAYERS[one.kind](settings, shapes[0])
        else:
            raise PlanError(f"has {one.label} that takes more than one input")
        settings.finish()
        kind = PLANNED_AS.get(one.kind, one.kind)
        found = layer_shape(kind, made, shapes)
        self._budget.spend(found, one.label)
        place = _place(one, where, shapes[0], found.weights)
        if self._is_keras_2 and (adapt := adapt_hard_sigmoid(kind, made, one.label)):
            place = replace(place, adapt=adapt)
        self.places.append(place)
        return LayerPlan(
            kind, name, made, found.weights, inputs, found.output, trainable, cost=found.cost
        )

    def _with_channels_last(
        self, one: Described, config: Json, shape: Shape, inputs: tuple[int, ...], where: _Where
    ) -> LayerPlan:
        """Plan a layer whose channels come first as a network that puts them last for it."""
        given = self._turned(to_last(len(shape)), shape, 0)
        last = replace(one, item={**one.item, "config": config})
        plans = [given, self._layer(last, [given.output_shape], (1,), where, 0)]
        if len(plans[1].output_shape) == len(shape):
            back = self._turned(to_first(len(shape)), plans[1].output_shape, 2)
            plans.append(back)
        body = NetworkPlan("turned", shape, _named(plans), len(plans))
        name, trains = plans[1].name, learns(one)
        return LayerPlan("", name, {}, (), inputs, body.output_shape, trains, body)

    def _turned(self, order: tuple[int, ...], shape: Shape, source: int) -> LayerPlan:
        settings = {"dims": order}
        found = layer_shape("Permute", settings, [shape])
        self._budget.spend(found, "a layer 'Permute'")
        return LayerPlan("Permute", "", settings, (), (source,), found.output)


def _place(one: Described, where: _Where, shape: Shape, weights: tuple[Shape, ...]) -> Place:
    """Return where files store the weights of a layer, given the shape of its input."""
    if one.kind == "Normalization":
        stored = stored_normalization(one.settings, shape)
        fixed = (False,) * len(stored.shapes)
        return Place(
            where.group, where.layer, stored.shapes, fixed, skipped=stored.skipped,
            adapt=stored.adapt,
        )  # fmt: skip
    count = len(weights)
    learning = 0 if where.is_frozen else count - FIXED_WEIGHTS.get(one.kind, 0)
    learned = tuple(number < learning for number in range(count))
    return Place(where.group, where.layer, weights, learned, WEIGHT_GROUPS.get(one.kind, ("",)))


def _connected(one: Described, earlier: Mapping[str, Shape]) -> tuple[Described, Sequence[str]]:
    """Return a layer of a graph, or the one for an operation, and the layers that it takes."""
    call = read_call(one.item, one.label)
    if one.operation:
        done = plan_operation(one.operation, one.label, call, one.settings, earlier)
        config = {"name": one.item.get("name"), **done.settings}
        return Described(done.kind, one.label, {"config": config}), done.sources
    sources = call.inputs(one.label, ATTENDED if one.kind in ATTENTION_LAYERS else ())
    if (one.kind in MERGES or one.kind in ATTENTION_LAYERS) != (len(sources) > 1):
        raise PlanError(f"has {one.label} that takes more or fewer inputs than it can")
    if any(other not in earlier for other in sources):
        raise PlanError(f"has {one.label} that takes an input from no earlier layer")
    return one, sources


def _batch_shape(value: object, settings: LayerSettings) -> Shape | None:
    """Return the shape of one input, given the shape of a batch, whose first size is open.

    Rows and columns that are left open, too, are those of MNIST.
    """
    if value is None:
        return None
    if not isinstance(value, list) or not 2 <= len(value) <= 5:
        raise settings.refuse("shape", value)
    sides = [SIDE if side is None and place < 2 else side for place, side in enumerate(value[1:])]
    if any(type(side) is not int or not 1 <= side <= 100_000 for side in sides):
        raise PlanError(f"takes {quoted(value[1:])}, and {NEEDED}")
    return tuple(sides)


def _input_shape(one: Described) -> Shape:
    settings = LayerSettings(one.item.get("config"), one.label)
    old = _batch_shape(settings.take("batch_input_shape"), settings)  # what Keras 2 calls it
    shape = _batch_shape(settings.take("batch_shape"), settings) or old
    settings.take("dtype")  # also whole numbers, which all later layers take as others
    settings.common()
    for name in ("sparse", "ragged", "optional"):
        settings.one_of(name, (False,), False)
    settings.finish()
    if shape is None:
        raise PlanError("does not give the shape of its input")
    return shape


def _first_shape(layers: Sequence[Described]) -> Shape | None:
    """Return the shape that the first layer gives, or that of a network in its place (Keras 2)."""
    if not layers:
        return None
    first = layers[0]
    settings = LayerSettings(first.settings, first.label)
    for name in ("batch_input_shape", "build_input_shape", "batch_shape"):
        if (shape := _batch_shape(settings.take(name), settings)) is not None:
            return shape
    inner = first.settings.get("layers")
    if first.is_network and isinstance(inner, list) and inner:
        return _first_shape([described(inner[0], "a layer", LAYER_KEYS, MODEL_KEYS)])
    return None


def _shape_for_kernel(layers: Sequence[Described], kernel: Shape) -> Shape | None:
    """Return the input shape that fits the first weights of a network that does not give it."""
    if not kernel:
        return None
    if len(kernel) == 4:
        return (*_IMAGE, kernel[2])
    channels = kernel[-2] if len(kernel) > 1 else kernel[0]
    if channels == math.prod(_IMAGE):
        return _IMAGE if any(one.kind == "Flatten" for one in layers) else (channels,)
    shapes = {SIDE: _IMAGE, 1: (*_IMAGE, 1) if len(kernel) == 1 else (math.prod(_IMAGE), 1)}
    return shapes.get(channels)


def _check_input(shape: Shape, given: Shape | None, depth: int) -> None:
    if depth == 0 and shape not in INPUT_SHAPES:
        raise PlanError(f"takes {_in_words(shape)}, and {NEEDED}")
    if given is not None and shape != given:
        raise PlanError("has a network within it that takes another shape than it is given")


def _in_words(shape: Shape) -> str:
    """Describe the shape of an input as a picture, if it is one."""
    if len(shape) == 1:
        return count(shape[0] or 0, "number")
    if len(shape) not in (2, 3):
        return f"the shape {shape}"
    size = f"pictures of {shape[0]}×{shape[1]} pixels"
    return size if len(shape) == 2 or shape[2] == 1 else f"{size} with {shape[2]} channels"


def _groups(layers: Sequence[Described], group: str) -> list[str]:
    """Paths of the layers' weights, which Keras names by class and numbers from the second on."""
    seen: dict[str, int] = {}
    return [f"{group}layers/{numbered_name(one.kind, seen)}" for one in layers]


def _named(plans: Sequence[LayerPlan]) -> tuple[LayerPlan, ...]:
    """Keep valid names and replace the others, so that all names are unique."""
    used: set[str] = set()
    named = []
    for number, one in enumerate(plans, start=1):
        is_fit = _FIT_NAME.fullmatch(one.name) and one.name.lower() not in used
        name = one.name if is_fit else f"layer-{number}"  # valid names have no hyphen
        used.add(name.lower())
        named.append(replace(one, name=name, body=one.body and replace(one.body, name=name)))
    return tuple(named)


def _only_end(value: object, settings: LayerSettings) -> str:
    """Return the name of the only input or output, which Keras may wrap in a list or name."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        raise PlanError(f"has {settings.layer} that does not have exactly one input and one output")
    return source(value, settings.layer).name
