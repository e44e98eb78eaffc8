"""Pads without a window, whose pages are looked through at once or when a test says so."""

from __future__ import annotations

from mnist_desktop.digits.picture_turns import PageRequest
from mnist_desktop.errors import TiltError
from mnist_desktop.inference.picture_reading import open_picture
from mnist_desktop.ui.draw.paint_widget import PaintWidget


def answer(pad: PaintWidget, request: PageRequest) -> None:
    """Look a page through, as the prediction worker does, and give it back."""
    try:
        picture = open_picture(None, request)
    except TiltError:
        pad.drop_page(request)
    else:
        pad.show_page(request, picture)


def answer_at_once(pad: PaintWidget) -> None:
    """Look pages through as soon as they are requested."""
    pad.page_requested.connect(lambda request: answer(pad, request))
