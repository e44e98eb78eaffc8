"""What a network consists of: a plan, known and checked before Keras is there.

Networks to train, files from anybody and what is exported are all plans. A Keras file names classes
and functions that Keras imports and calls. A plan names none: it has layers of a short list, with
settings and shapes that were checked. What a layer makes of its input is told by
`mnist_desktop.networks.layers`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class ActivationPlan:
    """An activation that is a layer of its own, such as a leaky ReLU with its slope."""

    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class LayerPlan:
    """One layer of a network.

    Attributes
    ----------
    kind : str
        Name of the class in ``keras.layers``; empty where `body` is the layer.
    name : str
        What it is called.
    settings : mapping
        What the class is made with: numbers, words, tuples of numbers, an `ActivationPlan`.
    weights : tuple of tuple of int
        Shapes of its weights, in Keras's order.
    inputs : tuple of int
        What it takes: 0 is the network's input, n the output of the n-th layer.
    output_shape : tuple of int
        Shape of what it gives for one image.
    trainable : bool
        Whether it learns, should the network be taught further.
    body : NetworkPlan, optional
        The network that is this layer.
    cost : int
        Multiply-adds for one image; 0 where `body` is the layer, which tells its own.
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    weights: tuple[Shape, ...]
    inputs: tuple[int, ...]
    output_shape: Shape
    trainable: bool = True
    body: NetworkPlan | None = None
    cost: int = 0


@dataclass(frozen=True)
class NetworkPlan:
    """A network, from its input to its output.

    Attributes
    ----------
    name : str
        What it is called.
    input_shape : tuple of int
        Shape of one image as it takes it.
    layers : tuple of LayerPlan
        In an order in which each comes after what it takes; at least one.
    output : int
        What it gives, numbered like a layer's inputs.
    input_name : str
        What its input is called; empty to leave that to Keras.
    """

    name: str
    input_shape: Shape
    layers: tuple[LayerPlan, ...]
    output: int = field(default=-1)
    input_name: str = ""

    @property
    def output_shape(self) -> Shape:
        """Shape of what it gives for one image."""
        return self.layers[self.output - 1].output_shape

    @property
    def output_shapes(self) -> tuple[Shape, ...]:
        """Shape of what each layer gives for one image, in the plan's order."""
        return tuple(one.output_shape for one in self.layers)

    @property
    def parameters(self) -> int:
        """How many weights it has, also those that are counted and not learnt."""
        return sum(math.prod(shape) for one in self.all_layers for shape in one.weights)

    @property
    def cost(self) -> int:
        """Multiply-adds for one image."""
        return sum(one.cost for one in self.all_layers)

    @property
    def values(self) -> int:
        """How many numbers its layers give for one image, all together."""
        return sum(math.prod(one.output_shape) for one in self.all_layers)

    @property
    def is_convolutional(self) -> bool:
        """Whether it has convolution layers."""
        return any(one.kind.endswith("Conv2D") for one in self.all_layers)

    @property
    def all_layers(self) -> tuple[LayerPlan, ...]:
        """Its layers, with those of a network in the place of the layer that it is."""
        found: list[LayerPlan] = []
        for one in self.layers:
            found += [one] if one.body is None else one.body.all_layers
        return tuple(found)

    @property
    def is_sequence(self) -> bool:
        """Whether each layer takes what the one before gives."""
        chain = all(one.inputs == (place,) for place, one in enumerate(self.layers))
        return chain and self.output == len(self.layers)
