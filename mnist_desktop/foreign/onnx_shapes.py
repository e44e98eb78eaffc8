"""Operators of ONNX that give a value another shape, or take the mean over some axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.foreign.onnx_call import Call, Flow
from mnist_desktop.networks.plan import Shape


def reshaped(call: Call, flow: Flow, shape: Shape) -> Flow:
    """Give a value another shape, with its numbers in ONNX's order."""
    if flow.shape == shape:
        return flow
    if math.prod(flow.shape) != math.prod(shape) or not 1 <= len(shape) <= 3:
        raise call.refuse(f"from {flow.shape} to {shape[:8]}")
    order = flow.order
    if flow.is_turned and flow.shape[0] > 1 and math.prod(flow.shape[1:]) > 1:
        places = np.arange(math.prod(shape)).reshape(flow.shape).transpose(1, 2, 0)
        order = tuple(places.reshape(-1).tolist())
    if order and len(shape) > 1:
        raise call.refuse(f"from {flow.shape} to {shape}, after its channels were flattened")
    is_turned = len(shape) == 3 and (shape[0] == 1 or math.prod(shape[1:]) == 1)
    held = (*shape[1:], shape[0]) if is_turned else shape
    if held == flow.held:
        return Flow(flow.number, shape, held, order, is_turned)
    number, _ = call.add("Reshape", {"target_shape": held}, [flow])
    return Flow(number, shape, held, order, is_turned)


def reshape(call: Call) -> Flow:
    """Plan ``Reshape``, which may not mix several images."""
    wanted = call.attributes.get("shape")
    target = [int(one) for one in (call.needed(1).reshape(-1) if wanted is None else wanted)]
    flow = call.flow
    if len(target) < 2:
        raise call.refuse(f"to {tuple(target)}, which mixes several images")
    rest = [
        flow.shape[place] if side == 0 and place < len(flow.shape) else side
        for place, side in enumerate(target[1:])
    ]
    if rest.count(-1) == 1:
        known = -math.prod(rest)
        rest[rest.index(-1)] = math.prod(flow.shape) // known if known > 0 else 0
    return reshaped(call, flow, tuple(rest))


def flatten(call: Call) -> Flow:
    """Plan ``Flatten``."""
    axis = call.attributes.get("axis", 1)
    if axis not in (1, -len(call.flow.shape)):
        raise call.refuse(f"from the axis {axis}")
    return reshaped(call, call.flow, (math.prod(call.flow.shape),))


def _axes(call: Call, rank: int) -> list[int]:
    axes = call.attributes.get("axes")
    axes = call.needed(1).reshape(-1).tolist() if axes is None else axes
    places = sorted(int(axis) % rank for axis in axes)
    if not places or places[0] == 0 or len(set(places)) != len(places):
        raise call.refuse(f"over the axes {axes[:8]}")
    return places


def squeeze(call: Call) -> Flow:
    """Plan ``Squeeze``."""
    shape = list(call.flow.shape)
    for place in reversed(_axes(call, len(shape) + 1)):
        if shape.pop(place - 1) != 1:
            raise call.refuse(f"on {call.flow.shape}")
    return reshaped(call, call.flow, tuple(shape))


def unsqueeze(call: Call) -> Flow:
    """Plan ``Unsqueeze``."""
    shape = list(call.flow.shape)
    axes = call.attributes.get("axes", ())
    count = len(axes) or call.needed(1).size
    if count > 3:
        raise call.refuse("with too many axes")
    for place in _axes(call, len(shape) + 1 + count):
        shape.insert(place - 1, 1)
    return reshaped(call, call.flow, tuple(shape))


def transpose(call: Call) -> Flow:
    """Plan ``Transpose``, if it only puts the channels first or last."""
    flow, order = call.flow, list(call.attributes.get("perm", ()))
    if order == list(range(len(flow.shape) + 1)):
        return flow
    if len(flow.shape) == 3 and not flow.order:
        if order == [0, 3, 1, 2] and not flow.is_turned:
            return Flow(flow.number, (flow.shape[2], *flow.shape[:2]), flow.held, (), True)
        if order == [0, 2, 3, 1] and flow.is_turned:
            return Flow(flow.number, flow.held, flow.held)
    raise call.refuse(f"on {flow.shape} with the order {order[:8]}")


def mean(call: Call) -> Flow:
    """Plan ``ReduceMean`` over the rows and columns of an image."""
    axes = call.attributes.get("axes")
    if axes is None:
        axes = call.needed(1).tolist()
    given, keeps = call.flow, call.attributes.get("keepdims", 1)
    is_channels_last = len(given.shape) == 3 and not given.is_turned and not keeps
    if sorted(axis % 4 for axis in axes) != ([1, 2] if is_channels_last else [2, 3]):
        raise call.refuse(f"over the axes {axes[:8]} of {given.shape}")
    image = given if is_channels_last else call.image()
    flow = call.on_image("GlobalAveragePooling2D", {"keepdims": True}, flow=image)
    return flow if keeps else reshaped(call, flow, flow.shape[:1])


def shape_of(call: Call) -> NDArray[Any]:
    """The shape of a value as a constant: −1, any number, for how many images there are."""
    return np.array([-1, *call.flow.shape], np.int64)
