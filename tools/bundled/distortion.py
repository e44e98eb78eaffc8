"""Distorts batches of digits as other hands would write them."""

from __future__ import annotations

import math
from typing import Any

from mnist_desktop.training.augmented_batch import make_bolder, sample_between

# Standard deviations of the changes that `distort_batch` makes.
SHEAR = 0.12
STRETCH = 0.08  # of the logarithm of width and height, independently
TURN = math.radians(6)
SHIFT = 0.8  # pixels
BEND = 0.9  # pixels, at each of 5×5 points; interpolated smoothly between them
BEND_PLACES = 5
BOLDNESS = 0.35  # fraction of the way to an image whose strokes are two pixels wider or thinner


def distort_batch(images: Any, seed: Any, amount: float = 1.0) -> Any:
    """Bend, slant, stretch and thicken each image of a batch by its own random amount.

    Affine and elastic distortion [1]_ in one resampling, then lighter or bolder strokes.

    Parameters
    ----------
    images : tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].
    seed : tensor of int32, shape (2,)
        The same seed gives the same changes.
    amount : float
        1 is how much people differ; 0 changes nothing.

    Returns
    -------
    tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1]; gaps at the edges are blank.

    References
    ----------
    .. [1] P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks
       applied to visual document analysis", ICDAR 2003.
    """
    import tensorflow as tf

    count, side = tf.shape(images)[0], images.shape[1]
    amounts = tf.random.stateless_normal((7, count, 1, 1), seed) * amount
    turn, shear = amounts[0] * TURN, amounts[1] * SHEAR
    width, height = tf.exp(amounts[2] * STRETCH), tf.exp(amounts[3] * STRETCH)
    bends = tf.random.stateless_normal((count, BEND_PLACES, BEND_PLACES, 2), seed + 1)
    bends = tf.image.resize(bends * BEND * amount, (side, side), method="bicubic")
    x = tf.range(side, dtype=tf.float32)[tf.newaxis, tf.newaxis, :] - (side - 1) / 2
    y = tf.range(side, dtype=tf.float32)[tf.newaxis, :, tf.newaxis] - (side - 1) / 2
    slanted = width * (x + shear * y)
    from_x = tf.cos(turn) * slanted - tf.sin(turn) * height * y + amounts[4] * SHIFT + bends[..., 0]
    from_y = tf.sin(turn) * slanted + tf.cos(turn) * height * y + amounts[5] * SHIFT + bends[..., 1]
    middle = (side - 1) / 2
    moved = sample_between(images, from_x + middle, from_y + middle)
    return make_bolder(moved, tf.clip_by_value(amounts[6][..., tf.newaxis] * BOLDNESS, -0.7, 0.9))
