"""Code to take home: it runs by itself, and builds and trains the network that it was made of."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, as_network_input
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.exports.augmentation_code import augmentation_functions
from mnist_desktop.exports.code import WIDTH, own_plan, sections, write_notebook, write_script
from mnist_desktop.exports.export import export_run
from mnist_desktop.foreign.keras_file import read_keras_file
from mnist_desktop.networks.keras_code import keras_code
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layer_cards import cards_of
from mnist_desktop.networks.layer_check import plan_text
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.runs.record import RunRecord
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import ARCHITECTURES, CUSTOM_LAYERS, READER, plan_of
from mnist_desktop.training.augmentation import STANDARD, Augmentation
from mnist_desktop.training.augmented_batch import augment_batch
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras
from tests.made_layer_texts import random_network

BATCH = 50


def record_of(kept: Run, config: TrainingConfig) -> RunRecord:
    return replace(kept.record, config=config.changed(epochs=1, batch_size=BATCH))


@pytest.fixture
def few_digits(sample: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Keras's MNIST be a hundred digits, and no window open."""
    keras = load_keras()
    train, test = (digits.take(np.arange(0, 400, 4)) for digits in (sample.train, sample.test))
    loaded = ((train.images, train.labels), (test.images, test.labels))
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: loaded)
    monkeypatch.setattr(plt, "show", lambda: None)


def run_code(code: str) -> dict[str, Any]:
    """Run a program; return what it has made."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(code, "program.py", "exec"), names)  # noqa: S102 - it is our own
    finally:
        plt.close("all")
    return names


def shapes_of(network: Any) -> list[tuple[int, ...]]:
    """The shapes of its weights, which do not depend on how its layers are named or ordered."""
    return sorted(tuple(one.shape) for one in network.weights)


def assert_trains(record: RunRecord, names: dict[str, Any]) -> None:
    """Its network is the run's, and it has learnt, been tested and drawn."""
    config, network = record.config, names["network"]
    planned = sorted(shape for one in plan_of(config).layers for shape in one.weights)
    assert shapes_of(network) == planned
    held_out = round(config.validation_share * 100)
    assert int(network.optimizer.iterations) == -(-(100 - held_out) // BATCH)
    assert names["scores"].shape == (100, 10)
    assert names["matrix"].sum() == 100
    assert 0 <= names["accuracy"] <= 1


@pytest.mark.usefixtures("few_digits")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"schedule": "one-cycle", "label_smoothing": 0.125, "weight_decay": 0.02},
        {"optimizer": "adamw", "weight_decay": 0.0},
    ],
    ids=["plain", "smoothed and decaying", "AdamW without its decay"],
)
def test_a_script_trains_tests_and_draws(
    changes: dict[str, Any], kept: Run, tmp_path: Path
) -> None:
    record = record_of(kept, ARCHITECTURES["mlp"].recipe.changed(**changes))
    write_script(record, plan_of(record.config), tmp_path / "script.py")
    text = (tmp_path / "script.py").read_text(encoding="utf-8")
    assert "mnist_desktop" not in text
    names = run_code(text)
    assert_trains(record, names)
    assert (names["network"].optimizer.weight_decay or 0.0) == record.config.decay
    assert ("weight decay times" in " ".join(text.split("\n# "))) == bool(record.config.decay)


@pytest.mark.parametrize(
    "layers",
    [
        "residual 4; residual 6 stride=2; flatten",
        "conv 4 3x3; batchnorm; relu; residual 6 none; residual 6; residual 8 gelu; global-average",
        *(layers_text(random_network(np.random.default_rng(seed), 8)) for seed in range(8)),
    ],
)
def test_the_layers_of_a_file_are_those_that_were_typed(layers: str, tmp_path: Path) -> None:
    # Keras keeps layers by their depth, so that a shortcut stands within the path beside it.
    load_keras()
    build_network(plan_text(layers)).save(tmp_path / "model.keras")
    plan, _ = read_keras_file(tmp_path / "model.keras")
    typed = layers_text(card for card in parse_layers(layers) if card.is_on)
    assert layers_text(cards_of(plan)) == typed


@pytest.mark.usefixtures("few_digits")
def test_the_scripts_of_all_presets_and_of_ones_own_build_their_networks(kept: Run) -> None:
    typed = [layers_text(random_network(np.random.default_rng(seed), 8)) for seed in range(6)]
    for config in (
        *(one.recipe for one in ARCHITECTURES.values()),
        *(CUSTOM_LAYERS.recipe.changed(layers=layers) for layers in typed),
    ):
        plan = plan_of(config)
        found = sections(record_of(kept, config), plan)
        code = [line for section in found for line in section.code]
        names = run_code("\n".join(code[: code.index("network.summary()")]))
        assert shapes_of(names["network"]) == sorted(
            shape for one in plan.layers for shape in one.weights
        )
        assert names["network"].output_shape == (None, 10)


