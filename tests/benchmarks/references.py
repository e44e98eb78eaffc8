"""What one would run otherwise, as small programs: ``python references.py TASK``.

Each trains on full MNIST as its own documentation does, and prints one JSON object: the seconds of
each epoch, testing not counted, and the test accuracy after each.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the program is imported where it is used: PyTorch's Python may not have it
    from mnist_desktop.digits.dataset import Dataset

BATCH_SIZE = 32


def full_mnist() -> Dataset:
    """Read MNIST and insist on all of it."""
    from mnist_desktop.digits.download import DatasetRequest
    from mnist_desktop.digits.find_dataset import find_dataset
    from mnist_desktop.paths import AppPaths

    paths = AppPaths.from_environment()
    paths.prepare_libraries()
    dataset = find_dataset(
        DatasetRequest(paths.digits), on_progress=lambda _: None, should_stop=lambda: False
    )
    if not dataset.verified:
        raise SystemExit("Full MNIST is needed; set MNIST_DESKTOP_DATA to it.")
    return dataset


def flat(dataset: Dataset) -> tuple[Any, Any, Any, Any]:
    """Pixels in [0, 1], shape (n, 784), and labels, of both splits."""
    train, test = dataset.train, dataset.test
    pixels = [split.images.reshape(-1, 784).astype("float32") / 255 for split in (train, test)]
    return pixels[0], train.labels, pixels[1], test.labels


def fit_by_epoch(
    model: Any, data: tuple[Any, Any, Any, Any], options: Any, **how: Any
) -> dict[str, list[float]]:
    """Fit a compiled Keras model and test it after each epoch, with the clock stopped."""
    import keras

    pixels, labels, test_pixels, test_labels = data
    seconds: list[float] = []
    tested: list[float] = []
    began = time.perf_counter()

    def after_epoch(*_: Any) -> None:
        nonlocal began
        seconds.append(time.perf_counter() - began)
        scores = model.predict(test_pixels, batch_size=1000, verbose=0)
        tested.append(float((scores.argmax(axis=1) == test_labels).mean()))
        model.stop_training = options.until is not None and tested[-1] >= options.until
        began = time.perf_counter()

    note = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
    model.fit(pixels, labels, epochs=options.epochs, verbose=0, callbacks=[note], **how)
    return {"epochs": seconds, "accuracy": tested}


def keras_dense(options: Any) -> dict[str, list[float]]:
    """784 → 100 ReLU → 10 sigmoid with plain Keras ``fit``, Adam, batches of 32."""
    import keras

    keras.utils.set_random_seed(options.seed)
    model = keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(100, activation="relu"),
            keras.layers.Dense(10, activation="sigmoid"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return fit_by_epoch(model, flat(full_mnist()), options, batch_size=BATCH_SIZE)


def keras_convnet(options: Any) -> dict[str, list[float]]:
    """Keras's example ``mnist_convnet`` (F. Chollet, 2015), with its own settings."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(options.seed)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    pixels, labels, test_pixels, test_labels = flat(full_mnist())
    shape = (-1, 28, 28, 1)
    data = (pixels.reshape(shape), labels, test_pixels.reshape(shape), test_labels)
    return fit_by_epoch(model, data, options, batch_size=128, validation_split=0.1)


def scikit_learn(options: Any) -> dict[str, list[float]]:
    """The same network and settings with scikit-learn's ``MLPClassifier``."""
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # that so few epochs do not converge
    pixels, labels, test_pixels, test_labels = flat(full_mnist())
    network = MLPClassifier(
        (100,), batch_size=BATCH_SIZE, max_iter=options.epochs, random_state=options.seed
    )
    began = time.perf_counter()
    network.fit(pixels, labels)
    seconds = time.perf_counter() - began
    accuracy = float(network.score(test_pixels, test_labels))
    return {"epochs": [seconds / options.epochs] * options.epochs, "accuracy": [accuracy]}


def pytorch(options: Any) -> dict[str, list[float]]:
    """The same network and settings with a plain PyTorch loop over tensors in memory."""
    import torch

    torch.manual_seed(options.seed)
    with np.load(options.arrays) as arrays:
        pixels, labels, test_pixels, test_labels = (
            torch.from_numpy(arrays[name]) for name in ("x", "y", "test_x", "test_y")
        )
    network = torch.nn.Sequential(
        torch.nn.Linear(784, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)
    )
    optimizer = torch.optim.Adam(network.parameters())
    loss = torch.nn.CrossEntropyLoss()
    seconds, tested = [], []
    for _ in range(options.epochs):
        began = time.perf_counter()
        for places in torch.randperm(len(pixels)).split(BATCH_SIZE):
            optimizer.zero_grad()
            loss(network(pixels[places]), labels[places]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - began)
        with torch.no_grad():
            right = network(test_pixels).argmax(dim=1) == test_labels
        tested.append(float(right.float().mean()))
    return {"epochs": seconds, "accuracy": tested}


TASKS: dict[str, Callable[[Any], dict[str, list[float]]]] = {
    "keras-dense": keras_dense,
    "keras-convnet": keras_convnet,
    "scikit-learn": scikit_learn,
    "pytorch": pytorch,
}


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--until", type=float, help="stop at this test accuracy, such as 0.975")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arrays", help="for pytorch: digits as float32 and int64, an .npz file")
    return parser


def main() -> None:
    """Run one task and print what it came to."""
    options = make_parser().parse_args()
    print(json.dumps(TASKS[options.task](options)))


if __name__ == "__main__":
    main()
