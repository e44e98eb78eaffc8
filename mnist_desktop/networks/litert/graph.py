"""A network as LiteRT's operators on tensors, while it is put together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.networks.plan import Shape

NONE = -1  # stands for an input that an operator can do without
Constant: TypeAlias = NDArray[Any]  # of float32 or int32


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor of the graph.

    Attributes
    ----------
    shape : tuple of int
        Of a constant, its shape; otherwise that of the values for one image.
    values : ndarray of float32 or int32, optional
        The numbers of a constant.
    is_flag : bool
        Whether its values are true or false.
    """

    shape: Shape
    values: Constant | None = None
    is_flag: bool = False


@dataclass(frozen=True)
class Operator:
    """An operator applied to tensors.

    Attributes
    ----------
    name : str
        Its name in LiteRT's schema.
    inputs, outputs : tuple of int
        Indices of tensors; `NONE` for an input that is left out.
    options : mapping
        Its settings by their names in the schema; those left out are 0.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Flow:
    """Values: which tensor holds them, and their shape for one image or, of a constant, in all."""

    index: int
    shape: Shape


Numbers: TypeAlias = NDArray[Any] | Sequence[int] | Sequence[Sequence[int]] | float
Operand: TypeAlias = Flow | Numbers | None


@dataclass(frozen=True, eq=False)
class Graph:
    """Operators in the order in which they are computed, and the tensors between them.

    The first tensor is the network's input.

    Attributes
    ----------
    tensors : list of Tensor
        Operators name them by their indices.
    operators : list of Operator
        Each takes constants, the input, or outputs of those before it.
    """

    tensors: list[Tensor] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)

    def flow(self, shape: Shape, *, is_flag: bool = False) -> Flow:
        """Add a tensor for values that are not known yet."""
        self.tensors.append(Tensor(shape, is_flag=is_flag))
        return Flow(len(self.tensors) - 1, shape)

    def constant(self, values: Constant) -> Flow:
        """Add a constant."""
        self.tensors.append(Tensor(values.shape, values))
        return Flow(len(self.tensors) - 1, values.shape)

    def apply(
        self,
        name: str,
        *inputs: Operand,
        shape: Shape | None = None,
        is_flag: bool = False,
        **options: Any,
    ) -> Flow:
        """Apply an operator with one output.

        Parameters
        ----------
        name : str
            Its name in LiteRT's schema.
        *inputs : Flow, ndarray, sequence of int, float or None
            Arrays and numbers become float32 constants, unless they consist of integers; None is
            an input that is left out.
        shape : tuple of int, optional
            Shape of the output for one image; that of the first flow if it is left out.
        is_flag : bool
            Whether the output consists of true and false.
        **options
            The operator's settings, by their names in the schema.
        """
        if shape is None:
            shape = next(one.shape for one in inputs if isinstance(one, Flow))
        output = self.flow(shape, is_flag=is_flag)
        self._add(name, inputs, (output.index,), options)
        return output

    def unpack(self, flow: Flow) -> list[Flow]:
        """Split values along their first axis; the axis disappears."""
        count, *shape = flow.shape
        outputs = [self.flow(tuple(shape)) for _ in range(count)]
        indices = tuple(one.index for one in outputs)
        self._add("UNPACK", (flow,), indices, {"num": count, "axis": 1})
        return outputs

    def reshape(self, flow: Flow, shape: Shape) -> Flow:
        """Give the values of each image another shape."""
        if flow.shape == shape:
            return flow
        return self.apply("RESHAPE", flow, (-1, *shape), shape=shape)

    def _add(
        self,
        name: str,
        inputs: Sequence[Operand],
        outputs: tuple[int, ...],
        options: Mapping[str, Any],
    ) -> None:
        indices = tuple(self._index(one) for one in inputs)
        self.operators.append(Operator(name, indices, outputs, options))

    def _index(self, operand: Operand) -> int:
        if operand is None:
            return NONE
        if isinstance(operand, Flow):
            return operand.index
        values = np.asarray(operand)
        kind = np.int32 if values.dtype.kind == "i" else np.float32
        return self.constant(values.astype(kind, copy=False)).index


def size(flow: Flow) -> int:
    """How many numbers flow for one image."""
    return math.prod(flow.shape)
