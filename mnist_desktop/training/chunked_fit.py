"""Keras's ``fit``, fed with chunks of batches that run in one call into TensorFlow.

A batch of 32 digits is learnt by a dense network in a third of a millisecond, while Python and
Keras need one and a half to begin it. So the digits are kept in memory as they are, ``fit`` is
given chunks of places among them, and Keras's own ``train_step`` runs over all batches of a chunk
inside one compiled function. Callbacks, metrics and validation are Keras's as always; callbacks
are called once a chunk.

XLA compiles the function for dense networks, which makes them several times faster. It makes
convolutions four to six times slower on a CPU than oneDNN does, so those go without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_desktop.digits.dataset import Digits
from mnist_desktop.training.augmentation import augment_batch
from mnist_desktop.training.config import TrainingConfig

MAX_BATCHES = 128
# Digits of a convolutional network that take about a fifth of a second on two cores.
CONVOLUTIONAL_DIGITS = 1024
# Multiplications and additions of a dense network that take about a tenth of a second there.
DENSE_OPERATIONS = 5e9


def batches_per_chunk(config: TrainingConfig, parameters: int, *, convolutional: bool) -> int:
    """How many batches make a chunk: few enough that progress and a stop never wait for long.

    Parameters
    ----------
    config : TrainingConfig
        Gives the batch size.
    parameters : int
        Weights of the network; each costs six operations a digit, forward and back.
    convolutional : bool
        Whether it has convolution layers.

    Returns
    -------
    int
        1 to 128.
    """
    if convolutional:
        wished = CONVOLUTIONAL_DIGITS // config.batch_size
    else:
        wished = int(DENSE_OPERATIONS / (6 * parameters * config.batch_size))
    return min(max(wished, 1), MAX_BATCHES)


def feed_in_chunks(
    model: Any, digits: Digits, config: TrainingConfig, chunk: int, *, xla: bool
) -> Any:
    """Make a compiled model's ``fit`` learn chunk by chunk, and return what to give it.

    Parameters
    ----------
    model : keras.Model
        Compiled with ``steps_per_execution=1``; its ``train_function`` is set.
    digits : Digits
        What it learns from; copied once, as uint8.
    config : TrainingConfig
        Gives batch size, loss, seed and augmentation.
    chunk : int
        Batches in a chunk.
    xla : bool
        Whether to compile the chunk with XLA.

    Returns
    -------
    tf.data.Dataset
        One element a chunk: the places of its digits, int64, padded to ``(chunk * batch_size,)``,
        and how many of them count. The digits are shuffled anew each epoch, and the last batch of
        an epoch may be a shorter one.
    """
    import tensorflow as tf

    size, count = config.batch_size, len(digits)
    get_batch = batch_maker(model, digits, config)

    def learn(places: Any) -> None:
        model.train_step(get_batch(places))

    def learn_full_batches(places: Any, batches: Any) -> dict[str, Any]:
        by_batch = tf.reshape(places, (chunk, size))

        def step(number: Any) -> tuple[Any]:
            learn(by_batch[number])
            return (number + 1,)

        tf.while_loop(lambda number: number < batches, step, (0,), parallel_iterations=1)
        return dict(model.get_metrics_result())

    def learn_last_batch(places: Any) -> dict[str, Any]:
        learn(places)
        return dict(model.get_metrics_result())

    # Nothing in them for AutoGraph to rewrite, which would leave files in the temporary folder.
    run_full = tf.function(learn_full_batches, jit_compile=xla, autograph=False)
    run_last = tf.function(learn_last_batch, reduce_retracing=True, autograph=False)

    def train_function(iterator: Any) -> dict[str, Any]:
        places, used = next(iterator)
        batches, rest = divmod(int(used), size)
        logs: dict[str, Any] = {}
        if batches:
            logs = run_full(places, tf.constant(batches))
        if rest:
            logs = run_last(places[batches * size : int(used)])
        return logs

    model.train_function = train_function
    order = tf.data.Dataset.range(count).shuffle(count, seed=config.seed)
    whole = chunk * size

    def pad(places: Any) -> tuple[Any, Any]:
        return tf.pad(places, [[0, whole - tf.size(places)]]), tf.size(places)

    return order.batch(whole).map(tf.autograph.experimental.do_not_convert(pad)).prefetch(2)


def batch_maker(model: Any, digits: Digits, config: TrainingConfig) -> Callable[[Any], Any]:
    """Return a function from places among the digits to what ``train_step`` takes.

    Pixels become float32 in [0, 1] and the shape of the network's input; labels become what the
    loss takes: numbers, or one-hot rows.
    """
    import tensorflow as tf

    images, labels = tf.constant(digits.images), tf.constant(digits.labels)
    shape = (-1, *model.input_shape[1:])

    def get_batch(places: Any) -> tuple[Any, Any]:
        pixels = tf.cast(tf.gather(images, places), tf.float32) / 255.0
        if config.augment:
            seed = tf.stack([tf.cast(model.optimizer.iterations.value, tf.int32), config.seed])
            pixels = augment_batch(tf.reshape(pixels, (-1, 28, 28, 1)), seed)
        truth = tf.gather(labels, places)
        if config.loss == "categorical":
            truth = tf.one_hot(truth, 10)
        return tf.reshape(pixels, shape), truth

    return get_batch
