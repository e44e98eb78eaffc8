"""What a network may cost to build and to read with, whoever has made it."""

from __future__ import annotations

import math

from mnist_desktop.networks.layers import LayerShape

MAX_LAYERS = 200
MAX_TEXT = 20_000  # characters that describe layers; two hundred of them have some thousand
MAX_PARAMETERS = 10_000_000
MAX_VALUES = 512_000  # numbers in a layer's output for one image
MAX_ALL_VALUES = 6_000_000  # the same for all layers together, which may be in memory at once
MAX_GATHERED = 4_000_000  # numbers that a convolution gathers for one image
MAX_WORK = 1_000_000_000  # multiplications for one image
MAX_UNROLLED = 128  # steps of layers that are built one by one; each takes some tenths of a second
SLOW = 10  # handling one number takes as long as this many multiplications in a matrix product


class Spending:
    """Adds up what the layers of a network cost, and says when it is too much."""

    def __init__(self) -> None:
        self._layers = self._parameters = self._values = self._work = self._unrolled = 0

    def add(self, found: LayerShape, label: str) -> str:
        """Count one more layer.

        Parameters
        ----------
        found : LayerShape
            What it gives and costs.
        label : str
            What it is called in the answer, such as ``"a layer 'Dense'"``.

        Returns
        -------
        str
            What the network has too much of, as a sentence's end after "the network"; empty if
            nothing.
        """
        self._layers += 1
        if self._layers > MAX_LAYERS:
            return f"has more than {MAX_LAYERS} layers"
        self._parameters += sum(math.prod(shape) for shape in found.weights)
        if self._parameters > MAX_PARAMETERS:
            return f"has more than the {MAX_PARAMETERS:,} parameters that are accepted"
        self._unrolled += found.unrolled
        if self._unrolled > MAX_UNROLLED:
            return f"has more than the {MAX_UNROLLED} steps, one after the other, that are accepted"
        values = max(math.prod(found.output), found.inside)
        self._values += values
        self._work += found.cost + SLOW * (values + found.steps)
        gathered = math.prod(found.output[:-1]) * found.patch
        too_many = values > MAX_VALUES or gathered > MAX_GATHERED
        if too_many or self._values > MAX_ALL_VALUES or self._work > MAX_WORK:
            return f"computes more in {label} than any network for digits needs"
        return ""
