"""The left column: what is on the screen is what is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import says
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.find_dataset import sample_dataset
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.runs.expectation import ANY, Pace
from mnist_desktop.runs.unfinished import UnfinishedTraining
from mnist_desktop.training.architectures import ARCHITECTURES, READER
from mnist_desktop.training.augmentation import STANDARD
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.theme import LIGHT
from mnist_desktop.ui.train import training_form
from mnist_desktop.ui.train.job_outline import JobOutline
from mnist_desktop.ui.train.training_panel import TrainingPanel

LEFT = Qt.MouseButton.LeftButton
LEAST = (300, 572)  # logical pixels that the column has in the smallest window
WORDS = "A long message that has to be told in several lines, whatever the room there is. " * 3


def retype(field: QLineEdit | QAbstractSpinBox, text: str) -> None:
    """Type something in place of what stands in a field."""
    edit = field.lineEdit() if isinstance(field, QAbstractSpinBox) else field
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


def geometry(panel: TrainingPanel) -> dict[str, QRect]:
    """Where everything that has a name, and can be seen, lies on the panel."""
    QApplication.processEvents()
    return {
        one.objectName(): QRect(one.mapTo(panel, QPoint()), one.size())
        for one in panel.findChildren(QWidget)
        if one.isVisible() and one.objectName() and not one.objectName().startswith("qt_")
    }


@pytest.fixture
def panel(qtbot: QtBot) -> TrainingPanel:
    widget = TrainingPanel()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_picking_an_architecture_brings_its_recipe(name: str, panel: TrainingPanel) -> None:
    panel.architecture.setCurrentIndex(panel.architecture.findData(name))
    assert panel.config() == ARCHITECTURES[name].recipe
    assert panel.hidden_units.isVisible() == (name == "mlp")


def test_settings_typed_with_the_keyboard_are_in_the_config(
    qtbot: QtBot, panel: TrainingPanel
) -> None:
    panel.epochs.lineEdit().selectAll()
    QTest.keyClicks(panel.epochs, "12")
    QTest.mouseClick(panel.form.more_button, LEFT)
    panel.learning_rate.lineEdit().selectAll()
    QTest.keyClicks(panel.learning_rate, panel.locale().toString(0.0025))
    panel.optimizer.setFocus()
    QTest.keyClick(panel.optimizer, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.train_requested) as wished:
        QTest.mouseClick(panel.train_button, Qt.MouseButton.LeftButton)
    config: TrainingConfig = wished.args[0]
    found = (config.epochs, config.learning_rate, config.optimizer)
    assert found == (12, pytest.approx(0.0025), "sgd")


def test_a_config_that_is_shown_comes_back(panel: TrainingPanel) -> None:
    config = TrainingConfig(
        "mlp", 7, 48, 0.005, "adamw", "categorical", "sigmoid", (40, 30), 11, 0.1
    )
    panel.show_config(config)
    assert panel.config() == config
    config = config.changed(
        schedule="cosine", label_smoothing=0.05, weight_decay=0.0005, augment=STANDARD
    )
    panel.show_config(config)
    assert panel.config() == config
    # What has no field comes back as well: Adam's betas.
    config = config.changed(beta_1=0.5)
    panel.show_config(config)
    assert panel.config() == config


def test_schedule_decay_and_smoothing_are_set_with_mouse_and_keys(
    qtbot: QtBot, panel: TrainingPanel
) -> None:
    QTest.mouseClick(panel.form.more_button, LEFT)
    panel.schedule.setFocus()
    QTest.keyClick(panel.schedule, Qt.Key.Key_End)
    assert panel.schedule.currentText() == "One-cycle"
    retype(panel.weight_decay, panel.locale().toString(0.0005))
    QTest.keyClick(panel.weight_decay, Qt.Key.Key_Tab)
    assert panel.label_smoothing.hasFocus()
    retype(panel.label_smoothing, panel.locale().toString(0.15))
    with qtbot.waitSignal(panel.train_requested) as wished:
        QTest.mouseClick(panel.train_button, LEFT)
    config: TrainingConfig = wished.args[0]
    assert (config.schedule, config.weight_decay) == ("one-cycle", 0.0005)
    assert config.label_smoothing == 0.15
    assert "Weight decay: 0.0005 (recipe: none)" in says_on_hover(panel)
    for name in ("scheduleComboBox", "weightDecaySpinBox", "labelSmoothingSpinBox"):
        assert says(panel, f"{name}Label").endswith("•")
    QTest.mouseClick(panel.form.more.back_button, LEFT)
    assert says(panel, "settingsChangedLabel") == "3 settings changed"
    QTest.mouseClick(panel.form.reset_button, LEFT)
    assert panel.config() == ARCHITECTURES["dense-100"].recipe


def says_on_hover(panel: TrainingPanel) -> str:
    """What the line on the recipe's face tells of the settings that were changed."""
    found = panel.findChild(QLabel, "settingsChangedLabel")
    assert isinstance(found, QLabel)
    return found.toolTip()


