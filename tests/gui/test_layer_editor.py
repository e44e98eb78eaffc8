"""A network of one's own is put together with mouse and keys, and checked at every step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from mouse import ONE, draw
from pages import LEFT, NONE
from PySide6.QtCore import QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from test_fits import cut, overlapping
from windows import services_of

from mnist_desktop.networks.card_kinds import CARD_KINDS, NO_ACTIVATION
from mnist_desktop.networks.examples import EXAMPLES
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_check import plan_layers
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.file_saver import CopyRequest
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.theme import ThemeController
from mnist_desktop.ui.train.card_widget import CardWidget
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.ui.train.layer_editor import LayerEditor
from mnist_desktop.ui.train.layer_palette import GROUPS
from mnist_desktop.ui.train.setting_fields import AS_SIZE, ChoiceBox, FlagBox, ValueBox
from mnist_desktop.workers.figures import FigureController

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LENET = EXAMPLES[0].layers
KEYS = {
    "undo": (Qt.Key.Key_Z, CONTROL),
    "redo": (Qt.Key.Key_Z, CONTROL | SHIFT),
    "duplicate": (Qt.Key.Key_D, CONTROL | SHIFT),
    "raise": (Qt.Key.Key_Up, ALT),
    "lower": (Qt.Key.Key_Down, ALT),
    "remove": (Qt.Key.Key_Delete, NONE),
    "switch": (Qt.Key.Key_Space, NONE),
    "next": (Qt.Key.Key_Down, NONE),
    "previous": (Qt.Key.Key_Up, NONE),
    "copy": (Qt.Key.Key_C, CONTROL),
    "paste": (Qt.Key.Key_V, CONTROL),
    "add": (Qt.Key.Key_Insert, NONE),
}


def copy(request: object) -> None:
    if isinstance(request, CopyRequest):
        request.put()


@pytest.fixture
def document() -> LayerDocument:
    return LayerDocument()


@pytest.fixture
def editor(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, document: LayerDocument
) -> Iterator[LayerEditor]:
    """The editor on its own, as narrow as it may become in the window."""
    theme = ThemeController(qapp, Settings(tmp_path / "settings.ini"))
    theme.apply()
    figures = FigureController()
    made = LayerEditor(document, figures)
    made.set_theme(theme.theme)
    made.save_requested.connect(copy)
    # As the form of the training does.
    made.start_requested.connect(
        lambda name, config: document.load(parse_layers(config.layers), f"start from {name}")
    )
    made.resize(528, 620)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    figures.close()
    made.close()
    made.deleteLater()


def card(editor: LayerEditor, index: int) -> CardWidget:
    """A card, in sight."""
    found = editor.cards.widget_of(index)
    QApplication.processEvents()
    return found


def field(editor: LayerEditor, index: int, name: str) -> ValueBox | ChoiceBox | FlagBox:
    return card(editor, index).fields[name]


def facts(editor: LayerEditor, index: int) -> str:
    return card(editor, index).facts.text()


def says(editor: LayerEditor, name: str) -> str:
    found = editor.findChild(QLabel, name)
    assert found is not None
    return found.text()


def press(editor: LayerEditor, step: str) -> None:
    """Press the key of a step where the focus is."""
    QTest.keyClick(QApplication.focusWidget() or editor, *KEYS[step])
    QApplication.processEvents()


def focus(editor: LayerEditor, index: int) -> None:
    """Click a card where it is blank."""
    QTest.mouseClick(card(editor, index), LEFT, pos=QPoint(8, 20))


def enter(editor: LayerEditor, index: int, name: str, text: str) -> None:
    """Type a value of a setting."""
    box = field(editor, index, name)
    assert isinstance(box, ValueBox)
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)


def add(editor: LayerEditor, words: str) -> None:
    """Add what is found in the palette."""
    press(editor, "add")
    line = editor.palette_list.line
    assert line.isVisible()
    QTest.keyClicks(line, words)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not line.isVisible()


def choose(box: ChoiceBox, text: str) -> None:
    """Choose a word as keys do."""
    box.setFocus()
    while box.currentText() != text:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        if box.currentIndex() == before:
            QTest.keyClick(box, Qt.Key.Key_Home)


def entry(editor: LayerEditor, name: str) -> QAction:
    """An entry of what to start from."""
    return {one.text(): one for one in editor.start_button.menu().actions()}[name]


def shown_value(part: QWidget) -> object:
    """What a field shows, as a value."""
    if isinstance(part, FlagBox):
        return part.isChecked()
    if isinstance(part, ChoiceBox):
        words = part.currentText().replace("no activation", NO_ACTIVATION).split()
        return words[0]
    assert isinstance(part, ValueBox)
    text = part.text()
    if text == AS_SIZE:
        return None
    if "×" in text:
        return tuple(map(int, text.split("×")))
    return float(text) if "." in text or "e" in text else int(text)


def shown_layers(editor: LayerEditor, count: int) -> str:
    """What all cards on the screen say, as text."""
    found = []
    for index in range(count):
        one = card(editor, index)
        assert one.accessibleName() == f"Layer {index + 1}: {CARD_KINDS[one.kind].title}"
        values = {name: shown_value(part) for name, part in one.fields.items()}
        found.append(LayerCard(one.kind, values, one.switch.isChecked()))
    return layers_text(found)


def places(editor: LayerEditor) -> dict[str, QRect]:
    """Where everything on the page lies that can be seen, but for what is said where it is wrong.

    Cards and their parts are known by their place in the list.
    """
    QApplication.processEvents()
    found = {}
    for one in editor.findChildren(QWidget):
        if one.isVisible() and one.window() is editor and one.objectName():
            row = one.parentWidget()
            owner = row.accessibleName() if isinstance(row, CardWidget) else one.accessibleName()
            place = QRect(one.mapTo(editor, QPoint(0, 0)), one.size())
            found[f"{owner} {one.objectName()}"] = place
    passing = ("epair", "Problem", "Totals", "Estimate", "layerFacts", "qt_")
    return {name: place for name, place in found.items() if not any(map(name.count, passing))}


def test_lenet_is_built_from_the_palette_by_keys(
    editor: LayerEditor, document: LayerDocument
) -> None:
    focus(editor, 0)
    for _ in range(5):
        press(editor, "remove")
    assert document.text == ""
    add(editor, "conv")  # a kind, whose settings are set on its card
    enter(editor, 0, "filters", "6")
    enter(editor, 0, "kernel", "5")
    choose(field(editor, 0, "activation"), "tanh")
    choose(field(editor, 0, "padding"), "same padding")
    add(editor, "average p")
    add(editor, "conv 16 5x5 tanh")  # or all at once, as in text
    add(editor, "avgpool; flatten; dense 120 tanh")
    add(editor, "dense 84 tanh")
    assert document.text == LENET
    assert shown_layers(editor, 7) == LENET
    assert says(editor, "layerTotalsLabel").startswith("8 layers · 61,706 parameters")
    assert facts(editor, 6) == "84 values · 10,164 parameters · 10,080 multiplications"


def test_the_palette_has_each_kind_with_its_sentence(editor: LayerEditor) -> None:
    offered = [kind for kinds in GROUPS.values() for kind in kinds]
    assert sorted([*offered, "softmax"]) == sorted(CARD_KINDS)
    QTest.mouseClick(editor.add_button, LEFT)
    entries = editor.palette_list.list
    said = {entries.item(row).text(): entries.item(row) for row in range(entries.count())}
    for word in offered:
        assert said[CARD_KINDS[word].title].toolTip() == CARD_KINDS[word].sentence
    QTest.mouseClick(
        entries.viewport(), LEFT, pos=entries.visualItemRect(said["Max pooling"]).center()
    )
    assert not entries.isVisible()
    assert facts(editor, 5) == "Max pooling needs an image, and is given a row of 64 values."


def test_the_palette_closes_when_something_else_is_meant(
    editor: LayerEditor, document: LayerDocument
) -> None:
    before = document.text
    for leave in (
        lambda: QTest.mouseClick(editor.palette_list, LEFT, pos=QPoint(520, 600)),
        lambda: QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Tab),
        lambda: QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Escape),
    ):
        focus(editor, 0)
        press(editor, "add")
        assert editor.palette_list.isVisible()
        leave()
        assert not editor.palette_list.isVisible()
    assert QApplication.focusWidget() is card(editor, 0)
    assert document.text == before


def test_what_is_found_nowhere_is_said_in_the_palette(editor: LayerEditor) -> None:
    before = shown_layers(editor, 5)
    press(editor, "add")
    QTest.keyClicks(editor.palette_list.line, "attention")
    entries = editor.palette_list.list
    assert [entries.item(row).text() for row in range(entries.count())] == ["Nothing found"]
    QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Return)
    assert editor.palette_list.isVisible()
    QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Escape)
    assert not editor.palette_list.isVisible()
    assert shown_layers(editor, 5) == before


def test_a_layer_that_does_not_fit_says_so_on_its_card_and_is_repaired_there(
    editor: LayerEditor, document: LayerDocument
) -> None:
    assert facts(editor, 0) == "24×24×16 · 416 parameters · 230,400 multiplications"
    assert facts(editor, 2) == "2,304 values"
    enter(editor, 0, "kernel", "30x30")
    first = card(editor, 0)
    assert first.facts.text() == "Convolution: 30×30 does not fit into 28×28."
    assert facts(editor, 1) == facts(editor, 4) == "–"
    assert editor.cards.output_row.facts.text() == "–"
    assert says(editor, "layerProblemLabel") == f"Layer 1: {first.facts.text()}"
    assert first.repair_button.text() == "Use padding=same for conv"
    QTest.mouseClick(first.repair_button, LEFT)
    assert document.cards[0].settings["padding"] == "same"
    assert field(editor, 0, "padding").currentText() == "same padding"
    assert facts(editor, 0).startswith("28×28×16")
    assert not first.repair_button.isVisible()
    assert says(editor, "layerTotalsLabel").startswith("6 layers")


def test_all_repairs_stand_below_the_layers_and_work(
    editor: LayerEditor, document: LayerDocument
) -> None:
    focus(editor, 2)
    press(editor, "remove")  # Flatten
    buttons = [one for one in editor.totals.repairs.findChildren(QPushButton) if one.isVisible()]
    assert [one.text() for one in buttons] == [
        "Add flatten before dense",
        "Add global-average before dense",
        "Remove dense",
    ]
    QTest.mouseClick(buttons[1], LEFT)
    assert document.text == ("conv 16 5x5 relu; pool; global-average; dense 64 relu; dropout 0.3")
    assert not any(one.isVisible() for one in buttons)


def test_outputs_that_cannot_be_are_repaired_in_their_row(
    editor: LayerEditor, document: LayerDocument
) -> None:
    document.load(parse_layers("conv 8 3x3"), "load")
    outputs = editor.cards.output_row
    assert outputs.facts.text().startswith("The ten outputs need a row of values")
    QTest.mouseClick(outputs.repair_button, LEFT)
    assert document.text == "conv 8 3x3; flatten"
    assert outputs.facts.text() == "10 values · 54,090 parameters · 54,080 multiplications"


def test_what_the_outputs_end_in_is_chosen_on_their_card_and_undone(
    editor: LayerEditor, document: LayerDocument, qtbot: QtBot
) -> None:
    outputs, before = editor.cards.output_row, document.text
    assert outputs.choice.isEnabled()
    with qtbot.waitSignals([document.output_requested, editor.edited]):
        choose(outputs.choice, "sigmoid")
    assert document.output_activation == "sigmoid"
    assert editor.text.output.currentText() == "sigmoid"
    assert document.checked.plan is not None
    assert document.checked.plan.layers[-1].settings["activation"] == "sigmoid"
    assert editor.undo_button.toolTip() == "Undo: end in sigmoid (Ctrl+Z)"
    QTest.keyClick(outputs.choice, Qt.Key.Key_Z, CONTROL)
    assert (document.output_activation, outputs.choice.currentText()) == ("softmax", "softmax")
    QTest.mouseClick(editor.redo_button, LEFT)
    assert (document.output_activation, outputs.choice.currentText()) == ("sigmoid", "sigmoid")
    assert document.text == before


def test_no_key_and_no_mouse_moves_or_removes_the_outputs(
    editor: LayerEditor, document: LayerDocument
) -> None:
    outputs, before = editor.cards.output_row, document.text
    focus(editor, 2)
    outputs.choice.setFocus()
    assert document.selected == -1
    for key, modifiers in (KEYS[one] for one in ("raise", "lower", "duplicate", "remove")):
        QTest.keyClick(outputs.choice, key, modifiers)
    QTest.mousePress(outputs, LEFT, pos=QPoint(10, 15))
    QTest.mouseMove(outputs, QPoint(10, -200))
    QTest.mouseRelease(outputs, LEFT, pos=QPoint(10, -200))
    assert document.text == before
    assert not outputs.findChildren(QToolButton)


def test_who_looks_for_softmax_is_led_to_the_outputs(
    editor: LayerEditor, document: LayerDocument
) -> None:
    before, outputs = document.text, editor.cards.output_row
    document.set_output_activation("sigmoid")
    for now, said in (
        ("sigmoid", "Instead of sigmoid"),
        ("softmax", "The ten outputs already end in softmax"),
    ):
        focus(editor, 1)
        assert document.output_activation == now
        press(editor, "add")
        QTest.keyClicks(editor.palette_list.line, "softmax")
        chosen = editor.palette_list.list.currentItem()
        assert chosen.text() == "Softmax outputs"
        assert chosen.toolTip().startswith(said)
        QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Return)
        assert document.output_activation == "softmax"
        assert QApplication.focusWidget() is outputs.choice
        assert not outputs.visibleRegion().isEmpty()
    assert document.text == before
    press(editor, "undo")
    assert document.output_activation == "sigmoid"


def test_a_layer_that_is_a_softmax_can_still_be_typed(
    editor: LayerEditor, document: LayerDocument
) -> None:
    press(editor, "add")
    QTest.keyClicks(editor.palette_list.line, "dense 10; softmax")
    QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Return)
    assert document.text.endswith("dense 10; softmax")


def test_cards_are_dragged_to_where_the_line_is(
    editor: LayerEditor, document: LayerDocument
) -> None:
    editor.resize(700, 700)
    QApplication.processEvents()
    grip, first, last = QPoint(10, 15), card(editor, 0), card(editor, 4)
    line = editor.cards.drag.line
    QTest.mousePress(first, LEFT, pos=grip)
    down = first.mapFromGlobal(last.mapToGlobal(QPoint(10, last.height() - 2)))
    for step in range(1, 6):
        QTest.mouseMove(first, grip + (down - grip) * (step / 5))
    assert line.isVisible()
    bottom = last.mapTo(editor.cards.widget(), QPoint(0, last.height())).y()
    assert abs(line.geometry().center().y() - bottom) < 6
    QTest.mouseRelease(first, LEFT, pos=down)
    assert not line.isVisible()
    assert document.text == "pool; flatten; dense 64 relu; dropout 0.3; conv 16 5x5 relu"
    assert document.selected == 4
    assert QApplication.focusWidget() is card(editor, 4)
    press(editor, "undo")

    moved = card(editor, 3)
    up = moved.mapFromGlobal(card(editor, 1).mapToGlobal(QPoint(10, 4)))
    QTest.mousePress(moved, LEFT, pos=grip)
    QTest.mouseMove(moved, grip - QPoint(0, 30))
    QTest.mouseMove(moved, up)
    QTest.mouseRelease(moved, LEFT, pos=up)
    assert document.text == "conv 16 5x5 relu; dense 64 relu; pool; flatten; dropout 0.3"


def test_escape_leaves_a_dragged_card_where_it_was(
    qtbot: QtBot, editor: LayerEditor, document: LayerDocument
) -> None:
    before, first = document.text, card(editor, 0)
    gone = []
    editor.back_requested.connect(lambda: gone.append(True))
    QTest.mousePress(first, LEFT, pos=QPoint(10, 15))
    QTest.mouseMove(first, QPoint(10, 200))
    assert editor.cards.drag.is_under_way
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert not editor.cards.drag.is_under_way
    QTest.mouseRelease(first, LEFT, pos=QPoint(10, 200))
    assert (document.text, gone) == (before, [])
    QTest.keyClick(first, Qt.Key.Key_Escape)
    assert gone == []


def test_escape_ends_what_is_innermost_and_never_leaves_the_page(
    editor: LayerEditor, document: LayerDocument
) -> None:
    gone = []
    editor.back_requested.connect(lambda: gone.append(True))
    focus(editor, 0)
    kernel = field(editor, 0, "kernel")
    kernel.setFocus()
    press(editor, "add")
    QTest.keyClick(editor.palette_list.line, Qt.Key.Key_Escape)
    assert not editor.palette_list.isVisible()
    assert QApplication.focusWidget() is kernel
    for focused, selected in ((card(editor, 0), 0), (editor.cards, -1), (editor.cards, -1)):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is focused
        assert document.selected == selected
    assert gone == []
    QTest.keyClick(editor.cards, Qt.Key.Key_Left, ALT)
    assert gone == [True]


def test_a_button_looks_as_usual_once_its_menu_is_closed(editor: LayerEditor, qtbot: QtBot) -> None:
    button, elsewhere = editor.start_button, editor.totals
    QTest.mouseMove(elsewhere)
    QApplication.processEvents()
    before = button.grab().toImage()
    QTest.mouseMove(button)
    qtbot.waitUntil(button.underMouse)
    assert button.grab().toImage() != before

    def leave_and_close() -> None:
        assert button.menu().isVisible()
        QCursor.setPos(elsewhere.mapToGlobal(elsewhere.rect().center()))
        # As under X11, where the button is not told that the mouse leaves it for the menu.
        button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
        QTest.keyClick(button.menu(), Qt.Key.Key_Escape)

    QTimer.singleShot(0, leave_and_close)
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: not button.underMouse())
    assert not button.isDown()
    assert button.grab().toImage() == before


def test_a_long_list_scrolls_while_a_card_is_held_at_its_edge(
    qtbot: QtBot, editor: LayerEditor, document: LayerDocument
) -> None:
    document.load(parse_layers("flatten; " + "dense 20 relu; " * 9), "load")
    first = card(editor, 0)
    bar, view = editor.cards.verticalScrollBar(), editor.cards.viewport()
    QTest.mousePress(first, LEFT, pos=QPoint(10, 15))
    edge = first.mapFrom(editor, view.mapTo(editor, QPoint(10, view.height() - 3)))
    QTest.mouseMove(first, edge)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    QTest.mouseRelease(first, LEFT, pos=first.mapFrom(editor, view.mapTo(editor, QPoint(10, 400))))
    assert document.text.startswith("dense 20 relu")
    assert document.text.count("flatten") == 1


@pytest.mark.parametrize(
    ("step", "becomes"),
    [
        ("remove", "pool; flatten; dense 64 relu; dropout 0.3"),
        ("lower", "pool; conv 16 5x5 relu; flatten; dense 64 relu; dropout 0.3"),
        ("duplicate", "conv 16 5x5 relu; conv 16 5x5 relu; pool; flatten; dense 64 relu; "
         "dropout 0.3"),
        ("switch", "off conv 16 5x5 relu; pool; flatten; dense 64 relu; dropout 0.3"),
    ],
)  # fmt: skip
def test_what_a_key_does_to_a_card_is_undone_and_done_again(
    editor: LayerEditor, document: LayerDocument, step: str, becomes: str
) -> None:
    before = document.text
    focus(editor, 0)
    press(editor, step)
    assert document.text == becomes
    count = len(document.cards)
    assert shown_layers(editor, count) == becomes
    words = document.steps.undoText()
    assert editor.undo_button.toolTip() == f"Undo: {words} (Ctrl+Z)"
    press(editor, "undo")
    assert document.text == shown_layers(editor, 5) == before
    assert editor.redo_button.toolTip() == f"Redo: {words} (Ctrl+Shift+Z)"
    QTest.mouseClick(editor.redo_button, LEFT)
    assert document.text == shown_layers(editor, count) == becomes
    QTest.mouseClick(editor.undo_button, LEFT)
    assert document.text == before
    assert not editor.undo_button.isEnabled()


def test_the_buttons_of_a_card_do_what_keys_do(
    editor: LayerEditor, document: LayerDocument
) -> None:
    QTest.mouseClick(card(editor, 4).duplicate_button, LEFT)
    assert document.text.endswith("dropout 0.3; dropout 0.3")
    QTest.mouseClick(card(editor, 4).switch, LEFT, pos=QPoint(8, 12))
    assert document.text.endswith("off dropout 0.3; dropout 0.3")
    assert facts(editor, 4) == "Off · 64 values passes it unchanged"
    QTest.mouseClick(card(editor, 5).remove_button, LEFT)
    assert document.text.endswith("relu; off dropout 0.3")


def test_a_number_that_is_typed_counts_at_once_and_is_one_step(
    editor: LayerEditor, document: LayerDocument
) -> None:
    box = field(editor, 0, "filters")
    seen = []
    document.changed.connect(lambda: seen.append(document.cards[0].settings["filters"]))
    enter(editor, 0, "filters", "128")
    assert seen == [1, 12, 128]
    assert facts(editor, 0).startswith("24×24×128 · 3,328 parameters")
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_Up)
    for text in ("144", "128", "16"):
        assert box.text() == text
        assert document.cards[0].settings["filters"] == int(text)
        QTest.keyClick(box, *KEYS["undo"])  # the page's, and not that of the line of text
    assert not document.steps.canUndo()


@pytest.mark.parametrize("typed", ["0", "99999", "-3", "1e9", "9" * 400, "שלום", "٣", "5x", ""])
def test_what_cannot_be_a_value_is_said_and_gives_way_to_the_one_before(
    editor: LayerEditor, document: LayerDocument, typed: str
) -> None:
    before = document.text
    box = field(editor, 0, "filters")
    box.setFocus()
    box.selectAll()
    if typed:
        QGuiApplication.clipboard().setText(typed)
        QTest.keyClick(box, *KEYS["paste"])
    else:
        QTest.keyClick(box, Qt.Key.Key_Delete)
    assert facts(editor, 0) == "Filters must be an integer from 1 to 4,096."
    assert document.text == before
    editor.back_button.setFocus()
    assert box.text() == "16"
    assert facts(editor, 0).startswith("24×24×16")


@pytest.mark.parametrize(
    ("kind", "name", "start", "up_and_down"),
    [
        ("conv", "filters", "16", ("18", "16")),
        ("dense", "units", "128", ("144", "128")),
        ("conv", "kernel", "3×5", ("4×6", "3×5")),
        ("pool", "stride", "as size", ("1×1", "as size")),
        ("dropout", "rate", "0.3", ("0.35", "0.3")),
        ("batchnorm", "epsilon", "0.001", ("0.0015", "0.001")),
        ("batchnorm", "momentum", "0.95", ("0.999", "0.95")),
        ("dropout", "rate", "0", ("0.05", "0")),
    ],
)
def test_arrows_go_from_value_to_value(
    editor: LayerEditor, kind: str, name: str, start: str, up_and_down: tuple[str, str]
) -> None:
    editor.document.load((LayerCard(kind),), "load")
    if start != AS_SIZE:
        enter(editor, 0, name, start)
    box = field(editor, 0, name)
    assert box.text() == start
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.text() == up_and_down[0]
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.text() == up_and_down[1]


def test_layers_are_copied_and_pasted_as_text(editor: LayerEditor, document: LayerDocument) -> None:
    clipboard = QGuiApplication.clipboard()
    focus(editor, 3)
    press(editor, "copy")
    assert clipboard.text() == "dense 64 relu"
    press(editor, "paste")
    assert document.text.endswith("dense 64 relu; dense 64 relu; dropout 0.3")
    QTest.mouseClick(editor.copy_button, LEFT)
    assert parse_layers(clipboard.text()) == document.cards
    clipboard.setText("BatchNorm\nRELU")
    QTest.mouseClick(editor.paste_button, LEFT)
    assert document.text.endswith("dense 64 relu; batchnorm; relu; dropout 0.3")
    assert document.selected == 6


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("once upon a time", "What is on the clipboard are no layers. Line 1, column 1: “once” "),
        ("שלום עולם", "What is on the clipboard are no layers. Line 1, column 1: "),
        ("", "There are no layers on the clipboard; copy some first."),
        ("relu\n" * 1000, "What is on the clipboard are no layers. Line 201, column 1: a network"),
        ("relu\n" * 199, "A network may have 200 layers at most; remove some first."),
        ("x" * 3_000_000, "What is on the clipboard are no layers. "),
    ],
    ids=["prose", "right to left", "nothing", "a thousand", "too many", "long"],
)
def test_what_cannot_be_pasted_is_a_sentence_and_nothing_is_lost(
    editor: LayerEditor, document: LayerDocument, text: str, sentence: str
) -> None:
    before, where = document.text, places(editor)
    QGuiApplication.clipboard().setText(text)
    QTest.mouseClick(editor.paste_button, LEFT)
    assert says(editor, "layerProblemLabel").startswith(sentence)
    assert editor.findChild(QLabel, "layerProblemLabel").isVisible()
    assert document.text == before
    assert places(editor) == where


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_preset_opens_as_what_it_is(
    editor: LayerEditor, document: LayerDocument, name: str
) -> None:
    one = ARCHITECTURES[name]
    before = document.text
    entry(editor, one.name).trigger()
    made, preset = plan_layers(document.cards, one.recipe.output_activation), one.plan(one.recipe)
    assert [(each.kind, dict(each.settings), each.weights) for each in made.layers] == [
        (each.kind, dict(each.settings), each.weights) for each in preset.layers
    ]
    assert made.input_shape == preset.input_shape
    assert shown_layers(editor, len(document.cards)) == document.text
    if document.text != before:
        QTest.mouseClick(editor.undo_button, LEFT)
    assert document.text == before


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_examples_are_networks_to_start_from(
    editor: LayerEditor, document: LayerDocument, example: object
) -> None:
    entry(editor, example.name).trigger()  # type: ignore[attr-defined]
    assert document.text == example.layers  # type: ignore[attr-defined]
    assert document.checked.problem is None


def test_a_sentence_is_read_whole_on_a_narrow_card(
    editor: LayerEditor, document: LayerDocument
) -> None:
    tops = [card(editor, index).geometry() for index in range(3)]
    document.change(0, kernel=(64, 64))
    document.insert(0, LayerCard("flatten"))
    document.undo()
    for text in (
        "conv 8 3x3; dense 10",
        "conv 8 3x3",
        "pool; pool; pool; pool; pool",
        "flatten; pool",
    ):
        document.load(parse_layers(text), "load")
        problem = document.checked.problem
        assert problem is not None
        at_end = problem.index == len(document.cards)
        row = editor.cards.output_row if at_end else card(editor, problem.index)
        room = row.facts.fontMetrics().boundingRect(
            QRect(0, 0, row.facts.width(), 1000), Qt.TextFlag.TextWordWrap, row.facts.text()
        )
        assert room.height() <= row.facts.height(), row.facts.text()
    document.load(parse_layers("conv 16 5x5; pool; flatten"), "load")
    assert [card(editor, index).geometry() for index in range(3)] == tops


def test_nothing_moves_when_something_is_wrong(
    editor: LayerEditor, document: LayerDocument
) -> None:
    editor.show_estimate("")
    before = places(editor)
    assert len(before) > 30
    enter(editor, 0, "kernel", "64")
    assert editor.findChild(QLabel, "layerProblemLabel").isVisible()
    assert places(editor) == before
    enter(editor, 0, "kernel", "99")
    assert places(editor) == before
    enter(editor, 0, "kernel", "5")
    editor.show_estimate("About 12 s an epoch here. " * 20)
    assert places(editor) == before
    focus(editor, 1)
    press(editor, "switch")
    assert places(editor) == before


@pytest.mark.parametrize("width", [528, 1000])
def test_every_part_of_a_card_has_a_place_of_its_own(
    editor: LayerEditor, document: LayerDocument, width: int
) -> None:
    editor.resize(width, 620)
    document.load([LayerCard(kind) for kind in CARD_KINDS], "load")
    for index in range(len(document.cards)):
        one = card(editor, index)
        parts = [
            *one.fields.values(),
            one.switch,
            one.duplicate_button,
            one.remove_button,
            one.facts,
        ]
        for part in parts:
            assert one.rect().contains(part.geometry()), (one.kind, part.objectName())
        for number, part in enumerate(parts):
            for other in parts[:number]:
                assert not part.geometry().intersects(other.geometry()), one.kind
        for part in one.fields.values():
            if isinstance(part, ValueBox):
                room = part.lineEdit().width() - 4
                assert part.fontMetrics().horizontalAdvance(part.text()) <= room, part.objectName()


def test_keys_go_from_card_to_card_and_into_one(
    editor: LayerEditor, document: LayerDocument
) -> None:
    sizes = "; ".join(f"dense {units} relu" for units in range(1, 41))
    document.load(parse_layers(f"flatten; {sizes}"), "load")
    editor.cards.setFocus()
    for index in range(41):
        press(editor, "next")
        assert QApplication.focusWidget() is editor.cards.widget_of(index)
        assert document.selected == index
    view = editor.cards.viewport()
    assert view.rect().contains(
        QRect(card(editor, 40).mapTo(view, QPoint(0, 0)), card(editor, 40).size())
    )
    QTest.keyClick(card(editor, 40), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is field(editor, 40, "units")
    QTest.keyClick(field(editor, 40, "units"), Qt.Key.Key_Up, ALT)
    assert document.selected == 39
    assert QApplication.focusWidget() is field(editor, 39, "units")  # which moved along
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CONTROL)
    editor.cards.focus_selected()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Home)
    assert QApplication.focusWidget() is card(editor, 0)


def test_the_focus_goes_to_the_selected_card_when_its_own_is_gone(
    editor: LayerEditor, document: LayerDocument
) -> None:
    focus(editor, 0)
    add(editor, "relu")
    assert QApplication.focusWidget() is card(editor, 1)
    press(editor, "undo")
    assert document.selected == 0
    assert QApplication.focusWidget() is card(editor, 0)


def test_tab_goes_through_the_cards_in_their_order(
    editor: LayerEditor, document: LayerDocument
) -> None:
    focus(editor, 0)
    press(editor, "lower")  # made first, and now the second
    focus(editor, 0)
    passed = []
    for _ in range(12):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        passed.append(QApplication.focusWidget())
    one, other = card(editor, 0), card(editor, 1)
    expected = [*one.fields.values(), other, *other.fields.values(), card(editor, 2)]
    assert passed[: len(expected)] == expected


def test_the_wheel_scrolls_and_changes_no_value(
    editor: LayerEditor, document: LayerDocument
) -> None:
    before = document.text
    document.load(parse_layers(before + "; relu" * 20), "load")
    bar = editor.cards.verticalScrollBar()
    now = document.text
    for name in ("filters", "activation", "kernel"):
        bar.setValue(0)
        box = field(editor, 0, name)
        place = QPointF(box.mapTo(editor, QPoint(5, 5)))
        QTest.wheelEvent(editor.windowHandle(), place, QPoint(0, -120))
        assert bar.value() > 0
    assert document.text == now


def test_nothing_scrolls_under_the_mouse(editor: LayerEditor, document: LayerDocument) -> None:
    document.load(parse_layers("conv 4 3x3; " * 9 + "flatten"), "load")
    bar, box, second = editor.cards.verticalScrollBar(), field(editor, 1, "bias"), card(editor, 1)
    for part in (second, box):
        document.select(5)
        bar.setValue(190)
        seen = second.visibleRegion().boundingRect().height()
        assert 20 < seen < second.height()  # its upper part is out of sight
        bottom = QPoint(8, part.height() - 8)
        QTest.mousePress(part, LEFT, pos=bottom)
        QTest.mouseMove(part, bottom + QPoint(1, 0))
        assert not editor.cards.drag.is_under_way
        QTest.mouseRelease(part, LEFT, pos=bottom)
        assert document.selected == 1
        assert bar.value() == 190
    assert not document.cards[1].settings["bias"]
    QTest.mouseClick(editor.cards.widget_of(2).remove_button, LEFT)
    assert len(document.cards) == 9
    assert bar.value() == 190


def test_a_card_that_is_added_or_chosen_elsewhere_comes_into_sight(
    editor: LayerEditor, document: LayerDocument
) -> None:
    document.load(parse_layers("flatten; " + "dense 20; " * 20), "load")
    bar = editor.cards.verticalScrollBar()
    document.insert(20, LayerCard("relu"))
    assert bar.value() > bar.maximum() - 200
    document.select(1)
    assert bar.value() < 200


def test_what_changes_while_a_card_is_dragged_ends_that(
    editor: LayerEditor, document: LayerDocument
) -> None:
    first = card(editor, 0)
    QTest.mousePress(first, LEFT, pos=QPoint(10, 15))
    QTest.mouseMove(first, QPoint(10, 200))
    assert editor.cards.drag.is_under_way
    document.remove(0)
    assert not editor.cards.drag.is_under_way
    QTest.mouseRelease(first, LEFT, pos=QPoint(10, 200))
    assert document.text == "pool; flatten; dense 64 relu; dropout 0.3"


def test_only_cards_in_sight_are_made(editor: LayerEditor, document: LayerDocument) -> None:
    document.load(parse_layers("conv 4 3x3 padding=same; relu; " * 99), "load")
    assert len(editor.findChildren(CardWidget)) < 40
    assert facts(editor, 197) == "28×28×4"
    assert facts(editor, 0).startswith("28×28×4 · 40 parameters")
    assert len(editor.findChildren(CardWidget)) < 40


def test_the_diagram_is_of_the_layers_as_they_are(
    qtbot: QtBot, editor: LayerEditor, document: LayerDocument
) -> None:
    figure, menu = editor.diagram.figure, editor.diagram.menu
    QTest.mouseClick(editor.findChild(QToolButton, "layersDiagramButton"), LEFT)

    def drawn() -> str:
        return " ".join(text.get_text() for text in figure.axes[0].texts) if figure.axes else ""

    qtbot.waitUntil(lambda: "416 parameters" in drawn())
    document.change(0, filters=8)
    qtbot.waitUntil(lambda: "208 parameters" in drawn())
    with qtbot.waitSignal(editor.save_requested) as asked:
        menu.menu().actions()[1].trigger()
    assert asked.args[0].name == "network"
    document.change(0, kernel=(40, 40))
    qtbot.waitUntil(lambda: not figure.isVisible())
    assert says(editor, "diagramWordsLabel").endswith("40×40 does not fit into 28×28.")
    assert not menu.isEnabled()
    document.undo()
    qtbot.waitUntil(figure.isVisible)


def test_the_code_is_keras_and_can_be_copied(
    qtbot: QtBot, editor: LayerEditor, document: LayerDocument
) -> None:
    QTest.mouseClick(editor.findChild(QToolButton, "layersCodeButton"), LEFT)
    QTest.mouseClick(editor.code.copy_button, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith(
        "import keras\nfrom keras import layers\n\nnetwork = keras.Sequential(\n"
    )
    assert 'layers.Conv2D(16, 5, activation="relu"),  # gives 24×24×16' in text
    compile(text, "network.py", "exec")
    document.remove(2)
    qtbot.waitUntil(lambda: not editor.code.copy_button.isEnabled())
    assert editor.code.code.toPlainText() == ""
    assert "Dense needs a row of values" in says(editor, "codeWordsLabel")


def test_what_is_typed_on_the_face_of_text_becomes_cards(editor: LayerEditor, qtbot: QtBot) -> None:
    QTest.mouseClick(editor.findChild(QToolButton, "layersTextButton"), LEFT)
    edit = editor.findChild(QPlainTextEdit, "wideLayerTextEdit")
    assert edit.isVisible()
    edit.selectAll()
    edit.insertPlainText("flatten\ndense 12 tanh")
    QTest.mouseClick(editor.findChild(QToolButton, "layersCardsButton"), LEFT)
    assert editor.document.text == "flatten; dense 12 tanh"
    qtbot.waitUntil(lambda: len(shown_cards(editor)) == 2)


def shown_cards(editor: LayerEditor) -> list[CardWidget]:
    return [one for one in editor.cards.findChildren(CardWidget) if one.isVisible()]


def test_a_network_to_start_from_brings_its_settings(editor: LayerEditor, qtbot: QtBot) -> None:
    with qtbot.waitSignal(editor.start_requested) as asked:
        entry(editor, "Residual network").trigger()
    (name, config), usual = asked.args, ARCHITECTURES["cnn-accurate"].recipe
    assert (name, config.layers) == ("Residual network", EXAMPLES[1].layers)
    assert (config.epochs, config.augment) == (usual.epochs, usual.augment)


def test_a_search_that_is_no_layer_is_told_and_corrected(editor: LayerEditor) -> None:
    palette = editor.palette_list
    for typed, rows in {
        "conv 6 5x5 tanh same": ["conv 6 5x5 tanh padding=same", "This is not a layer yet"],
        "dropout 20%": ["This is not a layer yet"],
    }.items():
        palette.open_below(editor.add_button, "softmax")
        QTest.keyClicks(palette.line, typed)
        assert [palette.list.item(row).text() for row in range(palette.list.count())] == rows
        palette.close_again()
    palette.open_below(editor.add_button, "softmax")
    QTest.keyClicks(palette.line, "dense")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert editor.document.cards[-1].settings["activation"] == "relu"


def test_a_setting_that_is_half_typed_is_told_at_the_foot(editor: LayerEditor) -> None:
    enter(editor, 0, "filters", "0")
    assert "Filters must be an integer from 1" in says(editor, "layerProblemLabel")
    assert editor.document.draft
    enter(editor, 0, "filters", "7")
    assert editor.document.draft == ""


def test_train_can_be_pressed_as_the_window_offers_it(editor: LayerEditor, qtbot: QtBot) -> None:
    button = editor.findChild(QPushButton, "trainLayersButton")
    editor.offer_train(False, "Not now.")
    assert (button.isEnabled(), button.toolTip()) == (False, "Not now.")
    editor.offer_train(True, "Train this network")
    with qtbot.waitSignal(editor.train_requested):
        QTest.mouseClick(button, LEFT)


@pytest.fixture
def in_window(qtbot: QtBot, window: MainWindow, document: LayerDocument) -> Iterator[LayerEditor]:
    """The editor over the pages of the smallest window."""
    services = services_of(window)
    made = LayerEditor(document, services.figures)
    made.save_requested.connect(copy)
    middle = window.tabs.parentWidget()
    assert isinstance(middle, QStackedWidget)
    middle.addWidget(made)
    middle.setCurrentWidget(made)
    window.resize(1024, 700)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() and window.width() == 1024)
    yield made
    middle.removeWidget(made)
    made.deleteLater()


def test_nothing_is_cut_in_the_smallest_window(
    window: MainWindow, in_window: LayerEditor, document: LayerDocument
) -> None:
    for text in (LENET, "dense 10; conv 4 3x3", "conv 64 3x3; dense 4000 relu"):
        document.load(parse_layers(text), "load")
        for mode in ("light", "dark"):
            services_of(window).theme.set_mode(mode)
            in_window.set_theme(services_of(window).theme.theme)
            for button in in_window.faces.buttons():
                button.click()
                QApplication.processEvents()
                assert [*cut(in_window), *overlapping(in_window)] == []


def test_keys_are_the_editors_and_not_the_pads(
    window: MainWindow, in_window: LayerEditor, document: LayerDocument
) -> None:
    pad = window.draw_panel.pad
    draw(pad, ONE)
    before = document.text
    focus(in_window, 0)
    press(in_window, "remove")
    assert not document.text.startswith("conv")
    assert not pad.is_empty
    press(in_window, "undo")
    assert document.text == before
    assert not pad.is_empty
    press(in_window, "copy")
    press(in_window, "paste")
    assert document.text.startswith("conv 16 5x5 relu; conv 16 5x5 relu; pool")
    assert not pad.is_empty
    pad.setFocus()
    QTest.keyClick(pad, *KEYS["undo"])
    assert pad.is_empty


@pytest.mark.parametrize("seed", [1, 2])
def test_after_three_hundred_edits_the_cards_show_what_there_is(
    editor: LayerEditor, document: LayerDocument, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    kinds = list(CARD_KINDS)
    steps = ["undo", "redo", "duplicate", "raise", "lower", "remove", "switch", "next", "previous"]
    for _ in range(300):
        count, act = len(document.cards), chance.random()
        if count < 4 or (act < 0.12 and count < 40):
            add(editor, chance.choice(kinds))
        elif act < 0.3:
            one = card(editor, chance.randrange(count))
            if one.fields:
                part = chance.choice(list(one.fields.values()))
                part.setFocus()
                keys = [Qt.Key.Key_Up, Qt.Key.Key_Down]
                QTest.keyClick(
                    part, Qt.Key.Key_Space if isinstance(part, FlagBox) else chance.choice(keys)
                )
        elif act < 0.4:
            focus(editor, chance.randrange(count))
        else:
            if isinstance(QApplication.focusWidget(), ChoiceBox):  # has keys of its own
                editor.cards.focus_selected()
            press(editor, chance.choice(steps))
    assert shown_layers(editor, len(document.cards)) == document.text
    while document.steps.canUndo():
        document.undo()
    assert document.text == LayerDocument().text
    assert shown_layers(editor, 5) == document.text
