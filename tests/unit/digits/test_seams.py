from __future__ import annotations

import numpy as np

from mnist_desktop.digits.seams import cuts


def test_what_touches_at_one_place_is_cut_there() -> None:
    ink = np.zeros((40, 40))
    ink[:, :17] = ink[:, 22:] = 1
    ink[30:32] = 1  # the bridge

    for right in cuts(ink):
        crossed = (ink * right)[:, :-1][right[:, 1:] & ~right[:, :-1]]
        assert crossed.sum() <= 2
    assert any((ink[:, 22:] * right[:, 22:]).sum() == ink[:, 22:].sum() for right in cuts(ink))


def test_a_slanted_gap_is_followed() -> None:
    rows, columns = np.mgrid[0:60, 0:60]
    ink = (np.abs(columns - 25 - rows / 6) > 3).astype(float)

    best = min((ink[:, :-1][right[:, 1:] & ~right[:, :-1]]).sum() for right in cuts(ink))

    assert best == 0


def test_there_is_ink_on_either_side() -> None:
    ink = np.zeros((30, 30))
    ink[:, 14:16] = 1

    for right in cuts(ink):
        assert (ink * right).any()
        assert (ink * ~right).any()
    assert list(cuts(np.zeros((5, 5)))) == []


def test_the_narrowest_ink_can_be_asked_for() -> None:
    for width in (1, 2, 3):
        for right in cuts(np.ones((4, width))):
            assert 0 < right.sum() < right.size
    assert list(cuts(np.ones((1, 1)))) == []
