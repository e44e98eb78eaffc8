"""Augmented digits are the same digits, changed as far as was set and no further."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.training import chunked_fit
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import CHANGES, OFF, STANDARD, Augmentation
from mnist_desktop.training.augmented_batch import augment_batch
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.trainer import train
from tools.bundled.distortion import distort_batch

load_keras()
Pixels = NDArray[np.float32]
EVERYTHING = Augmentation(2, 10, 0.1, 10, 2, 0.5, 0.1, 6)


def augmented(images: Pixels, augmentation: Augmentation, seed: tuple[int, int] = (1, 2)) -> Pixels:
    import tensorflow as tf

    return np.asarray(augment_batch(tf.constant(images), tf.constant(seed), augmentation))


def before_it_was_a_setting(images: Any, seed: Any, _: Augmentation, **_xla: Any) -> Any:
    """What presets did before augmentation could be set, word for word."""
    import tensorflow as tf

    count = tf.shape(images)[0]
    amounts = tf.random.stateless_uniform((4, count), seed, -1.0, 1.0)
    turn, scale = amounts[0] * math.radians(8), 1.0 + amounts[1] * 0.08
    shift_x, shift_y = amounts[2] * 2.0, amounts[3] * 2.0
    cos, sin = tf.cos(turn) / scale, tf.sin(turn) / scale
    middle = (28 - 1) / 2
    offset_x = middle - cos * middle + sin * middle + shift_x
    offset_y = middle - sin * middle - cos * middle + shift_y
    zero = tf.zeros_like(cos)
    transforms = tf.stack([cos, -sin, offset_x, sin, cos, offset_y, zero, zero], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.constant([28, 28]),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def centres(images: Pixels) -> NDArray[np.float64]:
    """Centre of mass (x, y) of each image."""
    places = np.arange(28)
    total = images.sum(axis=(1, 2))
    return (
        np.stack([images.sum(axis=1) @ places, images.sum(axis=2) @ places], axis=1)
        / total[:, None]
    )


@pytest.fixture(scope="module")
def digits(sample: Dataset) -> Pixels:
    return as_network_input(sample.train.images[:500], (28, 28, 1))


@pytest.fixture
def bar() -> Pixels:
    """A hundred times an upright bar of 3×13 pixels in the middle."""
    images = np.zeros((100, 28, 28, 1), np.float32)
    images[:, 8:21, 13:16] = 1
    return images


# What presets do


def test_the_presets_change_digits_as_they_always_did(digits: Pixels) -> None:
    import tensorflow as tf

    for seed in ((1, 2), (700, 3), (0, 2**31 - 1)):
        for way in (lambda one: one, lambda one: tf.function(one, autograph=False)):
            now, then = (
                way(function)(tf.constant(digits), tf.constant(seed), STANDARD)
                for function in (augment_batch, before_it_was_a_setting)
            )
            np.testing.assert_array_equal(now, then)


def weights_of(config: TrainingConfig, sample: Dataset) -> list[NDArray[Any]]:
    few = Dataset(sample.train.take(np.arange(600)), sample.test, "custom", "some")
    result = train(config, few, on_progress=lambda _: None, should_stop=lambda: False)
    found: list[NDArray[Any]] = result.model.get_weights()
    return found


def test_a_preset_comes_to_the_same_weights_as_before(
    sample: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ARCHITECTURES["cnn-compact"].recipe.changed(epochs=1)
    now = weights_of(config, sample)
    monkeypatch.setattr(chunked_fit, "augment_batch", before_it_was_a_setting)
    # Another setting, which nothing else has, so that nothing compiled is shared.
    same = weights_of(config.changed(augment=Augmentation(shift=1.2345)), sample)
    for one, other in zip(now, same, strict=True):
        np.testing.assert_array_equal(one, other)


def operations(change: Any, images: Pixels, augmentation: Augmentation) -> list[str]:
    """The kinds of operations in the graph that a change becomes, sorted."""
    import tensorflow as tf

    compiled = tf.function(
        lambda images, seed: change(images, seed, augmentation), autograph=False
    ).get_concrete_function(images, tf.constant((1, 2)))
    return sorted(one.type for one in compiled.graph.get_operations())


def test_the_presets_need_no_more_operations_than_before(digits: Pixels) -> None:
    now, then = (
        operations(change, digits, STANDARD) for change in (augment_batch, before_it_was_a_setting)
    )
    assert now == then


def test_only_what_is_on_is_in_the_graph(digits: Pixels) -> None:
    marks = {
        "shift": "ImageProjectiveTransformV3", "elastic": "GatherV2", "stroke": "MaxPool",
        "noise": "StatelessRandomNormal", "erase": "LogicalAnd",
    }  # fmt: skip

    assert not {*operations(augment_batch, digits, OFF)} - {"Placeholder", "Identity", "NoOp"}
    for name in marks:
        augmentation = Augmentation(**{name: 1 if name != "noise" else 0.1})
        found = operations(augment_batch, digits, augmentation)
        assert {one for one, mark in marks.items() if any(op.startswith(mark) for op in found)} == {
            name
        }


# What each of them does


def test_ink_moves_by_a_few_pixels_and_hardly_changes_its_amount(digits: Pixels) -> None:
    after = augmented(digits, STANDARD)
    assert after.shape == digits.shape
    assert after.min() >= 0
    assert after.max() <= 1.0001
    moved = np.abs(centres(after[..., 0]) - centres(digits[..., 0]))
    assert 0.5 < moved.mean() < 2
    assert moved.max() < 5
    ratio = after.sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert 0.75 < ratio.min() <= ratio.max() < 1.3


@pytest.mark.parametrize("most", [1, 3, 5.5])
def test_a_shift_moves_up_to_its_amount_in_each_direction(most: float, bar: Pixels) -> None:
    moved = centres(augmented(bar, Augmentation(shift=most))[..., 0]) - centres(bar[..., 0])
    assert np.abs(moved).max() <= most + 1e-3
    assert moved.min(axis=0).max() < -0.8 * most
    assert moved.max(axis=0).min() > 0.8 * most


def slant(images: Pixels) -> NDArray[np.float64]:
    """By how many pixels to the right each row's ink lies on average, for each row down."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    ink = images[..., 0]
    total = ink.sum(axis=(1, 2))
    x, y = ((ink * axis).sum(axis=(1, 2)) / total for axis in (columns, rows))
    apart = rows - y[:, None, None]
    across = (ink * apart * (columns - x[:, None, None])).sum(axis=(1, 2))
    return across / (ink * apart**2).sum(axis=(1, 2))


