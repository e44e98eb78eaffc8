"""Layers that prepare images: those that act only in training, sizes, and known means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_desktop.foreign.keras_settings import Json, LayerSettings, PlanError
from mnist_desktop.networks.layers import MAX_SIDE
from mnist_desktop.networks.plan import Array, Shape

# Keras divides by the standard deviation, but never by less than 1e-7; the root of this is that.
SMALLEST_VARIANCE = 1e-14
LARGEST = 1e30  # of a mean or variance; float32 has room for its square root and more


@dataclass(frozen=True)
class Stored:
    """How files store the weights of a layer, where the plan has them in another form.

    Attributes
    ----------
    shapes : tuple of tuple of int
        Shapes of the arrays to be read.
    skipped : int
        How many arrays follow that are not needed.
    adapt : callable
        Makes the plan's weights of the arrays.
    """

    shapes: tuple[Shape, ...]
    skipped: int
    adapt: Callable[[list[Array]], list[Array]]


def center_crop(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``CenterCrop``, and return those of ``Cropping2D``."""
    sizes = _size(settings, shape)
    settings.channels_last()
    if sizes[0] > shape[0] or sizes[1] > shape[1]:  # then Keras resizes
        raise settings.refuse("height and width", list(sizes))
    starts = [(side - size) // 2 for side, size in zip(shape, sizes, strict=False)]
    return {
        "cropping": tuple(
            (start, side - size - start)
            for start, side, size in zip(starts, shape, sizes, strict=False)
        )
    }


def random_crop(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``RandomCrop``, which only crops in training if the size stays."""
    sizes = _size(settings, shape)
    settings.drop()
    if sizes != shape[:2]:
        raise settings.refuse("height and width", list(sizes))
    return {}


def resizing(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``Resizing``."""
    sizes = _size(settings, shape)
    made = {
        "height": sizes[0],
        "width": sizes[1],
        "interpolation": settings.one_of("interpolation", ("bilinear", "nearest"), "bilinear"),
    }
    settings.one_of("crop_to_aspect_ratio", (False,), False)
    settings.one_of("pad_to_aspect_ratio", (False,), False)
    settings.one_of("antialias", (False,), False)
    settings.take("fill_mode")
    settings.take("fill_value")
    settings.channels_last()
    return made


def _size(settings: LayerSettings, shape: Shape) -> tuple[int, int]:
    settings.check_image(shape)
    return settings.whole("height", 1, MAX_SIDE), settings.whole("width", 1, MAX_SIDE)


def normalization(settings: LayerSettings, shape: Shape) -> Json:
    """Take the settings of ``Normalization``, and return those of a batch normalization."""
    axis = settings.take("axis", -1)
    axes = axis if isinstance(axis, list) else [] if axis is None else [axis]
    if any(type(one) is not int or one not in (-1, len(shape)) for one in axes):
        raise settings.refuse("axis", axis)
    settings.one_of("invert", (False,), False)
    mean, variance = settings.take("mean"), settings.take("variance")
    if (mean is None) != (variance is None):
        raise settings.refuse("variance", variance)
    if mean is not None:
        _known(mean, shape, settings)
        if _known(variance, shape, settings).min() < 0:
            raise settings.refuse("variance", variance)
    return {"epsilon": SMALLEST_VARIANCE, "center": False, "scale": False}


def stored_normalization(config: Json, shape: Shape) -> Stored:
    """Return how files store the means and variances of ``Normalization``.

    Parameters
    ----------
    config : dict
        Its settings, which `normalization` has accepted.
    shape : tuple of int
        Shape of its input.
    """
    channels = shape[-1:]
    if config.get("mean") is not None:
        settings = LayerSettings(config, "")
        known = [_known(config[name], shape, settings) for name in ("mean", "variance")]
        return Stored((), 0, lambda _arrays: known)
    inner: Shape = () if config.get("axis", -1) in (None, []) else channels
    return Stored(
        (inner, inner),
        1,  # how many images the means were taken from
        lambda arrays: [np.broadcast_to(one, channels).copy() for one in arrays],
    )


def _known(value: object, shape: Shape, settings: LayerSettings) -> Array:
    """Return means or variances that a description gives, one for each channel."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    numbers: list[Any] = value if isinstance(value, list) else [value] * shape[-1]
    are_numbers = all(type(one) in (int, float) and abs(one) < LARGEST for one in numbers)
    if len(numbers) != shape[-1] or not are_numbers:
        raise PlanError(f"has {settings.layer} whose mean or variance is not given in numbers")
    return np.array(numbers, np.float32)
