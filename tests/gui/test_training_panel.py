"""The left column: what is on the screen is what is trained."""

from __future__ import annotations

import pytest
from pages import says
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.training.architectures import ARCHITECTURES, READER
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import BatchProgress
from mnist_desktop.ui.train.training_panel import TrainingPanel


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
    # What has no field comes back as well: the rate's schedule, Adam's betas, augmentation.
    config = config.changed(schedule="cosine", beta_1=0.5, augment=True)
    panel.show_config(config)
    assert panel.config() == config


def test_hidden_layers_that_are_no_numbers_are_told_beside_the_field(
    qtbot: QtBot, panel: TrainingPanel
) -> None:
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    panel.hidden_units.setText("many")
    with qtbot.assertNotEmitted(panel.train_requested):
        panel.train_button.click()
    assert "integers" in panel.status.text()


def test_the_bar_and_the_words_follow_the_batches(panel: TrainingPanel) -> None:
    panel.set_busy(True)
    panel.show_progress(BatchProgress(2, 4, 50, 100, 0.1234, 0.9876, 72.0))
    assert panel.progress_bar.value() / panel.progress_bar.maximum() == pytest.approx(0.375)
    for words in ("Epoch 2 of 4", "batch 50 of 100", "1:12 left", "Loss 0.1234", "98.76%"):
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


def test_much_memory_is_told_before_it_is_taken(panel: TrainingPanel) -> None:
    panel.show_config(ARCHITECTURES["cnn"].recipe)
    assert says(panel, "parametersLabel") == "173,482 parameters"
    panel.batch_size.setValue(10_000)
    assert says(panel, "parametersLabel") == "173,482 parameters, some 3.4 GB of memory to train"
    panel.show_config(ARCHITECTURES["mlp"].recipe)
    panel.hidden_units.setText("4096, 4096")
    assert "1.5 GB" in says(panel, "parametersLabel")


def test_a_lesson_cannot_be_paused(panel: TrainingPanel) -> None:
    panel.set_busy(True, can_pause=False)
    assert panel.stop_button.isEnabled()
    assert not panel.pause_button.isEnabled()