def test_an_optimizer_brings_its_own_weight_decay_unless_another_was_set(
    panel: TrainingPanel,
) -> None:
    choose = panel.optimizer.findData
    panel.optimizer.setCurrentIndex(choose("adamw"))
    assert panel.weight_decay.value() == 0.004
    assert panel.config().weight_decay is None
    panel.weight_decay.setValue(0)
    assert panel.config().decay == 0
    panel.weight_decay.setValue(0.02)
    panel.optimizer.setCurrentIndex(choose("sgd"))
    assert panel.config().weight_decay == 0.02
    panel.weight_decay.setValue(0)
    panel.optimizer.setCurrentIndex(choose("adamw"))
    panel.optimizer.setCurrentIndex(choose("adam"))
    assert (panel.weight_decay.value(), panel.config().weight_decay) == (0, None)


def test_hidden_layers_that_are_no_numbers_are_told_beside_the_field(
    qtbot: QtBot, panel: TrainingPanel
) -> None:
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    retype(panel.hidden_units, "many")
    message = panel.findChild(QLabel, "hiddenUnitsMessage")
    assert "integers" in message.text()
    assert message.isVisible()
    assert panel.hidden_units.property("problem")
    with qtbot.assertNotEmitted(panel.train_requested):
        QTest.mouseClick(panel.train_button, LEFT)
        QTest.keyClick(panel.hidden_units, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not panel.train_button.isEnabled()
    assert "integers" in panel.train_button.toolTip()
    retype(panel.hidden_units, "40")
    assert message.text() == ""
    assert panel.train_button.isEnabled()
    assert panel.config().hidden_units == (40,)


def test_the_bar_and_the_words_follow_the_batches(panel: TrainingPanel) -> None:
    panel.set_busy(True)
    panel.show_progress(BatchProgress(2, 4, 50, 100, 0.1234, 0.9876, 72.0))
    assert panel.progress_bar.value() / panel.progress_bar.maximum() == pytest.approx(0.375)
    for words in ("Epoch 2 of 4", "Batch 50 of 100", "1:12 left", "Loss 0.1234", "98.76%"):
        assert words in panel.status.text()


def test_train_and_stop_take_turns(qtbot: QtBot, panel: TrainingPanel) -> None:
    assert panel.train_button.isEnabled()
    assert not panel.stop_button.isEnabled()
    panel.set_busy(True)
    assert not panel.train_button.isEnabled()
    with qtbot.waitSignal(panel.stop_requested):
        QTest.mouseClick(panel.stop_button, Qt.MouseButton.LeftButton)
    assert not panel.stop_button.isEnabled()
    panel.set_busy(False)
    assert panel.train_button.isEnabled()


def test_settings_of_the_bundled_reader_are_refused_in_words(panel: TrainingPanel) -> None:
    before = panel.architecture.currentData()
    with pytest.raises(InvalidSettingError, match="My digits"):
        panel.show_config(READER.recipe)
    assert panel.architecture.currentData() == before


def test_much_memory_is_told_before_it_is_taken(
    panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [64e9]
    monkeypatch.setattr(training_form, "free_memory", lambda: free[0])
    panel.show_config(ARCHITECTURES["cnn"].recipe)
    assert says(panel, "parametersLabel") == "173,482 parameters"
    panel.batch_size.setValue(10_000)
    assert says(panel, "parametersLabel") == "173,482 parameters, 3.4 GB"
    assert panel.train_button.isEnabled()
    free[0] = 2e9
    panel.batch_size.setValue(9_999)
    assert says(panel, "settingsChangedLabel") == "Batch size: 3.4 GB needed, 2.0 free"
    assert not panel.train_button.isEnabled()
    free[0] = 64e9
    place = QPointF(5, 5)
    QApplication.sendEvent(panel, QEnterEvent(place, place, place))
    assert panel.train_button.isEnabled()
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    panel.hidden_units.setText("4096, 4096")
    assert "1.5 GB" in says(panel, "parametersLabel")
    free[0] = 1e9
    panel.hidden_units.setText("4096, 4095")
    assert "1.5 GB needed" in says(panel, "hiddenUnitsMessage")
    assert not panel.train_button.isEnabled()


def test_a_lesson_cannot_be_paused(panel: TrainingPanel) -> None:
    panel.set_busy(True, can_pause=False)
    assert panel.stop_button.isEnabled()
    assert not panel.pause_button.isEnabled()


# It fits, and keeps still


def test_the_panel_fits_the_smallest_column(window: MainWindow) -> None:
    least = window.training_panel.minimumSizeHint()
    assert (least.width() <= LEAST[0], least.height() <= LEAST[1]) == (True, True), least


def test_nothing_is_cut_or_covered_in_the_smallest_column(window: MainWindow) -> None:
    window.resize(1280, 800)
    panel = window.training_panel
    panel.setFixedSize(*LEAST)
    for turn in (panel.form.more_button, panel.form.more.back_button):
        QApplication.processEvents()
        inside = panel.rect()
        assert panel.train_button.isVisible()
        for one in panel.findChildren(QWidget):
            if one.isVisible() and one.parentWidget() is not None:
                assert inside.contains(QRect(one.mapTo(panel, QPoint()), one.size())), one
        for button in panel.findChildren(QPushButton):
            needed = button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))
            around = 0 if button.property("link") else 16
            assert not button.isVisible() or button.width() >= needed + around, button.text()
        turn.click()


