"""The plan of a network: its layers, settings and shapes, checked before Keras is loaded.

Networks to train, foreign networks and exported networks are all plans. A Keras file names classes
and functions that Keras imports and calls. A plan names none: its layers come from a short list,
and their settings and shapes have been checked. `mnist_desktop.networks.layers` says what a layer
makes of its input.
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
class InnerLayer:
    """A layer within a layer: an activation with settings of its own, such as a leaky ReLU.

    For ``Bidirectional``, it is the layer that is applied in both directions; for
    ``TimeDistributed``, the one that is applied to each part of the input.
    """

    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class LayerPlan:
    """One layer of a network.

    Attributes
    ----------
    kind : str
        Name of the class in ``keras.layers``, or ``FakeQuantization``; empty where `body` is the
        layer.
    name : str
        The layer's name.
    settings : mapping
        Arguments of the class: numbers, strings, tuples of numbers, an `InnerLayer`.
    weights : tuple of tuple of int
        Shapes of its weights, in Keras's order.
    inputs : tuple of int
        Its inputs: 0 is the network's input, n the output of the n-th layer.
    output_shape : tuple of int
        Shape of its output for one image.
    trainable : bool
        Whether its weights change if the network is trained further.
    body : NetworkPlan, optional
        The network that serves as this layer.
    cost : int
        Multiplications for one image; 0 where `body` is the layer, since it has its own.
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

    @property
    def parameters(self) -> int:
        """How many weights it has; none of its own where `body` is the layer."""
        return sum(map(math.prod, self.weights))


@dataclass(frozen=True)
class NetworkPlan:
    """A network, from its input to its output.

    Attributes
    ----------
    name : str
        The network's name.
    input_shape : tuple of int
        Shape of one image as the network takes it.
    layers : tuple of LayerPlan
        At least one; each comes after the layers that it takes its inputs from.
    output : int
        Which layer gives the network's output, numbered like a layer's inputs.
    input_name : str
        The name of its input; empty to let Keras choose.
    """

    name: str
    input_shape: Shape
    layers: tuple[LayerPlan, ...]
    output: int = field(default=-1)
    input_name: str = ""

    @property
    def output_shape(self) -> Shape:
        """Shape of the network's output for one image."""
        return self.layers[self.output - 1].output_shape

    @property
    def parameters(self) -> int:
        """How many weights it has, including running statistics, which are not trained."""
        return sum(one.parameters for one in self.all_layers)

    @property
    def cost(self) -> int:
        """Multiplications for one image."""
        return sum(one.cost for one in self.all_layers)

    @property
    def values(self) -> int:
        """How many numbers the outputs of all its layers have for one image."""
        return sum(math.prod(one.output_shape) for one in self.all_layers)

    @property
    def is_convolutional(self) -> bool:
        """Whether it has convolution layers."""
        return any(one.kind.endswith("Conv2D") for one in self.all_layers)

    @property
    def all_layers(self) -> tuple[LayerPlan, ...]:
        """Its layers; a network that serves as a layer is replaced by its own layers."""
        found: list[LayerPlan] = []
        for one in self.layers:
            found += [one] if one.body is None else one.body.all_layers
        return tuple(found)

    @property
    def is_sequence(self) -> bool:
        """Whether each layer takes the output of the one before."""
        chain = all(one.inputs == (index,) for index, one in enumerate(self.layers))
        return chain and self.output == len(self.layers)
