from __future__ import annotations

import numpy as np

from mnist_desktop.digits.erasing import RADIUS, erased

FULL = np.full((28, 28), 255, np.uint8)


def test_the_eraser_takes_the_pixels_whose_middle_it_touches() -> None:
    left = erased(FULL, (14, 14), (14, 14))
    gone = np.argwhere(left == 0)

    assert {tuple(place) for place in gone.tolist()} == {(13, 13), (13, 14), (14, 13), (14, 14)}
    assert FULL.all()


def test_it_takes_all_on_its_way_however_fast_it_goes() -> None:
    left = erased(FULL, (2, 14), (26, 14))

    assert not left[13:15, 2:26].any()
    assert left[13 - round(RADIUS) - 1].all()
    assert left[:, 28 - 1].all()


def test_where_there_is_no_ink_the_very_same_image_is_left() -> None:
    image = erased(FULL, (14, 14), (14, 14))

    assert erased(image, (14, 14), (14, 14)) is image
    assert erased(image, (-9, -9), (-8, -9)) is image