@pytest.mark.parametrize("face", ["basics", "more"])
def test_no_control_moves_before_during_and_after_a_training(face: str, window: MainWindow) -> None:
    window.resize(1280, 800)
    panel = window.training_panel
    if face == "more":
        panel.form.more_button.click()
    seen: dict[str, QRect] = {}

    def still() -> bool:
        """Whether everything is where it was when it was seen first."""
        now = geometry(panel)
        moved = {one: (seen[one], now[one]) for one in seen.keys() & now if seen[one] != now[one]}
        assert not moved
        assert "trainButton" in now
        seen.update(now)
        return True

    assert still()
    panel.show_digits(sample_dataset())
    panel.show_pace(Pace({ANY: (40.0, 40.0)}))
    assert still()
    panel.set_busy(True)
    panel.show_job(JobOutline("Resuming “A rather long name of a …”, epoch 1,000 of 1,000", 9))
    panel.show_status(WORDS, is_endless=True)
    assert still()
    panel.show_progress(BatchProgress(1000, 1000, 1234, 1875, 0.1234, 0.9876, 7272.0))
    panel.pause_button.click()
    assert still()
    panel.pause_button.click()
    panel.stop_button.click()
    panel.set_busy(False)
    panel.show_status(WORDS)
    panel.offer_unfinished(UnfinishedTraining(Path("nowhere"), "W" * 80))
    assert still()
    panel.offer_unfinished(None)
    for one in ARCHITECTURES.values():
        panel.show_config(one.recipe.changed(seed=9, batch_size=9_000))
        assert still()
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    panel.hidden_units.setText(WORDS)
    assert still()
    panel.optimizer.setCurrentIndex(panel.optimizer.findData("adamw"))
    assert still()
    for box in panel.findChildren(QAbstractSpinBox):
        box.lineEdit().setText("nonsense " * 9)
        assert still()


