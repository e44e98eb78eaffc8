"""Drawings are read on their own thread, the newest first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.ink import Ink, render
from mnist_desktop.digits.picture_turns import PageRequest
from mnist_desktop.errors import ModelFileError
from mnist_desktop.inference import reading as reading_module
from mnist_desktop.inference.reading import Reading
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers.prediction import ImageReading, OpenedPicture, PredictionController

ONE = Ink.from_points([[[50, 10], [50, 90]]])
SEVEN = Ink.from_points([[[0.2, 0.15], [0.7, 0.15], [0.4, 0.9]]])


@pytest.fixture
def prediction(tmp_path: Path) -> Iterator[PredictionController]:
    controller = PredictionController(RunStore(tmp_path))
    yield controller
    controller.close()


def test_a_drawing_is_read(qtbot: QtBot, prediction: PredictionController) -> None:
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(1)):
        prediction.read(ONE)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(7)):
        prediction.read(SEVEN)


def test_ink_that_was_there_before_the_network_is_read_once_it_is_open(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(None)):
        prediction.read(ONE)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(1)):
        prediction.open_model(BUNDLED)


def test_of_many_drawings_in_a_row_the_last_one_is_shown(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    seen: list[Reading] = []
    prediction.read_finished.connect(seen.append)
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(7)):
        for _ in range(50):
            prediction.read(ONE)
        prediction.read(SEVEN)
    assert len(seen) < 50
    assert seen[-1].predictions[0].label == 7


def test_a_network_that_cannot_be_opened_leaves_the_one_before(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    with qtbot.waitSignal(prediction.model_failed) as caught:
        prediction.open_model(ModelRef("nope"))
    failure = caught.args[0]
    assert failure.model == ModelRef("nope")
    assert isinstance(failure.error, ModelFileError)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(1)):
        prediction.read(ONE)


def _is(label: int | None):  # type: ignore[no-untyped-def]
    return lambda reading: reading.predictions[0].label == label


def test_a_read_that_fails_does_not_end_the_reading(
    qtbot: QtBot, prediction: PredictionController, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(prediction.model_opened) as opened:
        prediction.open_model(BUNDLED)
    with monkeypatch.context() as broken:
        broken.setattr(type(opened.args[0].predictor), "read_many", lambda *_: 1 / 0)
        with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(None)):
            prediction.read(ONE)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(1)):
        prediction.read(ONE)


def test_a_drawing_is_read_merely_shrunk_only_while_that_is_looked_at(
    qtbot: QtBot, prediction: PredictionController, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrunk: list[Ink] = []
    shrink = reading_module.shrink
    monkeypatch.setattr(reading_module, "shrink", lambda ink: (shrunk.append(ink), shrink(ink))[1])
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(7)) as read:
        prediction.read(SEVEN)
    assert read.args[0].shrunk is None
    assert not shrunk
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(7)) as read:
        prediction.set_comparing(True)
    assert read.args[0].shrunk.any()
    assert read.args[0].shrunk_prediction.label is not None
    assert shrunk == [SEVEN]
    with qtbot.waitSignal(prediction.read_finished, check_params_cb=_is(7)) as read:
        prediction.set_comparing(False)
    assert read.args[0].shrunk is None


def test_of_many_networks_asked_for_in_a_row_the_last_one_reads(
    qtbot: QtBot, prediction: PredictionController, kept: Run
) -> None:
    opened: list[ModelRef] = []
    prediction.model_opened.connect(lambda one: opened.append(one.model))
    file = ModelRef(file=kept.folder / "model.tflite")
    with qtbot.waitSignal(prediction.model_failed) as caught:
        for model in (file, BUNDLED, file, BUNDLED, ModelRef("nope")):
            prediction.open_model(model)
    assert caught.args[0].model == ModelRef("nope")
    assert opened == []
    with qtbot.waitSignal(prediction.model_opened):
        for model in (BUNDLED, BUNDLED, file):
            prediction.open_model(model)
    assert opened == [file]


def test_of_many_images_in_a_row_the_last_one_is_read(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    seven = render(SEVEN)
    images = [np.where(np.arange(28) < column, seven, 0).astype(np.uint8) for column in range(29)]
    read: list[ImageReading] = []
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    prediction.image_read.connect(read.append)
    for image in images:
        prediction.read_image(image)
    qtbot.waitUntil(lambda: bool(read) and read[-1].image is images[-1])
    assert read[-1].prediction.label == 7
    assert len(read) < len(images)


def test_of_pages_to_be_turned_the_last_one_is_and_files_are_all_opened(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    page = np.full((60, 200), 240, np.uint8)
    page[10:50, 30:36] = page[10:50, 150:156] = 20
    content = io.BytesIO()
    Image.fromarray(page).save(content, "PNG")
    pages = [PageRequest(page, degrees) for degrees in range(0, 40, 2)]
    opened: list[OpenedPicture] = []
    prediction.picture_opened.connect(opened.append)
    for request in pages:
        prediction.open_picture(content.getvalue())
        prediction.open_picture(request)
    qtbot.waitUntil(lambda: bool(opened) and opened[-1].source is pages[-1])
    assert opened[-1].picture.degrees == 38
    assert len(opened[-1].picture.boxes) == 2
    assert sum(one.source == content.getvalue() for one in opened) == len(pages)
    assert sum(isinstance(one.source, PageRequest) for one in opened) < len(pages)


def test_a_page_that_is_straight_is_told_and_the_next_one_still_turned(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    page = np.full((60, 200), 240, np.uint8)
    page[20:26, 20:180] = 20
    straight = PageRequest(page, ink=1 - page / 240)
    with qtbot.waitSignal(prediction.picture_failed) as caught:
        prediction.open_picture(straight)
    assert caught.args[0].source is straight
    assert "straight already" in str(caught.args[0].error)
    with qtbot.waitSignal(prediction.picture_opened):
        prediction.open_picture(PageRequest(page, 90))


def test_an_explanation_is_of_the_image_and_there_is_none_of_a_blank_one(
    qtbot: QtBot, prediction: PredictionController
) -> None:
    seven = render(SEVEN)
    with qtbot.waitSignal(prediction.model_opened):
        prediction.open_model(BUNDLED)
    with qtbot.waitSignal(prediction.explained) as found:
        prediction.explain(seven)
    assert found.args[0].image is seven
    with qtbot.waitSignal(prediction.explained) as found:
        prediction.explain(np.zeros((28, 28), np.uint8))
    assert found.args[0] is None
