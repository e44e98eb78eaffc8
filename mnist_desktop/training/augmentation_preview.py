"""One digit as a network will see it in training: the same changes, made a few times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.training.augmentation import Augmentation
from mnist_desktop.training.augmented_batch import augment_batch

COUNT = 12  # how often a digit is shown


@dataclass(frozen=True, eq=False)
class PreviewRequest:
    """What is to be previewed.

    Attributes
    ----------
    image : ndarray of uint8, shape (28, 28)
        A digit; grey values, 0 paper to 255 ink.
    augmentation : Augmentation
        How far it is changed.
    seed : int
        The same seed gives the same changes, further or less far.
    """

    image: NDArray[np.uint8]
    augmentation: Augmentation
    seed: int


def preview_augmentation(
    request: PreviewRequest,
    *,
    on_progress: OnProgress,  # noqa: ARG001 - a job
    should_stop: ShouldStop,  # noqa: ARG001
) -> Images:
    """Change a digit as a training does; TensorFlow has to be loaded.

    Parameters
    ----------
    request : PreviewRequest
        What is to be previewed.
    on_progress, should_stop : callable
        Not called: it takes a few milliseconds.

    Returns
    -------
    ndarray of uint8, shape (12, 28, 28)
        Grey values.
    """
    import tensorflow as tf

    pixels = np.repeat(request.image[np.newaxis, :, :, np.newaxis], COUNT, axis=0)
    images = tf.constant(pixels, tf.float32) / 255
    after = augment_batch(images, tf.constant((0, request.seed)), request.augmentation)
    grey: Images = np.rint(np.asarray(after)[..., 0] * 255).clip(0, 255).astype(np.uint8)
    return grey