@pytest.mark.usefixtures("few_digits")
def test_the_notebook_runs_with_each_other_setting(kept: Run, tmp_path: Path) -> None:
    config = CUSTOM_LAYERS.recipe.changed(
        layers="conv 4 5x5 stride=2; residual 4; residual 6 stride=2; global-average",
        loss="categorical", output_activation="sigmoid", optimizer="sgd", schedule="constant",
        validation_share=0.0, augment=STANDARD,
    )  # fmt: skip
    record = replace(record_of(kept, config), name="“ \"\"\" '''\x85 # </script>")
    write_notebook(record, plan_of(record.config), tmp_path / "net.ipynb")
    notebook = json.loads((tmp_path / "net.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    kinds = [one["cell_type"] for one in notebook["cells"]]
    assert kinds == ["markdown", "code"] * (len(kinds) // 2)
    assert len({one["id"] for one in notebook["cells"]}) == len(kinds)
    code = "\n".join("".join(one["source"]) for one in notebook["cells"][1::2])
    assert_trains(record, run_code(code))
    write_script(record, plan_of(record.config), tmp_path / "script.py")
    ast.parse((tmp_path / "script.py").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("few_digits")
@pytest.mark.parametrize("name", ["cnn-small", "dense-50-50"])
def test_a_script_has_every_kind_of_augmentation(name: str, kept: Run, tmp_path: Path) -> None:
    augment = Augmentation(2, 10, 0.1, 10, 2, 0.5, 0.1, 6)
    record = record_of(kept, ARCHITECTURES[name].recipe.changed(augment=augment))
    write_script(record, plan_of(record.config), tmp_path / "script.py")
    text = (tmp_path / "script.py").read_text(encoding="utf-8")
    assert "mnist_desktop" not in text
    assert max(map(len, text.splitlines())) <= WIDTH + 2
    names = run_code(text)
    assert_trains(record, names)
    still = names["network"](names["x_test"][:5], training=False)
    np.testing.assert_array_equal(still, names["network"](names["x_test"][:5], training=False))


def own_layer(augment: Augmentation) -> Any:
    """The layer that a script makes of changes that Keras has no layer for."""
    load_keras()
    code = ["import keras", "import numpy as np", "from keras import layers"]
    code += augmentation_functions(augment)
    return run_code("\n".join(code))["Augmentation"]()


@pytest.mark.parametrize("name", ["shear", "elastic", "stroke", "noise", "erase"])
def test_what_a_script_changes_differs_as_much_as_here(name: str, sample: Dataset) -> None:
    import tensorflow as tf

    amount = {"shear": 20, "elastic": 2, "stroke": 0.8, "noise": 0.2, "erase": 10}[name]
    augment = Augmentation(**{name: amount})
    pixels = as_network_input(sample.train.images[:1000], (28, 28, 1))
    after = (
        own_layer(augment)(pixels, training=True),
        augment_batch(tf.constant(pixels), tf.constant((1, 2)), augment),
    )
    theirs, ours = (np.asarray(one, np.float64) - pixels for one in after)
    assert np.abs(theirs).mean() == pytest.approx(np.abs(ours).mean(), rel=0.1)
    assert theirs.mean() == pytest.approx(ours.mean(), abs=0.1 * np.abs(ours).mean())
    each = [np.abs(one).mean(axis=(1, 2, 3)).std() for one in (theirs, ours)]
    assert each[0] == pytest.approx(each[1], rel=0.2)


def test_a_script_without_changes_of_its_own_has_no_section_for_them(kept: Run) -> None:
    config = ARCHITECTURES["cnn-accurate"].recipe
    assert config.augment == STANDARD
    found = list(sections(record_of(kept, config), plan_of(config)))
    assert "The augmentation" not in [one.title for one in found]
    code = [line.strip() for one in found for line in one.code]
    assert code.count('layers.RandomRotation(8 / 360, fill_mode="constant"),') == 1


def test_code_is_what_one_would_write(kept: Run) -> None:
    plan = plan_of(CUSTOM_LAYERS.recipe.changed(layers="conv 16 5x3 relu; pool; flatten"))
    assert keras_code(plan) == [
        "network = keras.Sequential(",
        "    [",
        "        keras.Input(shape=(28, 28, 1)),",
        '        layers.Conv2D(16, (5, 3), activation="relu"),  # gives 24×26×16',
        "        layers.MaxPooling2D(),  # gives 12×13×16",
        "        layers.Flatten(),  # gives 2,496",
        '        layers.Dense(10, activation="softmax"),  # gives 10',
        "    ]",
        ")",
    ]
    titles = [one.title for one in sections(kept.record, plan)]
    assert titles[1:] == [
        "The digits", "The network", "The training", "The test", "The confusion matrix",
        "The curves",
    ]  # fmt: skip


def test_a_run_is_exported_as_code(kept: Run, tmp_path: Path) -> None:
    text = export_run(kept, "script", tmp_path / "net.py").read_text(encoding="utf-8")
    assert "layers.Conv2D(16, 5, use_bias=False)" in text
    assert "PolynomialDecay" not in text
    rate = kept.record.config.learning_rate
    assert kept.record.config.schedule == "one-cycle"
    assert (
        f"    0.1 * {rate!r}, steps - rising, warmup_target={rate!r}, warmup_steps=rising" in text
    )
    notebook = json.loads(export_run(kept, "notebook", tmp_path / "net.ipynb").read_text("utf-8"))
    assert "Shared" in "".join(notebook["cells"][0]["source"])
    reader = replace(kept.record, config=READER.recipe)
    with pytest.raises(InvalidInputError, match="cannot be written as a script"):
        own_plan(replace(kept, record=reader))


def test_code_is_of_the_layers_that_the_runs_file_has(kept: Run, tmp_path: Path) -> None:
    later = replace(kept, record=replace(kept.record, config=ARCHITECTURES["mlp"].recipe))
    text = export_run(later, "script", tmp_path / "net.py").read_text(encoding="utf-8")
    assert "layers.Conv2D(16, 5, use_bias=False)" in text
    assert "layers.Dense(64" not in text


def test_what_held_nothing_out_does_not_say_so(kept: Run) -> None:
    record = replace(kept.record, dataset=replace(kept.record.dataset, validation=0))
    code = [line for one in sections(record, plan_of(record.config)) for line in one.code]
    assert not any("held_out" in line or "x_val" in line for line in code)
