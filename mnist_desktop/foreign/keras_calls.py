"""How the layers of a Keras graph are called: with which outputs of others, and which constants.

Keras 3 writes a call as ``{"args": [tensor, …], "kwargs": {…}}``, Keras 2 as a list of
``[layer, 0, 0, {…}]``, or one such entry alone for a function of TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mnist_desktop.foreign.keras_settings import Json, PlanError, quoted

MAX_INPUTS = 200
_CONSTANT = "_CONSTANT_VALUE"  # what Keras 2 calls a number in the place of a layer

# What a layer may be called with, as long as it changes nothing.
_OFF = (
    "attention_mask", "mask", "return_attention_scores", "training", "use_causal_mask",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The output of a layer, or the network's input, by name."""

    name: str


@dataclass(frozen=True)
class Call:
    """What a layer is called with.

    Attributes
    ----------
    values : tuple
        Its arguments in order: each a `Source`, or a value as it was found.
    named : mapping of str to object
        Its arguments by name, the same way.
    is_list : bool
        Whether the sources were given as one list.
    """

    values: tuple[object, ...]
    named: Mapping[str, object]
    is_list: bool = False

    def inputs(self, label: str, names: Sequence[str] = ()) -> list[str]:
        """Return the layers whose outputs a layer takes, if it is called with nothing else.

        Parameters
        ----------
        label : str
            What the layer is called in errors.
        names : sequence of str
            What its inputs are called, in order, where they may be given by name.

        Raises
        ------
        PlanError
            If it is called in another way.
        """
        by_name = [self.named[name] for name in names if self.named.get(name) is not None]
        for name, value in self.named.items():
            masks = value if isinstance(value, list) else [value]
            is_off = name in _OFF and all(one is None or one is False for one in masks)
            if name not in names and not is_off:
                raise PlanError(f"has {label} that is called with {quoted(name)}")
        values = [*self.values, *by_name]
        sources = [one.name for one in values if isinstance(one, Source)]
        if not sources or len(sources) != len(values):
            raise PlanError(f"has {label} that takes something other than a layer's output")
        return sources


def read_call(item: Json, label: str) -> Call:
    """Read how a layer is called; it may be called only once.

    Parameters
    ----------
    item : dict
        The description of the layer.
    label : str
        What the layer is called in errors.

    Raises
    ------
    PlanError
        If it is called more than once, not at all, or in an unknown way.
    """
    nodes = item.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1:
        raise PlanError(f"has {label} that is used more than once, or not at all")
    node = nodes[0]
    call = _keras_2(node, label) if isinstance(node, list) else _keras_3(node, label)
    if len(call.values) > MAX_INPUTS:
        raise PlanError(f"has {label} with more than {MAX_INPUTS} inputs")
    return call


def _keras_2(node: list[object], label: str) -> Call:
    entries = [node] if node and isinstance(node[0], str) else node
    values: list[object] = []
    named: Json = {}
    for entry in entries:
        parts = entry if isinstance(entry, list) else []
        more = parts[3] if len(parts) == 4 else {}
        if len(parts) not in (3, 4) or not isinstance(more, dict):
            raise PlanError(f"has {label} that is called in an unknown way")
        is_constant = parts[:2] == [_CONSTANT, -1]
        values.append(parts[2] if is_constant else source(parts[:3], label))
        named = {**named, **more}
    is_source = {name: _is_triple(value) for name, value in named.items()}
    return Call(
        tuple(values),
        {name: source(value, label) if is_source[name] else value for name, value in named.items()},
        is_list=len(values) > 1,
    )


def _keras_3(node: object, label: str) -> Call:
    if not isinstance(node, dict) or set(node) - {"args", "kwargs"}:
        raise PlanError(f"has {label} that is called in an unknown way")
    args, named = node.get("args"), node.get("kwargs") or {}
    if not isinstance(args, list) or not isinstance(named, dict):
        raise PlanError(f"has {label} that is called in an unknown way")
    is_list = len(args) == 1 and isinstance(args[0], list)
    values = args[0] if is_list else args
    return Call(
        tuple(_tensors(values, label)),
        dict(zip(named, _tensors(named.values(), label), strict=True)),
        is_list,
    )


def _tensors(values: Iterable[object], label: str) -> list[object]:
    """Replace Keras 3's descriptions of tensors by their sources."""
    found: list[object] = []
    for one in values:
        if isinstance(one, dict) and one.get("class_name") == "__keras_tensor__":
            config = one.get("config")
            history = config.get("keras_history") if isinstance(config, dict) else None
            found.append(source(history, label))
        else:
            found.append(one)
    return found


def _is_triple(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)


def source(history: object, label: str) -> Source:
    """Return the only output of a layer, whose number is then 0.

    Which call of the layer it is from is left out: a layer is called once in a graph, and Keras 2
    also counts the call with which a network was made.

    Parameters
    ----------
    history : object
        Name of the layer, number of the call, number of the output.
    label : str
        What the layer that takes it is called in errors.

    Raises
    ------
    PlanError
        If it is anything else.
    """
    if isinstance(history, list) and _is_triple(history):
        name, call, output = history
        if type(call) is int and type(output) is int and call >= 0 == output:
            return Source(str(name))
    raise PlanError(f"has {label} that takes an input other than a layer's only output")
