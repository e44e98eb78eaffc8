"""A value of an ONNX graph that depends on the image, and an operator that is applied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from mnist_desktop.foreign.keras_settings import PlanError, quoted
from mnist_desktop.foreign.onnx_graph import read_tensor
from mnist_desktop.networks.plan import Shape

if TYPE_CHECKING:
    import onnx

Attributes = Mapping[str, Any]
Adding = Callable[..., tuple[int, Shape]]


@dataclass(frozen=True)
class Flow:
    """A value of the graph that depends on the image.

    Attributes
    ----------
    number : int
        Which layer gives it, 0 for the network's input.
    shape : tuple of int
        Its shape in ONNX for one image.
    held : tuple of int
        Its shape as the layers hold it.
    order : tuple of int, optional
        Of a flattened value whose order differs: the place in ONNX of each number.
    is_turned : bool
        Whether it is an image with its channels first in ONNX and last in the layers.
    steps : tuple of float, optional
        Of a value that was rounded to 8 bits: the step between two numbers, and which one is 0.
    is_positive : bool
        Whether it is known to have no number below 0.
    """

    number: int
    shape: Shape
    held: Shape
    order: tuple[int, ...] = ()
    is_turned: bool = False
    steps: tuple[float, ...] = ()
    is_positive: bool = False


@dataclass(frozen=True)
class Call:
    """An operator that is applied to something that depends on the image."""

    add: Adding
    flows: Mapping[str, Flow]
    constants: Mapping[str, NDArray[Any]]
    kind: str
    names: list[str]
    attributes: Attributes

    @property
    def flow(self) -> Flow:
        """What depends on the image, where only its first input may."""
        if not self.names or self.names[0] not in self.flows:
            raise self.refuse("in an unusual way")
        return self.flows[self.names[0]]

    @property
    def taken(self) -> list[Flow]:
        """All that it takes and that depends on the image."""
        return [self.flows[name] for name in self.names if name in self.flows]

    def constant(self, place: int) -> NDArray[Any] | None:
        """A constant input, None where there is no such input."""
        if place >= len(self.names) or not self.names[place]:
            return None
        if self.names[place] not in self.constants:
            raise self.refuse("with weights that are not in the file")
        return self.constants[self.names[place]]

    def needed(self, place: int) -> NDArray[Any]:
        """A constant input that there must be."""
        found = self.constant(place)
        if found is None:
            raise self.refuse("without its weights")
        return found

    def refuse(self, how: str) -> PlanError:
        """Return the error that says how it is used."""
        return PlanError(f"uses the operator {quoted(self.kind)} {how}")

    def image(self) -> Flow:
        """An image whose channels come first."""
        if not self.flow.is_turned:
            raise self.refuse(f"on {self.flow.shape}, which is not an image with channels first")
        return self.flow

    def unchanged(
        self,
        kind: str,
        settings: Mapping[str, Any] | None = None,
        weights: Sequence[NDArray[Any]] = (),
        flow: Flow | None = None,
    ) -> Flow:
        """Add a layer that changes no shape."""
        flow = flow or self.flow
        number, _ = self.add(kind, settings or {}, [flow], weights)
        return replace(flow, number=number, is_positive=False)

    def on_image(
        self,
        kind: str,
        settings: Mapping[str, Any],
        weights: Sequence[NDArray[Any]] = (),
        flow: Flow | None = None,
    ) -> Flow:
        """Add a layer that makes another image of one."""
        number, held = self.add(kind, settings, [flow or self.image()], weights)
        return Flow(number, (held[2], *held[:2]), held, is_turned=True)


def in_order(call: Call, flow: Flow, array: NDArray[Any]) -> NDArray[Any]:
    """Put what belongs to the places of a flattened value in the order that layers hold it in."""
    if not flow.order:
        return array
    if len(array) != len(flow.order):
        raise call.refuse("with weights of another size than its input has")
    return array[list(flow.order)]


def attributes_of(node: onnx.NodeProto) -> Attributes:
    """Read the settings of an operator; graphs within graphs are refused."""
    from onnx import AttributeProto, helper

    found: dict[str, Any] = {}
    for one in node.attribute:
        if one.type == AttributeProto.TENSOR:
            found[one.name] = read_tensor(one.t)
        elif one.type in (
            AttributeProto.FLOAT, AttributeProto.INT, AttributeProto.STRING,
            AttributeProto.FLOATS, AttributeProto.INTS,
        ):  # fmt: skip
            value = helper.get_attribute_value(one)
            found[one.name] = value.decode(errors="replace") if one.type == one.STRING else value
        else:
            raise PlanError(f"uses the operator {quoted(node.op_type)} with a graph of its own")
    return found
