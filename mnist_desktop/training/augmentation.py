"""Augmentation: digits changed slightly in each epoch, to reduce overfitting."""

from __future__ import annotations

import math
from typing import Any

MAX_SHIFT = 2.0  # pixels
MAX_TURN = math.radians(8)
MAX_SCALE = 0.08  # fraction of the size


def augment_batch(images: Any, seed: Any) -> Any:
    """Shift, turn and scale each image of a batch by its own random amount.

    Parameters
    ----------
    images : tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].
    seed : tensor of int32, shape (2,)
        The same seed gives the same changes.

    Returns
    -------
    tensor of float32, shape (n, 28, 28, 1)
        Up to 2 pixels, 8 degrees and 8% away from the original; gaps at the edges are blank.
    """
    import tensorflow as tf

    count = tf.shape(images)[0]
    amounts = tf.random.stateless_uniform((4, count), seed, -1.0, 1.0)
    turn, scale = amounts[0] * MAX_TURN, 1.0 + amounts[1] * MAX_SCALE
    shift_x, shift_y = amounts[2] * MAX_SHIFT, amounts[3] * MAX_SHIFT
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    middle = (28 - 1) / 2
    # Output pixel (x, y) is read from the input at (a0 x + a1 y + a2, b0 x + b1 y + b2).
    offset_x = middle - cos * middle + sin * middle + shift_x
    offset_y = middle - sin * middle - cos * middle + shift_y
    zero = tf.zeros_like(cos)
    transforms = tf.stack([cos, -sin, offset_x, sin, cos, offset_y, zero, zero], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.constant([28, 28]),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
