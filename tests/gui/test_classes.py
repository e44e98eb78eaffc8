"""The window with images of ten classes that are no digits, and a network that reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import OpenWindow
from mouse import draw
from pages import begin, choose, click_digit, dialogs, places, says, settle, texts, tile, turn_to
from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSpinBox, QTableWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.image_import import Picture
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.training.validation_reading import ChangedDigit, ValidationReading
from mnist_desktop.ui.main_window import MainWindow
from tests.made_classes import COAT, NAMES, SHIRT, images_of

TIMEOUT_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
SCRIBBLE = ((0.2, 0.2), (0.8, 0.7), (0.3, 0.8), (0.6, 0.1), (0.1, 0.5), (0.9, 0.4), (0.4, 0.3))
SIZES = ((1024, 700), (1366, 768))


@pytest.fixture
def window(qtbot: QtBot, open_window: OpenWindow, clothes: Path, clothes_run: Run) -> MainWindow:
    """The window with the clothes in use and their network chosen."""
    made = open_window(str(clothes))
    begin(qtbot, made, clothes_run)
    return made


def show_on_pad(qtbot: QtBot, window: MainWindow, label: int) -> None:
    """Put the image that is read most surely as a class onto the pad, and wait for that."""
    services = services_of(window)
    scores, _ = services.runs.runs[0].test_scores()
    image = services.data.dataset.test.images[int(scores[:, label].argmax())]
    with qtbot.waitSignal(services.prediction.read_finished, timeout=TIMEOUT_MS):
        window.draw_panel.pad.show_picture(Picture(image, image[np.newaxis]))
    assert window.draw_panel.prediction_label.text() not in ("", "–")


def worst_pair(run: Run) -> tuple[int, int]:
    """The most frequent mistake."""
    mistakes = run.record.confusion - np.diag(np.diag(run.record.confusion))
    true, predicted = divmod(int(mistakes.argmax()), 10)
    return true, predicted


def test_the_matrix_names_the_classes(qtbot: QtBot, window: MainWindow, clothes_run: Run) -> None:
    view = window.tabs.confusion_view
    turn_to(qtbot, window, view)
    written = {text.get_text() for text in view.figure.canvas.figure.texts}
    assert set(NAMES) <= written
    assert {"True class", "Predicted class"} <= written
    assert not {"True digit", "Predicted digit"} & written

    true, predicted = worst_pair(clothes_run)
    count = clothes_run.record.confusion[true, predicted]
    QTest.mouseMove(view.figure, view.figure.cell_rect(true, predicted).center().toPoint())
    card = view.figure.card_of((true, predicted))
    assert card.title == f"{NAMES[true]} read as {NAMES[predicted]}"
    assert card.text.startswith(f"{count} image")
    assert card.text.endswith(f"of the class {NAMES[true]}")
    assert says(view, "matrixHintLabel").startswith(f"{NAMES[true]} read as {NAMES[predicted]}: ")
    assert view.split_box.currentText() == "Test images"
    assert view.values_box.findText("% of true class") > 0
    assert "images of Fashion-MNIST" in texts(view)


def test_the_matrix_is_where_that_of_digits_is(
    qtbot: QtBot, window: MainWindow, clothes_run: Run
) -> None:
    view = window.tabs.confusion_view
    for size in SIZES:
        window.resize(*size)
        settle(qtbot, window)
        named = view.figure.layout_of_cells
        window.chooser.select(BUNDLED)
        settle(qtbot, window)
        assert view.figure.layout_of_cells == named
        assert tile(window, "Accuracy", "tileName") == "Test accuracy"
        window.chooser.select(ModelRef(clothes_run.record.id))
        settle(qtbot, window)


def test_the_page_of_digits_names_what_is_shown(
    qtbot: QtBot, window: MainWindow, clothes_run: Run
) -> None:
    view = window.tabs.gallery_view
    turn_to(qtbot, window, view)
    assert says(view, "galleryCountLabel") == "200 of 200 test images"
    true, predicted = worst_pair(clothes_run)
    found = places(clothes_run, true, predicted)

    choose(view.true_box, f"{true}  {NAMES[true]}")
    choose(view.read_box, f"{predicted}  {NAMES[predicted]}")
    QTest.keyClick(view.read_box, Qt.Key.Key_Return)
    view.read_box.activated.emit(view.read_box.currentIndex())
    gallery = view.browser.list.gallery
    assert gallery.rowCount() == len(found)
    tip = str(gallery.data(gallery.index(0, 0), Qt.ItemDataRole.ToolTipRole))
    assert tip.startswith(f"Test image {found[0]:,}: {NAMES[true]}, read as {NAMES[predicted]} (")

    click_digit(qtbot, view.browser.list, 0)
    words = says(view, "digitWordsLabel")
    assert words.startswith(f"✗ {NAMES[true]}, read as {NAMES[predicted]} with ")
    assert f"{NAMES[predicted]}: " in view.browser.detail.bars.accessibleDescription()
    qtbot.waitUntil(lambda: view.browser.detail.similar.digits is not None, timeout=TIMEOUT_MS)
    similar = view.browser.detail.similar.accessibleDescription().split(", ")
    assert len(similar) == 5
    assert set(similar) <= set(NAMES)


def test_the_report_is_class_by_class(qtbot: QtBot, window: MainWindow, clothes_run: Run) -> None:
    view = window.tabs.report_view
    turn_to(qtbot, window, view)
    table = view.findChild(QTableWidget, "perClassTable")
    qtbot.waitUntil(lambda: table.item(9, 0) is not None, timeout=TIMEOUT_MS)
    assert [table.item(row, 0).text() for row in range(10)] == list(NAMES)
    heads = [table.horizontalHeaderItem(column).text() for column in range(5)]
    assert heads == ["Class", "Precision", "Recall", "F1", "Images"]
    true, predicted = worst_pair(clothes_run)
    assert view.pair_buttons[0].text().startswith(f"{NAMES[true]} read as {NAMES[predicted]}: ")
    settle(qtbot, window)
    shown = [one.text() for one in view.findChildren(QLabel) if one.isVisible()]
    assert shown
    assert "digit" not in "\n".join(shown)


def test_the_data_page_names_the_images(qtbot: QtBot, window: MainWindow) -> None:
    view = window.tabs.data_actions.page.view
    turn_to(qtbot, window, view)
    assert "Fashion-MNIST 1,000/200" in texts(view)
    assert "0 T-shirt/top, 1 Trouser" in says(view, "dataWordsLabel")
    assert says(window, "datasetStatusLabel") == "Fashion-MNIST 1,000/200"
    choose(view.split_box, "Test images")
    choose(view.label_box, f"{COAT}  Coat")
    assert says(view, "dataCountLabel") == "20 of 200 test images"
    gallery = view.browser.list.gallery
    assert gallery.data(gallery.index(0, 0)) == "Coat"


def test_the_pad_tells_the_name_and_checks_for_no_digit(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.draw_panel
    qtbot.waitUntil(lambda: panel.prediction.classes.names == NAMES, timeout=TIMEOUT_MS)
    show_on_pad(qtbot, window, COAT)
    assert panel.prediction_label.text() == "Coat"
    assert panel.bars.accessibleName() == "Scores of the ten classes"
    assert panel.bars.accessibleDescription().startswith("T-shirt/top: ")

    panel.pad.clear()
    qtbot.waitUntil(lambda: panel.prediction_label.text() == "–", timeout=TIMEOUT_MS)
    draw(panel.pad, SCRIBBLE)
    qtbot.waitUntil(lambda: panel.prediction_label.text() != "–", timeout=TIMEOUT_MS)
    assert panel.prediction.is_digit
    assert "digit" not in says(panel, "confidenceLabel")


def test_drawings_are_kept_as_digits_only_for_a_network_that_reads_them(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.draw_panel
    teach = panel.findChild(QToolButton, "teachButton")
    draw(panel.pad, SCRIBBLE)
    qtbot.waitUntil(lambda: panel.prediction_label.text() != "–", timeout=TIMEOUT_MS)
    assert not teach.isEnabled()
    assert "reads digits" in teach.toolTip()
    asked: list[int] = []
    panel.teach_requested.connect(asked.append)
    QTest.keyClick(panel.pad, Qt.Key.Key_7)
    assert asked == []

    window.chooser.select(BUNDLED)
    qtbot.waitUntil(teach.isEnabled, timeout=TIMEOUT_MS)
    QTest.keyClick(panel.pad, Qt.Key.Key_7)
    assert asked == [7]


def test_why_speaks_of_names(qtbot: QtBot, window: MainWindow) -> None:
    show_on_pad(qtbot, window, SHIRT)
    read = window.draw_panel.prediction_label.text()
    QTest.mouseClick(window.findChild(QWidget, "whyButton"), LEFT)
    qtbot.waitUntil(lambda: says(window, "whySentenceLabel") != "", timeout=TIMEOUT_MS)
    view = window.middle.why_view
    assert says(view, "whyTitleLabel") == f"Why is it read as {read}?"
    assert f"for {read}" in says(view, "whySentenceLabel")
    assert view.asked.buttons()[0].text() == f"for {read}"
    assert says(view, "whyChange1").startswith(f"{read}: ")
    assert says(view, "whyNumberLabel") == read


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_when_another_class_is_read(
    qtbot: QtBot, window: MainWindow, clothes_run: Run, size: tuple[int, int]
) -> None:
    window.resize(*size)
    settle(qtbot, window)
    panel = window.draw_panel

    def geometry() -> dict[QWidget, tuple[QPoint, int, int]]:
        return {
            one: (one.mapTo(window, QPoint()), one.width(), one.height())
            for one in panel.findChildren(QWidget)
            if one.isVisibleTo(panel)
        }

    window.chooser.select(BUNDLED)
    qtbot.waitUntil(lambda: panel.prediction.classes.are_digits, timeout=TIMEOUT_MS)
    show_on_pad(qtbot, window, COAT)
    before = geometry()
    window.chooser.select(ModelRef(clothes_run.record.id))
    qtbot.waitUntil(lambda: not panel.prediction.classes.are_digits, timeout=TIMEOUT_MS)
    read = set()
    for label in (COAT, 9, 5):
        show_on_pad(qtbot, window, label)
        read.add(panel.prediction_label.text())
        assert geometry().items() >= before.items()  # a note about its scores comes up as well
    assert len(read) == 3


def test_a_picture_is_taken_as_the_network_in_use_takes_one(
    qtbot: QtBot, window: MainWindow, clothes_run: Run, tmp_path: Path
) -> None:
    """Whole for classes, cut into digits for digits, also where the network is changed."""
    page = Image.new("L", (200, 100), 255)
    for left in (40, 140):
        ImageDraw.Draw(page).line([(left, 15), (left, 85)], fill=0, width=8)
    page.save(tmp_path / "11.png")
    services, panel = services_of(window), window.draw_panel
    services.prediction.open_picture(tmp_path / "11.png")
    qtbot.waitUntil(lambda: isinstance(panel.pad.content, Picture), timeout=TIMEOUT_MS)
    for model, count in (
        (BUNDLED, 2),
        (ModelRef(clothes_run.record.id), 1),
    ):
        window.chooser.select(model)
        qtbot.waitUntil(lambda: len(panel.pad.content.digits) == count, timeout=TIMEOUT_MS)  # noqa: B023
        qtbot.waitUntil(lambda: len(panel.reading.predictions) == count, timeout=TIMEOUT_MS)  # noqa: B023
    assert not panel.prediction.classes.are_digits


def test_teaching_digits_is_refused_with_what_to_do(qtbot: QtBot, window: MainWindow) -> None:
    window.chooser.select(BUNDLED)
    draw(window.draw_panel.pad, ((0.5, 0.2), (0.5, 0.8)))
    qtbot.waitUntil(lambda: window.draw_panel.can_teach, timeout=TIMEOUT_MS)
    QTest.keyClick(window.draw_panel.pad, Qt.Key.Key_1)
    view = window.tabs.my_digits_actions.page.view
    turn_to(qtbot, window, view)
    qtbot.waitUntil(view.learn_button.isEnabled, timeout=TIMEOUT_MS)
    QTest.mouseClick(view.learn_button, LEFT)
    qtbot.waitUntil(lambda: dialogs(window) != [], timeout=TIMEOUT_MS)
    assert "choose MNIST on the page Data" in dialogs(window)[0]


def test_two_networks_are_compared_by_names(
    qtbot: QtBot, window: MainWindow, clothes_run: Run
) -> None:
    runs = window.tabs.runs_view
    turn_to(qtbot, window, runs)
    runs.compare_requested.emit(clothes_run.record.id, "")
    view = runs.compare
    qtbot.waitUntil(lambda: view.comparison is not None, timeout=TIMEOUT_MS)
    settle(qtbot, window)
    assert all(button.text().endswith(("image", "images")) for button in view.buttons)
    view.matrix.setFocus()
    view.matrix.pointed.emit((COAT, SHIRT))
    assert "Coat read as Shirt: A " in texts(view)
    assert set(NAMES) <= {word.get_text() for word in view.matrix.canvas.figure.texts}


def test_a_training_is_watched_by_names(window: MainWindow, clothes_run: Run) -> None:
    classes = clothes_run.record.dataset.classes
    image = images_of(np.array([COAT]), seed=3)[0]
    changed = (ChangedDigit(image, COAT, SHIRT, COAT),)
    scores = tuple(float(label == SHIRT) for label in range(10))
    live = window.tabs.first
    live.begin("Training “Clothes”", 3, (), classes)
    window.draw_panel.begin_learning(classes)
    reading = ValidationReading(2, clothes_run.record.confusion, 5, 3, changed)
    for progress in (reading, WatchedReading(2, scores)):
        live.show_progress(progress)
    window.draw_panel.show_learning(WatchedReading(2, scores))

    said = texts(live)
    assert "Validation images after the last epoch" in said
    assert "Epoch 2 corrected 5 images and spoiled 3" in said
    strip = live.findChild(QWidget, "changedDigits")
    assert strip.accessibleDescription() == "Coat: Shirt, now Coat"
    assert live.findChild(QWidget, "drawingSteps").accessibleDescription() == "epoch 2: Shirt"
    assert says(window, "learningLabel") == "The new network: Shirt"


def test_a_training_tells_of_images(qtbot: QtBot, window: MainWindow) -> None:
    epochs = window.findChild(QSpinBox, "epochsSpinBox")
    assert epochs is not None
    epochs.setValue(1)
    QTest.mouseClick(window.training_panel.train_button, LEFT)
    qtbot.waitUntil(lambda: "Done" in says(window, "trainingStatusLabel"), timeout=TIMEOUT_MS)
    told = says(window, "trainingStatusLabel")
    assert "of the test images read correctly" in told
    assert "digit" not in told
