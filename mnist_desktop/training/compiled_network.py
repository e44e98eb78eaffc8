"""Networks with a loss and an optimizer, ready for training."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import CLASSES
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.config import TrainingConfig

SGD_MOMENTUM = 0.9
# Of the one-cycle schedule: what share of the updates the learning rate rises for, and from what
# share of its largest value.
WARM_UP, FIRST_RATE = 0.2, 0.1
# Name of the metric that tells the cross-entropy of the true labels where those are smoothed.
CROSS_ENTROPY = "cross_entropy"


def make_network(config: TrainingConfig, batches: int) -> Any:
    """Build a network with new weights, and compile it with a new optimizer.

    Parameters
    ----------
    config : TrainingConfig
        What to build.
    batches : int
        Weight updates in an epoch, for the learning rate schedule.

    Returns
    -------
    keras.Sequential
        Compiling with XLA is left to `ChunkedFit`, which knows where it helps.
    """
    return compile_network(architecture(config.architecture).build(config), config, batches)


def compile_network(network: Any, config: TrainingConfig, batches: int) -> Any:
    """Give a Keras network a config's loss, metrics and optimizer; return the network."""
    import keras

    is_smoothed = config.label_smoothing > 0
    true_loss = [keras.metrics.CategoricalCrossentropy(CROSS_ENTROPY)] if is_smoothed else []
    network.compile(
        optimizer=make_optimizer(config, batches),
        loss=(
            keras.losses.CategoricalCrossentropy(label_smoothing=config.label_smoothing)
            if takes_one_hot(config)
            else keras.losses.SparseCategoricalCrossentropy()
        ),
        metrics=["accuracy", *true_loss],
        jit_compile=False,
    )
    network.optimizer.build(network.trainable_variables)
    # Metrics create their variables on first use. Inside a compiled function, that would cause the
    # function to be traced a second time.
    pixels = np.zeros((1, *network.input_shape[1:]), np.float32)
    truth = np.zeros((1, CLASSES) if takes_one_hot(config) else (1,), np.float32)
    network.compute_metrics(pixels, truth, network(pixels))
    network.reset_metrics()
    return network


def takes_one_hot(config: TrainingConfig) -> bool:
    """Whether the loss takes one-hot labels: smoothed ones are such vectors in any case."""
    return config.loss == "categorical" or config.label_smoothing > 0


def make_optimizer(config: TrainingConfig, batches: int) -> Any:
    """Make the Keras optimizer of a config, with a schedule that ends with the last batch."""
    from keras import optimizers

    steps = batches * config.epochs
    warm_up = max(round(steps * WARM_UP), 1)
    schedules: dict[str, Any] = {
        "constant": lambda: config.learning_rate,
        "linear": lambda: optimizers.schedules.PolynomialDecay(config.learning_rate, steps, 0.0),
        "cosine": lambda: optimizers.schedules.CosineDecay(config.learning_rate, steps),
        "one-cycle": lambda: optimizers.schedules.CosineDecay(
            config.learning_rate * FIRST_RATE,
            max(steps - warm_up, 1),
            warmup_target=config.learning_rate,
            warmup_steps=warm_up,
        ),
    }
    rate = schedules[config.schedule]()
    decay = config.decay or None  # without one, nothing is computed for it
    makers: dict[str, Any] = {
        "adam": lambda: optimizers.Adam(rate, config.beta_1, config.beta_2, weight_decay=decay),
        "sgd": lambda: optimizers.SGD(rate, SGD_MOMENTUM, weight_decay=decay),
        "rmsprop": lambda: optimizers.RMSprop(rate, weight_decay=decay),
        # It takes no None.
        "adamw": lambda: optimizers.AdamW(rate, config.decay, config.beta_1, config.beta_2),
    }
    return makers[config.optimizer]()


def copy_state(source: Any, target: Any) -> None:
    """Copy weights, random state and optimizer state between networks of the same kind."""
    pairs = zip(
        [*source.variables, *source.optimizer.variables],
        [*target.variables, *target.optimizer.variables],
        strict=True,
    )
    for ours, theirs in pairs:
        theirs.assign(ours)
