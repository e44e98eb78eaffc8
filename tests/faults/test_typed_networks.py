"""Networks of random layers, as they may be typed: built, trained, kept, resumed and exported.

``TYPED`` sets how many are compared with Keras (1,000), ``TRAINED`` how many of them are trained
(60), and ``TYPED_SEED`` which they are.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.exports.check import check_digits, keras_scores, onnx_scores, page_scores
from mnist_desktop.exports.export import export_run
from mnist_desktop.inference.network import LiteRTNetwork
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.layer_check import check_layers, plan_layers, plan_text
from mnist_desktop.networks.layer_text import layers_text, parse_layers
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.training.architectures import CUSTOM_LAYERS
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras
from mnist_desktop.training.progress import BatchProgress
from mnist_desktop.training.trainer import train
from tests.made_layer_texts import random_cards, random_network

TYPED = int(os.environ.get("TYPED", "1000"))
TRAINED = int(os.environ.get("TRAINED", "60"))
SEED = int(os.environ.get("TYPED_SEED", "1"))
BROKEN = 500
MOST_SECONDS = 0.016  # of a check: a frame


class KilledError(Exception):
    """The program is gone."""


def never() -> bool:
    return False


@pytest.mark.timeout(6000)
def test_plans_of_typed_networks_are_what_keras_builds() -> None:
    keras = load_keras()
    kinds: dict[str, int] = {}
    for seed in range(TYPED):
        cards = random_network(np.random.default_rng([SEED, seed]), 10)
        text = layers_text(cards)
        plan = plan_text(text)
        assert plan == plan_layers(cards)
        network = build_network(plan)
        assert plan.parameters == network.count_params(), text
        for one in plan.layers:
            layer = network.get_layer(one.name)
            assert layer.output.shape[1:] == one.output_shape, text
            assert tuple(tuple(weight.shape) for weight in layer.weights) == one.weights, text
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        keras.backend.clear_session()
    print(f"{TYPED:,} networks with these layers: {kinds}")


def test_what_does_not_fit_is_refused_with_repairs_that_work() -> None:
    rng = np.random.default_rng([SEED, 10])
    broken = whole = offered = 0
    while broken < BROKEN:
        cards = random_cards(rng, int(rng.integers(1, 12)))
        problem = check_layers(cards).problem
        if problem is None:
            continue
        broken += 1
        assert problem.sentence.endswith(".")
        offered += bool(problem.repairs)
        single = [cards[:index] + cards[index + 1 :] for index in range(len(cards))]
        can_be_repaired = any(check_layers(one).problem is None for one in single)
        repaired = [check_layers(one.apply(cards)).problem is None for one in problem.repairs]
        whole += any(repaired)
        assert any(repaired) or not can_be_repaired, layers_text(cards)
    print(f"{broken} broken networks: {offered} with repairs; {whole} are whole after one of them")
    assert offered == broken


def test_an_edit_of_thirty_layers_is_checked_within_a_frame() -> None:
    text = "; ".join(["conv 16 3x3 padding=same", "batchnorm", "relu"] * 9 + ["flatten"] * 3)
    seconds = []
    for _ in range(100):
        began = time.perf_counter()
        check_layers(parse_layers(text))
        seconds.append(time.perf_counter() - began)
    print(f"30 layers: {np.median(seconds) * 1000:.2f} ms, at most {max(seconds) * 1000:.2f} ms")
    assert np.median(seconds) < MOST_SECONDS


@pytest.mark.timeout(20_000)
def test_typed_networks_are_trained_kept_resumed_and_exported(
    sample: Dataset, tmp_path: Path
) -> None:
    few = replace(sample, train=sample.train.take(np.arange(0, len(sample.train), 10)))
    store, digits = RunStore(tmp_path / "runs"), check_digits()
    worst: dict[str, float] = {}
    for seed in range(TRAINED):
        cards = random_network(np.random.default_rng([SEED, 20, seed]), 8)
        layers = layers_text([one for one in cards if one.is_on])
        config = CUSTOM_LAYERS.recipe.changed(layers=layers, epochs=2, batch_size=100)
        run = NewTraining(config).run(
            TrainingContext(few, store), on_progress=lambda _: None, should_stop=never
        )
        assert_resumes(config, few, run.folder)
        run = RunStore(store.root).get(run.record.id)
        assert plan_text(run.record.config.layers) == plan_text(layers)
        expected = keras_scores(run.folder / "model.keras", digits)
        readers = {
            "keras": keras_scores,
            "litert": lambda path, images: LiteRTNetwork(path, 10).outputs(images),
            "onnx": onnx_scores,
            "html": page_scores,
        }
        for name, read in readers.items():
            output = export_run(run, name, tmp_path / f"net.{name}")
            found = float(np.abs(read(output, digits) - expected).max())
            worst[name] = max(worst.get(name, 0.0), found)
            assert found <= 1e-4, (name, layers)
        print(f"{seed + 1}: {layers}", flush=True)
    print(f"{TRAINED} networks; largest difference from Keras: {worst}")


def assert_resumes(config: TrainingConfig, few: Dataset, folder: Path) -> None:
    """Train again, die in the second epoch, and go on: the weights are those of the kept run."""
    import keras

    def kill(progress: object) -> None:
        if isinstance(progress, BatchProgress) and progress.epoch == 2:
            raise KilledError

    states: list[TrainingState] = []
    with pytest.raises(KilledError):
        train(config, few, on_progress=kill, should_stop=never, keep_state=states.append)
    resumed = train(config, few, on_progress=lambda _: None, should_stop=never, state=states[-1])
    kept = keras.saving.load_model(folder / "model.keras")
    for mine, theirs in zip(kept.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
