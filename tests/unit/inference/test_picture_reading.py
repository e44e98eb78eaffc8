"""Pictures as people have them, each condition read by the bundled reader."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.image_import import Picture, read_page, read_picture
from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.picture_reading import SEVERAL, cut_apart, open_picture, read_digits
from mnist_desktop.inference.predictor import Prediction, Predictor
from mnist_desktop.paths import resource
from tests.made_pictures import CONDITIONS, shaped

# What the conditions are about is told by which of them fail, not by how many digits each has.
DIGITS = (2, 4, 5, 7)
# Digits that touch may be told as such instead of being read; so may what else is listed here.
MAY_BE_DOUBTED = {"pair, touching": 3, "squared, pencil": 1, "28×28, in a corner": 1}


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(resource("models", "bundled.tflite"), check=DigitCheck())


def read(predictor: Predictor, picture: Picture) -> list[Prediction]:
    return read_digits(predictor, cut_apart(predictor, picture))


def texts(predictions: Sequence[Prediction]) -> str:
    return "".join(prediction.text for prediction in predictions)


@pytest.mark.parametrize("name", CONDITIONS)
def test_digits_are_read_whatever_is_around_them(name: str, predictor: Predictor) -> None:
    wrong, doubted = [], []
    for digit in DIGITS:
        rng = np.random.default_rng([digit, len(name)])
        made = CONDITIONS[name](shaped(rng), digit, rng)
        found = texts(read(predictor, read_picture(made.content)))
        if found != made.digits:
            (doubted if "?" in found else wrong).append((found, made.digits))

    assert wrong == []
    assert len(doubted) <= MAY_BE_DOUBTED.get(name, 0), doubted


@pytest.mark.parametrize(
    "name", ["decimal point", "minus", "percent", "dollar", "slash", "clean", "row"]
)
def test_a_sign_that_is_left_out_is_told(name: str) -> None:
    rng = np.random.default_rng(3)
    made = CONDITIONS[name](shaped(rng), 3, rng)

    note = read_picture(made.content).note

    assert note == ("" if name in ("clean", "row") else "A sign was left out.")


def test_mnists_own_digits_are_read_as_those_of_a_dataset(
    predictor: Predictor, sample: Dataset
) -> None:
    images = sample.test.images[:300]
    of_dataset = predictor.read_many(images, [None] * len(images))

    pictures = [read_page(image) for image in images]

    taken = [place for place, picture in enumerate(pictures) if not picture.boxes]
    assert len(taken) > 0.97 * len(images)
    for place in taken:
        assert read(predictor, pictures[place]) == [of_dataset[place]]


def test_a_picture_must_be_surer_than_a_drawing(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = (0.6, 0.4, *[0.0] * 8)
    unsure = Prediction(0, accepted=True, probabilities=scores)
    monkeypatch.setattr(predictor, "read_many", lambda images, _: [unsure] * len(images))
    picture = read_page(drawn([[(40, 40), (40, 160)]]))

    [prediction] = read_digits(predictor, picture)

    assert prediction.text == "?"
    assert prediction.reason == "It could be one of several digits."


def test_what_is_doubted_is_not_accepted(predictor: Predictor) -> None:
    picture = read_page(drawn([[(100, 40), (100, 160)]]))
    assert texts(read(predictor, picture)) == "1"

    doubted = replace(picture, doubts=("The light is uneven.",))

    [prediction] = read(predictor, doubted)
    assert (prediction.text, prediction.reason) == ("?", "The light is uneven.")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("shadow, hard", "The light is uneven."),
        ("vignette", "The light is uneven."),
        ("printed box", "Crop the picture to the digit."),
        ("squared, dark lines", "Crop the picture to the digit."),
    ],
)
def test_what_is_turned_away_says_what_may_be_wrong_with_the_picture(
    name: str, hint: str, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_digit = Prediction(3, False, (0.1,) * 10, "This looks like no digit.", is_digit=False)
    monkeypatch.setattr(predictor, "read_many", lambda images, _: [no_digit] * len(images))
    rng = np.random.default_rng(5)
    made = CONDITIONS[name](shaped(rng), 5, rng)

    [prediction] = read_digits(predictor, read_picture(made.content))

    assert (prediction.text, prediction.reason) == ("?", hint)


def drawn(lines: Sequence[Sequence[tuple[int, int]]], width: int = 10) -> np.ndarray:
    page = Image.new("L", (240, 200), 255)
    for line in lines:
        ImageDraw.Draw(page).line(list(line), fill=0, width=width, joint="curve")
    return np.asarray(page)


def test_digits_that_touch_are_cut_apart(predictor: Predictor) -> None:
    rng = np.random.default_rng(0)
    made = CONDITIONS["pair, touching"](shaped(rng), 5, rng)
    picture = read_picture(made.content)
    assert len(picture.boxes) == 1

    cut = cut_apart(predictor, picture)

    assert len(cut.boxes) == 2
    assert texts(read_digits(predictor, cut)) == made.digits


def test_a_piece_of_a_digit_is_no_half(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = Prediction(3, accepted=True, probabilities=(*[0.0] * 3, 1.0, *[0.0] * 6))
    torn = Prediction(6, accepted=False, probabilities=(*[0.0] * 6, 1.0, *[0.0] * 3))
    monkeypatch.setattr(
        predictor, "read_many", lambda images, _: [torn if len(images) == 1 else sure] * len(images)
    )
    hook = read_page(drawn([[(60, 30), (60, 170)], [(60, 165), (160, 165), (160, 130)]]))

    assert cut_apart(predictor, hook) is hook


def test_what_can_be_read_as_one_and_as_two_is_doubted(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = Prediction(3, accepted=True, probabilities=(*[0.0] * 3, 1.0, *[0.0] * 6))
    monkeypatch.setattr(predictor, "read_many", lambda images, _: [sure] * len(images))
    wide = read_page(drawn([[(20, 40), (60, 160), (120, 60), (220, 150)]]))
    assert len(wide.boxes) == 1

    [prediction] = read(predictor, wide)

    assert (prediction.text, prediction.reason) == ("?", SEVERAL)


def test_boxes_corrected_by_hand_are_not_cut_again(predictor: Predictor) -> None:
    from mnist_desktop.digits.image_import import with_boxes

    picture = read_page(drawn([[(20, 40), (60, 160), (120, 60), (220, 150)]]))
    corrected = with_boxes(picture, picture.boxes)

    assert cut_apart(predictor, corrected) is corrected


def test_a_blank_page_has_no_ink(predictor: Predictor) -> None:
    content = io.BytesIO()
    Image.new("L", (300, 200), 255).save(content, "PNG")

    assert texts(read(predictor, read_picture(content.getvalue()))) == "–"


def test_the_left_side_of_a_displays_six_is_not_cut_off_as_a_one(predictor: Predictor) -> None:
    rng = np.random.default_rng(21)
    sixes = [CONDITIONS["seven segments"](lambda _: [], 6, rng) for _ in range(40)]
    pictures = [open_picture(predictor, one.content) for one in sixes]
    assert max(len(one.digits) for one in pictures) == 1
