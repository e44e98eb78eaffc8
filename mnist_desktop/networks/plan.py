"""Networks built by this program from a checked plan and numbers, and from nothing else.

A Keras file names classes and functions that Keras imports and calls. A plan names none: it has
layers of a short list, with settings and shapes that were checked before Keras was there.
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
    """

    kind: str
    name: str
    settings: Mapping[str, Any]
    weights: tuple[Shape, ...]
    inputs: tuple[int, ...]
    output_shape: Shape
    trainable: bool = True
    body: NetworkPlan | None = None


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
    """

    name: str
    input_shape: Shape
    layers: tuple[LayerPlan, ...]
    output: int = field(default=-1)

    @property
    def output_shape(self) -> Shape:
        """Shape of what it gives for one image."""
        return self.layers[self.output - 1].output_shape

    @property
    def values(self) -> int:
        """How many numbers its layers give for one image, all together."""
        return sum(
            math.prod(one.output_shape) if one.body is None else one.body.values
            for one in self.layers
        )

    @property
    def is_sequence(self) -> bool:
        """Whether each layer takes what the one before gives."""
        chain = all(one.inputs == (place,) for place, one in enumerate(self.layers))
        return chain and self.output == len(self.layers)
