"""What is on the drawing pad at one time."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_desktop.digits.image_import import Picture
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
    """

    strokes: tuple[PaintedStroke, ...] = ()
    picture: Picture | None = None

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.strokes) or self.picture is not None
