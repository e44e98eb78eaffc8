"""A run as code to take home: a Keras script or a Jupyter notebook that needs no MNIST Desktop.

Both consist of the same sections: some words for a learner, and code.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mnist_desktop import formats
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.exports.augmentation_code import augmentation_functions, augmentation_layers
from mnist_desktop.files.writing import write_text
from mnist_desktop.formats import percent
from mnist_desktop.networks.card_kinds import CARD_KINDS
from mnist_desktop.networks.keras_code import INDENT, keras_code
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_check import plan_layers
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.printable import printable
from mnist_desktop.runs.network_plan import plan_of_run
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.compiled_network import (
    FIRST_RATE,
    SGD_MOMENTUM,
    WARM_UP,
    takes_one_hot,
)
from mnist_desktop.training.config import TrainingConfig

WIDTH = 88  # characters of a line of words
MAX_NAME = 80


@dataclass(frozen=True)
class Section:
    """A part of a program.

    Attributes
    ----------
    title : str
        What it is about.
    words : str
        What happens in it, and why.
    code : tuple of str
        Lines of Python.
    """

    title: str
    words: str
    code: tuple[str, ...]


def own_plan(run: Run) -> NetworkPlan:
    """Plan the network of a run as its file has it, without arguments that Keras would take anyway.

    Raises
    ------
    InvalidInputError
        If it was made from the bundled reader.
    InvalidSettingError
        If it has a layer that this program does not offer.
    ModelFileError
        If its file cannot be read.
    """
    if run.record.config.architecture == READER.id:
        raise InvalidInputError(
            "The bundled reader learnt from drawings for an hour, which cannot be written as a "
            "script; export it for Keras or ONNX instead."
        )
    return plan_layers(cards_of(plan_of_run(run)), run.record.config.output_activation)


def write_script(record: RunRecord, plan: NetworkPlan, path: Path) -> None:
    """Write a run as a Python script.

    Parameters
    ----------
    record : RunRecord
        What was trained, and how.
    plan : NetworkPlan
        Its network, see `own_plan`.
    path : Path
        The file.
    """
    lines: list[str] = []
    for section in sections(record, plan):
        lines += [f"# {section.title}", "#", *_commented(section.words), *section.code, ""]
    write_text(path, "\n".join([*lines, "plt.show()", ""]))


def write_notebook(record: RunRecord, plan: NetworkPlan, path: Path) -> None:
    """Write a run as a Jupyter notebook, in version 4.5 of its format.

    Parameters
    ----------
    record : RunRecord
        What was trained, and how.
    plan : NetworkPlan
        Its network, see `own_plan`.
    path : Path
        The file.
    """
    cells: list[dict[str, object]] = []
    for number, section in enumerate(sections(record, plan)):
        heading = "#" if number == 0 else "##"
        words = [f"{heading} {section.title}", "", section.words]
        cells.append(_cell("markdown", f"words-{number}", words))
        code = _cell("code", f"code-{number}", section.code)
        cells.append({**code, "execution_count": None, "outputs": []})
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    write_text(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def _cell(kind: str, name: str, lines: tuple[str, ...] | list[str]) -> dict[str, object]:
    source = [f"{line}\n" for line in lines[:-1]] + [*lines[-1:]]
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source}


def _commented(words: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(words, WIDTH)]


def sections(record: RunRecord, plan: NetworkPlan) -> Iterator[Section]:
    """Return the sections of the program that trains a run's network once more.

    Parameters
    ----------
    record : RunRecord
        What was trained, and how.
    plan : NetworkPlan
        Its network, see `own_plan`.

    Yields
    ------
    Section
        In order; the first one tells what the program is.
    """
    config = record.config.changed(validation_share=record.validation_share)
    yield _beginning(record)
    yield _digits(config, plan)
    yield from _augmentation(config)
    yield _network(config, plan)
    yield _training(config)
    yield _test(record)
    yield _confusion()
    yield _curves(config)


def _beginning(record: RunRecord) -> Section:
    name = printable(record.name, MAX_NAME)
    test = f"the test {record.dataset.classes.noun}s"
    others = "" if record.dataset.name == "mnist" else ", though on all of MNIST"
    reads = (
        f"MNIST Desktop has trained this network on {record.dataset.title}: it read "
        f"{percent(record.test_accuracy)} of {test} correctly. This program trains it anew, with "
        f"the same layers and settings{others}. It needs Keras with a backend such as TensorFlow, "
        "and matplotlib: pip install keras tensorflow matplotlib"
    )
    code = (
        "import keras",
        "import matplotlib.pyplot as plt",
        "import numpy as np",
        "from keras import layers",
        "",
        "# The same seed gives the same initial weights, order of digits and dropout.",
        f"keras.utils.set_random_seed({record.config.seed})",
    )
    return Section(f"“{name}”: a network that reads handwritten digits", reads, code)


def _digits(config: TrainingConfig, plan: NetworkPlan) -> Section:
    words = (
        "MNIST has 60,000 digits to learn from and 10,000 to test with: images of 28×28 pixels "
        "from 0 (paper) to 255 (ink). Networks learn best from small numbers, so the pixels are "
        "brought to 0 to 1. The labels say which digit an image shows."
    )
    shape = (28, 28, 1) if config.augment.is_on else plan.input_shape
    sides = ", ".join(map(str, shape))
    code = [
        "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()",
        f'x_train = x_train.reshape(-1, {sides}).astype("float32") / 255',
        f'x_test = x_test.reshape(-1, {sides}).astype("float32") / 255',
    ]
    if config.validation_share:
        code += [
            "",
            "# Some digits are held out: how they are read shows how the training is going.",
            f"held_out = round({config.validation_share!r} * len(x_train))",
            "chosen = np.random.default_rng(0).permutation(len(x_train))",
            "x_val, y_val = x_train[chosen[:held_out]], y_train[chosen[:held_out]]",
            "x_train, y_train = x_train[chosen[held_out:]], y_train[chosen[held_out:]]",
        ]
    return Section("The digits", words, tuple(code))


def _augmentation(config: TrainingConfig) -> Iterator[Section]:
    """Yield what Keras has no layer for, if that is used."""
    code = augmentation_functions(config.augment)
    if code:
        words = (
            "Digits that are changed a little each time they are used keep a network from learning "
            "them by heart. Keras has layers for some changes; the others are written here."
        )
        yield Section("The augmentation", words, code)


def _network(config: TrainingConfig, plan: NetworkPlan) -> Section:
    words = (
        f"{formats.count(len(plan.layers), 'layer')} with "
        f"{formats.count(plan.parameters, 'parameter')}, from the pixels to ten scores, one for "
        "each digit; the highest score is the prediction. Behind each layer stands the shape of "
        "what it gives for one digit."
    )
    words += "".join(f" {kind}: {sentence}" for kind, sentence in _kinds(plan).items())
    before = augmentation_layers(config.augment)
    if before:
        words += (
            " While the network learns, what stands before its own layers changes each digit a "
            f"little, differently each time. {config.augment.words}."
        )
    code = (*keras_code(plan, before), "network.summary()")
    return Section("The network", words, code)


def _kinds(plan: NetworkPlan) -> dict[str, str]:
    """What each kind of layer is for, in the order in which they come up."""
    sentences = {one.layer: one.sentence for one in reversed([*CARD_KINDS.values()]) if one.layer}
    sentences["Add"] = "Adds up what two ways through the network give."
    kinds = [one.kind for one in plan.layers if one.kind != "Activation"]
    return {kind: sentences[kind] for kind in kinds if kind in sentences}


_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "sgd": "SGD"}
_SCHEDULES = {
    "linear": "PolynomialDecay({rate}, steps, end_learning_rate=0.0)",
    "cosine": "CosineDecay({rate}, steps)",
    "one-cycle": (
        f"CosineDecay(\n{INDENT}{FIRST_RATE} * {{rate}}, steps - rising, warmup_target={{rate}}, "
        "warmup_steps=rising\n)"
    ),
}


def _training(config: TrainingConfig) -> Section:
    words = (
        "The network reads a batch of digits, the loss says how far its scores are from the "
        "labels, and the optimizer changes the weights a little, so that the loss falls. An epoch "
        "is one pass over all training digits."
    )
    about_rate, code, rate = _learning_rate(config)
    about_optimizer, optimizer = _optimizer(config, rate)
    about_loss, loss = _loss(config)
    code += [
        "network.compile(",
        f"{INDENT}optimizer={optimizer},",
        f"{INDENT}loss={loss},",
        f'{INDENT}metrics=["accuracy"],',
        ")",
    ]
    labels, held_out = "y_train", "y_val"
    if takes_one_hot(config):
        labels, held_out = (f"keras.utils.to_categorical({one}, 10)" for one in (labels, held_out))
    code += ["history = network.fit(", f"{INDENT}x_train,", f"{INDENT}{labels},"]
    code += [f"{INDENT}batch_size=batch_size,", f"{INDENT}epochs=epochs,"]
    if config.validation_share:
        code.append(f"{INDENT}validation_data=(x_val, {held_out}),")
    code += [f"{INDENT}verbose=2,", ")"]
    words += about_rate + about_optimizer + about_loss
    return Section("The training", words, tuple(code))


def _learning_rate(config: TrainingConfig) -> tuple[str, list[str], str]:
    """Return what is told of the learning rate, the lines that make it, and how it is named."""
    words, rate = "", repr(config.learning_rate)
    code = [f"epochs, batch_size = {config.epochs}, {config.batch_size}"]
    if config.schedule == "constant":
        return words, code, rate
    code.append("steps = epochs * int(np.ceil(len(x_train) / batch_size))")
    words = " The learning rate falls to zero by the last batch."
    if config.schedule == "one-cycle":
        words += f" Before that, it rises for the first {percent(WARM_UP, 0)} of the batches."
        code.append(f"rising = round({WARM_UP} * steps)")
    schedule = _SCHEDULES[config.schedule].format(rate=rate)
    code += f"rate = keras.optimizers.schedules.{schedule}".splitlines()
    return words, code, "rate"


def _optimizer(config: TrainingConfig, rate: str) -> tuple[str, str]:
    """Return what is told of the optimizer, and its code."""
    words, settings = "", [f"learning_rate={rate}"]
    if config.optimizer == "sgd":
        settings.append(f"momentum={SGD_MOMENTUM}")
    for name in ("beta_1", "beta_2") if config.optimizer.startswith("adam") else ():
        value = getattr(config, name)
        settings += [f"{name}={value!r}"] if value != getattr(TrainingConfig, name) else []
    if config.decay or config.optimizer == "adamw":  # which has one unless it is told otherwise
        settings.append(f"weight_decay={config.decay!r}")
    if config.decay:
        words = (
            " Each update also makes every weight a little smaller, by the weight decay times the "
            "learning rate, so that none stays large without need."
        )
    return words, f"keras.optimizers.{_OPTIMIZERS[config.optimizer]}({', '.join(settings)})"


def _loss(config: TrainingConfig) -> tuple[str, str]:
    """Return what is told of the loss, and its code."""
    if not takes_one_hot(config):
        return "", '"sparse_categorical_crossentropy"'
    words = " Labels are given as ten numbers here, a 1 for the digit and nine 0."
    if not config.label_smoothing:
        return words, '"categorical_crossentropy"'
    words += (
        f" Of each label, {config.label_smoothing:g} is spread evenly over the ten digits, so that "
        "the network does not become surer than it can be; the loss never comes to zero."
    )
    return (
        words,
        f"keras.losses.CategoricalCrossentropy(label_smoothing={config.label_smoothing!r})",
    )


def _test(record: RunRecord) -> Section:
    words = (
        "Only digits that the network has never seen tell how well it reads. MNIST Desktop's "
        f"training came to {percent(record.test_accuracy)}; another seed gives a slightly "
        "different result."
    )
    code = (
        "scores = network.predict(x_test, verbose=0)",
        "predictions = scores.argmax(axis=1)",
        "accuracy = np.mean(predictions == y_test)",
        'print(f"{accuracy:.2%} of the test digits are read correctly")',
    )
    return Section("The test", words, code)


def _confusion() -> Section:
    words = (
        "How often each digit (row) was predicted as each digit (column). What is off the "
        "diagonal are the mistakes."
    )
    code = (
        "matrix = np.zeros((10, 10), int)",
        "np.add.at(matrix, (y_test, predictions), 1)",
        "figure, axes = plt.subplots(figsize=(7, 7))",
        'axes.imshow(np.log1p(matrix), cmap="Blues")',
        "for label, prediction in np.ndindex(10, 10):",
        f"{INDENT}count = matrix[label, prediction]",
        f'{INDENT}color = "white" if label == prediction else "black"',
        f"{INDENT}if count:",
        f'{INDENT * 2}axes.text(prediction, label, count, ha="center", va="center", color=color)',
        'axes.set(xlabel="Predicted digit", ylabel="True digit", title="Confusion matrix")',
        "axes.set(xticks=range(10), yticks=range(10))",
    )
    return Section("The confusion matrix", words, code)


def _curves(config: TrainingConfig) -> Section:
    words = (
        "How loss and accuracy went, epoch by epoch. If the network gets better on the training "
        "digits only, it overfits."
    )
    code = [
        "figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))",
        "passed = range(1, epochs + 1)",
        'for axes, name in ((left, "loss"), (right, "accuracy")):',
        f'{INDENT}axes.plot(passed, history.history[name], marker="o", label="Training")',
    ]
    if config.validation_share:
        code.append(
            f'{INDENT}axes.plot(passed, history.history[f"val_{{name}}"], marker="o", '
            'label="Validation")'
        )
    code += [
        f'{INDENT}axes.set(xlabel="Epoch", ylabel=name.capitalize())',
        f"{INDENT}axes.legend()",
    ]
    return Section("The curves", words, tuple(code))
