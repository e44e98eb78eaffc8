"""Ink taken out of an image by a round eraser."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import SIDE

Place = tuple[float, float]  # x and y in pixels of the image, from its top left corner
RADIUS = 1.25  # pixels; a stroke is 3 to 4 wide, so that it can be made thinner or cut


def erased(image: NDArray[np.uint8], start: Place, end: Place) -> NDArray[np.uint8]:
    """Draw an eraser over an image; all pixels whose middle it touches lose their ink.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        Left as it is.
    start, end : tuple of float
        Where the eraser comes from, and goes to.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        The very same image where there was no ink to take.
    """
    middle_y, middle_x = np.mgrid[:SIDE, :SIDE] + 0.5
    (x, y), way_x, way_y = start, end[0] - start[0], end[1] - start[1]
    length = way_x**2 + way_y**2
    share = ((middle_x - x) * way_x + (middle_y - y) * way_y) / length if length else 0.0
    share = np.clip(share, 0, 1)
    distance = np.hypot(middle_x - x - share * way_x, middle_y - y - share * way_y)
    touched = distance <= RADIUS
    if not image[touched].any():
        return image
    result = image.copy()
    result[touched] = 0
    return result
