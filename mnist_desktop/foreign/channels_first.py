"""Keras layers whose images have their channels first, planned with the channels last.

Such a layer becomes a network of three: the axes are turned, the layer does the same with its
channels last, and the axes are turned back.
"""

from __future__ import annotations

from mnist_desktop.foreign.keras_settings import Json
from mnist_desktop.networks.plan import Shape

FIRST = "channels_first"
# Kinds that say by an axis where their channels are.
_BY_AXIS = ("BatchNormalization", "GroupNormalization", "LayerNormalization")


def with_channels_last(kind: str, config: Json, shape: Shape) -> Json | None:
    """Return the settings of a layer as they would be with channels last; None if they are that.

    Parameters
    ----------
    kind : str
        The layer's class.
    config : dict
        Its settings as the file has them.
    shape : tuple of int
        The shape of its input, channels first.
    """
    if len(shape) < 2:
        return None
    if config.get("data_format") == FIRST:
        return {**config, "data_format": "channels_last"}
    if kind in _BY_AXIS and config.get("axis") in (1, [1]):
        return {**config, "axis": -1}
    return None


def to_last(rank: int) -> tuple[int, ...]:
    """Order of the axes that puts the first one last, counted from 1."""
    return (*range(2, rank + 1), 1)


def to_first(rank: int) -> tuple[int, ...]:
    """Order of the axes that puts the last one first, counted from 1."""
    return (rank, *range(1, rank))
