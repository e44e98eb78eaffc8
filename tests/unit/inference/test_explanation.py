from __future__ import annotations

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.inference.explanation import explain, nearest, occlusion_map
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource

SEVEN = render(Ink.from_points([[[0, 0], [14, 0], [6, 24]]]))


def reader() -> Predictor:
    return Predictor(resource("models", "bundled.tflite"))


def test_only_ink_has_heat_and_its_strongest_is_1() -> None:
    heat = occlusion_map(reader(), SEVEN, 7)

    assert heat.shape == (28, 28)
    assert np.abs(heat).max() == 1
    assert not heat[SEVEN == 0].any()


def test_the_bar_of_a_seven_speaks_for_the_seven_and_against_a_one() -> None:
    network = reader()
    rows = np.flatnonzero(SEVEN.any(axis=1))
    bar = (slice(rows[0], rows[0] + 3), slice(6, 16))

    assert occlusion_map(network, SEVEN, 7)[bar].mean() > 0
    assert occlusion_map(network, SEVEN, 1)[bar].mean() < 0


def test_an_image_is_nearest_to_itself(sample: Dataset) -> None:
    images = sample.train.images[:3000]

    for place in (0, 1234, 2999):
        assert nearest(images[place], images, 3)[0] == place


def test_the_nearest_are_sorted_by_their_distance(sample: Dataset) -> None:
    images, image = sample.train.images[:500], sample.test.images[0]
    found = nearest(image, images, 500)

    distances = ((images[found].astype(int) - image) ** 2).sum(axis=(1, 2))
    assert len(found) == 500
    assert (np.diff(distances) >= 0).all()


def test_an_explanation_names_the_digit_and_similar_ones(sample: Dataset) -> None:
    found = explain(reader(), SEVEN, sample.train)

    assert found.label == 7
    assert found.neighbours.shape == (5, 28, 28)
    assert (found.labels == 7).sum() >= 3


def test_without_digits_at_hand_there_are_none_to_show() -> None:
    assert len(explain(reader(), SEVEN, None).labels) == 0
