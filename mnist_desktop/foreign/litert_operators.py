"""Checks the operators of a LiteRT file before LiteRT opens it.

A network that has finished on some images may still run forever on others: it may loop while a
number is large, or make an array as long as an image is dark. So the file must be a single sequence
of operators that classifiers use. No shape may depend on what the images show, and it may depend on
their number only by growing with it.
"""

from __future__ import annotations

import struct

from mnist_desktop.inference.litert_file import (
    DAMAGED,
    FlatTable,
    OperatorError,
    checked,
    open_model,
    operator_names,
)
from mnist_desktop.networks.litert.schema import MARK, VERSION

MAX_CONNECTIONS = 100_000  # inputs and outputs of all operators together

# The operators that the converters of TensorFlow and PyTorch use for common layers.
ACCEPTED = frozenset(
    {
        "ABS", "ADD", "ADD_N", "AVERAGE_POOL_2D", "BATCH_MATMUL", "BATCH_TO_SPACE_ND",
        "BROADCAST_TO", "CAST", "CEIL", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D",
        "DEPTH_TO_SPACE", "DEQUANTIZE", "DIV", "ELU", "EQUAL", "EXP", "EXPAND_DIMS", "FILL",
        "FLOOR", "FULLY_CONNECTED", "GATHER", "GELU", "GREATER", "GREATER_EQUAL", "HARD_SWISH",
        "L2_NORMALIZATION", "LEAKY_RELU", "LESS", "LESS_EQUAL", "LOCAL_RESPONSE_NORMALIZATION",
        "LOG", "LOGISTIC", "LOG_SOFTMAX", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MIRROR_PAD",
        "MUL", "NEG", "NOT_EQUAL", "PACK", "PAD", "PADV2", "POW", "PRELU", "QUANTIZE", "REDUCE_MAX",
        "REDUCE_MIN", "REDUCE_PROD", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "RESHAPE",
        "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "ROUND", "RSQRT", "SELECT", "SELECT_V2",
        "SHAPE", "SIGN", "SLICE", "SOFTMAX", "SPACE_TO_BATCH_ND", "SPACE_TO_DEPTH", "SPLIT",
        "SPLIT_V", "SQRT", "SQUARE", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE", "SUB", "SUM",
        "TANH", "TRANSPOSE", "UNPACK", "ZEROS_LIKE",
    }
)  # fmt: skip
# Indices of the inputs that give an operator shapes, positions or axes.
TELLS_SHAPE = {
    "BATCH_TO_SPACE_ND": (1, 2),
    "BROADCAST_TO": (1,),
    "EXPAND_DIMS": (1,),
    "FILL": (0,),
    "GATHER": (1,),
    "MEAN": (1,),
    "MIRROR_PAD": (1,),
    "PAD": (1,),
    "PADV2": (1,),
    "REDUCE_MAX": (1,),
    "REDUCE_MIN": (1,),
    "REDUCE_PROD": (1,),
    "RESHAPE": (1,),
    "RESIZE_BILINEAR": (1,),
    "RESIZE_NEAREST_NEIGHBOR": (1,),
    "SLICE": (1, 2),
    "SPACE_TO_BATCH_ND": (1, 2),
    "SPLIT": (0,),
    "SPLIT_V": (1, 2),
    "STRIDED_SLICE": (1, 2, 3),
    "SUM": (1,),
    "TRANSPOSE": (1,),
}
# These could pick any number, depending on how many images there are.
PICKING = frozenset({"GATHER", "SLICE", "STRIDED_SLICE"})
# Shapes may be computed from constants and from values that grow with the number of images, so that
# the large batch the file is tried with is the worst case. A difference, say, could be large for
# exactly seven images.
GROWING = PICKING | {
    "CONCATENATION",
    "EXPAND_DIMS",
    "MUL",
    "PACK",
    "REDUCE_PROD",
    "RESHAPE",
    "SHAPE",
    "SQUEEZE",
}


def check_operators(content: bytes) -> None:
    """Refuse a LiteRT file that might never finish computing.

    Raises
    ------
    OperatorError
        If it is damaged, or consists of anything but the operators of a classifier.
    """
    try:
        _check(content)
    except (struct.error, IndexError) as error:
        raise OperatorError(DAMAGED) from error


def _check(content: bytes) -> None:
    if content[4:8] != MARK:
        raise OperatorError(DAMAGED)
    model = open_model(content)
    if model.number(0, "<I") != VERSION:
        raise OperatorError(DAMAGED)
    names = operator_names(model)
    refused = [name for name in names if name not in ACCEPTED]
    if refused:
        raise OperatorError(
            f"uses the operator {refused[0]}, and only what reads a digit in a fixed number of "
            "steps can be opened"
        )
    graphs = list(model.tables(2))
    if len(graphs) != 1:
        raise OperatorError(f"consists of {len(graphs)} programs where one network is needed")
    filled = [one.number(1, "<Q") > 0 or one.length(0) > 0 for one in model.tables(4)]
    given = set(graphs[0].numbers(1))
    is_constant = [
        filled[one.number(2, "<I")] and index not in given
        for index, one in enumerate(graphs[0].tables(0))
    ]
    _check_shapes(graphs[0], names, is_constant)


def _check_shapes(graph: FlatTable, names: list[str], is_constant: list[bool]) -> None:
    """Track which values are known without an image: constants, and what grows with a batch."""
    known = list(is_constant)
    written = list(is_constant)
    connections = 0
    for one in graph.tables(3):
        name = names[one.number(0, "<I")]
        inputs, outputs = list(one.numbers(1)), list(one.numbers(2))
        connections += len(inputs) + len(outputs)
        if connections > MAX_CONNECTIONS:
            raise OperatorError("lists more than any network for digits needs")
        for index in TELLS_SHAPE.get(name, ()):
            fit = is_constant if name in PICKING else known
            if index < len(inputs) and inputs[index] != -1 and not fit[checked(inputs[index])]:
                raise OperatorError("computes arrays whose shapes depend on what is read")
        grows = name in GROWING and all(known[checked(index)] for index in inputs if index != -1)
        is_known = name == "SHAPE" or grows
        for index in outputs:
            if written[checked(index)]:
                raise OperatorError("computes something twice, or what is there already")
            written[index] = True
            known[index] = is_known
