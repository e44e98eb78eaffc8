"""Changes batches of digits as an `Augmentation` says, with TensorFlow.

Only what is switched on becomes part of the compiled graph.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.training.augmentation import Augmentation

MIDDLE = (SIDE - 1) / 2
# Points along each side of an image that elastic distortion displaces independently.
BEND_POINTS = 5
RESAMPLED = ("shift", "rotate", "scale", "shear", "elastic")  # what is done in one resampling
# Shift, rotation and scale are drawn from the batch's own seed, the others from seeds made of it.
SHEAR, ELASTIC, STROKE, NOISE, ERASE = range(5)


def augment_batch(images: Any, seed: Any, augmentation: Augmentation, *, xla: bool = False) -> Any:
    """Change each image of a batch by its own random amounts.

    Parameters
    ----------
    images : tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].
    seed : tensor of int32, shape (2,)
        The same seed gives the same changes.
    augmentation : Augmentation
        How far the changes go at most.
    xla : bool
        Whether it becomes part of what XLA compiles; digits are then the same but for rounding.

    Returns
    -------
    tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1]; gaps at the edges are blank.
    """
    if any(getattr(augmentation, name) for name in RESAMPLED):
        images = _resampled(images, seed, augmentation, xla=xla)
    if augmentation.stroke:
        limits = (-augmentation.stroke, augmentation.stroke)
        images = make_bolder(images, _uniform(images, seed, STROKE, limits))
    if augmentation.noise:
        images = _noisy(images, seed, augmentation.noise)
    if augmentation.erase:
        images = _erased(images, seed, augmentation.erase)
    return images


def _uniform(images: Any, seed: Any, number: int, limits: tuple[float, float]) -> Any:
    """Draw a number for each image, shape (n, 1, 1, 1), from a seed of this change's own."""
    import tensorflow as tf

    shape, alg = (tf.shape(images)[0], 1, 1, 1), tf.random.Algorithm.PHILOX
    return tf.random.stateless_uniform(shape, _folded(seed, number), *limits, alg=alg)


def _folded(seed: Any, number: int) -> Any:
    import tensorflow as tf

    return tf.random.experimental.stateless_fold_in(seed, number)


def _affine_maps(images: Any, seed: Any, augmentation: Augmentation) -> tuple[Any, ...]:
    """Draw where each image is read from.

    Returns
    -------
    tuple of six tensors of float32, shape (n,)
        The output's pixel (x, y) is read from the input at (a0 x + a1 y + a2, b0 x + b1 y + b2).
    """
    import tensorflow as tf

    count = tf.shape(images)[0]
    amounts = tf.random.stateless_uniform((4, count), seed, -1.0, 1.0)
    turn = amounts[0] * math.radians(augmentation.rotate)
    scale = 1.0 + amounts[1] * augmentation.scale
    shift_x, shift_y = amounts[2] * augmentation.shift, amounts[3] * augmentation.shift
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    left, down = sin, cos  # by how much x falls and y rises from row to row
    if augmentation.shear:
        slant = tf.random.stateless_uniform((count,), _folded(seed, SHEAR), -1.0, 1.0)
        slant = tf.tan(slant * math.radians(augmentation.shear))
        left, down = sin - cos * slant, cos + sin * slant
    offset_x = MIDDLE - cos * MIDDLE + left * MIDDLE + shift_x
    offset_y = MIDDLE - sin * MIDDLE - down * MIDDLE + shift_y
    return cos, -left, offset_x, sin, down, offset_y


def _resampled(images: Any, seed: Any, augmentation: Augmentation, *, xla: bool) -> Any:
    """Shift, rotate, scale, shear and bend images in one resampling.

    TensorFlow's own operation is faster than reading pixels one by one, but bends nothing, and XLA
    does not have it.
    """
    import tensorflow as tf

    maps = _affine_maps(images, seed, augmentation)
    if not (augmentation.elastic or xla):
        zero = tf.zeros_like(maps[0])
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=tf.stack([*maps, zero, zero], axis=1),
            output_shape=tf.constant([SIDE, SIDE]),
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="CONSTANT",
        )
    a0, a1, a2, b0, b1, b2 = (one[:, tf.newaxis, tf.newaxis] for one in maps)
    x = tf.range(SIDE, dtype=tf.float32)[tf.newaxis, tf.newaxis, :]
    y = tf.range(SIDE, dtype=tf.float32)[tf.newaxis, :, tf.newaxis]
    from_x, from_y = a0 * x + a1 * y + a2, b0 * x + b1 * y + b2
    if augmentation.elastic:
        bends = _bends(images, seed, augmentation.elastic)
        from_x, from_y = from_x + bends[0], from_y + bends[1]
    return sample_between(images, from_x, from_y)


