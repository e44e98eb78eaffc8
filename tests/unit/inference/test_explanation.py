from __future__ import annotations

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.inference.explanation import explain, find_similar, nearest, occlusion_maps
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.paths import resource

SEVEN = render(Ink.from_points([[[0, 0], [14, 0], [6, 24]]]))


def reader() -> Predictor:
    return Predictor(resource("models", "bundled.tflite"))


def test_only_ink_has_heat_and_its_strongest_is_1() -> None:
    heat = occlusion_maps(reader(), SEVEN)

    assert heat.shape == (10, 28, 28)
    assert np.abs(heat[7]).max() == 1
    assert np.abs(heat).max() == 1
    assert not heat[:, SEVEN == 0].any()


def test_the_bar_of_a_seven_speaks_for_the_seven_and_against_a_one() -> None:
    rows = np.flatnonzero(SEVEN.any(axis=1))
    bar = (slice(rows[0], rows[0] + 3), slice(6, 16))
    heat = occlusion_maps(reader(), SEVEN)

    assert heat[7][bar].mean() > 0
    assert heat[1][bar].mean() < 0


def test_an_explanation_has_scores_with_and_without_each_part() -> None:
    network = reader()
    found = explain(network, SEVEN)

    assert found.image is SEVEN
    assert found.scores == tuple(network.scores(SEVEN[np.newaxis])[0].tolist())
    assert len(found.parts) > 3
    for part in found.parts:
        covered = SEVEN.copy()
        covered[part.top : part.bottom, part.left : part.right] = 0
        expected = network.scores(covered[np.newaxis])[0]
        np.testing.assert_allclose(part.scores, expected, atol=1e-6)


def test_the_sentence_is_about_the_part_with_most_of_the_colour() -> None:
    found = explain(reader(), SEVEN)
    for digit, sign in ((7, 1), (1, -1)):
        part = found.part(digit)
        assert part is not None
        weights = {
            one.place: sign * found.heat[digit][one.top : one.bottom, one.left : one.right].sum()
            for one in found.parts
        }
        assert part.place == max(weights, key=weights.__getitem__)
        assert part.place in found.sentence(digit)
    assert "speaks most for 7" in found.sentence(7)
    assert "speaks most against 1" in found.sentence(1)


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


def test_the_similar_digits_are_five_and_not_the_image_itself(sample: Dataset) -> None:
    image = sample.train.images[0]
    found = find_similar(image, sample.train)

    assert found.image is image
    assert found.images.shape == (5, 28, 28)
    assert not any(np.array_equal(one, image) for one in found.images)
    assert (find_similar(SEVEN, sample.train).labels == 7).sum() >= 3
