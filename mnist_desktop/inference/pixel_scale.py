"""The numbers that a network takes for an image's grey values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Images, as_network_input

# Mean and standard deviation of MNIST's training images, as PyTorch's examples use them.
MEAN, DEVIATION = 0.1307, 0.3081


@dataclass(frozen=True)
class PixelScale:
    """What a network takes for paper and for ink; grey values between lie between.

    Attributes
    ----------
    name : str
        What its pixels are, for example ``"0 to 255"``.
    paper, ink : float
        What it takes for the grey values 0 and 255.
    """

    name: str
    paper: float
    ink: float

    def inputs(self, images: Images, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Scale images as the network takes them.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, 28, 28)
            Grey values, 0 paper to 255 ink.
        shape : tuple of int
            Shape of one image as the network takes it.

        Returns
        -------
        ndarray of float32, shape (n, *shape)
        """
        pixels = as_network_input(images, shape)
        if (self.paper, self.ink) == (0, 1):
            return pixels
        return pixels * np.float32(self.ink - self.paper) + np.float32(self.paper)


ZERO_TO_ONE = PixelScale("0 to 1", 0, 1)
# What networks are trained on; an earlier one is used where several read equally well.
PIXEL_SCALES = (
    ZERO_TO_ONE,
    PixelScale("0 to 255", 0, 255),
    PixelScale("−1 to 1", -1, 1),
    PixelScale(
        f"0 to 1, less {MEAN}, divided by {DEVIATION}", -MEAN / DEVIATION, (1 - MEAN) / DEVIATION
    ),
    PixelScale("1 to 0, dark on light", 1, 0),
    PixelScale("255 to 0, dark on light", 255, 0),
    PixelScale("1 to −1, dark on light", 1, -1),
    PixelScale("−0.5 to 0.5", -0.5, 0.5),
)