# Settings that are wrong


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("epochs", "0", "From 1 to 1,000"),
        ("epochs", "5000", "From 1 to 1,000"),
        ("batch_size", "20000", "From 1 to 10,000"),
        ("batch_size", "many", "From 1 to 10,000"),
        ("learning_rate", "0", "From 0.000001 to 10"),
        ("learning_rate", "11", "From 0.000001 to 10"),
        ("seed", "9999999999", "From 0 to 2,147,483,647"),
        ("validation", "51", "From 0 to 50%"),
        ("weight_decay", "0.6", "From 0 to 0.5"),
        ("label_smoothing", "1", "From 0 to 0.5"),
        ("label_smoothing", "-0.1", "From 0 to 0.5"),
    ],
)
def test_a_wrong_number_is_told_at_its_field_and_cannot_be_trained_with(
    name: str, typed: str, words: str, panel: TrainingPanel
) -> None:
    box = getattr(panel, name)
    if name != "epochs":
        QTest.mouseClick(panel.form.more_button, LEFT)
    label = panel.findChild(QLabel, f"{box.objectName()}Label")
    usual = label.text()
    retype(box, typed)
    assert label.text() == words
    assert label.isVisible()
    assert (box.property("problem"), label.property("role")) == (True, "problem")
    assert not panel.train_button.isEnabled()
    assert words in panel.train_button.toolTip()
    QTest.keyClick(box, Qt.Key.Key_Tab)  # what was there before comes back
    assert label.text() == usual
    assert (box.property("problem"), label.property("role")) == (False, "field")
    assert panel.train_button.isEnabled()


def test_what_is_half_typed_on_the_other_face_does_not_stay_there(panel: TrainingPanel) -> None:
    panel.form.more_button.click()
    retype(panel.seed, "9999999999")
    assert not panel.train_button.isEnabled()
    QTest.mouseClick(panel.form.more.back_button, LEFT)
    assert panel.train_button.isEnabled()
    assert panel.config() == ARCHITECTURES["dense-100"].recipe


# Recipes


def details(panel: TrainingPanel) -> dict[str, str]:
    box = panel.architecture
    role = Qt.ItemDataRole.AccessibleTextRole
    return {box.itemData(row): box.itemData(row, role) for row in range(box.count())}


def test_recipes_promise_what_the_digits_at_hand_give(panel: TrainingPanel) -> None:
    sample = sample_dataset()
    panel.show_digits(sample)
    assert details(panel)["dense-100"].startswith("One hidden layer: 93.0% of test digits · about ")
    assert says(panel, "expectedAccuracyLabel") == "93.0% of test digits"
    panel.show_digits(Dataset(sample.train, sample.test, "mnist", "MNIST"))
    assert "97.5% of test digits" in details(panel)["dense-100"]
    panel.show_digits(Dataset(sample.train, sample.test, "custom", "a file"))
    assert says(panel, "expectedAccuracyLabel") == "Not measured on these digits"
    panel.show_digits(sample)
    panel.batch_size.setValue(77)
    assert says(panel, "expectedAccuracyLabel") == "93.0% as recommended"


def test_the_time_is_this_machines_once_it_has_trained(panel: TrainingPanel) -> None:
    cnn = ARCHITECTURES["cnn"].recipe
    panel.show_config(cnn)
    assert says(panel, "expectedTimeLabel") == "about 40 s on two cores"
    panel.show_pace(Pace({ANY: (3.0, 3.0)}))
    assert says(panel, "expectedTimeLabel") == "about 2 min here"
    assert details(panel)["cnn"].endswith("about 2 min here")
    panel.epochs.setValue(80)
    assert says(panel, "expectedTimeLabel") == "about 20 min here"


def test_the_time_is_a_range_until_an_epoch_tells_more(panel: TrainingPanel) -> None:
    cnn = ARCHITECTURES["cnn"].recipe
    panel.show_config(cnn)
    panel.show_pace(Pace({ANY: (1.0, 4.0)}))
    assert says(panel, "expectedTimeLabel") == "40 s to 3 min here"
    panel.show_job(JobOutline("Training", 8, trained=cnn))
    panel.show_progress(EpochMetrics(1, 0.1, 0.9, None, None, 60.0))
    assert says(panel, "expectedTimeLabel") == "about 8 min here"


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_each_row_has_its_picture_and_is_chosen_by_mouse_and_keys(
    qtbot: QtBot, panel: TrainingPanel
) -> None:
    panel.show_digits(sample_dataset())
    box, view = panel.architecture, panel.architecture.view()
    box.showPopup()
    qtbot.waitUntil(view.isVisible)
    image = view.viewport().grab().toImage()
    pictures = set()
    for row in range(box.count()):
        area = view.visualRect(box.model().index(row, 0))
        assert view.viewport().rect().contains(area)
        part = image.copy(QRect(area.topLeft(), area.size()).adjusted(8, 4, 70 - area.width(), -4))
        colours = {part.pixel(x, y) for x in range(part.width()) for y in range(part.height())}
        assert len(colours) > 2, row
        pictures.add(bytes(part.constBits()))
    assert len(pictures) == box.count()
    row = box.findData("cnn-fast")
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(box.model().index(row, 0)).center())
    qtbot.waitUntil(lambda: not view.isVisible())
    assert panel.config() == ARCHITECTURES["cnn-fast"].recipe
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert panel.config() == ARCHITECTURES["cnn"].recipe


