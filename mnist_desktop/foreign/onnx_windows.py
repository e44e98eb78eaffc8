"""Operators of ONNX that move a window over an image: convolutions, pools and their borders."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mnist_desktop.foreign.keras_settings import quoted
from mnist_desktop.foreign.onnx_call import Call, Flow

Borders = Sequence[tuple[int, int]]


def conv(call: Call) -> Flow:
    """Plan ``Conv`` of all channels together, or of each by itself."""
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


def pool(kind: str) -> Callable[[Call], Flow]:
    """Plan a pooling operator."""

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
        if not borders:
            return call.on_image(kind, settings)
        same_as_zeros = kind == "MaxPooling2D" and call.image().is_positive
        if counts or same_as_zeros:
            return call.on_image(kind, settings, flow=_zero_border(call, borders))
        return _pool_in_steps(call, kind, settings, borders)

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


def global_pool(kind: str) -> Callable[[Call], Flow]:
    """Plan an operator that pools each channel as a whole."""
    return lambda call: call.on_image(kind, {"keepdims": True})


def pad(call: Call) -> Flow:
    """Plan ``Pad`` with zeros around an image."""
    pads = call.attributes.get("pads") or call.needed(1).tolist()
    value = call.constant(2)
    way = call.attributes.get("mode", "constant")
    is_zero = way == "constant" and (value is None or not value.any())
    if len(pads) != 8 or not is_zero or any(pads[place] for place in (0, 1, 4, 5)):
        raise call.refuse(f"in the way {quoted(way)} with {pads[:8]}")
    if not all(0 <= one <= 64 for one in pads):
        raise call.refuse(f"with a border of {pads}")
    return _zero_border(call, ((int(pads[2]), int(pads[6])), (int(pads[3]), int(pads[7]))))
