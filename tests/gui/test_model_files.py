"""Networks from files, opened in the window: they read the pad and can be measured."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mouse import ONE, draw
from pages import LEFT, TIMEOUT_MS, begin, button, dialogs, list_runs, says, texts, tile, turn_to
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.foreign import open_foreign
from mnist_desktop.inference.pixel_scale import PIXEL_SCALES
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow


@pytest.mark.parametrize("name", ["model.keras", "model.tflite"])
def test_a_network_from_a_file_reads_the_pad_and_is_measured(
    name: str, qtbot: QtBot, window: MainWindow, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = services_of(window).paths.data / f"von Anna {name}"
    shutil.copy(kept.folder / name, path)
    begin(qtbot, window)
    assert services_of(window).data.dataset is not None
    test = services_of(window).data.dataset.test
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        QTest.mouseClick(window.header.open_button, LEFT)
    assert window.model_box.currentText() == path.name
    assert path.name in window.statusBar().currentMessage()
    draw(window.draw_panel.pad, ONE)
    qtbot.waitUntil(lambda: window.draw_panel.prediction_label.text() == "1", timeout=TIMEOUT_MS)

    turn_to(qtbot, window, window.tabs.confusion_view)
    QTest.mouseClick(button(window.tabs.confusion_view, "Measure it on the test digits"), LEFT)
    qtbot.waitUntil(lambda: window.tabs.confusion_view.currentIndex() == 1, timeout=TIMEOUT_MS)
    read = Predictor(kept.folder / "model.tflite").scores(test.images).argmax(axis=1)
    assert tile(window, "Accuracy") == f"{np.mean(read == test.labels) * 100:.2f}%"
    assert says(window.tabs.confusion_view, "matrixTitleLabel") == path.name
    # Where it has learnt, nobody knows: of the sample's digits, perhaps.
    assert "has learnt from them" in texts(window.tabs.confusion_view)

    window.chooser.select(BUNDLED)
    assert says(window.tabs.confusion_view, "matrixTitleLabel") == "Bundled reader"
    list_runs(qtbot, window)
    window.chooser.select(ModelRef(file=path))
    assert window.model_box.currentText() == path.name


def test_what_a_network_takes_for_pixels_is_told_in_the_window(
    qtbot: QtBot, window: MainWindow, kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(predictor: Predictor) -> None:
        predictor.use_pixels(PIXEL_SCALES[1], "Its pixels are 0 to 255.", "That was tried.")

    monkeypatch.setattr(open_foreign, "find_input_range", find)
    path = services_of(window).paths.data / "raw.tflite"
    shutil.copy(kept.folder / "model.tflite", path)
    begin(qtbot, window)
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        window.chooser.open_file(path)
    told = "Drawings are read with raw.tflite now. Its pixels are 0 to 255."
    assert window.statusBar().currentMessage() == told
    assert "Its pixels are 0 to 255. That was tried." in window.model_box.toolTip()
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        window.chooser.select(BUNDLED)
    assert "pixels" not in window.model_box.toolTip()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_refused_leaves_the_network_as_it_was(
    content: bytes, qtbot: QtBot, window: MainWindow, kept: Run, tmp_path: Path
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    prediction = services_of(window).prediction
    with qtbot.waitSignal(
        prediction.model_opened,
        timeout=TIMEOUT_MS,
        check_params_cb=lambda opened: opened.model == ModelRef(kept.record.id),
    ):
        begin(qtbot, window, kept)
    with qtbot.waitSignal(prediction.model_failed, timeout=TIMEOUT_MS):
        window.chooser.open_file(path)
    assert "model.keras cannot be opened" in dialogs(window)[0]
    assert window.model_box.currentData() == kept.record.id
    assert window.model_box.findData(str(path)) == -1
    assert window.tabs.confusion_view.record is not None
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_keras_file_is_opened_without_tensorflow(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    started: list[bool] = []
    services_of(window).training.engine_started.connect(lambda: started.append(True))
    begin(qtbot, window)
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        window.chooser.open_file(kept.folder / "model.keras")
    assert window.statusBar().currentMessage() == "Drawings are read with model.keras now."
    assert started == []


def test_a_file_that_fails_after_another_was_opened_does_not_take_that_from_the_list(
    qtbot: QtBot, window: MainWindow, kept: Run, tmp_path: Path
) -> None:
    begin(qtbot, window)
    broken, sound = tmp_path / "broken.tflite", kept.folder / "model.tflite"
    broken.write_bytes(b"no network")
    with qtbot.waitSignals(
        [services_of(window).prediction.model_failed, services_of(window).prediction.model_opened],
        timeout=TIMEOUT_MS,
    ):
        window.chooser.open_file(broken)
        window.chooser.open_file(sound)
    assert "broken.tflite cannot be opened" in dialogs(window)[0]
    assert window.model_box.currentData() == str(sound)
    assert window.model_box.findData(str(broken)) == -1
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_run_whose_network_cannot_be_opened_is_not_named_as_what_reads_the_pad(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    store = services_of(window).store
    run = store.get(kept.record.id)
    (run.folder / "model.tflite").write_bytes(b"no network")
    window.chooser.select(BUNDLED)
    with qtbot.waitSignal(services_of(window).prediction.model_failed, timeout=TIMEOUT_MS):
        window.chooser.select(ModelRef(run.record.id))
    assert window.model_box.currentData() == "bundled"
    assert len(dialogs(window)) == 1
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_network_from_a_file_cannot_be_taught(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window)
    services_of(window).my_digits.add([Drawing(Ink((((0.5, 0.1), (0.5, 0.9)),)), 1)])
    with qtbot.waitSignal(services_of(window).prediction.model_opened, timeout=TIMEOUT_MS):
        window.chooser.open_file(kept.folder / "model.tflite")
    window.tabs.my_digits_view.learn_requested.emit()
    assert "cannot be taught" in dialogs(window)[0]
    assert not services_of(window).training.is_busy
    for box in window.findChildren(QMessageBox):
        box.close()


def test_a_long_name_is_shortened_in_the_box_and_keeps_its_accuracy(window: MainWindow) -> None:
    box = window.model_box
    assert box.shown_text() == box.currentText()
    record = SimpleNamespace(
        name="A name that is far too long for the box of the networks",
        id="x",
        test_accuracy=0.932,
        dataset=SimpleNamespace(name="sample", classes=DIGITS),
        caveat="",
    )
    box.offer([SimpleNamespace(record=record)], [])  # type: ignore[list-item]
    box.choose(ModelRef("x"))
    shown = box.shown_text()
    assert "…" in shown
    assert shown.endswith("… · 93.20% sample test")
    assert box.fontMetrics().horizontalAdvance(shown) < box.width() - 24  # beside the arrow
    record.dataset.name = "custom"
    box.offer([SimpleNamespace(record=record)], [])  # type: ignore[list-item]
    assert box.shown_text().endswith("… · 93.20% on your digits")
