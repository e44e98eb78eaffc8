"""Refuses a foreign network that would cost too much, as it is planned."""

from __future__ import annotations

from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.networks.layers import LayerShape
from mnist_desktop.networks.limits import Spending


class Budget:
    """Adds up what the layers of a network cost, and refuses the one that is too much."""

    def __init__(self) -> None:
        self._spending = Spending()

    def spend(self, found: LayerShape, label: str) -> None:
        """Count one more layer.

        Parameters
        ----------
        found : LayerShape
            What it gives and costs.
        label : str
            What it is called in errors, such as ``"a layer 'Dense'"``.

        Raises
        ------
        PlanError
            If the network would take too much memory or time, or the layer gives nothing.
        """
        if not 1 <= len(found.output) <= 4 or min(found.output) < 1:
            raise PlanError(f"has {label} whose output is empty")
        too_much = self._spending.add(found, label)
        if too_much:
            raise PlanError(too_much)