@pytest.mark.parametrize("name", ["rotate", "shear"])
def test_a_bar_is_slanted_up_to_the_angle_about_the_middle(name: str, bar: Pixels) -> None:
    after = augmented(bar, Augmentation(**{name: 20}))
    angles = np.degrees(np.arctan(slant(after)))
    assert angles.min() == pytest.approx(-20, abs=2)
    assert angles.max() == pytest.approx(20, abs=2)
    assert np.abs(centres(after[..., 0]) - centres(bar[..., 0])).max() < 0.3
    widths = (after.sum(axis=2)[:, 14, 0], 3.0)
    assert np.allclose(*widths, atol=0.05) == (name == "shear")


def test_neither_rotation_nor_shear_changes_the_amount_of_ink(bar: Pixels) -> None:
    after = augmented(bar, Augmentation(rotate=60, shear=30))
    ratio = after.sum(axis=(1, 2, 3)) / bar.sum(axis=(1, 2, 3))
    assert np.abs(ratio - 1).max() < 0.05


def test_a_scale_makes_larger_and_smaller_about_the_middle(bar: Pixels) -> None:
    after = augmented(bar, Augmentation(scale=0.3))
    ratio = after.sum(axis=(1, 2, 3)) / bar.sum(axis=(1, 2, 3))
    assert 0.45 < ratio.min() < 0.6
    assert 1.5 < ratio.max() < 1.75
    assert np.abs(centres(after[..., 0]) - centres(bar[..., 0])).max() < 0.3


@pytest.mark.parametrize("most", [0.5, 2])
def test_elastic_distortion_displaces_smoothly_and_up_to_its_amount(most: float) -> None:
    ramp = np.broadcast_to(np.arange(28, dtype=np.float32) / 27, (200, 28, 28))[..., np.newaxis]
    after = augmented(np.ascontiguousarray(ramp), Augmentation(elastic=most))
    moved = (after - ramp)[:, 4:-4, 4:-4, 0] * 27
    assert 0.7 * most < np.abs(moved).max() <= most + 1e-3
    assert 0.2 * most < np.abs(moved).mean() < 0.7 * most
    assert np.abs(np.diff(moved, axis=1)).max() < 0.5 * most
    assert np.abs(np.diff(moved, axis=2)).max() < 0.5 * most


def test_strokes_become_thicker_and_thinner(digits: Pixels) -> None:
    import tensorflow as tf

    after = augmented(digits, Augmentation(stroke=0.5))
    ratio = after.sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert ratio.min() < 0.75
    assert ratio.max() > 1.25
    bold = np.asarray(tf.nn.max_pool2d(digits, 3, 1, "SAME"))
    assert (after <= digits + 0.5 * (bold - digits) + 1e-6).all()
    assert after.min() >= 0


