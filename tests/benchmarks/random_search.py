"""What one would run without the search: ``python random_search.py [MINUTES]``.

A plain script with Keras: settings drawn at random from the search's default space, networks of at
most 25,000 parameters, each trained to its end by `fit` and judged on the search's own validation
digits. The network with the best score is tested in the end. Beside it:

    mnist-desktop search start small --max-parameters 25000 --minutes 15 --workers 2
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from references import full_mnist

from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.search.settings import Setting, Value
from mnist_desktop.search.space import VALIDATION_SHARE, Space, config_of
from mnist_desktop.training.architectures import count_parameters, plan_of
from mnist_desktop.training.compiled_network import compile_network, takes_one_hot
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.engine import load_keras

MAX_PARAMETERS = 25_000


def drawn_at_random(rng: np.random.Generator) -> TrainingConfig:
    """Draw settings until their network is small enough."""

    def draw(setting: Setting, values: tuple[Value, ...]) -> Any:
        if not setting.is_range:
            return values[rng.integers(len(values))]
        low, high = (float(value) for value in values)
        number = np.exp(rng.uniform(np.log(low), np.log(high))) if setting.is_log else (
            rng.uniform(low, high)
        )  # fmt: skip
        return round(number) if setting.is_integer else float(number)

    while True:
        config = config_of(Space().draw(draw))
        try:
            if count_parameters(config) <= MAX_PARAMETERS:
                return config
        except MnistDesktopError:  # no network can be built of these layers
            continue


def trained(config: TrainingConfig, learnt: Any, held_out: Any, ends_at: float) -> tuple[Any, Any]:
    """Train with `fit`, and with Keras's own layers where digits are changed at random."""
    import keras

    keras.utils.set_random_seed(1)
    network = build_network(plan_of(config))
    compile_network(network, config, -(-len(learnt[0]) // config.batch_size))
    model = network
    if config.augment.is_on:
        changes = [
            keras.layers.RandomRotation(10 / 360, fill_mode="constant"),
            keras.layers.RandomTranslation(2 / 28, 2 / 28, fill_mode="constant"),
            keras.layers.RandomZoom(0.1, fill_mode="constant"),
        ]
        model = keras.Sequential([keras.Input((28, 28, 1)), *changes, network])
        model.compile(network.optimizer, network.loss, metrics=["accuracy"])

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, *_: Any, **_logs: Any) -> None:
            self.model.stop_training = time.monotonic() > ends_at

    pixels, labels = learnt
    if takes_one_hot(config):
        labels = keras.utils.to_categorical(labels)
    model.fit(pixels, labels, config.batch_size, config.epochs, verbose=0, callbacks=[Clock()])
    if time.monotonic() > ends_at:
        return model, None
    scores = model.predict(held_out[0], batch_size=1000, verbose=0)
    return model, float((scores.argmax(axis=1) == held_out[1]).mean())


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=15.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def main() -> None:
    """Search for so many minutes, and test the best."""
    options = make_parser().parse_args()
    dataset = full_mnist()
    load_keras()
    ends_at = time.monotonic() + 60 * options.minutes
    rng = np.random.default_rng(options.seed)
    main_part, held_out = split_training_digits(dataset.train, VALIDATION_SHARE)
    digits = [
        (split.images[..., np.newaxis].astype("float32") / 255, split.labels)
        for split in (dataset.train.take(main_part), dataset.train.take(held_out), dataset.test)
    ]
    best: tuple[float, Any] = (0.0, None)
    count = 0
    while time.monotonic() < ends_at:
        began = time.monotonic()
        config = drawn_at_random(rng)
        model, score = trained(config, digits[0], digits[1], ends_at)
        if score is None:
            break
        count += 1
        best = max(best, (score, model), key=lambda one: one[0])
        seconds = time.monotonic() - began
        print(f"{count:3} {score:.2%} {seconds:6.1f} s  {config.architecture}", flush=True)
    score, model = best
    if model is None:
        raise SystemExit("No training has come to its end; give it more minutes.")
    scores = model.predict(digits[2][0], batch_size=1000, verbose=0)
    tested = float((scores.argmax(axis=1) == digits[2][1]).mean())
    print(f"{count} trials; best {score:.2%} of the validation digits, {tested:.2%} of the test's")


if __name__ == "__main__":
    main()
