from __future__ import annotations

import numpy as np

from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.inference.taught import TaughtDigits
from mnist_desktop.training.stroke_augmentation import distort
from tools.bundled.non_digits import drawn_sign


def test_drawings_like_a_taught_one_are_recalled_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    psi, heart = drawn_sign("psi"), drawn_sign("heart")
    taught = TaughtDigits([Drawing(distort(psi, rng, 0.5), 4) for _ in range(10)])

    recalled = [taught.recall(distort(psi, rng, 0.5)) for _ in range(40)]
    others = [taught.recall(distort(heart, rng, 0.5)) for _ in range(40)]

    assert sum(scores is not None and scores.argmax() == 4 for scores in recalled) >= 36
    assert all(scores is None for scores in others)


def test_the_nearest_of_several_decides() -> None:
    line, bow = Ink.from_points([[[0, 0], [0, 9]]]), Ink.from_points([[[0, 0], [2, 5], [0, 9]]])
    taught = TaughtDigits([Drawing(line, 1), Drawing(bow, 9)])

    found = taught.recall(bow)

    assert found is not None
    assert found.argmax() == 9
    assert found.sum() == 1
