"""The parts of a LiteRT file, read without LiteRT.

The layout is that of `mnist_desktop.networks.litert.schema`: tables of fields by number, in
FlatBuffers. Each offset is checked where it is followed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mnist_desktop.networks.limits import SLOW
from mnist_desktop.networks.litert.schema import operators_by_number

MAX_LISTED = 10_000  # operators, tensors or buffers; a network of a hundred layers has some hundred
DAMAGED = "is not a complete LiteRT model"

# Operators that give each number in another form or shape, and change no order.
PASSES_ON = frozenset({"DEQUANTIZE", "EXPAND_DIMS", "QUANTIZE", "RESHAPE", "SQUEEZE"})
ENDINGS = {
    "CONV_2D": "logits",
    "FULLY_CONNECTED": "logits",
    "LOGISTIC": "sigmoid",
    "LOG_SOFTMAX": "logits",  # logits of the same softmax
    "SOFTMAX": "softmax",
}


class OperatorError(ValueError):
    """The file is damaged or computes what is not accepted; the text continues from "it ..."."""


def output_activation(content: bytes) -> str | None:
    """Find what a network's outputs pass through last, from the operators that it consists of.

    Sums are a weaker sign: outputs of a softmax that were rounded to 8 bits add up to 0.99 or
    1.01, and a sigmoid network that is sure of one digit gives what adds up to 1.

    Parameters
    ----------
    content : bytes
        A LiteRT file.

    Returns
    -------
    {"logits", "sigmoid", "softmax"} or None
        None where the outputs come from anything else, or the file is damaged.
    """
    try:
        model = open_model(content)
        names = operator_names(model)
        graph = next(model.tables(2))
        (wanted,) = graph.numbers(2)
        for one in reversed(list(graph.tables(3))):
            if wanted not in one.numbers(2):
                continue
            name = names[one.number(0, "<I")]
            if name not in PASSES_ON:
                return ENDINGS.get(name)
            wanted = next(one.numbers(1))
    except (struct.error, IndexError, StopIteration, ValueError):
        pass
    return None


def work(content: bytes, shapes: Mapping[int, Sequence[int]]) -> int:
    """Estimate how many multiplications a network takes.

    Parameters
    ----------
    content : bytes
        A LiteRT file.
    shapes : mapping of int to sequence of int
        The shapes of its arrays by their numbers, as LiteRT has allocated them.

    Raises
    ------
    OperatorError, struct.error, IndexError, KeyError
        If the file is damaged.
    """
    model = open_model(content)
    names = operator_names(model)
    total = 0
    for one in next(model.tables(2)).tables(3):
        name = names[one.number(0, "<I")]
        given, gives = (
            [shapes[index] for index in one.numbers(field) if index != -1] for field in (1, 2)
        )
        total += SLOW * max(math.prod(shape) for shape in (*given[:1], *gives[:1]))
        if name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):  # with weights for each
            total += math.prod(gives[0]) * max(1, math.prod(given[1]) // max(1, gives[0][-1]))
        elif name == "BATCH_MATMUL":
            total += math.prod(gives[0]) * given[0][-1]
    return total


def open_model(content: bytes) -> FlatTable:
    """Return the table that all others are reached from."""
    return FlatTable(content, _number(content, "<I", 0))


def operator_names(model: FlatTable) -> list[str]:
    """Names of the operators that a model uses, such as ``"CONV_2D"``.

    Files have had a second field for the number since it outgrew the first one's byte. A number
    that the installed LiteRT has no name for is returned as text.
    """
    known = operators_by_number()
    numbers = (max(one.number(0, "<b"), one.number(3, "<i")) for one in model.tables(1))
    return [known.get(number, str(number)) for number in numbers]


def checked(place: int) -> int:
    """Return an offset, refusing a negative one, which Python would count from the end."""
    if place < 0:
        raise OperatorError(DAMAGED)
    return place


def _number(content: bytes, kind: str, place: int) -> int:
    value: int = struct.unpack_from(kind, content, checked(place))[0]
    return value


@dataclass(frozen=True)
class FlatTable:
    """Fields by number, somewhere in the file."""

    content: bytes
    place: int

    def number(self, field: int, kind: str) -> int:
        """Return a number, 0 where it is missing."""
        place = self._find(field)
        return _number(self.content, kind, place) if place else 0

    def length(self, field: int) -> int:
        """How many things a list announces."""
        return self._list(field)[1]

    def numbers(self, field: int) -> Iterator[int]:
        """Numbers of a list."""
        start, count = self._short_list(field)
        return (_number(self.content, "<i", start + 4 * one) for one in range(count))

    def tables(self, field: int) -> Iterator[FlatTable]:
        """Tables that a list leads to."""
        start, count = self._short_list(field)
        offsets = (start + 4 * one for one in range(count))
        return (FlatTable(self.content, one + _number(self.content, "<I", one)) for one in offsets)

    def _find(self, field: int) -> int:
        """Offset of a field, 0 where there is none."""
        fields = self.place - _number(self.content, "<i", self.place)
        entry = 4 + 2 * field
        if entry >= _number(self.content, "<H", fields):
            return 0
        away = _number(self.content, "<H", fields + entry)
        return self.place + away if away else 0

    def _list(self, field: int) -> tuple[int, int]:
        place = self._find(field)
        if not place:
            return 0, 0
        start = place + _number(self.content, "<I", place)
        return start + 4, _number(self.content, "<I", start)

    def _short_list(self, field: int) -> tuple[int, int]:
        start, count = self._list(field)
        if count > MAX_LISTED:
            raise OperatorError("lists more than any network for digits needs")
        return start, count
