"""What each operator of ONNX is as a layer: those of plain networks, and no others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.foreign.keras_settings import PlanError, quoted
from mnist_desktop.foreign.onnx_graph import read_tensor
from mnist_desktop.networks.plan import Shape

if TYPE_CHECKING:
    import onnx

Attributes = Mapping[str, Any]
Adding = Callable[..., tuple[int, Shape]]


@dataclass(frozen=True)
class Flow:
    """A value of the graph that depends on the image.

    Attributes
    ----------
    number : int
        Which layer gives it, 0 for the network's input.
    shape : tuple of int
        Its shape in ONNX for one image.
    held : tuple of int
        Its shape as the layers hold it.
    order : tuple of int, optional
        Of a flattened value whose order differs: the place in ONNX of each number.
    is_turned : bool
        Whether it is an image with its channels first in ONNX and last in the layers.
    steps : tuple of float, optional
        Of a value that was rounded to 8 bits: the step between two numbers, and which one is 0.
    """

    number: int
    shape: Shape
    held: Shape
    order: tuple[int, ...] = ()
    is_turned: bool = False
    steps: tuple[float, ...] = ()


@dataclass(frozen=True)
class Call:
    """An operator that is applied to something that depends on the image."""

    add: Adding
    flows: Mapping[str, Flow]
    constants: Mapping[str, NDArray[Any]]
    kind: str
    names: list[str]
    attributes: Attributes

    @property
    def flow(self) -> Flow:
        """What depends on the image, where only its first input may."""
        if not self.names or self.names[0] not in self.flows:
            raise self.refuse("in an unusual way")
        return self.flows[self.names[0]]

    def constant(self, place: int) -> NDArray[Any] | None:
        """A constant input, None where there is no such input."""
        if place >= len(self.names) or not self.names[place]:
            return None
        if self.names[place] not in self.constants:
            raise self.refuse("with weights that are not in the file")
        return self.constants[self.names[place]]

    def needed(self, place: int) -> NDArray[Any]:
        """A constant input that there must be."""
        found = self.constant(place)
        if found is None:
            raise self.refuse("without its weights")
        return found

    def refuse(self, how: str) -> PlanError:
        """Return the error that says how it is used."""
        return PlanError(f"uses the operator {quoted(self.kind)} {how}")

    def image(self) -> Flow:
        """An image whose channels come first."""
        if not self.flow.is_turned:
            raise self.refuse(f"on {self.flow.shape}, which is not an image with channels first")
        return self.flow

    def unchanged(
        self,
        kind: str,
        settings: Mapping[str, Any] | None = None,
        weights: Sequence[NDArray[Any]] = (),
        flow: Flow | None = None,
    ) -> Flow:
        """Add a layer that changes no shape."""
        flow = flow or self.flow
        number, _ = self.add(kind, settings or {}, [flow], weights)
        return replace(flow, number=number)

    def on_image(
        self,
        kind: str,
        settings: Mapping[str, Any],
        weights: Sequence[NDArray[Any]] = (),
        flow: Flow | None = None,
    ) -> Flow:
        """Add a layer that makes another image of one."""
        number, held = self.add(kind, settings, [flow or self.image()], weights)
        return Flow(number, (held[2], *held[:2]), held, is_turned=True)


def attributes_of(node: onnx.NodeProto) -> Attributes:
    """Read the settings of an operator; graphs within graphs are refused."""
    from onnx import AttributeProto, helper

    found: dict[str, Any] = {}
    for one in node.attribute:
        if one.type == AttributeProto.TENSOR:
            found[one.name] = read_tensor(one.t)
        elif one.type in (
            AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.STRING,
            AttributeProto.FLOATS, AttributeProto.INTS,
        ):  # fmt: skip
            value = helper.get_attribute_value(one)
            found[one.name] = value.decode(errors="replace") if one.type == one.STRING else value
        else:
            raise PlanError(f"uses the operator {quoted(node.op_type)} with a graph of its own")
    return found


def _conv(call: Call) -> Flow:
    flow, kernel, bias = call.image(), call.needed(1), call.constant(2)
    if kernel.ndim != 4:
        raise call.refuse(f"with weights of the shape {kernel.shape}")
    group, channels = call.attributes.get("group", 1), flow.shape[0]
    gaps = tuple(call.attributes.get("dilations", (1, 1)))
    padding, borders = _padded(call, kernel.shape[2:], gaps)
    flow = _zero_border(call, borders) if borders else flow
    settings: dict[str, Any] = {
        "kernel_size": kernel.shape[2:],
        "strides": tuple(call.attributes.get("strides", (1, 1))),
        "dilation_rate": gaps,
        "padding": padding or "valid",
        "use_bias": bias is not None,
    }
    biases = [] if bias is None else [bias]
    if group == 1:
        settings["filters"] = kernel.shape[0]
        return call.on_image("Conv2D", settings, [kernel.transpose(2, 3, 1, 0), *biases], flow)
    times, rest = divmod(kernel.shape[0], channels)
    if group != channels or kernel.shape[1] != 1 or rest or not times:
        raise call.refuse("with groups of channels")
    settings["depth_multiplier"] = times
    deep = kernel.reshape(channels, times, *kernel.shape[2:]).transpose(2, 3, 0, 1)
    return call.on_image("DepthwiseConv2D", settings, [deep, *biases], flow)


def _check_window(call: Call, *pairs: Sequence[int]) -> None:
    for pair in pairs:
        if len(pair) != 2 or not all(type(one) is int and 1 <= one <= 64 for one in pair):
            raise call.refuse(f"with a window, step or gap of {tuple(pair)[:4]}")
    if max(pairs[1]) > 1 and max(pairs[2]) > 1:
        raise call.refuse("with both strides and dilation")


Borders = list[tuple[int, int]]


def _padded(call: Call, window: Sequence[int], gaps: Sequence[int]) -> tuple[str, Borders]:
    """Return Keras's name for the padding, or "" and the sizes of a border that has none."""
    flow = call.image()
    strides = tuple(call.attributes.get("strides", (1, 1)))
    _check_window(call, window, strides, gaps)
    way = call.attributes.get("auto_pad", "NOTSET")
    if way == "VALID":
        return "valid", []
    pads = tuple(call.attributes.get("pads", (0, 0, 0, 0)))
    if len(pads) != 4 or not all(type(one) is int and 0 <= one <= 64 for one in pads):
        raise call.refuse(f"with a border of {pads[:8]}")
    borders = [(pads[0], pads[2]), (pads[1], pads[3])]
    same = []
    for place, (extent, step, gap) in enumerate(zip(window, strides, gaps, strict=True)):
        side, reach = flow.shape[1 + place], (extent - 1) * gap + 1
        total = max((math.ceil(side / step) - 1) * step + reach - side, 0)
        same.append((total // 2, total - total // 2))
        if call.attributes.get("ceil_mode", 0):
            room = side + sum(borders[place]) - reach
            more = (math.ceil(room / step) * step - room) if room > 0 else 0
            borders[place] = (borders[place][0], borders[place][1] + more)
    if way == "SAME_LOWER":
        borders = [(high, low) for low, high in same]
    if way == "SAME_UPPER" or borders == same:
        return "same" if any(map(any, same)) else "valid", []
    return ("", borders) if any(map(any, borders)) else ("valid", [])


def _zero_border(call: Call, borders: Borders) -> Flow:
    return call.on_image("ZeroPadding2D", {"padding": tuple(borders)})


def _pool(kind: str) -> Callable[[Call], Flow]:
    def plan(call: Call) -> Flow:
        window = tuple(call.attributes.get("kernel_shape", ()))
        gaps = tuple(call.attributes.get("dilations", (1, 1)))
        if gaps != (1, 1):
            raise call.refuse("with gaps")
        padding, borders = _padded(call, window, gaps)
        strides = tuple(call.attributes.get("strides", (1, 1)))
        settings = {"pool_size": window, "strides": strides, "padding": padding or "valid"}
        counts = bool(call.attributes.get("count_include_pad", 0)) and kind != "MaxPooling2D"
        if counts and padding == "same":
            raise call.refuse("with a border that counts")
        if counts and borders:
            return call.on_image(kind, settings, flow=_zero_border(call, borders))
        return (
            _pool_in_steps(call, kind, settings, borders)
            if borders
            else call.on_image(kind, settings)
        )

    return plan


def _pool_in_steps(call: Call, kind: str, settings: Mapping[str, Any], borders: Borders) -> Flow:
    """Pool with a border that no padding of Keras has, and that counts for nothing.

    A window at each pixel, of which only those that are wanted are kept: a window with the padding
    "same" begins (size − 1) // 2 before its pixel.
    """
    window, strides = settings["pool_size"], settings["strides"]
    kept = []
    for side, size, step, border in zip(
        call.image().shape[1:], window, strides, borders, strict=True
    ):
        first = (size - 1) // 2 - border[0]
        last = first + (side + sum(border) - size) // step * step
        if first < 0 or not first <= last < side:
            raise call.refuse(f"with a window of {window} and a border of {tuple(borders)}")
        kept.append((first, side - 1 - last))
    flow = call.on_image(kind, {"pool_size": window, "strides": (1, 1), "padding": "same"})
    if any(map(any, kept)):
        flow = call.on_image("Cropping2D", {"cropping": tuple(kept)}, flow=flow)
    if strides == (1, 1):
        return flow
    settings = {"pool_size": (1, 1), "strides": strides, "padding": "valid"}
    return call.on_image("MaxPooling2D", settings, flow=flow)


def _global(kind: str) -> Callable[[Call], Flow]:
    return lambda call: call.on_image(kind, {"keepdims": True})


def _mean(call: Call) -> Flow:
    axes = call.attributes.get("axes")
    if axes is None:
        axes = call.needed(1).tolist()
    given, keeps = call.flow, call.attributes.get("keepdims", 1)
    is_channels_last = len(given.shape) == 3 and not given.is_turned and not keeps
    if sorted(axis % 4 for axis in axes) != ([1, 2] if is_channels_last else [2, 3]):
        raise call.refuse(f"over the axes {axes[:8]} of {given.shape}")
    image = given if is_channels_last else call.image()
    flow = call.on_image("GlobalAveragePooling2D", {"keepdims": True}, flow=image)
    return flow if keeps else _reshaped(call, flow, flow.shape[:1])


def _in_order(call: Call, flow: Flow, array: NDArray[Any]) -> NDArray[Any]:
    """Put what belongs to the places of a flattened value in the order that layers hold it in."""
    if not flow.order:
        return array
    if len(array) != len(flow.order):
        raise call.refuse("with weights of another size than its input has")
    return array[list(flow.order)]


def _dense(call: Call, kernel: NDArray[Any], bias: NDArray[Any] | None) -> Flow:
    flow = call.flow
    if kernel.ndim != 2 or len(flow.shape) != 1:
        raise call.refuse(f"on {flow.shape} with weights of the shape {kernel.shape}")
    units = kernel.shape[1]
    weights = [_in_order(call, flow, kernel)]
    if bias is not None:
        weights.append(np.broadcast_to(bias, (units,)) if bias.size == 1 else bias)
    settings = {"units": units, "use_bias": bias is not None, "activation": "linear"}
    number, held = call.add("Dense", settings, [flow], weights)
    return Flow(number, held, held)


def _gemm(call: Call) -> Flow:
    kernel, bias = call.needed(1), call.constant(2)
    if call.attributes.get("transA", 0):
        raise call.refuse("with its input turned")
    kernel = kernel.T if call.attributes.get("transB", 0) else kernel
    kernel = kernel * np.float32(call.attributes.get("alpha", 1.0))
    if bias is not None:
        bias = bias.reshape(-1) * np.float32(call.attributes.get("beta", 1.0))
    return _dense(call, kernel, bias)


def _normalization(call: Call) -> Flow:
    flow = call.flow
    if not flow.is_turned and len(flow.shape) != 1:
        raise call.refuse(f"on {flow.shape}")
    numbers = [_in_order(call, flow, call.needed(place)) for place in range(1, 5)]
    settings = {"epsilon": float(call.attributes.get("epsilon", 1e-5))}
    if not 0 <= settings["epsilon"] <= 1 or (numbers[3] < 0).any():
        raise call.refuse("with a negative variance")
    return call.unchanged("BatchNormalization", settings, numbers)


def _reshaped(call: Call, flow: Flow, shape: Shape) -> Flow:
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


def _reshape(call: Call) -> Flow:
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
    return _reshaped(call, flow, tuple(rest))


def _flatten(call: Call) -> Flow:
    axis = call.attributes.get("axis", 1)
    if axis not in (1, -len(call.flow.shape)):
        raise call.refuse(f"from the axis {axis}")
    return _reshaped(call, call.flow, (math.prod(call.flow.shape),))


def _axes(call: Call, rank: int) -> list[int]:
    axes = call.attributes.get("axes")
    axes = call.needed(1).reshape(-1).tolist() if axes is None else axes
    places = sorted(int(axis) % rank for axis in axes)
    if not places or places[0] == 0 or len(set(places)) != len(places):
        raise call.refuse(f"over the axes {axes[:8]}")
    return places


def _squeeze(call: Call) -> Flow:
    shape = list(call.flow.shape)
    for place in reversed(_axes(call, len(shape) + 1)):
        if shape.pop(place - 1) != 1:
            raise call.refuse(f"on {call.flow.shape}")
    return _reshaped(call, call.flow, tuple(shape))


def _unsqueeze(call: Call) -> Flow:
    shape = list(call.flow.shape)
    axes = call.attributes.get("axes", ())
    count = len(axes) or call.needed(1).size
    if count > 3:
        raise call.refuse("with too many axes")
    for place in _axes(call, len(shape) + 1 + count):
        shape.insert(place - 1, 1)
    return _reshaped(call, call.flow, tuple(shape))


def _transpose(call: Call) -> Flow:
    flow, order = call.flow, list(call.attributes.get("perm", ()))
    if order == list(range(len(flow.shape) + 1)):
        return flow
    if len(flow.shape) == 3 and not flow.order:
        if order == [0, 3, 1, 2] and not flow.is_turned:
            return Flow(flow.number, (flow.shape[2], *flow.shape[:2]), flow.held, (), True)
        if order == [0, 2, 3, 1] and flow.is_turned:
            return Flow(flow.number, flow.held, flow.held)
    raise call.refuse(f"on {flow.shape} with the order {order[:8]}")


def _same(call: Call) -> Flow:
    return call.flow


def _cast(call: Call) -> Flow:
    if call.attributes.get("to") not in (1, 10, 11):  # float, float16, double
        raise call.refuse("to integers")
    return call.flow


def _activation(name: str) -> Callable[[Call], Flow]:
    return lambda call: call.unchanged("Activation", {"activation": name})


def _leaky_relu(call: Call) -> Flow:
    slope = float(call.attributes.get("alpha", 0.01))
    if not 0 <= slope <= 1e3:
        raise call.refuse(f"with the slope {slope}")
    return call.unchanged("LeakyReLU", {"negative_slope": slope})


def _prelu(call: Call) -> Flow:
    flow, slopes = call.flow, call.needed(1).astype(np.float32)
    shape = (1,) * (len(flow.shape) - slopes.ndim) + slopes.shape
    if len(shape) != len(flow.shape):
        raise call.refuse(f"on {flow.shape} with slopes of the shape {slopes.shape}")
    held = np.broadcast_to(slopes.reshape(shape), flow.shape)
    if flow.is_turned:
        held = held.transpose(1, 2, 0)
    held = _in_order(call, flow, held)
    is_shared = flow.is_turned and shape[1:] == (1, 1)
    settings = {"shared_axes": [1, 2] if is_shared else None}
    return call.unchanged("PReLU", settings, [held[:1, :1] if is_shared else held])


def _gelu(call: Call) -> Flow:
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


def _pow(call: Call) -> Flow:
    """A square or cube, as product."""
    exponent = call.needed(1)
    if exponent.size != 1 or exponent.item() not in (1, 2, 3):
        raise call.refuse("to another power than 1, 2 or 3")
    flow = call.flow
    for _ in range(int(exponent.item()) - 1):
        flow = replace(flow, number=call.add("Multiply", {}, [flow, call.flow])[0])
    return flow


def _hard_sigmoid(call: Call) -> Flow:
    scale, offset = (float(call.attributes.get(*one)) for one in (("alpha", 0.2), ("beta", 0.5)))
    if not (abs(scale) < 1e6 and abs(offset) < 1e6):
        raise call.refuse(f"with the slope {scale}")
    flow = call.unchanged("Rescaling", {"scale": scale, "offset": offset})
    return call.unchanged("ReLU", {"max_value": 1.0}, flow=flow)


def _elu(call: Call) -> Flow:
    slope = float(call.attributes.get("alpha", 1.0))
    if not 0 <= slope <= 1e3:
        raise call.refuse(f"with the slope {slope}")
    return call.unchanged("ELU", {"alpha": slope})


def _negative(call: Call) -> Flow:
    return call.unchanged("Rescaling", {"scale": -1.0, "offset": 0.0})


def _layer_normalization(call: Call) -> Flow:
    flow, rank = call.flow, len(call.flow.shape)
    if flow.is_turned or call.attributes.get("axis", -1) not in (-1, rank):
        raise call.refuse(f"on {flow.shape}")
    scale, offset = call.needed(1), call.constant(2)
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    if not 0 <= epsilon <= 1:
        raise call.refuse(f"with epsilon {epsilon}")
    weights = [_in_order(call, flow, one) for one in (scale, offset) if one is not None]
    settings = {"epsilon": epsilon, "center": offset is not None}
    return call.unchanged("LayerNormalization", settings, weights)


def _clip(call: Call) -> Flow:
    least, most = (
        call.attributes.get(name) if call.constant(place) is None else call.needed(place).item()
        for place, name in ((1, "min"), (2, "max"))
    )
    if least != 0 or not (most is None or most > 0):
        raise call.refuse(f"from {least} to {most}")
    settings = {} if most is None or most > 1e6 else {"max_value": float(most)}
    return call.unchanged("ReLU", settings)


def _softmax(name: str) -> Callable[[Call], Flow]:
    def plan(call: Call) -> Flow:
        rank, axis = len(call.flow.shape), call.attributes.get("axis", 1)
        is_known = rank == 1 or call.flow.is_turned  # whose channels are the layers' last axis
        if not is_known or axis not in (1, -rank) or call.flow.order:
            raise call.refuse(f"on {call.flow.shape}")
        return call.unchanged("Activation", {"activation": name})

    return plan


def _arithmetic(call: Call) -> Flow:
    """A sum, difference, product or quotient, of a value and a constant or of two values."""
    if len(call.names) != 2:
        raise call.refuse(f"of {formats.count(len(call.names), 'value')}")
    first, second = call.names
    if first in call.flows and second in call.flows:
        return _merged(call, {"Add": "Add", "Mul": "Multiply"}.get(call.kind, ""))
    is_first = first in call.flows
    flow = call.flows[first if is_first else second]
    number = call.needed(1 if is_first else 0).astype(np.float32)
    if call.kind == "Div":
        if not is_first or (number == 0).any():
            raise call.refuse("by what depends on the image, or by 0")
        number = (1 / number.astype(np.float64)).astype(np.float32)
    times, plus = np.ones_like(number), np.zeros_like(number)
    if call.kind in ("Mul", "Div"):
        times = number
    else:
        plus = -number if call.kind == "Sub" and is_first else number
        times = -times if call.kind == "Sub" and not is_first else times
    if number.size == 1:
        settings = {"scale": float(times.item()), "offset": float(plus.item())}
        return call.unchanged("Rescaling", settings, flow=flow)
    count, axis = flow.held[-1], (len(flow.shape) - 1 if not flow.is_turned else 0)
    shape = (1,) * (len(flow.shape) + 1 - number.ndim) + number.shape
    wanted = [1] * (len(flow.shape) + 1)
    wanted[axis + 1] = count
    if list(shape) != wanted:
        raise call.refuse(f"of {flow.shape} and a constant of {number.shape}")
    scale, offset = (_in_order(call, flow, one.reshape(-1)) for one in (times, plus))
    # A normalization that is at rest multiplies and adds for each channel.
    numbers = [scale, offset, np.zeros_like(scale), np.ones_like(scale)]
    return call.unchanged("BatchNormalization", {"epsilon": 0.0}, numbers, flow)


def _merged(call: Call, kind: str) -> Flow:
    flows = [call.flows.get(name) for name in call.names]
    first = flows[0]
    if first is None or not kind or not 2 <= len(flows) <= 50:
        raise call.refuse("in an unusual way")
    known = [one for one in flows if one is not None]
    is_joined = kind == "Concatenate"
    for one in known:
        fits = one.held[:-1] == first.held[:-1] if is_joined else one.held == first.held
        if not fits or one.order != first.order or one.is_turned != first.is_turned:
            raise call.refuse(f"of {first.shape} and {one.shape}")
    number, held = call.add(kind, {}, known)
    shape = (held[-1], *held[:-1]) if first.is_turned else held
    return Flow(number, shape, held, first.order, first.is_turned)


def _concat(call: Call) -> Flow:
    flow = call.flow
    axis = call.attributes.get("axis", 1) % (len(flow.shape) + 1)
    if axis != (1 if flow.is_turned else len(flow.shape)) or flow.order:
        raise call.refuse(f"along the axis {axis}")
    return _merged(call, "Concatenate")


def _pad(call: Call) -> Flow:
    pads = call.attributes.get("pads") or call.needed(1).tolist()
    value = call.constant(2)
    way = call.attributes.get("mode", "constant")
    is_zero = way == "constant" and (value is None or not value.any())
    if len(pads) != 8 or not is_zero or any(pads[place] for place in (0, 1, 4, 5)):
        raise call.refuse(f"in the way {quoted(way)} with {pads[:8]}")
    if not all(0 <= one <= 64 for one in pads):
        raise call.refuse(f"with a border of {pads}")
    borders = ((int(pads[2]), int(pads[6])), (int(pads[3]), int(pads[7])))
    return call.on_image("ZeroPadding2D", {"padding": borders})


def _rounded(call: Call) -> Flow:
    """Round to the nearest number that 8 bits can hold; it stays a floating-point number."""
    zero = call.constant(2)
    least, most = (-128, 127) if zero is not None and zero.dtype == np.int8 else (0, 255)
    step, zero_point = steps = _steps(call)
    settings = {"step": step, "least": least - zero_point, "most": most - zero_point}
    return replace(call.unchanged("FakeQuantization", settings), steps=steps)


def _unrounded(call: Call) -> Flow:
    if call.flow.steps != _steps(call):
        raise call.refuse("on something else than was rounded with the same steps")
    return replace(call.flow, steps=())


def _steps(call: Call) -> tuple[float, ...]:
    step, zero = call.needed(1), call.constant(2)
    zero = np.zeros(1, np.uint8) if zero is None else zero
    if step.size != 1 or zero.size != 1 or zero.dtype not in (np.int8, np.uint8):
        raise call.refuse("with other steps than one for all 8-bit numbers")
    if not 1e-30 < step.item() < 1e30:
        raise call.refuse(f"with a step of {step.item()}")
    return float(step.item()), int(zero.item())


def _shape(call: Call) -> NDArray[Any]:
    """The shape of a value as a constant: −1, any number, for how many images there are."""
    return np.array([-1, *call.flow.shape], np.int64)


OPERATORS: Mapping[str, Callable[[Call], Flow | NDArray[Any]]] = {
    "Add": _arithmetic,
    "AveragePool": _pool("AveragePooling2D"),
    "BatchNormalization": _normalization,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "DequantizeLinear": _unrounded,
    "Div": _arithmetic,
    "Dropout": _same,
    "Elu": _elu,
    "Flatten": _flatten,
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": _global("GlobalAveragePooling2D"),
    "GlobalMaxPool": _global("GlobalMaxPooling2D"),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _activation("hard_silu"),
    "Identity": _same,
    "LayerNormalization": _layer_normalization,
    "LeakyRelu": _leaky_relu,
    "LogSoftmax": _softmax("log_softmax"),
    "MatMul": lambda call: _dense(call, call.needed(1), None),
    "MaxPool": _pool("MaxPooling2D"),
    "Mish": _activation("mish"),
    "Mul": _arithmetic,
    "Neg": _negative,
    "PRelu": _prelu,
    "Pad": _pad,
    "Pow": _pow,
    "QuantizeLinear": _rounded,
    "ReduceMean": _mean,
    "Relu": _activation("relu"),
    "Reshape": _reshape,
    "Selu": _activation("selu"),
    "Shape": _shape,
    "Sigmoid": _activation("sigmoid"),
    "Softmax": _softmax("softmax"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Squeeze": _squeeze,
    "Sub": _arithmetic,
    "Sum": lambda call: _merged(call, "Add"),
    "Tanh": _activation("tanh"),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}


def folded(kind: str, arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    """Compute a constant from constants, none of which grows."""
    try:
        return FOLDED[kind](arrays, attributes)
    except (IndexError, ValueError, KeyError, TypeError) as error:
        raise PlanError(f"has an operator {quoted(kind)} whose constants do not fit") from error


def _constant(_arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in attributes:
            return np.asarray(attributes[name])
    raise KeyError("value")


def _unsqueezed(arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    axes = attributes.get("axes") or arrays[1].tolist()
    return np.expand_dims(arrays[0], tuple(axes))


def _reshaped_constant(arrays: Sequence[NDArray[Any]], _attributes: Attributes) -> NDArray[Any]:
    return arrays[0].reshape(arrays[1].tolist())


def _sliced(arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    """A piece of a shape, which has one axis."""
    start = attributes["starts"] if "starts" in attributes else arrays[1].tolist()
    end = attributes["ends"] if "ends" in attributes else arrays[2].tolist()
    if arrays[0].ndim != 1 or len(start) != 1 or len(end) != 1 or len(arrays) > 4:
        raise ValueError(arrays[0].shape)
    return arrays[0][int(start[0]) : int(end[0])]


def _scaled_constant(
    arrays: Sequence[NDArray[Any]], attributes: Attributes
) -> tuple[NDArray[Any], ...]:
    """Return a constant with the steps and zeros of its 8 bits: for all, or for each part."""
    array, step = arrays[0], arrays[1].astype(np.float32)
    zero = arrays[2] if len(arrays) > 2 else np.zeros_like(step, np.uint8)
    shape = [1] * array.ndim
    if step.size > 1:
        shape[int(attributes.get("axis", 1))] = step.size
    if attributes.get("block_size", 0) or zero.size not in (1, step.size) or (step <= 0).any():
        raise ValueError(step.shape)
    if any(side not in (1, given) for side, given in zip(shape, array.shape, strict=True)):
        raise ValueError(step.shape)
    return array, step.reshape(shape), zero.reshape(shape if zero.size > 1 else ())


def _dequantized(arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    array, step, zero = _scaled_constant(arrays, attributes)
    numbers: NDArray[Any] = (array.astype(np.float32) - zero.astype(np.float32)) * step
    return numbers


def _quantized(arrays: Sequence[NDArray[Any]], attributes: Attributes) -> NDArray[Any]:
    array, step, zero = _scaled_constant(arrays, attributes)
    kind = np.iinfo(zero.dtype)
    numbers: NDArray[Any] = np.clip(np.rint(array / step) + zero, kind.min, kind.max)
    return numbers.astype(zero.dtype)


FOLDED: Mapping[str, Callable[[Sequence[NDArray[Any]], Attributes], NDArray[Any]]] = {
    "Cast": lambda arrays, _attributes: arrays[0],
    "Concat": lambda arrays, _attributes: np.concatenate([np.atleast_1d(one) for one in arrays]),
    "Constant": _constant,
    "DequantizeLinear": _dequantized,
    "Gather": lambda arrays, _attributes: np.take(arrays[0], arrays[1].astype(np.int64), axis=0),
    "Identity": lambda arrays, _attributes: arrays[0],
    "QuantizeLinear": _quantized,
    "Reshape": _reshaped_constant,
    "Slice": _sliced,
    "Squeeze": lambda arrays, _attributes: np.squeeze(arrays[0]),
    "Transpose": lambda arrays, attributes: arrays[0].transpose(attributes.get("perm")),
    "Unsqueeze": _unsqueezed,
}
