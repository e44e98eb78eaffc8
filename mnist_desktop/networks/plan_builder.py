"""Puts plans together, layer by layer, as the catalogue says what each makes of its input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.layers import ON_IMAGES, LayerShape, layer_shape
from mnist_desktop.networks.plan import LayerPlan, NetworkPlan, Shape


@dataclass(frozen=True)
class Layer:
    """A requested layer, whose input is not known yet.

    Attributes
    ----------
    kind : str
        Name of the class in ``keras.layers``.
    settings : mapping
        Arguments of the class; those left out have Keras's defaults.
    name : str
        Its name; empty to have it named and numbered by kind, as Keras does.
    """

    kind: str
    settings: Mapping[str, Any]
    name: str = ""


def plan_sequence(
    name: str, input_shape: Shape, layers: Iterable[Layer], *, input_name: str = ""
) -> NetworkPlan:
    """Plan a network in which each layer takes the output of the one before.

    Parameters
    ----------
    name : str
        The network's name.
    input_shape : tuple of int
        Shape of one image as the network takes it.
    layers : iterable of Layer
        At least one, in order.
    input_name : str
        The name of its input; empty to let Keras choose.

    Returns
    -------
    NetworkPlan

    Raises
    ------
    InvalidSettingError
        If a layer cannot be applied to the output of the one before.
    """
    builder = PlanBuilder(input_shape)
    for one in layers:
        builder.add(one)
    return builder.plan(name, input_name)


class PlanBuilder:
    """Puts a plan together, layer by layer.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of one image as the network takes it.

    Attributes
    ----------
    layers : list of LayerPlan
        The layers so far.
    found : list of LayerShape
        What each of them gives and costs.
    """

    def __init__(self, input_shape: Shape) -> None:
        self._input_shape = input_shape
        self.found: list[LayerShape] = []
        self.layers: list[LayerPlan] = []
        self._seen: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many layers there are: the number by which others take the last one's output."""
        return len(self.layers)

    def shape_of(self, number: int) -> Shape:
        """Return the shape of a layer's output, or of the network's input for 0."""
        return self.layers[number - 1].output_shape if number else self._input_shape

    def add(self, one: Layer, *inputs: int) -> int:
        """Add a layer; return its number.

        Parameters
        ----------
        one : Layer
            The layer.
        *inputs : int
            Which outputs it takes: 0 is the network's input, n the n-th layer's output. If left
            out, that of the layer before.

        Raises
        ------
        InvalidSettingError
            If it cannot be applied to what it would be given.
        """
        taken = inputs or (self.count,)
        shapes = [self.shape_of(index) for index in taken]
        if one.kind in ON_IMAGES and len(shapes[0]) != 3:
            raise InvalidSettingError(
                f"{one.kind} needs images, and is given the shape {shapes[0]}."
            )
        found = layer_shape(one.kind, one.settings, shapes)
        if min(found.output) < 1:
            raise InvalidSettingError(f"{one.kind} leaves nothing of the shape {shapes[0]}.")
        called = one.name or numbered_name(one.kind, self._seen)
        self.found.append(found)
        self.layers.append(
            LayerPlan(
                one.kind, called, one.settings, found.weights, taken, found.output, cost=found.cost
            )
        )
        return self.count

    def plan(self, name: str, input_name: str = "") -> NetworkPlan:
        """Return the plan, whose output is that of the last layer."""
        plans = tuple(self.layers)
        return NetworkPlan(name, self._input_shape, plans, len(plans), input_name)


def numbered_name(kind: str, seen: dict[str, int]) -> str:
    """Name a layer as Keras does: ``max_pooling2d``, then ``max_pooling2d_1`` and so on.

    Parameters
    ----------
    kind : str
        Name of its class.
    seen : dict of str to int
        How many have been named so far, by kind; this one is added.
    """
    snake = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
    number = seen.get(snake, 0)
    seen[snake] = number + 1
    return f"{snake}_{number}" if number else snake