# More settings


def test_more_settings_by_mouse_and_by_keys(panel: TrainingPanel) -> None:
    assert not panel.batch_size.isVisible()
    QTest.mouseClick(panel.form.more_button, LEFT)
    assert panel.batch_size.isVisible()
    assert not panel.architecture.isVisible()
    assert panel.train_button.isVisible()
    QTest.mouseClick(panel.form.more.back_button, LEFT)
    assert panel.architecture.isVisible()
    panel.form.more_button.setFocus()
    QTest.keyClick(panel.form.more_button, Qt.Key.Key_Space)
    assert panel.batch_size.hasFocus()
    for leaves_from in (panel.batch_size, panel.train_button):
        QTest.keyClick(leaves_from, Qt.Key.Key_Escape)
        assert panel.architecture.isVisible()
        assert panel.form.more_button.hasFocus()
        QTest.mouseClick(panel.form.more_button, LEFT)


def test_what_differs_from_the_recipe_is_counted_marked_and_reset(panel: TrainingPanel) -> None:
    changes = panel.findChild(QLabel, "settingsChangedLabel")
    assert "own settings" in changes.text()
    assert not panel.form.reset_button.isVisible()
    panel.batch_size.setValue(64)
    assert changes.text() == "1 setting changed"
    panel.optimizer.setCurrentIndex(1)
    panel.epochs.setValue(6)
    assert changes.text() == "3 settings changed"
    assert "Batch size: 64 (recipe: 32)" in changes.toolTip()
    assert says(panel, "batchSizeSpinBoxLabel").endswith("•")
    assert not says(panel, "seedSpinBoxLabel").endswith("•")
    QTest.mouseClick(panel.form.reset_button, LEFT)
    assert panel.config() == ARCHITECTURES["dense-100"].recipe
    assert not panel.form.reset_button.isVisible()


# What is under way


def test_a_resumed_training_shows_its_settings_and_its_earlier_curve(panel: TrainingPanel) -> None:
    config = ARCHITECTURES["dense-50-50"].recipe.changed(batch_size=99)
    history = tuple(EpochMetrics(n, 1 / n, 0.8, 1 / n, 0.8, 1.0) for n in (1, 2, 3))
    panel.set_busy(True)
    panel.show_job(JobOutline("Resuming “Two hidden layers”, epoch 4 of 10", 10, history, config))
    assert panel.config() == config
    assert says(panel, "trainingJobLabel") == "Resuming “Two hidden layers”, epoch 4 of 10"
    assert panel.curves.span == 10
    assert painted_columns(panel)[1] == pytest.approx(0.3, abs=0.04)
    panel.set_busy(False)
    assert "Resuming" not in says(panel, "trainingJobLabel")


def test_the_axes_are_those_of_the_job_and_not_of_the_form(panel: TrainingPanel) -> None:
    panel.epochs.setValue(1)
    panel.set_busy(True)
    panel.show_job(JobOutline("Learning your digits"))
    for epoch in (1, 2):
        panel.show_progress(BatchProgress(epoch, 4, 30, 30, 0.5 / epoch, 0.9, None))
    assert panel.curves.span == 4
    assert painted_columns(panel)[1] == pytest.approx(0.5, abs=0.03)


def painted_columns(panel: TrainingPanel) -> tuple[float, float]:
    """From where to where the curve of the loss goes, as fractions of its axis."""
    panel.curves.resize(280, 5 * panel.curves.fontMetrics().height())  # too low for numbers
    image = panel.curves.grab().toImage()
    accent = QColor(LIGHT.accent)
    width = (image.width() - 16) / 2

    def is_curve(x: int, y: int) -> bool:
        found = image.pixelColor(x, y)
        return found.blue() > found.red() + 90 and found.blue() > accent.blue() - 60

    hit = [x for x in range(round(width)) for y in range(20, image.height() - 5) if is_curve(x, y)]
    return min(hit) / width, max(hit) / width
