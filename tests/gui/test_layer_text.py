"""Layers typed in the column of training: read, checked, completed, mended, remembered, trained."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListView, QPushButton
from pytestqt.qtbot import QtBot

from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.networks.presets import preset
from mnist_desktop.training.architectures import ARCHITECTURES, plan_of
from mnist_desktop.training.config import CUSTOM, TrainingConfig
from mnist_desktop.training.network_names import name_of
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.train.layer_text_edit import LayerTextEdit
from mnist_desktop.ui.train.layer_text_face import LayerTextFace
from mnist_desktop.ui.train.training_panel import TrainingPanel

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot: QtBot) -> TrainingPanel:
    widget = TrainingPanel()
    qtbot.addWidget(widget)
    widget.resize(300, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.architecture.setCurrentIndex(widget.architecture.findData(CUSTOM))
    return widget


def text_edit(panel: TrainingPanel) -> LayerTextEdit:
    found = panel.findChild(LayerTextEdit, "layerTextEdit")
    assert found is not None
    return found


def message(panel: TrainingPanel) -> str:
    return panel.findChild(QLabel, "layerTextMessage").text()


def mend_button(panel: TrainingPanel) -> QPushButton:
    return panel.findChild(QPushButton, "mendTextButton")


def offers() -> QListView | None:
    """The list of words, while it is to be seen."""
    lists = [one for one in QApplication.topLevelWidgets() if one.objectName() == "layerOffers"]
    return next((one for one in lists if one.isVisible()), None)  # type: ignore[return-value]


def write(panel: TrainingPanel, text: str) -> None:
    """Type a text in place of all there is; what is offered meanwhile is not taken."""
    edit = text_edit(panel)
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_A, CONTROL)
    for letter in text:
        QTest.keyClick(edit, Qt.Key.Key_Return if letter == "\n" else letter)
    if (shown := offers()) is not None:
        QTest.keyClick(shown, Qt.Key.Key_Escape)


def test_what_is_typed_is_what_is_trained(panel: TrainingPanel, qtbot: QtBot) -> None:
    write(panel, "conv 8 3x3 relu\npool\nflatten\ndense 32 relu\ndropout 0.2")
    assert message(panel) == ""
    with qtbot.waitSignal(panel.train_requested) as wished:
        QTest.mouseClick(panel.train_button, LEFT)
    config = wished.args[0]
    assert config.architecture == CUSTOM
    assert config.layers == "conv 8 3x3 relu; pool; flatten; dense 32 relu; dropout 0.2"
    assert f"{plan_of(config).parameters:,} parameters" in _said(panel, "parametersLabel")


def _said(panel: TrainingPanel, name: str) -> str:
    return str(panel.findChild(QLabel, name).text())


def test_a_word_that_is_none_is_told_and_mended(panel: TrainingPanel) -> None:
    write(panel, "convv 8 3x3")
    assert "“convv” is no layer; is “conv” meant?" in message(panel)
    assert not panel.train_button.isEnabled()
    assert "convv" in panel.train_button.toolTip()
    assert mend_button(panel).text() == "Use “conv”"
    QTest.mouseClick(mend_button(panel), LEFT)
    assert text_edit(panel).toPlainText() == "conv 8 3x3"
    assert not mend_button(panel).isVisible() or mend_button(panel).text() != "Use “conv”"


def test_numbers_alone_become_dense_layers_at_the_press_of_a_button(panel: TrainingPanel) -> None:
    write(panel, "256, 128")
    while mend_button(panel).isVisible():
        QTest.mouseClick(mend_button(panel), LEFT)
    assert panel.form.layers.text == "dense 256 relu; dense 128 relu"


def test_layers_that_do_not_fit_are_told_and_mended(panel: TrainingPanel) -> None:
    write(panel, "conv 8 3x3\ndense 32")
    assert message(panel) == "Line 2: Dense needs a row of values, and is given 26×26×8."
    assert _said(panel, "expectedAccuracyLabel") == "No network yet"
    assert not panel.train_button.isEnabled()
    QTest.mouseClick(mend_button(panel), LEFT)
    assert text_edit(panel).toPlainText() == "conv 8 3x3\nflatten\ndense 32"
    assert panel.train_button.isEnabled()


def test_a_text_that_cannot_be_read_keeps_the_layers_before(panel: TrainingPanel) -> None:
    write(panel, "dense 40 relu")
    QTest.keyClicks(text_edit(panel), " nonsense")
    assert panel.form.layers.text == "dense 40 relu"
    panel.form.layers.change(0, units=41)
    assert text_edit(panel).toPlainText() == "dense 41 relu"
    assert message(panel) == ""


def test_a_text_that_cannot_be_read_stays_while_other_settings_change(
    panel: TrainingPanel,
) -> None:
    write(panel, "dense 40 relu")
    QTest.keyClicks(text_edit(panel), " nonsense")
    panel.output_activation.setCurrentIndex(panel.output_activation.findData("sigmoid"))
    assert text_edit(panel).toPlainText() == "dense 40 relu nonsense"


def test_what_is_half_typed_anywhere_is_never_trained(panel: TrainingPanel) -> None:
    write(panel, "dense 40 relu")
    wide = LayerTextFace(panel.form.layers, "wideLayerTextEdit")
    wide.edit.selectAll()
    wide.edit.insertPlainText("asdf")
    assert not panel.train_button.isEnabled()
    assert "asdf" in panel.train_button.toolTip()
    assert "asdf" in message(panel)  # and in the column, whose own text is right
    wide.edit.undo()
    assert panel.train_button.isEnabled()
    panel.form.layers.note_draft("card", "Filters must be an integer.")
    assert panel.train_button.toolTip() == "Filters must be an integer."
    panel.form.layers.note_draft("card", "")
    assert panel.train_button.isEnabled()


def test_undo_goes_back_to_the_recipe_that_was_started_from(panel: TrainingPanel) -> None:
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn-fast"))
    panel.epochs.setValue(3)
    before = panel.config()
    QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    assert _said(panel, "settingsChangedLabel") == "With the recipe's own settings"
    panel.epochs.setValue(4)
    assert _said(panel, "settingsChangedLabel") == "1 setting changed"
    panel.form.layers.remove(0)
    panel.form.layers.undo()
    panel.form.layers.undo()
    assert panel.config() == before
    panel.form.layers.redo()
    assert panel.config().architecture == CUSTOM


def test_starting_from_a_network_again_ends_what_is_half_typed(panel: TrainingPanel) -> None:
    write(panel, "dense 40 relu")
    QTest.keyClicks(text_edit(panel), " nonsense")
    panel.form.layers.load(panel.form.layers.cards, "start again")
    assert text_edit(panel).toPlainText() == "dense 40 relu"
    assert panel.train_button.isEnabled()


def test_what_was_set_meanwhile_is_there_again_after_undo_and_redo(panel: TrainingPanel) -> None:
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn-fast"))
    QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    panel.epochs.setValue(12)
    panel.form.layers.undo()
    panel.form.layers.redo()
    assert (panel.config().architecture, panel.config().epochs) == (CUSTOM, 12)


def test_a_half_typed_setting_does_not_keep_a_recipe_from_being_opened(
    panel: TrainingPanel,
) -> None:
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn"))
    panel.batch_size.lineEdit().setText("abc")
    QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    assert panel.architecture.currentData() == CUSTOM
    assert panel.form.layers.text.startswith("conv ")


def test_layers_are_remembered_by_a_window_that_is_closed_at_once(open_window: object) -> None:
    first: MainWindow = open_window()  # type: ignore[operator]
    panel = first.training_panel
    panel.architecture.setCurrentIndex(panel.architecture.findData(CUSTOM))
    write(panel, "dense 78 tanh")
    settings = first._services.settings
    first.close()
    assert settings.value("layers") == "dense 78 tanh"


def test_the_editor_trains_the_layers_it_shows(open_window: object, qtbot: QtBot) -> None:
    window: MainWindow = open_window()  # type: ignore[operator]
    panel = window.training_panel
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn-fast"))
    QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    panel.form.layers.load(parse_layers("dense 12 relu"), "start")
    panel.architecture.setCurrentIndex(panel.architecture.findData("dense-10"))
    with qtbot.waitSignal(panel.train_requested) as wished:
        window.training.editor.view.train_requested.emit()
    assert (wished.args[0].architecture, wished.args[0].layers) == (CUSTOM, "dense 12 relu")
    qtbot.waitUntil(panel.stop_button.isEnabled)
    panel.stop_button.click()


def test_words_that_may_follow_are_offered_while_one_is_typed(panel: TrainingPanel) -> None:
    edit = text_edit(panel)
    write(panel, "")
    QTest.keyClicks(edit, "drop")
    shown = offers()
    assert shown is not None
    assert shown.model().index(0, 0).data().startswith("dropout   Sets random values to 0")
    QTest.keyClick(shown, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "dropout"
    assert offers() is None


def test_return_ends_the_line_unless_a_word_was_turned_to(panel: TrainingPanel) -> None:
    edit = text_edit(panel)
    write(panel, "")
    QTest.keyClicks(edit, "dense 10 re")
    assert offers() is not None
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == "dense 10 re\n"
    assert offers() is None
    QTest.keyClicks(edit, "flat")
    shown = offers()
    assert shown is not None
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert edit.toPlainText() == "dense 10 re\nflatten"


def test_control_and_space_lists_what_may_follow(panel: TrainingPanel) -> None:
    edit = text_edit(panel)
    write(panel, "conv ")
    QTest.keyClick(edit, Qt.Key.Key_Space, CONTROL)
    shown = offers()
    assert shown is not None
    assert "how many patterns it looks for" in shown.model().index(0, 0).data()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert offers() is None


def test_tab_leaves_the_text(panel: TrainingPanel) -> None:
    edit = text_edit(panel)
    write(panel, "flatten")
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "flatten"
    assert not edit.hasFocus()


@pytest.mark.parametrize(
    "nonsense", ["؟ مرحبا", "conv 99999999999 3x3", "\x00", "dense -1", "😀 " * 200], ids=range(5)
)
def test_nonsense_that_is_pasted_is_a_sentence(panel: TrainingPanel, nonsense: str) -> None:
    edit = text_edit(panel)
    before = panel.form.layers.text
    edit.selectAll()
    QApplication.clipboard().setText(nonsense)
    edit.paste()
    assert message(panel).startswith("Line 1, column ")
    assert panel.form.layers.text == before
    assert not panel.train_button.isEnabled()
    edit.undo()
    assert message(panel) == ""


def test_a_thousand_layers_are_refused_at_the_first_too_many(panel: TrainingPanel) -> None:
    edit = text_edit(panel)
    edit.selectAll()
    edit.insertPlainText("relu\n" * 1000)
    assert "at most 200 layers" in message(panel)
    assert not panel.train_button.isEnabled()


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_recipe_becomes_a_network_of_ones_own_with_its_settings(
    name: str, panel: TrainingPanel, qtbot: QtBot
) -> None:
    panel.architecture.setCurrentIndex(panel.architecture.findData(name))
    with qtbot.waitSignal(panel.form.layers_requested):
        QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    config, recipe = panel.config(), ARCHITECTURES[name].recipe
    given = {"architecture": name, "layers": "", "started_from": ""}
    assert config.architecture == CUSTOM
    assert config.changed(**given, hidden_units=recipe.hidden_units) == recipe
    planned = preset(name, recipe.hidden_units, recipe.output_activation)
    assert plan_of(config).layers == planned.layers


def test_layers_are_there_again_after_a_start(open_window: object, qtbot: QtBot) -> None:
    first: MainWindow = open_window()  # type: ignore[operator]
    panel = first.training_panel
    panel.architecture.setCurrentIndex(panel.architecture.findData(CUSTOM))
    write(panel, "dense 77 tanh")
    settings = first._services.settings
    qtbot.waitUntil(lambda: settings.value("layers") == "dense 77 tanh")
    second: MainWindow = open_window()  # type: ignore[operator]
    assert second.training_panel.form.layers.text == "dense 77 tanh"
    assert not second.training_panel.form.layers.steps.canUndo()


def test_what_the_outputs_end_in_is_the_setting_of_the_training(panel: TrainingPanel) -> None:
    form, output = panel.form, panel.form.layer_text.output
    assert output.currentText() == panel.config().output_activation == "softmax"
    output.setFocus()
    QTest.keyClick(output, Qt.Key.Key_Down)
    assert output.currentText() == panel.config().output_activation == "sigmoid"
    assert panel.output_activation.currentData() == "sigmoid"
    form.layers.undo()
    assert output.currentText() == panel.config().output_activation == "softmax"
    panel.output_activation.setCurrentIndex(panel.output_activation.findData("sigmoid"))
    assert output.currentText() == form.layers.output_activation == "sigmoid"


def test_a_recipe_can_be_chosen_while_the_layers_are_to_be_seen(
    open_window: object,
) -> None:
    window: MainWindow = open_window()  # type: ignore[operator]
    panel = window.training_panel
    panel.architecture.setCurrentIndex(panel.architecture.findData(CUSTOM))
    QTest.mouseClick(panel.form.layers_button, LEFT)
    assert window.training.editor.view.isVisible()
    panel.architecture.setCurrentIndex(panel.architecture.findData("dense-100"))
    assert panel.config().architecture == "dense-100"
    assert panel.config().output_activation == "sigmoid"


def test_a_run_is_named_by_what_its_network_began_with(panel: TrainingPanel) -> None:
    assert name_of(panel.config()) == "Own: conv 16, dense 64"
    panel.architecture.setCurrentIndex(panel.architecture.findData("cnn-fast"))
    QTest.mouseClick(panel.findChild(QPushButton, "editLayersButton"), LEFT)
    assert name_of(panel.config()) == "Convolutional, fast"
    panel.form.layers.change(0, filters=12)
    assert name_of(panel.config()) == "Convolutional, fast, changed"
    panel.architecture.setCurrentIndex(panel.architecture.findData("dense-10"))
    panel.form.use_layers()
    assert name_of(panel.config()) == "Convolutional, fast, changed"


def test_undo_takes_back_all_settings_of_a_run_that_were_used(panel: TrainingPanel) -> None:
    panel.epochs.setValue(3)
    panel.batch_size.setValue(77)
    before = panel.config()
    of_a_run = TrainingConfig(CUSTOM, 9, 200, 0.01, layers="dense 30 relu;dropout 0.1")
    panel.show_config(of_a_run)
    assert panel.config() == of_a_run.changed(layers="dense 30 relu; dropout 0.1")
    panel.form.layers.undo()
    assert panel.config() == before
    panel.form.layers.redo()
    assert (panel.config().epochs, panel.config().layers) == (9, "dense 30 relu; dropout 0.1")