def test_noise_has_deviations_up_to_its_amount_and_stays_in_range(digits: Pixels) -> None:
    grey = np.full((200, 28, 28, 1), 0.5, np.float32)
    deviations = augmented(grey, Augmentation(noise=0.1)).std(axis=(1, 2, 3))
    assert deviations.min() < 0.01
    assert 0.09 < deviations.max() < 0.106
    after = augmented(digits, Augmentation(noise=0.5))
    assert (after.min(), after.max()) == (0, 1)


@pytest.mark.parametrize("most", [1, 6, 20])
def test_a_square_up_to_its_side_is_blanked_within_the_image(most: int) -> None:
    full = np.ones((400, 28, 28, 1), np.float32)
    after = augmented(full, Augmentation(erase=most))[..., 0]
    blank = after == 0
    assert np.isin(after, (0, 1)).all()
    heights, widths = blank.any(axis=2).sum(axis=1), blank.any(axis=1).sum(axis=1)
    assert (blank.sum(axis=(1, 2)) == heights * widths).all()  # a rectangle
    assert np.abs(heights - widths).max() <= 1
    assert heights.max() == most
    assert blank.any(axis=0)[[0, -1], :].any() or most == 1


def test_each_image_is_changed_by_its_own_amount(digits: Pixels) -> None:
    same = np.repeat(digits[:1], 20, axis=0)
    for name, change in CHANGES.items():
        after = augmented(same, Augmentation(**{name: change.most / 2}))
        assert len({image.tobytes() for image in after}) >= 12, name  # a square may miss the ink
    assert augmented(same, OFF).tobytes() == same.tobytes()


@pytest.mark.parametrize(("seed", "is_same"), [((3, 4), True), ((3, 5), False), ((4, 4), False)])
def test_the_seed_decides(seed: tuple[int, int], is_same: bool, digits: Pixels) -> None:
    for name, change in CHANGES.items():
        augmentation = Augmentation(**{name: change.most / 2})
        one, other = (augmented(digits[:10], augmentation, s) for s in ((3, 4), seed))
        assert np.array_equal(one, other) == is_same, name


def test_changes_are_drawn_independently_of_one_another(digits: Pixels) -> None:
    noise = Augmentation(noise=0.1)
    alone = augmented(digits, noise) - digits
    with_others = Augmentation(noise=0.1, erase=1e-6)
    np.testing.assert_array_equal(augmented(digits, with_others) - digits, alone)
    shifted = Augmentation(shift=2, erase=1e-6)
    np.testing.assert_array_equal(
        augmented(digits, shifted), augmented(digits, Augmentation(shift=2))
    )


# The ways in which trainings use it


# Flat networks compiled with XLA, one that is given images, and convolutions without XLA.
WAYS = [
    ("dense-100", {}),
    ("flatten-dense-100", {"batch_size": 50}),
    ("mlp", {"label_smoothing": 0.1}),
    ("cnn-small", {"batch_size": 64}),
]


@pytest.mark.parametrize(("name", "changes"), WAYS)
def test_every_kind_of_network_can_be_trained_with_everything_twice_the_same(
    name: str, changes: dict[str, Any], sample: Dataset
) -> None:
    config = ARCHITECTURES[name].recipe.changed(epochs=1, augment=EVERYTHING, **changes)
    one, other = weights_of(config, sample), weights_of(config, sample)
    plain = weights_of(config.changed(augment=OFF), sample)
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first, second)
        assert np.isfinite(first).all()
    assert any((first != second).any() for first, second in zip(one, plain, strict=True))


# How the workshop distorts


def test_distorted_digits_are_the_same_digits_bent(digits: Pixels) -> None:
    after = np.asarray(distort_batch(digits, np.array([1, 2], np.int32)))
    assert after.shape == digits.shape
    assert after.min() >= 0
    assert after.max() <= 1.0001
    assert np.abs(centres(after[..., 0]) - centres(digits[..., 0])).mean() < 1.5
    alike = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1]
        for one, other in zip(digits, after, strict=True)
    ]
    assert 0.5 < np.mean(alike) < 0.95


def test_the_workshops_strokes_become_bolder_and_thinner(digits: Pixels) -> None:
    after = np.asarray(distort_batch(digits, np.array([1, 2], np.int32)))
    ratio = after.sum(axis=(1, 2, 3)) / digits.sum(axis=(1, 2, 3))
    assert ratio.min() < 0.8
    assert ratio.max() > 1.3


def test_distortion_is_decided_by_its_seed_and_an_amount_of_0_is_none(digits: Pixels) -> None:
    one, same, other = (
        np.asarray(distort_batch(digits[:20], np.array([seed, 2], np.int32))) for seed in (1, 1, 3)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    still = np.asarray(distort_batch(digits[:20], np.array([1, 2], np.int32), 0.0))
    np.testing.assert_allclose(still, digits[:20], atol=1e-5)
