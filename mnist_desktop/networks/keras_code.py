"""A network as Keras code, as one would write it by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan

INDENT = "    "
# Arguments that are written without their names.
WITHOUT_NAMES: Mapping[str, tuple[str, ...]] = {
    "Activation": ("activation",),
    "Conv2D": ("filters", "kernel_size"),
    "Dense": ("units",),
    "DepthwiseConv2D": ("kernel_size",),
    "Dropout": ("rate",),
    "GaussianNoise": ("stddev",),
    "SeparableConv2D": ("filters", "kernel_size"),
    "SpatialDropout2D": ("rate",),
    "AveragePooling2D": ("pool_size",),
    "MaxPooling2D": ("pool_size",),
}


def keras_code(plan: NetworkPlan, before: tuple[str, ...] = ()) -> list[str]:
    """Write the code that builds a network and calls it ``network``.

    Parameters
    ----------
    plan : NetworkPlan
        The network; no layer of it is a network itself.
    before : tuple of str
        Calls of layers that come before the network's own, such as ``"layers.RandomZoom(0.1)"``;
        they take images of 28×28×1.

    Returns
    -------
    list of str
        Lines of Python, which need ``keras`` and ``layers`` to be imported: a `keras.Sequential`
        where the network is one.
    """
    return list(_sequential(plan, before) if plan.is_sequence else _functional(plan, before))


def _sequential(plan: NetworkPlan, before: tuple[str, ...]) -> Iterator[str]:
    yield "network = keras.Sequential("
    yield f"{INDENT}["
    yield f"{INDENT * 2}{_input(plan, before)},"
    yield from (f"{INDENT * 2}{call}," for call in _preparation(plan, before))
    for one in plan.layers:
        yield f"{INDENT * 2}{layer_call(one)},  # gives {sides(one.output_shape)}"
    yield f"{INDENT}]"
    yield ")"


def _functional(plan: NetworkPlan, before: tuple[str, ...]) -> Iterator[str]:
    """Give what only the next layer takes the name x, and a name of its own to what others do."""
    users = [
        [number for number, one in enumerate(plan.layers, start=1) if index in one.inputs]
        for index in range(len(plan.layers) + 1)
    ]
    names = [
        "x" if takers in ([index + 1], []) else f"x{index}" for index, takers in enumerate(users)
    ]
    yield f"pixels = {_input(plan, before)}"
    calls = list(_preparation(plan, before))
    for number, call in enumerate(calls):
        is_last = number == len(calls) - 1
        yield f"{names[0] if is_last else 'x'} = {call}({'x' if number else 'pixels'})"
    if not calls:
        names[0] = "pixels"
    for number, one in enumerate(plan.layers, start=1):
        taken = [names[index] for index in one.inputs]
        given = taken[0] if len(taken) == 1 else f"[{', '.join(taken)}]"
        shape = sides(one.output_shape)
        yield f"{names[number]} = {layer_call(one)}({given})  # gives {shape}"
    yield f"network = keras.Model(pixels, {names[plan.output]})"


def _input(plan: NetworkPlan, before: tuple[str, ...]) -> str:
    return f"keras.Input(shape={(28, 28, 1) if before else plan.input_shape})"


def _preparation(plan: NetworkPlan, before: tuple[str, ...]) -> Iterator[str]:
    yield from before
    if before and plan.input_shape != (28, 28, 1):
        yield f"layers.Reshape({plan.input_shape})"


def layer_call(one: LayerPlan) -> str:
    """Write the call that makes a layer, such as ``layers.Conv2D(16, 5, activation="relu")``."""
    first = WITHOUT_NAMES.get(one.kind, ())
    settings = dict(one.settings)
    words = [_value(settings.pop(name)) for name in first if name in settings]
    words += [f"{name}={_value(value)}" for name, value in settings.items()]
    return f"layers.{one.kind}({', '.join(words)})"


def _value(value: Any) -> str:
    if isinstance(value, tuple) and len(set(value)) == 1:
        return repr(value[0])  # the same in both directions
    return json.dumps(value) if isinstance(value, str) else repr(value)
