"""Ways to make a network's images from pictures of single digits; which one, the user chooses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from mnist_desktop import formats
from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.digits.image_import import read_page
from mnist_desktop.digits.picture_file import Grey, read_grey
from mnist_desktop.errors import ImageFileError

BY_SIZE, AS_THEY_ARE, NORMALISED = "by-size", "as-they-are", "normalised"
# What is done with them, as the end of a sentence about pictures.
PICTURE_WAYS = {
    BY_SIZE: "as they are if they have 28×28 pixels, or else normalised",
    AS_THEY_ARE: "as they are, and scaled to 28×28 pixels if they have others",
    NORMALISED: "normalised: made light on dark and brought to the size and place of MNIST's",
}


@dataclass
class PictureReader:
    """Makes one image of each picture, and keeps what has to be told of them.

    Attributes
    ----------
    way : str
        One of `PICTURE_WAYS`.
    left_out : list of str
        Names of the pictures that were of no digit, or of several.
    scaled : int
        How many were scaled and are otherwise as they were.
    """

    way: str
    left_out: list[str] = field(default_factory=list)
    scaled: int = 0

    def read(self, source: Path | bytes, name: str) -> Grey | None:
        """Read one picture.

        Parameters
        ----------
        source : Path or bytes
            The file or its content.
        name : str
            What it is called where it is told that it was left out.

        Returns
        -------
        ndarray of uint8, shape (28, 28), or None
            0 paper to 255 ink, if the picture is taken as it is and is so; None if it was left out.
        """
        try:
            page = read_grey(source, name)
            is_small = page.shape == (SIDE, SIDE)
            if self.way == AS_THEY_ARE and not is_small:
                self.scaled += 1
                return _scaled(page)
            if is_small and self.way != NORMALISED:
                return page
            found = read_page(page).digits
        except ImageFileError:
            found = np.empty((0, SIDE, SIDE), np.uint8)
        if len(found) != 1 or not found.any():
            self.left_out.append(name)
            return None
        image: Grey = found[0]
        return image

    def notes(self) -> tuple[str, ...]:
        """Tell what was done with the pictures, and which were left out."""
        told = []
        if self.scaled:
            count = formats.count(self.scaled, "picture")
            told.append(f"{count} of another size scaled to {SIDE}×{SIDE} pixels.")
        if self.way == NORMALISED:
            told.append("Its pictures were normalised.")
        if self.left_out:
            count = formats.count(len(self.left_out), "picture")
            told.append(
                f"{count} with no digit, or several, left out (such as {self.left_out[0]})."
            )
        return tuple(told)


def _scaled(page: Grey) -> Grey:
    """Scale a whole page, as Keras's and torchvision's loaders do."""
    small = Image.fromarray(page).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(small)