def _bends(images: Any, seed: Any, most: float) -> Any:
    """Draw by how much each pixel is displaced along x and y, shape (2, n, 28, 28).

    Elastic distortion [1]_ displaces each pixel by a random field that is smooth: here it is
    random at 5×5 points only, and interpolated between them.

    References
    ----------
    .. [1] P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks
       applied to visual document analysis", ICDAR 2003.
    """
    import tensorflow as tf

    shape = (2, tf.shape(images)[0], BEND_POINTS, BEND_POINTS)
    at_points = tf.random.stateless_uniform(shape, _folded(seed, ELASTIC), -most, most)
    weights = tf.constant(_point_weights())
    return tf.matmul(tf.matmul(weights, at_points), weights, transpose_b=True)


def _point_weights() -> NDArray[np.float32]:
    """Weights (28, 5) of the points in each row of pixels: smooth, positive, with a sum of 1."""
    along = np.arange(SIDE) / (SIDE - 1) * (BEND_POINTS - 1)
    near = np.clip(1 - np.abs(along[:, None] - np.arange(BEND_POINTS)), 0, 1)
    weights: NDArray[np.float32] = (near**2 * (3 - 2 * near)).astype(np.float32)
    return weights


def sample_between(images: Any, x: Any, y: Any) -> Any:
    """Read images between their pixels, bilinearly; the outside is blank.

    Parameters
    ----------
    images : tensor of float32, shape (n, 28, 28, 1)
        Pixels.
    x, y : tensor of float32, shape (n, 28, 28)
        Where each pixel of the result is read from.

    Returns
    -------
    tensor of float32, shape (n, 28, 28, 1)
    """
    import tensorflow as tf

    padded = tf.reshape(tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]), (-1, (SIDE + 2) ** 2))
    x = tf.clip_by_value(x + 1, 0.0, SIDE + 0.999)
    y = tf.clip_by_value(y + 1, 0.0, SIDE + 0.999)
    left, top = tf.floor(x), tf.floor(y)
    right_share, low_share = x - left, y - top
    first = tf.cast(top * (SIDE + 2) + left, tf.int32)

    def at(offset: int) -> Any:
        return tf.gather(padded, first + offset, batch_dims=1)

    upper = at(0) * (1 - right_share) + at(1) * right_share
    lower = at(SIDE + 2) * (1 - right_share) + at(SIDE + 3) * right_share
    return (upper * (1 - low_share) + lower * low_share)[..., tf.newaxis]


def make_bolder(images: Any, amount: Any) -> Any:
    """Blend images with bolder ones where the amount is above 0, with thinner ones where below.

    Parameters
    ----------
    images : tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].
    amount : tensor of float32, shape (n, 1, 1, 1)
        From -1, where each pixel becomes the palest of its 3×3 neighbourhood (grey erosion), to
        1, where it becomes the darkest (grey dilation).

    Returns
    -------
    tensor of float32, shape (n, 28, 28, 1)
        Pixels in [0, 1].
    """
    import tensorflow as tf

    bold = tf.nn.max_pool2d(images, 3, 1, "SAME")
    thin = -tf.nn.max_pool2d(-images, 3, 1, "SAME")
    more, less = tf.nn.relu(amount), tf.nn.relu(-amount)
    return images + more * (bold - images) - less * (images - thin)


def _noisy(images: Any, seed: Any, most: float) -> Any:
    """Add Gaussian noise to images, each with a standard deviation of its own up to the largest."""
    import tensorflow as tf

    deviations = _uniform(images, seed, NOISE, (0.0, most))
    # The algorithm that XLA chooses by itself takes it many times as long.
    alg, own_seed = tf.random.Algorithm.PHILOX, _folded(_folded(seed, NOISE), 1)
    noise = tf.random.stateless_normal(tf.shape(images), own_seed, alg=alg)
    return tf.clip_by_value(images + deviations * noise, 0.0, 1.0)


def _erased(images: Any, seed: Any, most: float) -> Any:
    """Blank a square of each image, of a random size and place within the image [1]_.

    References
    ----------
    .. [1] Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random erasing data augmentation", AAAI
       2020.
    """
    import tensorflow as tf

    draws = tf.random.stateless_uniform((3, tf.shape(images)[0], 1, 1), _folded(seed, ERASE))
    side = draws[0] * most
    left, top = draws[1] * (SIDE - side), draws[2] * (SIDE - side)
    # Pixels whose middles lie in the square.
    x = tf.range(SIDE, dtype=tf.float32)[tf.newaxis, tf.newaxis, :] + 0.5
    y = tf.range(SIDE, dtype=tf.float32)[tf.newaxis, :, tf.newaxis] + 0.5
    is_inside = (abs(x - left - side / 2) < side / 2) & (abs(y - top - side / 2) < side / 2)
    return tf.where(is_inside[..., tf.newaxis], 0.0, images)
