"""Previews of augmentation wait for TensorFlow, and the last one that was asked for counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from mnist_desktop.errors import EngineError
from mnist_desktop.training.augmentation import OFF, Augmentation
from mnist_desktop.training.augmentation_preview import COUNT, PreviewRequest
from mnist_desktop.training.engine import load_keras
from mnist_desktop.workers.augmentation import AugmentationController


class Engine(QObject):
    """What a training controller says of TensorFlow."""

    engine_ready = Signal(str)
    engine_failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.is_engine_ready = False
        self.loads = 0

    def load_engine(self) -> None:
        self.loads += 1

    def be_ready(self) -> None:
        load_keras()
        self.is_engine_ready = True
        self.engine_ready.emit("TensorFlow")


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def previews(engine: Engine) -> Iterator[AugmentationController]:
    made = AugmentationController(engine)  # type: ignore[arg-type]
    yield made
    made.close()


def request(grey: int, augmentation: Augmentation = OFF) -> PreviewRequest:
    return PreviewRequest(np.full((28, 28), grey, np.uint8), augmentation, 1)


def test_what_is_asked_for_early_comes_by_itself(
    qtbot: QtBot, engine: Engine, previews: AugmentationController
) -> None:
    with qtbot.waitSignal(previews.waiting):
        previews.request(request(1))
    previews.request(request(2))
    assert engine.loads == 2
    assert previews.is_busy
    with qtbot.waitSignal(previews.previewed, timeout=60_000) as told:
        engine.be_ready()
    images = told.args[0]
    assert (images.shape, images.dtype) == ((COUNT, 28, 28), np.uint8)
    assert set(images.ravel()) == {2}
    qtbot.waitUntil(lambda: not previews.is_busy)


def test_the_last_one_counts(
    qtbot: QtBot, engine: Engine, previews: AugmentationController
) -> None:
    engine.be_ready()
    found: list[Any] = []
    previews.previewed.connect(found.append)
    for grey in range(1, 30):
        previews.request(request(grey))
    qtbot.waitUntil(lambda: not previews.is_busy, timeout=60_000)
    assert len(found) < 29
    assert set(found[-1].ravel()) == {29}


def test_a_tensorflow_that_cannot_be_loaded_is_told_once_it_is_waited_for(
    qtbot: QtBot, engine: Engine, previews: AugmentationController
) -> None:
    error = EngineError("no AVX")
    with qtbot.assertNotEmitted(previews.failed):
        engine.engine_failed.emit(error)
    previews.request(request(1))
    with qtbot.waitSignal(previews.failed) as told:
        engine.engine_failed.emit(error)
    assert told.args == [error]
    assert not previews.is_busy


def test_nothing_comes_once_nobody_looks(
    qtbot: QtBot, engine: Engine, previews: AugmentationController
) -> None:
    previews.request(request(1))
    previews.forget()
    with qtbot.assertNotEmitted(previews.previewed):
        engine.be_ready()
    assert not previews.is_busy
