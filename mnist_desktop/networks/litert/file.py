"""Packs a graph into a LiteRT file, with LiteRT's own schema.

A FlatBuffer is written from its end to its start. Each weight is copied once, by NumPy, which lets
go of the interpreter's lock meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_desktop.networks.litert.graph import NONE, Constant, Graph, Operator, Tensor
from mnist_desktop.networks.litert.schema import MARK, VERSION, schema

ALIGNMENT = 16  # bytes, of weights: as the schema asks
ROOM = 1 << 16  # bytes, to begin with, for everything else than weights
OLD_NUMBERS = 127  # operators with higher ones are told in a second field only
# The class of an operator's settings, where it has any that matter.
OPTIONS = {
    "ADD": "AddOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "CONCATENATION": "ConcatenationOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "DIV": "DivOptions",
    "FULLY_CONNECTED": "FullyConnectedOptions",
    "GELU": "GeluOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "MUL": "MulOptions",
    "PACK": "PackOptions",
    "REDUCE_MAX": "ReducerOptions",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "SOFTMAX": "SoftmaxOptions",
    "SUB": "SubOptions",
    "SUM": "ReducerOptions",
    "UNPACK": "UnpackOptions",
}
# Versions since which LiteRT has understood an operator as it is used here; 1 for the others.
VERSIONS = {"RESIZE_BILINEAR": 3, "RESIZE_NEAREST_NEIGHBOR": 3}
SIGNATURE, OUTPUT = "serving_default", "output_0"


def packed(graph: Graph, output: int, input_name: str) -> memoryview:
    """Pack a graph into a file that reads any number of images at once.

    Parameters
    ----------
    graph : Graph
        Its first tensor is the input.
    output : int
        Index of the tensor that is the output.
    input_name : str
        What the input is called, for programs that go by names.

    Returns
    -------
    memoryview
        The content of a ``.tflite`` file.
    """
    import flatbuffers

    used = {0, output}.union(*((*one.inputs, *one.outputs) for one in graph.operators)) - {NONE}
    places = {index: place for place, index in enumerate(sorted(used))}
    tensors = [graph.tensors[index] for index in places]
    model = schema().ModelT()
    model.version = VERSION
    model.description = "MNIST Desktop"
    names = sorted({one.name for one in graph.operators})
    model.operatorCodes = [_code(name) for name in names]
    # LiteRT wants the first buffer to be empty; tensors that are computed share it.
    weights = [_Buffer(None), *(_Buffer(one.values) for one in tensors if one.values is not None)]
    model.buffers = weights
    model.subgraphs = [_subgraph(graph, tensors, places, names, output)]
    model.subgraphs[0].tensors[places[0]].name = input_name
    model.subgraphs[0].tensors[places[output]].name = OUTPUT
    model.signatureDefs = [_signature(input_name, places[0], places[output])]
    builder = flatbuffers.Builder(ROOM + sum(ALIGNMENT + one.size for one in weights))
    builder.Finish(model.Pack(builder), file_identifier=MARK)
    return memoryview(builder.Bytes)[builder.Head() :]


@dataclass(frozen=True, eq=False)
class _Buffer:
    """The numbers of a constant; the schema's own class would not align them."""

    values: Constant | None

    @property
    def size(self) -> int:
        return 0 if self.values is None else self.values.nbytes

    def Pack(self, builder: Any) -> int:  # noqa: N802 - the schema's classes call it so
        """Write the buffer; return where it is."""
        start = None if self.values is None else self._write(builder, self.values)
        schema().BufferStart(builder)
        if start is not None:
            schema().BufferAddData(builder, start)
        place: int = schema().BufferEnd(builder)
        return place

    def _write(self, builder: Any, values: Constant) -> int:
        builder.StartVector(1, self.size, ALIGNMENT)
        builder.head -= self.size
        room = np.frombuffer(builder.Bytes, values.dtype, values.size, builder.head)
        room.reshape(values.shape)[...] = values
        start: int = builder.EndVector()
        return start


def _code(name: str) -> Any:
    made = schema().OperatorCodeT()
    made.builtinCode = getattr(schema().BuiltinOperator, name)
    made.deprecatedBuiltinCode = min(made.builtinCode, OLD_NUMBERS)
    made.version = VERSIONS.get(name, 1)
    return made


def _subgraph(
    graph: Graph, tensors: list[Tensor], places: dict[int, int], names: list[str], output: int
) -> Any:
    made = schema().SubGraphT()
    made.name = "main"
    buffers = iter(range(1, len(tensors) + 1))
    made.tensors = [_tensor(one, 0 if one.values is None else next(buffers)) for one in tensors]
    made.inputs, made.outputs = [places[0]], [places[output]]
    made.operators = [_operator(one, places, names) for one in graph.operators]
    return made


def _tensor(tensor: Tensor, buffer: int) -> Any:
    made, types = schema().TensorT(), schema().TensorType
    made.buffer, made.hasRank = buffer, True
    if tensor.values is None:
        made.shape, made.shapeSignature = [1, *tensor.shape], [-1, *tensor.shape]
        made.type = types.BOOL if tensor.is_flag else types.FLOAT32
    else:
        made.shape = list(tensor.shape)
        made.type = types.INT32 if tensor.values.dtype == np.int32 else types.FLOAT32
    return made


def _operator(operator: Operator, places: dict[int, int], names: list[str]) -> Any:
    made = schema().OperatorT()
    made.opcodeIndex = names.index(operator.name)
    made.inputs = [places.get(one, NONE) for one in operator.inputs]
    made.outputs = [places[one] for one in operator.outputs]
    kind = OPTIONS.get(operator.name)
    if kind is not None:
        made.builtinOptionsType = getattr(schema().BuiltinOptions, kind)
        made.builtinOptions = getattr(schema(), f"{kind}T")()
        for name, value in operator.options.items():
            setattr(made.builtinOptions, name, value)
    return made


def _signature(input_name: str, given: int, output: int) -> Any:
    made = schema().SignatureDefT()
    made.signatureKey = SIGNATURE
    made.inputs, made.outputs = [_named(input_name, given)], [_named(OUTPUT, output)]
    return made


def _named(name: str, tensor: int) -> Any:
    made = schema().TensorMapT()
    made.name, made.tensorIndex = name, tensor
    return made
