"""What Keras 2 computes in another way than Keras 3: the hard sigmoid.

In Keras 2 it is 0.2·x + 0.5, in Keras 3 x/6 + 0.5, both held between 0 and 1. The first of x is
thus the second of 1.2·x, and the weights that make x take up the factor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist_desktop.foreign.keras_settings import Json, PlanError
from mnist_desktop.networks.plan import Array, InnerLayer

HARD_SIGMOID = "hard_sigmoid"
FACTOR = 1.2
# Which parts of the last axis of a recurrent layer's weights make its gates.
_GATES = {"LSTM": (4, (0, 1, 3)), "GRU": (3, (0, 1))}
_LINEAR = ("Conv1D", "Conv2D", "Dense", "DepthwiseConv2D", "SimpleRNN")

Adapt = Callable[[list[Array]], list[Array]]


def adapt_hard_sigmoid(kind: str, settings: Json, label: str) -> Adapt | None:
    """Return what makes the weights of a layer of Keras 2 fit Keras 3; None if they do.

    Parameters
    ----------
    kind : str
        Name of the class in ``keras.layers``.
    settings : dict
        The layer's settings in the plan.
    label : str
        What the layer is called in errors.

    Raises
    ------
    PlanError
        If the layer has no weights that could take up the factor.
    """
    inner = settings.get("layer")
    if isinstance(inner, InnerLayer):
        return adapt_hard_sigmoid(inner.kind, dict(inner.settings), label)
    is_output = settings.get("activation") == HARD_SIGMOID
    if settings.get("recurrent_activation") == HARD_SIGMOID and not is_output:
        parts, gates = _GATES[kind]
        return lambda arrays: [_scaled(one, parts, gates) for one in arrays]
    if not is_output:
        return None
    if kind not in _LINEAR:
        raise PlanError(
            f"has {label} with the hard sigmoid of Keras 2, which is another in Keras 3"
        )
    return lambda arrays: [one * np.float32(FACTOR) for one in arrays]


def _scaled(array: Array, parts: int, gates: tuple[int, ...]) -> Array:
    factors = [FACTOR if number in gates else 1.0 for number in range(parts)]
    return array * np.repeat(np.array(factors, np.float32), array.shape[-1] // parts)
