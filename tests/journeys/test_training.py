"""Training networks, and what becomes of a training that is stopped, paused, killed or resumed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from program import DATA, SEVEN, Program, Sight, Start
from screen import Screen

pytestmark = pytest.mark.timeout(400)

# Name on the screen, epochs, and what test digits the least of them should come to on the sample.
RECIPES = {
    "dense-10": ("Single layer", 1, 0.6),
    "dense-100": ("One hidden layer", 2, 0.75),
    "flatten-dense-100": ("One hidden layer on 28×28", 2, 0.75),
    "dense-50-50": ("Two hidden layers", 2, 0.7),
    "mlp": ("Your own hidden layers", 1, 0.7),
    "cnn-fast": ("Convolutional, fast", 1, 0.75),
    "cnn": ("Convolutional", 1, 0.6),
    "cnn-accurate": ("Convolutional, accurate", 1, 0.05),
    "cnn-best": ("Convolutional, best", 1, 0.05),
    "cnn-small": ("Convolutional, small", 1, 0.05),
    "cnn-compact": ("Convolutional, compact", 1, 0.05),
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_recipe_is_trained_kept_and_shown(start: Start, recipe: str) -> None:
    name, epochs, least = RECIPES[recipe]
    program = start()
    program.train(name, epochs)
    record = program.wait_kept()
    assert record["config"]["architecture"] == recipe
    assert len(record["history"]) == epochs
    assert record["test_accuracy"] > least
    accuracy = f"{record['test_accuracy'] * 100:.2f}%"
    program.wait_says(f"Done: {accuracy} of the test digits read correctly")
    program.wait_until("the tile", lambda sight: accuracy in sight.texts())


@pytest.mark.skipif(not DATA, reason="MNIST_DESKTOP_DATA names no MNIST")
def test_all_of_mnist_learnt_from_an_empty_home(start: Start) -> None:
    program = start(MNIST_DESKTOP_DATA=DATA)
    program.wait_says("60,000")
    program.draw(SEVEN)
    program.wait_read("7")
    program.train("Single layer", 2)
    record = program.wait_kept()
    assert record["dataset"]["name"] == "mnist"
    assert record["test_accuracy"] > 0.9
    # The drawing on the pad was watched while the network learnt.
    assert "The new network: " in program.text("learningLabel")


def test_augmentation_is_set_seen_and_trained_with(start: Start) -> None:
    program = start()
    program.pick("architectureComboBox", "Single layer")
    program.click("moreSettingsButton")
    program.wait_text("augmentationButton", "Off …")
    program.click("augmentationButton")
    program.click("standardButton")
    program.fill("rotateSpinBox", "90")
    program.wait_says("a 6 becomes a 9")
    program.fill("rotateSpinBox", "12")
    program.wait_until("no warning", lambda s: s.get("augmentationWarning") == "")
    program.fill("eraseSpinBox", "4")
    program.wait_until("the digits", lambda s: not s.says("TensorFlow is being loaded"), 60)
    program.click("anotherDigitButton")
    program.click("augmentationOkButton")
    program.wait_text("augmentationButton", "4 changes …")
    program.press("Escape")
    program.wait_says("setting changed")
    program.train(epochs=1)
    config = program.wait_kept()["config"]
    assert config["augment"] == "shift=2 rotate=12 scale=0.08 erase=4"


def test_own_layers_and_settings(start: Start) -> None:
    program = start()
    program.pick("architectureComboBox", "Your own hidden layers")
    program.fill("hiddenUnitsEdit", "24, twelve")
    program.wait_until("a word", lambda s: "twelve" in s.get("hiddenUnitsMessage"))
    program.wait_until("Train to be refused", lambda s: not s.get("trainButton", "enabled"))
    program.fill("hiddenUnitsEdit", "24, 12")
    program.wait_enabled("trainButton")
    program.click("moreSettingsButton")
    program.pick("optimizerComboBox", "SGD with momentum")
    program.pick("outputActivationComboBox", "Softmax")
    program.fill("learningRateSpinBox", "0.1")
    program.pick("scheduleComboBox", "Cosine")
    program.fill("weightDecaySpinBox", "0.001")
    program.fill("labelSmoothingSpinBox", "0.1")
    program.set_number("batchSizeSpinBox", 64)
    program.fill("seedSpinBox", "9999999999")
    program.wait_says("From 0 to 2,147,483,647")
    program.set_number("seedSpinBox", 7)
    program.press("Escape")
    program.wait_says("settings changed")
    program.train(epochs=1)
    config = program.wait_kept()["config"]
    assert config["hidden_units"] == [24, 12]
    assert (config["optimizer"], config["output_activation"]) == ("sgd", "softmax")
    assert (config["learning_rate"], config["batch_size"], config["seed"]) == (0.1, 64, 7)
    assert (config["schedule"], config["weight_decay"]) == ("cosine", 0.001)
    assert config["label_smoothing"] == 0.1


def test_a_network_of_ones_own_typed_mended_trained_and_there_again(start: Start) -> None:
    program = start()
    program.pick("architectureComboBox", "Your own network")
    program.fill("layerTextEdit", "conv 8 5x5 relu")
    program.press("Return")
    program.write("pool")
    program.press("Return")
    program.write("dense 32 relu")
    program.wait_text(
        "layerTextMessage", "Line 3: Dense needs a row of values, and is given 12×12×8."
    )
    program.wait_until("Train to be refused", lambda s: not s.get("trainButton", "enabled"))
    program.click("mendTextButton")
    layers = "conv 8 5x5 relu; pool; flatten; dense 32 relu"
    program.wait_text("layerTextEdit", layers.replace("; ", "\n"))
    program.train(epochs=1)
    record = program.wait_kept()
    assert (record["config"]["architecture"], record["config"]["layers"]) == ("custom", layers)
    assert record["test_accuracy"] > 0.6
    program.quit()
    again = start()
    again.pick("architectureComboBox", "Your own network")
    again.wait_text("layerTextEdit", layers.replace("; ", "\n"))


def test_a_recipe_rebuilt_from_cards_in_a_narrow_window(screen: Screen, start: Start) -> None:
    program = start()
    screen.do("windowsize", "--sync", program.window, 1024, 700)
    program.press("ctrl+1")
    program.pick("architectureComboBox", "Convolutional, fast")
    program.press("ctrl+l")
    program.wait_until("the cards", lambda s: s.named("layerCards") is not None)
    program.wait_says("55,834 parameters")
    program.press("Insert")
    program.wait_until("the palette", lambda s: s.named("paletteEdit") is not None)
    program.write("conv 8 3x3")
    program.press("Return")
    program.wait_says("Convolution needs an image")
    program.press("ctrl+z")
    program.wait_says("55,834 parameters")
    program.click("layersDiagramButton")
    program.wait_until("a diagram", has_diagram)
    program.click("layersCodeButton")
    program.wait_until("the code", lambda s: "layers.Conv2D(" in s.get("codeEdit"))
    program.click("trainLayersButton")
    program.wait_says("of the test digits read correctly", 180)  # the column of training is folded
    record = program.run_records()[-1]
    assert record["config"]["architecture"] == "custom"
    assert record["config"]["schedule"] == "one-cycle"  # the recipe's own settings
    assert record["test_accuracy"] > 0.75


def has_diagram(sight: Sight) -> bool:
    """Whether the diagram of a network is drawn."""
    return any(
        one["accessible_name"] == "Diagram of the network" and one.get("axes")
        for one in sight.reachable
    )


def begin_long(program: Program, epochs: int = 500) -> None:
    """Begin a training that does not end by itself, and wait until it has learnt something."""
    program.train("One hidden layer", epochs)
    program.wait_until("the first epochs", lambda s: epoch_of(s) > 2, 120)


def epoch_of(sight: object) -> int:
    """The epoch that is told under the progress bar."""
    label = sight.named("trainingStatusLabel")  # type: ignore[attr-defined]
    words = (label or {}).get("text", "").split()
    return int(words[1]) if words[:1] == ["Epoch"] else 0


def test_stop_keeps_what_was_learnt(start: Start) -> None:
    program = start()
    begin_long(program)
    assert "left" in program.text("trainingStatusLabel")
    program.press("ctrl+period")
    record = program.wait_kept()
    assert record["stopped"]
    assert 0 < len(record["history"]) < 500
    program.wait_says("Stopped early: ")
    program.go("Runs")
    program.find_cell("runsTable", record["name"])


def test_stop_with_the_best_epoch_kept(start: Start) -> None:
    program = start()
    program.click("moreSettingsButton")
    program.click("keepBestCheckBox")
    program.wait_until("the check", lambda s: (s.named("keepBestCheckBox") or {}).get("checked"))
    program.click("basicSettingsButton")
    begin_long(program)
    program.click("stopButton")
    record = program.wait_kept()
    assert record["stopped"]
    values = [(one["val_accuracy"], -one["val_loss"]) for one in record["history"]]
    best = values.index(max(values)) + 1
    assert best == len(values) or f"after epoch {best} was kept" in record["note"]


def test_pause_and_go_on(start: Start) -> None:
    program = start()
    begin_long(program)
    program.press("ctrl+space")
    program.wait_text("pauseButton", "Resume")
    program.wait_until("a pause", lambda _: is_still(program))
    program.click("pauseButton")
    before = epoch_of(program.see())
    program.wait_until("it to go on", lambda s: epoch_of(s) > before)
    program.press("ctrl+period")
    program.wait_kept()


def is_still(program: Program) -> bool:
    """Whether nothing moves from one look at the progress to the next ten."""
    looks = {program.see().get("trainingStatusLabel") for _ in range(10)}
    return len(looks) == 1


def test_killed_and_resumed(start: Start) -> None:
    program = start()
    begin_long(program)
    program.kill()
    again = start()
    again.find("unfinishedCard")
    again.click("resumeButton")
    again.wait_until("its name", lambda s: "Resuming" in s.get("trainingJobLabel"))
    assert again.see().get("epochsSpinBox", "value") == 500
    again.wait_until("it to go on", lambda s: epoch_of(s) > 2, 120)
    again.press("ctrl+period")
    record = again.wait_kept()
    assert record["stopped"]
    assert len(record["history"]) > 2


def test_an_interrupted_training_discarded(start: Start) -> None:
    program = start()
    begin_long(program)
    program.kill()
    again = start()
    again.click("discardButton")
    again.wait_until("the card to go", lambda s: s.named("unfinishedCard") is None)
    again.quit()
    third = start()
    third.wait_says("Digits: MNIST sample")
    assert third.see().named("unfinishedCard") is None


def test_asked_to_end_by_the_system_it_goes_on_next_time(start: Start) -> None:
    program = start()
    if "SIGTERM" not in program.signals:
        pytest.skip("Windows has no such request")
    begin_long(program)
    os.kill(program.process.pid, signal.SIGTERM)
    program.wait_ended()
    again = start()
    again.find("resumeButton")


@pytest.mark.parametrize(
    "answer", ["Keep going", "Stop and keep", "Resume later", "Cancel training"]
)
def test_closed_while_it_trains(start: Start, answer: str) -> None:
    program = start()
    begin_long(program)
    program.close_window()
    program.find("closeDialog")
    program.click(answer)
    if answer == "Keep going":
        before = epoch_of(program.see())
        program.wait_until("it to go on", lambda s: epoch_of(s) > before)
        program.press("ctrl+period")
        program.wait_kept()
        return
    program.wait_ended()
    again = start()
    again.wait_says("Digits: MNIST sample")
    runs, cards = again.run_records(), again.see().named("unfinishedCard")
    assert len(runs) == (1 if answer == "Stop and keep" else 0)
    assert (cards is not None) == (answer == "Resume later")


def test_trained_on_for_more_epochs(start: Start, lived_in: Path) -> None:
    program = start(lived_in)
    before = program.run_records()[-1]
    program.go("Runs")
    program.click_cell("runsTable", before["name"])
    program.choose("More", "Train on …")
    program.wait_says("How many more epochs")
    program.press("ctrl+a")
    program.write("2")
    program.press("Return")
    record = program.wait_kept(3)
    assert len(record["history"]) == len(before["history"]) + 2
