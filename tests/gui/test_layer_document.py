"""The layers of a network while they are edited: each step, and each step back."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mnist_desktop.networks.card_kinds import CARD_KINDS
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_text import card_text, parse_layers
from mnist_desktop.networks.limits import MAX_LAYERS
from mnist_desktop.ui.train.layer_document import STARTER, LayerDocument

TEXT = "conv 16 3x3 relu; pool; flatten; dense 64 relu"


@pytest.fixture
def document(qapp: object) -> LayerDocument:
    return LayerDocument(TEXT)


def texts(document: LayerDocument) -> list[str]:
    return [card_text(card) for card in document.cards]


def test_it_begins_with_a_network_that_can_be_built(qapp: object) -> None:
    document = LayerDocument()
    assert document.text == STARTER
    assert document.checked.plan is not None


STEPS = {
    "insert": (
        lambda one: one.insert(2, LayerCard("batchnorm")),
        "conv 16 3x3 relu; pool; batchnorm; flatten; dense 64 relu",
        2,
    ),
    "insert several": (
        lambda one: one.insert(4, LayerCard("dropout", {"rate": 0.5}), LayerCard("relu")),
        f"{TEXT}; dropout 0.5; relu",
        5,
    ),
    "remove": (lambda one: one.remove(1), "conv 16 3x3 relu; flatten; dense 64 relu", 1),
    "remove the last": (lambda one: one.remove(3), "conv 16 3x3 relu; pool; flatten", 2),
    "move down": (lambda one: one.move(0, 2), "pool; flatten; conv 16 3x3 relu; dense 64 relu", 2),
    "move up": (lambda one: one.move(3, 0), "dense 64 relu; conv 16 3x3 relu; pool; flatten", 0),
    "duplicate": (
        lambda one: one.duplicate(0),
        "conv 16 3x3 relu; conv 16 3x3 relu; pool; flatten; dense 64 relu",
        1,
    ),
    "switch": (
        lambda one: one.switch(1, is_on=False),
        "conv 16 3x3 relu; off pool; flatten; dense 64 relu",
        1,
    ),
    "change": (
        lambda one: one.change(0, filters=8, kernel=(5, 5)),
        "conv 8 5x5 relu; pool; flatten; dense 64 relu",
        0,
    ),
    "load": (lambda one: one.load(parse_layers("dense 5"), "start from something"), "dense 5", -1),
    "type": (lambda one: one.type_text(parse_layers("flatten; dense 5")), "flatten; dense 5", -1),
}


@pytest.mark.parametrize("name", STEPS)
def test_each_step_is_told_selected_and_undone(
    name: str, document: LayerDocument, qtbot: QtBot
) -> None:
    do, after, selected = STEPS[name]
    with qtbot.waitSignal(document.changed):
        do(document)
    assert document.text == after
    assert document.selected == selected
    assert len(document.checked.layers) == len(document.cards) + 1
    document.undo()
    assert (document.text, document.selected) == (TEXT, -1)
    document.redo()
    assert (document.text, document.selected) == (after, selected)


def test_a_repair_is_a_step_like_any_other(document: LayerDocument) -> None:
    document.remove(2)
    problem = document.checked.problem
    assert problem is not None
    document.repair(problem.repairs[0])
    assert document.text == TEXT
    assert document.steps.undoText() == problem.repairs[0].sentence


def test_turning_a_number_is_one_step_until_it_comes_to_rest(document: LayerDocument) -> None:
    for filters in range(17, 30):
        document.change(0, filters=filters)
    document.settle()
    document.change(0, filters=40)
    document.undo()
    assert texts(document)[0] == "conv 29 3x3 relu"
    document.undo()
    assert document.text == TEXT
    assert not document.steps.canUndo()


def test_turning_a_number_back_leaves_no_step(document: LayerDocument) -> None:
    document.change(0, filters=17)
    document.change(0, filters=16)
    assert not document.steps.canUndo()


def test_nothing_that_changes_nothing_is_a_step(document: LayerDocument, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(document.changed):
        document.move(1, 1)
        document.move(1, 9)
        document.switch(0, is_on=True)
        document.change(0, filters=16)
        document.type_text(document.cards)
    assert not document.steps.canUndo()


def test_more_layers_than_are_accepted_are_refused_in_a_sentence(
    document: LayerDocument, qtbot: QtBot
) -> None:
    document.load([LayerCard("relu")] * MAX_LAYERS, "fill it")
    with qtbot.waitSignal(document.refused) as told:
        document.duplicate(3)
    assert str(MAX_LAYERS) in told.args[0]
    assert len(document.cards) == MAX_LAYERS


def test_the_outputs_are_checked_with_their_activation(document: LayerDocument) -> None:
    document.set_output_activation("sigmoid")
    plan = document.checked.plan
    assert plan is not None
    assert plan.layers[-1].settings["activation"] == "sigmoid"


@pytest.mark.parametrize("seed", range(3))
def test_any_steps_can_all_be_undone_and_done_again(seed: int, document: LayerDocument) -> None:
    rng = np.random.default_rng(seed)
    kinds = list(CARD_KINDS)
    steps = ("insert", "remove", "move", "duplicate", "switch", "undo", "redo")
    for step in rng.choice(steps, 300):
        count = len(document.cards)
        index = int(rng.integers(count)) if count else 0
        if step == "insert" or not count:
            document.insert(int(rng.integers(count + 1)), LayerCard(str(rng.choice(kinds))))
        elif step in ("remove", "duplicate"):
            getattr(document, step)(index)
        elif step == "move":
            document.move(index, int(rng.integers(count)))
        elif step == "switch":
            document.switch(index, is_on=rng.random() < 0.5)
        else:
            getattr(document, step)()
        assert -1 <= document.selected < max(1, len(document.cards))
    while document.steps.canRedo():
        document.redo()
    last = document.text
    while document.steps.canUndo():
        document.undo()
    assert document.text == TEXT
    while document.steps.canRedo():
        document.redo()
    assert document.text == last
