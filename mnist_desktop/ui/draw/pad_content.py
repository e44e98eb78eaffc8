"""What is on the drawing pad at one time, and what was on it before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.image_import import Picture, with_boxes
from mnist_desktop.digits.picture_boxes import Box
from mnist_desktop.digits.picture_turns import PageRequest, cropped
from mnist_desktop.ui.draw.painted_stroke import PaintedStroke

MAX_PAGES = 20  # of pictures that undo brings back


@dataclass(frozen=True)
class PadContent:
    """Strokes, or a picture, on the pad; undo goes from one of these to another.

    Attributes
    ----------
    strokes : tuple of PaintedStroke
        In the order in which they were drawn.
    picture : Picture or None
        Shown instead of strokes.
    request : PageRequest or None
        The picture's page, as long as nobody has looked through it for digits.
    small_step : str
        What small step made it, such as a turn by one degree; a series of the same ones is undone
        at once.
    """

    strokes: tuple[PaintedStroke, ...] = ()
    picture: Picture | None = None
    request: PageRequest | None = None
    small_step: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.strokes) or self.page is not None

    @property
    def page(self) -> NDArray[np.uint8] | None:
        """The page that is kept for it; None of a drawing."""
        if self.request is not None:
            return self.request.page
        return None if self.picture is None else self.picture.page

    def with_boxes(
        self, picture: Picture, boxes: Iterable[Box], small_step: str = ""
    ) -> PadContent:
        """Correct where the digits of the picture are."""
        return replace(self, picture=with_boxes(picture, boxes), small_step=small_step)

    def turned(self, degrees: float, small_step: str = "") -> PadContent:
        """Turn the picture clockwise."""
        before = self._turn()
        turn = replace(before, degrees=(before.degrees + degrees) % 360)
        return PadContent(request=turn, small_step=small_step)

    def _turn(self) -> PageRequest:
        """The page before it was turned, and how far it is to be turned so far."""
        if self.request is not None:
            return self.request
        picture = self.picture
        if picture is None:
            raise ValueError("only a picture can be turned, and this is a drawing")
        page = picture.page if picture.unturned is None else picture.unturned
        return PageRequest(page, picture.degrees)

    def looked_through_again(self) -> PadContent:
        """Look for digits on the page anew; boxes corrected by hand are given up."""
        return PadContent(request=self._turn())

    def straightened(self, picture: Picture) -> PadContent:
        """Turn the picture so that its lines are level."""
        ink = picture.digits[0] / 255 if picture.ink is None else picture.ink
        return PadContent(request=replace(self._turn(), ink=ink))

    def cropped(self, picture: Picture, box: Box) -> PadContent:
        """Keep a part of the picture."""
        return PadContent(request=PageRequest(cropped(picture.page, box)))


class PadHistory:
    """What was on the pad, and what is or soon will be.

    Attributes
    ----------
    now : PadContent
        Where undoing and redoing has come to.
    """

    def __init__(self) -> None:
        self.now = PadContent()
        self._before: list[PadContent] = []
        self._after: list[PadContent] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back that can be done again."""
        return bool(self._after)

    def add(self, content: PadContent) -> None:
        """Go one step on, to something new; that ends what could be redone."""
        if not content.small_step or content.small_step != self.now.small_step:
            self._before.append(self.now)
            self._forget_pages()
        self._after.clear()
        self.now = content

    def _forget_pages(self) -> None:
        """Forget the oldest steps where too many pages are kept, of several megabytes each."""
        while len({id(one.page) for one in self._before if one.page is not None}) > MAX_PAGES:
            del self._before[0]

    def undo(self) -> None:
        """Take the last step back."""
        self._after.append(self.now)
        self.now = self._before.pop()

    def drop(self) -> None:
        """Take the last step back for good; what was before it may have been forgotten."""
        self.now = self._before.pop() if self._before else PadContent()

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._before.append(self.now)
        self.now = self._after.pop()
