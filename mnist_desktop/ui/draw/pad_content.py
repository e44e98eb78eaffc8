"""What is on the drawing pad at one time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.image_import import Picture, read_page, with_boxes
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.digits.picture_turns import cropped, turned
from mnist_desktop.ui.draw.painted_stroke import PaintedStroke


@dataclass(frozen=True)
class PadContent:
    """Strokes, or a picture, on the pad; undo goes from one of these to another.

    Attributes
    ----------
    strokes : tuple of PaintedStroke
        In the order in which they were drawn.
    picture : Picture or None
        Shown instead of strokes.
    unturned : ndarray of uint8, shape (height, width), or None
        The picture's page before it was turned, so that many small turns blur it only once.
    degrees : float
        How far it was turned since, clockwise.
    small_step : str
        What small step made it, such as a turn by one degree; a series of the same ones is undone
        at once.
    """

    strokes: tuple[PaintedStroke, ...] = ()
    picture: Picture | None = None
    unturned: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    degrees: float = 0.0
    small_step: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.strokes) or self.picture is not None

    def with_boxes(
        self, picture: Picture, boxes: Iterable[Box], small_step: str = ""
    ) -> PadContent:
        """Correct where the digits of the picture are."""
        return replace(self, picture=with_boxes(picture, boxes), small_step=small_step)

    def turned(self, picture: Picture, degrees: float, small_step: str = "") -> PadContent:
        """Turn the picture clockwise and look for its digits again."""
        page = picture.page if self.unturned is None else self.unturned
        total = (self.degrees + degrees) % 360
        made = read_page(turned(page, total))
        return PadContent((), made, page, total, small_step)

    def cropped(self, picture: Picture, box: Box) -> PadContent:
        """Keep a part of the picture and look for its digits again."""
        return PadContent(picture=read_page(cropped(picture.page, box)))
