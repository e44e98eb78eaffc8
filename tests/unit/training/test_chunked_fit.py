"""Chunks are the same mathematics as Keras's own fit, in fewer calls."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset, Digits, as_network_input
from mnist_desktop.training.architectures import ARCHITECTURES, architecture, plan_of
from mnist_desktop.training.chunked_fit import ChunkedFit, batches_per_chunk, shuffled_chunks
from mnist_desktop.training.compiled_network import make_network, takes_one_hot
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras

keras = load_keras()


def make(
    config: TrainingConfig, digits: Digits, chunk: int, *, xla: bool
) -> tuple[Any, dict[str, Any]]:
    """Build a network and its chunks, the same ones each time."""
    keras.utils.set_random_seed(config.seed)
    model = make_network(config, -(-len(digits) // config.batch_size))
    return model, ChunkedFit(model, config, chunk, xla=xla).feed(
        digits, np.arange(len(digits)), config.seed
    )


def orders(digits: Digits, chunk: int, config: TrainingConfig, epochs: int) -> list[list[int]]:
    """Places of the digits in each epoch, as the chunks of `make` have them."""
    whole = chunk * config.batch_size
    chunks = shuffled_chunks(len(digits), whole, config.seed).as_numpy_iterator()
    an_epoch = -(-len(digits) // whole)
    return [
        [place for places, used in itertools.islice(chunks, an_epoch) for place in places[:used]]
        for _ in range(epochs)
    ]


@pytest.mark.parametrize(
    ("name", "xla", "changes"),
    [
        ("dense-100", True, {}),
        ("dense-100", False, {}),
        ("dense-50-50", True, {"optimizer": "sgd", "loss": "categorical"}),
        ("mlp", True, {"optimizer": "adamw", "schedule": "linear", "batch_size": 50}),
        ("mlp", True, {"label_smoothing": 0.2, "schedule": "one-cycle"}),
        ("cnn", False, {"batch_size": 100}),
    ],
)
def test_weights_after_an_epoch_agree_with_plain_fit_on_the_same_batches(
    name: str, xla: bool, changes: dict[str, Any], sample: Dataset
) -> None:
    digits = sample.train.take(np.arange(1010))  # the last batch is a shorter one
    config = ARCHITECTURES[name].recipe.changed(epochs=1, **changes)
    chunked, chunks = make(config, digits, 8, xla=xla)
    chunked.fit(**chunks, epochs=1, verbose=0, shuffle=False)

    plain, _ = make(config, digits, 8, xla=xla)
    (order,) = orders(digits, 8, config, 1)
    plain.train_function = None
    labels = digits.labels[order]
    truth = np.eye(10, dtype=np.float32)[labels] if takes_one_hot(config) else labels
    pixels = as_network_input(digits.images[order], plain.input_shape[1:])
    plain.fit(pixels, truth, batch_size=config.batch_size, shuffle=False, verbose=0)

    for one, other in zip(chunked.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


KERAS_OPTIMIZERS = {
    "adam": lambda decay: keras.optimizers.Adam(0.001, weight_decay=decay),
    "sgd": lambda decay: keras.optimizers.SGD(0.001, momentum=0.9, weight_decay=decay),
    "rmsprop": lambda decay: keras.optimizers.RMSprop(0.001, weight_decay=decay),
    "adamw": lambda decay: keras.optimizers.AdamW(0.001, weight_decay=decay),
}


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [*(("dense-50-50", optimizer) for optimizer in KERAS_OPTIMIZERS), ("cnn-fast", "sgd")],
)
def test_weight_decay_is_keras_own(name: str, optimizer: str, sample: Dataset) -> None:
    digits, rows = sample.train.take(np.arange(200)), 50
    config = TrainingConfig(
        name, epochs=1, batch_size=rows, optimizer=optimizer, weight_decay=0.3, label_smoothing=0.1
    )
    chunked, chunks = make(config, digits, 4, xla=name != "cnn-fast")
    plain = architecture(name).build(config)
    plain.set_weights(chunked.get_weights())
    plain.compile(
        KERAS_OPTIMIZERS[optimizer](0.3), keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    )
    chunked.fit(**chunks, epochs=1, verbose=0, shuffle=False)

    (order,) = orders(digits, 4, config, 1)
    pixels = as_network_input(digits.images[order], plain.input_shape[1:])
    truth = np.eye(10, dtype=np.float32)[digits.labels[order]]
    plain.fit(pixels, truth, batch_size=rows, shuffle=False, verbose=0)
    for one, other in zip(chunked.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_metrics_are_those_of_plain_fit(sample: Dataset) -> None:
    digits = sample.train.take(np.arange(500))
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=1)
    model, chunks = make(config, digits, 4, xla=True)
    found = model.fit(**chunks, epochs=1, verbose=0, shuffle=False).history
    plain, _ = make(config, digits, 4, xla=True)
    (order,) = orders(digits, 4, config, 1)
    plain.train_function = None
    pixels = as_network_input(digits.images[order], (784,))
    expected = plain.fit(
        pixels, digits.labels[order], batch_size=32, shuffle=False, verbose=0
    ).history
    assert found["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert found["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)


def test_the_loss_is_that_of_the_true_labels_also_if_smoothed_ones_are_learnt(
    sample: Dataset,
) -> None:
    digits = sample.train.take(np.arange(500))
    config = ARCHITECTURES["mlp"].recipe.changed(epochs=1, learning_rate=1e-9, label_smoothing=0.3)
    model, chunks = make(config, digits, 2, xla=True)
    found = model.fit(**chunks, epochs=1, verbose=0, shuffle=False).history
    scores = model.predict(as_network_input(digits.images, model.input_shape[1:]), verbose=0)
    truth = np.log(scores[np.arange(len(digits)), digits.labels])
    assert found["loss"] == pytest.approx([-truth.mean()], rel=1e-4)


@pytest.mark.parametrize("count", [1, 31, 32, 33, 255, 256, 257])
def test_each_epoch_takes_every_digit_once_in_an_order_of_its_own(
    count: int, sample: Dataset
) -> None:
    config = ARCHITECTURES["dense-10"].recipe
    digits = sample.train.take(np.arange(count))
    first, second = orders(digits, 8, config, 2)
    assert sorted(first) == sorted(second) == list(range(count))
    assert first != second or count == 1
    model, chunks = make(config, digits, 8, xla=False)
    model.fit(**chunks, epochs=1, verbose=0, shuffle=False)
    assert int(model.optimizer.iterations) == -(-count // 32)


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        ("dense-100", {}, 256),
        ("dense-100", {"batch_size": 10_000}, 1),
        ("mlp", {"hidden_units": (4096,) * 8, "batch_size": 32}, 1),
        ("cnn", {}, 8),
        ("cnn", {"batch_size": 5000}, 1),
        ("cnn", {"batch_size": 1}, 256),
        ("custom", {"layers": "residual 32; residual 32; flatten", "batch_size": 32}, 3),
        ("custom", {"layers": "dense 100 relu", "batch_size": 32}, 256),
    ],
)
def test_a_chunk_is_short_enough_for_progress_and_stop(
    name: str, changes: dict[str, Any], expected: int
) -> None:
    config = architecture(name).recipe.changed(**changes)
    plan = plan_of(config)
    found = batches_per_chunk(config, plan)
    assert found == expected
