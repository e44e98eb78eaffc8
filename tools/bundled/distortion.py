"""Distorts batches of digits as other hands would write them."""

from __future__ import annotations

import math
from typing import Any

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
    moved = _sampled(images, from_x + middle, from_y + middle)
    return _bolder(moved, tf.clip_by_value(amounts[6][..., tf.newaxis] * BOLDNESS, -0.7, 0.9))


def _sampled(images: Any, x: Any, y: Any) -> Any:
    """Sample images between their pixels, bilinearly; the outside is blank."""
    import tensorflow as tf

    side = images.shape[1]
    padded = tf.reshape(tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), (-1, (side + 2) ** 2))
    x = tf.clip_by_value(x + 1, 0.0, side + 0.999)
    y = tf.clip_by_value(y + 1, 0.0, side + 0.999)
    left, top = tf.floor(x), tf.floor(y)
    right_share, low_share = x - left, y - top
    first = tf.cast(top * (side + 2) + left, tf.int32)

    def at(offset: int) -> Any:
        return tf.gather(padded, first + offset, batch_dims=1)

    upper = at(0) * (1 - right_share) + at(1) * right_share
    lower = at(side + 2) * (1 - right_share) + at(side + 3) * right_share
    return (upper * (1 - low_share) + lower * low_share)[..., tf.newaxis]


def _bolder(images: Any, amount: Any) -> Any:
    """Blend images with bolder ones where the amount is above 0, with thinner ones where below."""
    import tensorflow as tf

    bold = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    more, less = tf.nn.relu(amount), tf.nn.relu(-amount)
    return images + more * (bold - images) - less * (images - thin)
