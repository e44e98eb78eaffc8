"""Activations of ONNX, which change each number by itself, and softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mnist_desktop.foreign.onnx_call import Call, Flow, in_order

_POSITIVE = ("relu", "sigmoid", "softplus")


def activation(name: str) -> Callable[[Call], Flow]:
    """Plan an operator that is one of Keras's activations."""

    def plan(call: Call) -> Flow:
        flow = call.unchanged("Activation", {"activation": name})
        return replace(flow, is_positive=name in _POSITIVE)

    return plan


def leaky_relu(call: Call) -> Flow:
    """Plan ``LeakyRelu``."""
    slope = float(call.attributes.get("alpha", 0.01))
    if not 0 <= slope <= 1e3:
        raise call.refuse(f"with the slope {slope}")
    return call.unchanged("LeakyReLU", {"negative_slope": slope})


def prelu(call: Call) -> Flow:
    """Plan ``PRelu``: one slope for each number or channel, or for all."""
    flow, slopes = call.flow, call.needed(1).astype(np.float32)
    shape = (1,) * (len(flow.shape) - slopes.ndim) + slopes.shape
    if len(shape) != len(flow.shape):
        raise call.refuse(f"on {flow.shape} with slopes of the shape {slopes.shape}")
    held = np.broadcast_to(slopes.reshape(shape), flow.shape)
    if flow.is_turned:
        held = held.transpose(1, 2, 0)
    held = in_order(call, flow, held)
    is_shared = flow.is_turned and shape[1:] == (1, 1)
    settings = {"shared_axes": [1, 2] if is_shared else None}
    return call.unchanged("PReLU", settings, [held[:1, :1] if is_shared else held])


def gelu(call: Call) -> Flow:
    """Plan ``Gelu``, exact or with tanh."""
    if call.attributes.get("approximate", "none") == "none":
        return call.unchanged("Activation", {"activation": "gelu"})

    def scaled(flow: Flow, scale: float, offset: float = 0.0) -> Flow:
        return call.unchanged("Rescaling", {"scale": scale, "offset": offset}, flow=flow)

    def joined(kind: str, *flows: Flow) -> Flow:
        return replace(flows[0], number=call.add(kind, {}, flows)[0])

    # x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2, of plain layers.
    x = call.flow
    cube = joined("Multiply", joined("Multiply", x, x), x)
    inner = scaled(joined("Add", x, scaled(cube, 0.044715)), math.sqrt(2 / math.pi))
    tanh = call.unchanged("Activation", {"activation": "tanh"}, flow=inner)
    return joined("Multiply", x, scaled(tanh, 0.5, 0.5))


def hard_sigmoid(call: Call) -> Flow:
    """Plan ``HardSigmoid``: a line that is cut off at 0 and 1."""
    scale, offset = (float(call.attributes.get(*one)) for one in (("alpha", 0.2), ("beta", 0.5)))
    if not (abs(scale) < 1e6 and abs(offset) < 1e6):
        raise call.refuse(f"with the slope {scale}")
    flow = call.unchanged("Rescaling", {"scale": scale, "offset": offset})
    return call.unchanged("ReLU", {"max_value": 1.0}, flow=flow)


def elu(call: Call) -> Flow:
    """Plan ``Elu``."""
    slope = float(call.attributes.get("alpha", 1.0))
    if not 0 <= slope <= 1e3:
        raise call.refuse(f"with the slope {slope}")
    return call.unchanged("ELU", {"alpha": slope})


def clip(call: Call) -> Flow:
    """Plan ``Clip``, if it begins at 0 as a rectifier does."""
    least, most = (
        call.attributes.get(name) if call.constant(place) is None else call.needed(place).item()
        for place, name in ((1, "min"), (2, "max"))
    )
    if least != 0 or not (most is None or most > 0):
        raise call.refuse(f"from {least} to {most}")
    settings = {} if most is None or most > 1e6 else {"max_value": float(most)}
    return replace(call.unchanged("ReLU", settings), is_positive=True)


def softmax(name: str) -> Callable[[Call], Flow]:
    """Plan ``Softmax`` or ``LogSoftmax`` over the channels or scores."""

    def plan(call: Call) -> Flow:
        rank, axis = len(call.flow.shape), call.attributes.get("axis", 1)
        is_known = rank == 1 or call.flow.is_turned  # whose channels are the layers' last axis
        if not is_known or axis not in (1, -rank) or call.flow.order:
            raise call.refuse(f"on {call.flow.shape}")
        return call.unchanged("Activation", {"activation": name})

    return plan
