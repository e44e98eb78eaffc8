"""GELU as exporters write it out, x · (1 + erf(x / √2)) / 2, is made one operator of a graph.

No layer computes erf by itself, and no operator of ONNX before version 20 is GELU.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.foreign.onnx_graph import DAMAGED, read_tensor

if TYPE_CHECKING:
    import onnx

CLOSE = 1e-3  # to the numbers of the formula, which exporters round


def with_gelu(
    nodes: Sequence[onnx.NodeProto], constants: Mapping[str, NDArray[Any]]
) -> list[onnx.NodeProto]:
    """Replace what computes GELU step by step with one operator ``Gelu``.

    Parameters
    ----------
    nodes : sequence of NodeProto
        All operators of a graph, in order.
    constants : mapping of str to ndarray
        Its weights by name.

    Returns
    -------
    list of NodeProto
        The same operators, without those that an operator ``Gelu`` now stands for.

    Raises
    ------
    PlanError
        If the names of values are damaged.
    """
    if not any(one.op_type == "Erf" for one in nodes):
        return list(nodes)
    from onnx import helper

    graph = _Graph(nodes, constants)
    gone: set[str] = set()
    made: dict[str, onnx.NodeProto] = {}
    for one in nodes:
        found = graph.gelu(one) if one.op_type == "Erf" else None
        if found is not None:
            given, gives, inside = found
            gone |= inside
            try:
                made[gives] = helper.make_node("Gelu", [given], [gives])
            except ValueError as error:  # names that are not text
                raise PlanError(DAMAGED) from error
    return [
        made.get(one.output[0], one) if one.output else one
        for one in nodes
        if not one.output or one.output[0] in made or one.output[0] not in gone
    ]


@dataclass(frozen=True)
class _Graph:
    nodes: Sequence[onnx.NodeProto]
    constants: Mapping[str, NDArray[Any]]

    def gelu(self, erf: onnx.NodeProto) -> tuple[str, str, set[str]] | None:
        """What a GELU around this operator takes and gives, and what is computed within it."""
        if len(erf.input) != 1 or len(erf.output) != 1:
            return None
        scaled = self._makers.get(erf.input[0])
        given = None if scaled is None else self._times(scaled, math.sqrt(0.5))
        sum_ = self._only_user(erf.output[0])
        if given is None or sum_ is None or not self._adds_one(sum_):
            return None
        inside = {erf.output[0], sum_.output[0]}
        if self._only_user(erf.input[0]):
            inside.add(erf.input[0])
        last, has_half, has_given = sum_, False, False
        while not (has_half and has_given):
            product = self._only_user(last.output[0])
            if product is None or product.op_type != "Mul" or len(product.input) != 2:
                return None
            (other,) = [one for one in product.input if one != last.output[0]] or [""]
            maker = self._makers.get(other)
            if other == given and not has_given:
                has_given = True
            elif self._is(other, 0.5) and not has_half:
                has_half = True
            elif maker and self._times(maker, 0.5) == given and not (has_given or has_half):
                has_given = has_half = True
                if self._only_user(other):
                    inside.add(other)
            else:
                return None
            last = product
            inside.add(last.output[0])
        return given, last.output[0], inside

    @cached_property
    def _users(self) -> Mapping[str, Sequence[onnx.NodeProto]]:
        """Which operators take a value, one of them as often as it does."""
        found: dict[str, list[onnx.NodeProto]] = {}
        for one in self.nodes:
            for name in one.input:
                found.setdefault(name, []).append(one)
        return found

    @cached_property
    def _makers(self) -> Mapping[str, onnx.NodeProto]:
        """Which operator gives a value."""
        return {name: one for one in self.nodes for name in one.output}

    def _only_user(self, name: str) -> onnx.NodeProto | None:
        users = self._users.get(name, ())
        return users[0] if len(users) == 1 and users[0].output else None

    def _number(self, name: str) -> float:
        """The one number that a constant is; not a number if it is none."""
        found = self.constants.get(name)
        maker = self._makers.get(name)
        if maker is not None and maker.op_type == "Constant":
            for one in maker.attribute:
                found = read_tensor(one.t) if one.name == "value" else np.asarray(one.f)
        return float(found.item()) if found is not None and found.size == 1 else math.nan

    def _is(self, name: str, number: float) -> bool:
        return abs(self._number(name) - number) < CLOSE

    def _times(self, node: onnx.NodeProto, factor: float) -> str | None:
        """What an operator multiplies by a number, however it is written."""
        if len(node.input) != 2 or node.op_type not in ("Mul", "Div"):
            return None
        first, second = node.input
        if self._is(second, factor if node.op_type == "Mul" else 1 / factor):
            return str(first)
        return str(second) if node.op_type == "Mul" and self._is(first, factor) else None

    def _adds_one(self, node: onnx.NodeProto) -> bool:
        is_sum = node.op_type == "Add" and len(node.input) == 2
        return is_sum and any(self._is(one, 1.0) for one in node.input)
