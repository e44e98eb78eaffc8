"""What an ONNX graph computes from constants alone, such as shapes and weights of 8 bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.foreign.keras_settings import PlanError, quoted
from mnist_desktop.foreign.onnx_call import Attributes


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
