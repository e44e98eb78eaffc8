from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.inference.digit_check import REASONS, DigitCheck
from tools.bundled.non_digits import LETTERS, SIGNS, drawn_sign

ZERO = [[10 + 8 * math.sin(t), 12 - 12 * math.cos(t)] for t in np.linspace(0, -6.3, 40).tolist()]
SEVEN = [[0, 0], [14, 0], [6, 24]]


@pytest.fixture(scope="module")
def check() -> DigitCheck:
    return DigitCheck()


def test_most_digits_pass(check: DigitCheck, sample: Dataset) -> None:
    passed = [verdict.is_digit for verdict in check.judge(sample.test.images)]

    assert np.mean(passed) > 0.97


def test_most_signs_do_not_pass(check: DigitCheck) -> None:
    signs = np.stack([render(drawn_sign(name)) for name in SIGNS])

    passed = [verdict.is_digit for verdict in check.judge(signs)]

    assert np.mean(passed) < 0.05


def test_a_scribble_is_no_digit(check: DigitCheck) -> None:
    path = np.random.default_rng(5).uniform(0, 1, (40, 2)).tolist()

    [verdict] = check.judge(render(Ink.from_points([path]))[np.newaxis])

    assert not verdict.is_digit
    assert verdict.reason == REASONS[3]


def test_letters_are_called_letters(check: DigitCheck) -> None:
    letters = np.stack([render(drawn_sign(name)) for name in sorted(LETTERS)])

    reasons = [verdict.reason for verdict in check.judge(letters)]

    assert reasons.count("This looks like a letter.") > 0.7 * len(reasons)


def test_two_digits_at_once_are_told(check: DigitCheck) -> None:
    beside = [[x + 22, y] for x, y in ZERO]

    [verdict] = check.judge(render(Ink.from_points([SEVEN, beside]))[np.newaxis])

    assert not verdict.is_digit
    assert verdict.reason == REASONS[1]


def test_a_digit_that_is_only_begun_is_told(check: DigitCheck) -> None:
    bow = Ink.from_points([ZERO[:16]])

    [verdict] = check.judge(render(bow)[np.newaxis])

    assert not verdict.is_digit


def test_each_kinds_shares_add_up_to_1(check: DigitCheck, sample: Dataset) -> None:
    np.testing.assert_allclose(check.kinds(sample.test.images[:20]).sum(axis=1), 1, atol=1e-5)
