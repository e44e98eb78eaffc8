"""Augmented digits are the same digits, a little elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.training.augmentation import augment_batch
from mnist_desktop.training.engine import load_keras
from tools.bundled.distortion import distort_batch

load_keras()


def centres(images: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Centre of mass (x, y) of each image."""
    places = np.arange(28)
    total = images.sum(axis=(1, 2))
    return (
        np.stack([images.sum(axis=1) @ places, images.sum(axis=2) @ places], axis=1)
        / total[:, None]
    )


def test_ink_moves_by_a_few_pixels_and_hardly_changes_its_amount(sample: Dataset) -> None:
    before = as_network_input(sample.train.images[:500], (28, 28, 1))
    after = np.asarray(augment_batch(before, [1, 2]))
    assert after.shape == before.shape
    assert after.min() >= 0
    assert after.max() <= 1.0001
    moved = np.abs(centres(after[..., 0]) - centres(before[..., 0]))
    assert 0.5 < moved.mean() < 2
    assert moved.max() < 5
    ratio = after.sum(axis=(1, 2, 3)) / before.sum(axis=(1, 2, 3))
    assert 0.75 < ratio.min() <= ratio.max() < 1.3


def test_each_image_is_changed_by_its_own_amount(sample: Dataset) -> None:
    same = np.repeat(as_network_input(sample.train.images[:1], (28, 28, 1)), 20, axis=0)
    after = np.asarray(augment_batch(same, [1, 2]))
    assert len({image.tobytes() for image in after}) == 20


@pytest.mark.parametrize(("seed", "is_same"), [([3, 4], True), ([3, 5], False)])
def test_the_seed_decides(seed: list[int], is_same: bool, sample: Dataset) -> None:
    images = as_network_input(sample.train.images[:10], (28, 28, 1))
    one, other = augment_batch(images, [3, 4]), augment_batch(images, seed)
    assert np.array_equal(np.asarray(one), np.asarray(other)) == is_same


def test_distorted_digits_are_the_same_digits_bent(sample: Dataset) -> None:
    before = as_network_input(sample.train.images[:500], (28, 28, 1))
    after = np.asarray(distort_batch(before, np.array([1, 2], np.int32)))
    assert after.shape == before.shape
    assert after.min() >= 0
    assert after.max() <= 1.0001
    assert np.abs(centres(after[..., 0]) - centres(before[..., 0])).mean() < 1.5
    alike = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1]
        for one, other in zip(before, after, strict=True)
    ]
    assert 0.5 < np.mean(alike) < 0.95


def test_strokes_become_bolder_and_thinner(sample: Dataset) -> None:
    before = as_network_input(sample.train.images[:500], (28, 28, 1))
    after = np.asarray(distort_batch(before, np.array([1, 2], np.int32)))
    ratio = after.sum(axis=(1, 2, 3)) / before.sum(axis=(1, 2, 3))
    assert ratio.min() < 0.8
    assert ratio.max() > 1.3


def test_distortion_is_decided_by_its_seed_and_an_amount_of_0_is_none(sample: Dataset) -> None:
    before = as_network_input(sample.train.images[:20], (28, 28, 1))
    one, same, other = (
        np.asarray(distort_batch(before, np.array([seed, 2], np.int32))) for seed in (1, 1, 3)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    still = np.asarray(distort_batch(before, np.array([1, 2], np.int32), 0.0))
    np.testing.assert_allclose(still, before, atol=1e-5)
