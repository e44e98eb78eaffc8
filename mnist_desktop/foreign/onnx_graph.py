"""The graph of an ONNX file, checked before and after it is parsed; nothing in it is run.

A few bytes of a protocol buffer can stand for many objects in memory. So the file's outline (which
parts it has, and how large they are) is read first, without the `onnx` package; only weights, which
are one block of bytes each, may be large.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.foreign.keras_settings import PlanError, quoted
from mnist_desktop.networks.limits import MAX_PARAMETERS

if TYPE_CHECKING:
    import onnx

DAMAGED = "is an ONNX file that is damaged or cut short"
MAX_FILE = 90_000_000  # bytes: MAX_PARAMETERS of 8 bytes each
MAX_OUTLINE = 1_000_000  # bytes of all but weights
MAX_PARTS = 5_000  # nodes, weights and descriptions
MAX_NODES = 1_000
MAX_FIELDS = 40  # parts of one weight
MAX_RANK = 8
# Numbers of fields in onnx.proto.
GRAPH, TRAINING, FUNCTIONS = 7, 20, 25
INITIALIZER, SPARSE = 5, 15


def parse_graph(content: bytes) -> onnx.GraphProto:
    """Parse an ONNX file whose outline has been checked.

    Raises
    ------
    PlanError
        If it is damaged, too large, or more than a graph of nodes and weights.
    """
    _check_outline(content)
    import onnx

    try:
        model: onnx.ModelProto = onnx.ModelProto.FromString(content)
    except Exception as error:  # the parser raises one kind of its own
        raise PlanError(DAMAGED) from error
    foreign = sorted({one.domain for one in model.graph.node} - {"", "ai.onnx"})
    if foreign:
        raise PlanError(f"uses operators of {quoted(foreign[0])}")
    if not 1 <= len(model.graph.node) <= MAX_NODES:
        raise PlanError(f"has no operators, or more than {MAX_NODES:,}")
    graph: onnx.GraphProto = model.graph
    return graph


def weights_of(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """Read the weights of a graph, by name; all floating-point ones are finite.

    Raises
    ------
    PlanError
        If one is not complete, or all are more than a network for digits needs.
    """
    weights: dict[str, NDArray[Any]] = {}
    total = 0
    for one in graph.initializer:
        total += math.prod(one.dims)
        if total > MAX_PARAMETERS or one.name in weights:
            raise PlanError(f"has more than the {MAX_PARAMETERS:,} parameters that are accepted")
        weights[one.name] = read_tensor(one)
    return weights


def read_tensor(tensor: onnx.TensorProto) -> NDArray[Any]:
    """Read numbers that are in the file itself.

    Raises
    ------
    PlanError
        If they are not complete, not finite, or in another file.
    """
    from onnx import TensorProto, numpy_helper

    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise PlanError(
            "keeps its weights in another file; export it as one, for example with "
            "external_data=False"
        )
    kinds = (
        TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.INT64,
        TensorProto.INT32, TensorProto.BOOL, TensorProto.INT8, TensorProto.UINT8,
    )  # fmt: skip
    if tensor.data_type not in kinds:
        raise PlanError(f"has weights of a type that is not accepted ({tensor.data_type})")
    shape = tuple(tensor.dims)
    if len(shape) > MAX_RANK or min(shape, default=1) < 0 or math.prod(shape) > MAX_PARAMETERS:
        raise PlanError(f"announces weights of the shape {shape[:MAX_RANK]}")
    try:
        array: NDArray[Any] = numpy_helper.to_array(tensor)
    except Exception as error:  # whatever does not fit together
        raise PlanError("announces weights of another size than it has") from error
    if array.shape != shape:
        raise PlanError("announces weights of another size than it has")
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
        if not np.isfinite(array).all():
            raise PlanError("has weights that are not all finite numbers")
    return array


def _check_outline(content: bytes) -> None:
    """Refuse what would need much more memory than it has bytes, and what is no plain graph."""
    outline, parts = 0, 0
    graphs = 0
    for field, start, end in _fields(content, 0, len(content)):
        parts += 1
        if field in (TRAINING, FUNCTIONS):
            raise PlanError("brings functions of its own")
        if field != GRAPH:
            outline += end - start
            continue
        graphs += 1
        for inner, first, last in _fields(content, start, end):
            parts += 1
            if inner == SPARSE:
                raise PlanError("has sparse weights")
            if inner == INITIALIZER:
                for number, (_, low, high) in enumerate(_fields(content, first, last)):
                    if number > MAX_FIELDS:
                        raise PlanError("has weights in more pieces than one")
                    outline += high - low if high - low < 200 else 0
            else:
                outline += last - first
            if outline > MAX_OUTLINE or parts > MAX_PARTS:
                raise PlanError("describes more than any network for digits needs")
    if graphs != 1:
        raise PlanError(DAMAGED)
    if outline > MAX_OUTLINE:
        raise PlanError("describes more than any network for digits needs")


def _fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Go through the fields of a message: number, and where its content starts and ends."""
    count = 0
    while start < end:
        count += 1
        if count > MAX_PARTS:
            raise PlanError("describes more than any network for digits needs")
        key, start = _varint(content, start, end)
        kind = key & 7
        size = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            size, start = _varint(content, start, end)
        elif kind == 0:
            size = _varint(content, start, end)[1] - start
        elif not size:
            raise PlanError(DAMAGED)
        if start + size > end:
            raise PlanError(DAMAGED)
        yield key >> 3, start, start + size
        start += size


def _varint(content: bytes, place: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= end:
            break
        byte = content[place]
        value, place = value | (byte & 127) << shift, place + 1
        if byte < 128:
            return value, place
    raise PlanError(DAMAGED)
