"""What a LiteRT file would compute, looked at before LiteRT sees it.

A network that was tried on some images may still never end on others: it may loop while a number is
large, or make an array as long as a picture is dark. So only operators that classifiers consist of
are accepted, one sequence of them, and no shape may depend on what the images show, or on how many
there are but by growing with them.
"""

from __future__ import annotations

import struct

from mnist_desktop.inference.litert_file import (
    DAMAGED,
    MARK,
    OperatorError,
    Table,
    checked,
    open_model,
    operator_codes,
)

SCHEMA_VERSION = 3
MAX_CONNECTIONS = 100_000  # what all operators take and give, together

SHAPE = 77
# Numbers of the operators that the converters of TensorFlow and PyTorch make of common layers.
ACCEPTED = frozenset(
    {
        0, 1, 2, 3, 4, 5, 6, 9, 11, 13, 14, 17, 18, 19,  # add, pool, convolve, dense, logistic, ...
        20, 21, 22, 23, 25, 26, 28, 34, 36, 37, 38, 39,  # clip, reshape, resize, softmax, tanh, ...
        40, 41, 42, 43, 45, 47, 49, 50, 54, 55, 57, 58, 59,  # mean, subtract, slice, prelu, ...
        60, 61, 62, 63, 64, 65, 70, 73, 74, 75, 76, SHAPE, 78,  # compare, select, logarithm, ...
        81, 82, 83, 89, 92, 97, 98, 99, 100, 101, 111, 114, 117,  # reduce, pack, square, quantise
        123, 126, 130, 150, 152,  # select, multiply matrices, broadcast, gelu, clip
    }
)  # fmt: skip
NAMES = {31: "CALL", 32: "an operator of its own", 53: "CAST", 69: "TILE", 118: "IF", 119: "WHILE",
         129: "CALL_ONCE"}  # fmt: skip
# Which inputs of an operator tell it shapes, places or axes.
TELLS_SHAPE = {
    22: (1,), 23: (1,), 34: (1,), 36: (1,), 37: (1, 2), 38: (1, 2), 39: (1,), 40: (1,),
    45: (1, 2, 3), 49: (0,), 60: (1,), 65: (1, 2), 70: (1,), 74: (1,), 81: (1,), 82: (1,),
    89: (1,), 97: (1,), 100: (1,), 130: (1,),
}  # fmt: skip
# What shapes may be made of, beside constants: what grows with the number of images, so that the
# many that the file is tried with are the worst. A difference could be large for seven alone.
GROWING = frozenset({2, 18, 22, 36, 43, 45, 65, 70, SHAPE, 81, 83})
PICKING = frozenset({36, 45, 65})  # these could pick any number by how many images there are


def check_operators(content: bytes) -> None:
    """Refuse a LiteRT file that might compute without an end.

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
    if model.number(0, "<I") != SCHEMA_VERSION:
        raise OperatorError(DAMAGED)
    codes = operator_codes(model)
    refused = [code for code in codes if code not in ACCEPTED]
    if refused:
        names = [NAMES[code] for code in refused if code in NAMES]
        raise OperatorError(
            f"uses {names[0] if names else f'the operator {refused[0]}'}, and only what reads a "
            "digit in a fixed number of steps can be opened"
        )
    graphs = list(model.tables(2))
    if len(graphs) != 1:
        raise OperatorError(f"consists of {len(graphs)} programs where one network is needed")
    filled = [one.number(1, "<Q") > 0 or one.length(0) > 0 for one in model.tables(4)]
    given = set(graphs[0].numbers(1))
    is_constant = [
        filled[one.number(2, "<I")] and place not in given
        for place, one in enumerate(graphs[0].tables(0))
    ]
    _check_shapes(graphs[0], codes, is_constant)


def _check_shapes(graph: Table, codes: list[int], is_constant: list[bool]) -> None:
    """Follow what is known of shapes without an image: constants, and what grows with a batch."""
    known = list(is_constant)
    written = list(is_constant)
    connections = 0
    for one in graph.tables(3):
        code = codes[one.number(0, "<I")]
        inputs, outputs = list(one.numbers(1)), list(one.numbers(2))
        connections += len(inputs) + len(outputs)
        if connections > MAX_CONNECTIONS:
            raise OperatorError("lists more than any network for digits needs")
        for place in TELLS_SHAPE.get(code, ()):
            fit = is_constant if code in PICKING else known
            if place < len(inputs) and inputs[place] != -1 and not fit[checked(inputs[place])]:
                raise OperatorError("computes arrays whose shapes depend on what is read")
        grows = code in GROWING and all(known[checked(place)] for place in inputs if place != -1)
        is_known = code == SHAPE or grows
        for place in outputs:
            if written[checked(place)]:
                raise OperatorError("computes something twice, or what is there already")
            written[place] = True
            known[place] = is_known
