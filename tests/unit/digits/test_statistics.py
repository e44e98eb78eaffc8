from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.digits.statistics import describe_split, parse_indices
from mnist_desktop.errors import InvalidInputError


def make_digits(count: int = 300) -> Digits:
    """Noise with all labels but 5."""
    rng = np.random.default_rng(count)
    labels = rng.choice(np.delete(np.arange(10, dtype=np.uint8), 5), count)
    return Digits(rng.integers(0, 256, (count, 28, 28), np.uint8), labels)


# What a split holds


@pytest.mark.parametrize(
    "places",
    [np.arange(300), np.arange(40, 300, 7), np.array([299, 3, 120]), np.array([8])],
    ids=["all", "every seventh", "three", "one"],
)
def test_a_split_is_described_as_numpy_does(places: np.ndarray) -> None:
    digits = make_digits()

    found = describe_split(digits, places)

    images, labels = digits.images[places], digits.labels[places]
    for label in range(10):
        of_class = images[labels == label]
        assert found.counts[label] == len(of_class)
        mean = of_class.astype(np.float64).mean(axis=0) if len(of_class) else np.zeros((28, 28))
        np.testing.assert_allclose(found.means[label], mean, atol=1e-9)
    for grey in range(256):
        assert found.histogram[grey] == (images == grey).sum()
    assert found.counts[5] == 0
    assert found.counts.dtype == found.histogram.dtype == np.int64
    assert found.histogram.sum() == len(places) * 784


def test_a_split_without_digits_has_zeros_only() -> None:
    found = describe_split(make_digits(), np.zeros(0, np.intp))

    assert found.counts.shape == (10,)
    assert found.means.shape == (10, 28, 28)
    assert found.histogram.shape == (256,)
    assert not found.counts.any()
    assert not found.means.any()
    assert not found.histogram.any()


# Indices in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", [7]),
        ("0", [0]),
        ("007", [7]),
        ("9, 3", [3, 9]),
        ("3,3,3", [3]),
        ("2-5", [2, 3, 4, 5]),
        ("4-4", [4]),
        ("2-5, 4-7", [2, 3, 4, 5, 6, 7]),
        ("2-5,3", [2, 3, 4, 5]),
        ("2–4", [2, 3, 4]),
        ("  1 ,  8 - 9  ", [1, 8, 9]),
        ("1 – 2", [1, 2]),
        ("5-2", []),
        ("5-2, 1", [1]),
        ("19", [19]),
        ("20", []),
        ("17-999999999", [17, 18, 19]),
        ("999999999", []),
        ("", []),
        ("  ", []),
        (",,3,", [3]),
    ],
)
def test_indices_are_numbers_and_ranges_in_order(text: str, expected: list[int]) -> None:
    found = parse_indices(text, 20)

    assert found.tolist() == expected
    assert found.dtype == np.intp


def test_no_digits_have_no_indices() -> None:
    assert parse_indices("0, 1-5", 0).tolist() == []


@pytest.mark.parametrize(
    "text",
    ["seven", "-3", "3-", "1-2-3", "1.5", "1 2", "1;2", "+4", "0x1", "²", "1e3", "3, x", "9" * 10],
)
def test_what_is_no_index_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="integers or ranges") as caught:
        parse_indices(text, 20)

    assert repr(text.rpartition(",")[-1].strip()) in str(caught.value)
