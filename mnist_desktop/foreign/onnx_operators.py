"""What each operator of ONNX is as a layer: those of plain networks, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import formats
from mnist_desktop.foreign.onnx_activations import (
    activation,
    clip,
    elu,
    gelu,
    hard_sigmoid,
    leaky_relu,
    prelu,
    softmax,
)
from mnist_desktop.foreign.onnx_call import Call, Flow, in_order
from mnist_desktop.foreign.onnx_shapes import (
    flatten,
    mean,
    reshape,
    shape_of,
    squeeze,
    transpose,
    unsqueeze,
)
from mnist_desktop.foreign.onnx_windows import conv, global_pool, pad, pool


def _dense(call: Call, kernel: NDArray[Any], bias: NDArray[Any] | None) -> Flow:
    flow = call.flow
    if kernel.ndim != 2 or len(flow.shape) != 1:
        raise call.refuse(f"on {flow.shape} with weights of the shape {kernel.shape}")
    units = kernel.shape[1]
    weights = [in_order(call, flow, kernel)]
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
    numbers = [in_order(call, flow, call.needed(place)) for place in range(1, 5)]
    settings = {"epsilon": float(call.attributes.get("epsilon", 1e-5))}
    if not 0 <= settings["epsilon"] <= 1 or (numbers[3] < 0).any():
        raise call.refuse("with a negative variance")
    return call.unchanged("BatchNormalization", settings, numbers)


def _layer_normalization(call: Call) -> Flow:
    flow, rank = call.flow, len(call.flow.shape)
    if flow.is_turned or call.attributes.get("axis", -1) not in (-1, rank):
        raise call.refuse(f"on {flow.shape}")
    scale, offset = call.needed(1), call.constant(2)
    epsilon = float(call.attributes.get("epsilon", 1e-5))
    if not 0 <= epsilon <= 1:
        raise call.refuse(f"with epsilon {epsilon}")
    weights = [in_order(call, flow, one) for one in (scale, offset) if one is not None]
    settings = {"epsilon": epsilon, "center": offset is not None}
    return call.unchanged("LayerNormalization", settings, weights)


def _same(call: Call) -> Flow:
    return call.flow


def _cast(call: Call) -> Flow:
    if call.attributes.get("to") not in (1, 10, 11):  # float, float16, double
        raise call.refuse("to integers")
    return call.flow


def _pow(call: Call) -> Flow:
    """A square or cube, as product."""
    exponent = call.needed(1)
    if exponent.size != 1 or exponent.item() not in (1, 2, 3):
        raise call.refuse("to another power than 1, 2 or 3")
    flow = call.flow
    for _ in range(int(exponent.item()) - 1):
        flow = replace(flow, number=call.add("Multiply", {}, [flow, call.flow])[0])
    return flow


def _negative(call: Call) -> Flow:
    return call.unchanged("Rescaling", {"scale": -1.0, "offset": 0.0})


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
    scale, offset = (in_order(call, flow, one.reshape(-1)) for one in (times, plus))
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


def _rounded(call: Call) -> Flow:
    """Round to the nearest number that 8 bits can hold; it stays a floating-point number."""
    zero = call.constant(2)
    least, most = (-128, 127) if zero is not None and zero.dtype == np.int8 else (0, 255)
    step, zero_point = steps = _steps(call)
    settings = {"step": step, "least": least - zero_point, "most": most - zero_point}
    return replace(call.unchanged("FakeQuantization", settings), steps=steps)


def _unrounded(call: Call) -> Flow:
    if call.flow.steps != _steps(call):
        raise call.refuse("on numbers that were not rounded with the same steps")
    return replace(call.flow, steps=())


def _steps(call: Call) -> tuple[float, ...]:
    step, zero = call.needed(1), call.constant(2)
    zero = np.zeros(1, np.uint8) if zero is None else zero
    if step.size != 1 or zero.size != 1 or zero.dtype not in (np.int8, np.uint8):
        raise call.refuse("with other steps than one for all 8-bit numbers")
    if not 1e-30 < step.item() < 1e30:
        raise call.refuse(f"with a step of {step.item()}")
    return float(step.item()), int(zero.item())


# What ONNX applies to integers between rounding and its end, and what is the same for the numbers
# that they stand for, as it only moves them.
KEEP_ROUNDED = (
    "DequantizeLinear", "Dropout", "Flatten", "Identity", "Reshape", "Shape", "Squeeze",
    "Transpose", "Unsqueeze",
)  # fmt: skip
OPERATORS: Mapping[str, Callable[[Call], Flow | NDArray[Any]]] = {
    "Add": _arithmetic,
    "AveragePool": pool("AveragePooling2D"),
    "BatchNormalization": _normalization,
    "Cast": _cast,
    "Clip": clip,
    "Concat": _concat,
    "Conv": conv,
    "DequantizeLinear": _unrounded,
    "Div": _arithmetic,
    "Dropout": _same,
    "Elu": elu,
    "Flatten": flatten,
    "Gelu": gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": global_pool("GlobalAveragePooling2D"),
    "GlobalMaxPool": global_pool("GlobalMaxPooling2D"),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": activation("hard_silu"),
    "Identity": _same,
    "LayerNormalization": _layer_normalization,
    "LeakyRelu": leaky_relu,
    "LogSoftmax": softmax("log_softmax"),
    "MatMul": lambda call: _dense(call, call.needed(1), None),
    "MaxPool": pool("MaxPooling2D"),
    "Mish": activation("mish"),
    "Mul": _arithmetic,
    "Neg": _negative,
    "PRelu": prelu,
    "Pad": pad,
    "Pow": _pow,
    "QuantizeLinear": _rounded,
    "ReduceMean": mean,
    "Relu": activation("relu"),
    "Reshape": reshape,
    "Selu": activation("selu"),
    "Shape": shape_of,
    "Sigmoid": activation("sigmoid"),
    "Softmax": softmax("softmax"),
    "Softplus": activation("softplus"),
    "Softsign": activation("softsign"),
    "Squeeze": squeeze,
    "Sub": _arithmetic,
    "Sum": lambda call: _merged(call, "Add"),
    "Tanh": activation("tanh"),
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
