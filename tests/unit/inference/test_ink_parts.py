from __future__ import annotations

import numpy as np

from mnist_desktop.inference.ink_parts import (
    InkPart,
    covered,
    describe_part,
    ink_parts,
    speaking_part,
)


def block(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    image = np.zeros((28, 28), np.uint8)
    image[top:bottom, left:right] = 200
    return image


def scores(**shares: float) -> tuple[float, ...]:
    """Ten scores: those given as d4=0.6, the rest shared by the others."""
    given = {int(name[1:]): share for name, share in shares.items()}
    rest = (1 - sum(given.values())) / (10 - len(given))
    return tuple(given.get(digit, rest) for digit in range(10))


def test_a_large_digit_has_nine_parts_that_together_are_all_of_it() -> None:
    image = block(4, 6, 24, 22)
    parts = ink_parts(image)

    assert len({part.place for part in parts}) == 9
    lost = [image - one for one in covered(image, parts)]
    np.testing.assert_array_equal(np.sum(lost, axis=0), image)


def test_a_narrow_digit_is_divided_from_top_to_bottom_only() -> None:
    places = [part.place for part in ink_parts(block(4, 12, 24, 15))]

    assert places == ["at the top", "in the middle", "at the bottom"]


def test_a_dot_and_a_blank_image_have_no_parts() -> None:
    assert ink_parts(block(12, 12, 15, 15)) == []
    assert ink_parts(block(0, 0, 0, 0)) == []


def test_parts_without_ink_are_left_out() -> None:
    ring = block(4, 4, 24, 24)
    ring[10:18, 10:18] = 0

    assert "in the middle" not in [part.place for part in ink_parts(ring)]


TOP = InkPart("at the top", 4, 4, 10, 24, scores(d4=0.62))
FOOT = InkPart("at the bottom", 18, 4, 24, 24, scores(d9=0.9))
HEAT = np.zeros((28, 28))
HEAT[4:10, 4:24], HEAT[18:24, 4:24] = 1, 0.5


def test_the_part_with_most_colour_speaks_and_what_is_read_without_it_is_said() -> None:
    whole = scores(d9=0.98, d4=0.015)
    part = speaking_part((TOP, FOOT), whole, HEAT, 9)

    assert part is TOP
    assert describe_part(part, whole, 9) == (
        "The ink at the top speaks most for 9; without it the network would read 4 (62.0%)."
    )
    assert speaking_part((FOOT,), whole, HEAT, 9) is FOOT
    assert "would still read 9 (90.0%)" in describe_part(FOOT, whole, 9)


def test_of_another_digit_it_is_said_what_speaks_against_it() -> None:
    whole = scores(d9=0.98, d4=0.015)
    part = speaking_part((TOP, FOOT), whole, -HEAT, 4)

    assert part is TOP
    assert describe_part(part, whole, 4).startswith("The ink at the top speaks most against 4;")


def test_a_part_that_changes_nothing_does_not_speak() -> None:
    whole = scores(d9=0.98)
    same = InkPart("at the top", 4, 4, 10, 24, whole)

    assert speaking_part((same,), whole, HEAT, 9) is None
    assert speaking_part((TOP,), whole, -HEAT, 9) is None  # the colours say the contrary
    assert describe_part(None, whole, 9) == "No part of the ink speaks for 9 by itself."
