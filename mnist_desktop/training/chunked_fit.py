"""Keras's ``fit``, fed with chunks of batches that run in one call into TensorFlow.

A batch of 32 digits is learnt by a dense network in a third of a millisecond, while Python and
Keras need one and a half to begin it. So the digits are kept in memory as they are, ``fit`` is
given chunks of many batches, and Keras's own ``train_step`` runs over all batches of a chunk
inside one compiled function. Callbacks, metrics and validation are Keras's as always; callbacks
are called once a chunk.

XLA compiles the function for dense networks, which makes them several times faster. It makes
convolutions four to six times slower on a CPU than oneDNN does, so those go without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES, SIDE, Digits, Images
from mnist_desktop.digits.idx_file import ALIGNMENT
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.training.augmented_batch import augment_batch
from mnist_desktop.training.compiled_network import CROSS_ENTROPY, takes_one_hot
from mnist_desktop.training.config import TrainingConfig

MAX_BATCHES = 256
# Digits of a convolutional network that take about a fifth of a second on two cores.
CONVOLUTIONAL_DIGITS = 1024
# Numbers that flow for each digit, and multiplications, up to which that is so: a little more than
# the largest recipe has.
CONVOLUTIONAL_VALUES, CONVOLUTIONAL_COST = 50_000, 4_000_000
# Multiplications and additions of a dense network that take about a tenth of a second there.
DENSE_OPERATIONS = 5e9
# Images that are copied in a few milliseconds.
IMAGES_PER_COPY = 4000


def batches_per_chunk(config: TrainingConfig, plan: NetworkPlan) -> int:
    """How many batches make a chunk: few enough that progress and a stop never wait for long.

    Parameters
    ----------
    config : TrainingConfig
        Gives the batch size.
    plan : NetworkPlan
        The network. In a dense one, each weight costs six operations a digit, forward and back;
        in a convolutional one, time grows with the numbers that flow, and with their products.

    Returns
    -------
    int
        1 to 256.
    """
    if plan.is_convolutional:
        slower = max(plan.values / CONVOLUTIONAL_VALUES, plan.cost / CONVOLUTIONAL_COST, 1.0)
        wished = int(CONVOLUTIONAL_DIGITS / slower) // config.batch_size
    else:
        wished = int(DENSE_OPERATIONS / (6 * plan.parameters * config.batch_size))
    return min(max(wished, 1), MAX_BATCHES)


class ChunkedFit:
    """Makes a compiled model's ``fit`` learn chunk by chunk.

    The functions are traced and compiled for the first digits they see and used again for all
    later ones of the same number.

    Parameters
    ----------
    model : keras.Model
        Compiled with ``steps_per_execution=1``; its ``train_function`` is set.
    config : TrainingConfig
        Gives batch size, loss and augmentation.
    chunk : int
        Batches in a chunk.
    xla : bool
        Whether to compile the chunk with XLA.

    Attributes
    ----------
    running_means : ndarray of float32, shape (k, 2)
        Loss and accuracy of the epoch up to and with each batch of the last chunk.
    """

    def __init__(self, model: Any, config: TrainingConfig, chunk: int, *, xla: bool) -> None:
        self._model = model
        self._batch_size = config.batch_size
        self._chunk = chunk
        self._run_full, self._run_last = _compiled_steps(model, config, chunk, xla=xla)
        self._seed: Any = None
        self._skipped = 0
        self._metrics_before: Sequence[NDArray[Any]] = ()
        self.running_means: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        model.train_function = self._train_function

    def feed(
        self,
        digits: Digits,
        places: NDArray[np.intp],
        seed: int,
        *,
        epochs_done: int = 0,
        chunks_done: int = 0,
        metrics_before: Sequence[NDArray[Any]] = (),
    ) -> dict[str, Any]:
        """Take the digits that the next ``fit`` learns from, and return what to give it.

        Parameters
        ----------
        digits : Digits
            Not copied, if their memory can be shared with TensorFlow.
        places : ndarray of int, shape (n,)
            Which of them to learn from.
        seed : int
            Decides their order, and how they are augmented.
        epochs_done, chunks_done : int
            Whole epochs, and chunks of the epoch after these, that have been learnt before.
        metrics_before : sequence of ndarray
            What the model's metrics had come to in these chunks.

        Returns
        -------
        dict
            Arguments of ``fit``: ``x``, a dataset without an end that has one element a chunk (its
            images, uint8, its labels, and how many of them count), and how many chunks make an
            epoch. While one chunk is learnt, another core shuffles and gathers the next.
        """
        import tensorflow as tf

        self._seed = tf.constant(seed)
        self._skipped, self._metrics_before = chunks_done, metrics_before
        whole = self._chunk * self._batch_size
        chunks = shuffled_chunks(len(places), whole, seed, epochs_done).skip(chunks_done)
        return {
            "x": _without_tuning(chunks.map(_gatherer(digits, places)).prefetch(2)),
            "steps_per_epoch": -(-len(places) // whole),
            "initial_epoch": epochs_done,
        }

    def _train_function(self, iterator: Any) -> dict[str, Any]:
        import tensorflow as tf

        if self._skipped:
            return self._skip_chunk()
        images, labels, used = next(iterator)
        size, used = self._batch_size, int(used)
        batches, rest = divmod(used, size)
        logs: dict[str, Any] = {}
        means = []
        if batches:
            logs, trace = self._run_full(images, labels, self._seed, tf.constant(batches))
            means.append(trace.numpy()[:batches])
        if rest:
            last = slice(batches * size, used)
            logs = self._run_last(images[last], labels[last], self._seed)
            means.append(np.array([[logs["loss"], logs["accuracy"]]], np.float32))
        self.running_means = np.concatenate(means)
        return logs

    def _skip_chunk(self) -> dict[str, Any]:
        """Count a chunk that was learnt before; at the last one the metrics are as they were."""
        self._skipped -= 1
        if not self._skipped:  # Keras has reset them since
            for metric, value in zip(
                self._model.metrics_variables, self._metrics_before, strict=True
            ):
                metric.assign(value)
        return _reported(self._model.get_metrics_result())


def shuffled_chunks(count: int, whole: int, seed: int, first_epoch: int = 0) -> Any:
    """Numbers of digits in chunks, epoch after epoch without an end, each in an order of its own.

    A whole epoch is shuffled at once: an element at a time, as a dataset's ``shuffle`` does it,
    takes longer than a quarter of the training.

    Returns
    -------
    tf.data.Dataset
        One element a chunk: numbers, int32, padded to ``(whole,)``, and how many of them count.
    """
    import tensorflow as tf

    chunks = -(-count // whole)
    used = tf.minimum(whole, count - whole * tf.range(chunks))

    def cut(epoch: Any) -> Any:
        keys = tf.random.stateless_uniform((count,), (seed, epoch), None, None, tf.int32)
        places = tf.pad(tf.argsort(keys), [[0, chunks * whole - count]])
        return tf.data.Dataset.from_tensor_slices((tf.reshape(places, (chunks, whole)), used))

    epochs = tf.data.Dataset.counter(start=first_epoch)
    return epochs.flat_map(tf.autograph.experimental.do_not_convert(cut))


def _gatherer(digits: Digits, places: NDArray[np.intp]) -> Any:
    """Return a function from a chunk of `shuffled_chunks` to its images, labels and their count."""
    import tensorflow as tf

    images, labels = _as_tensor(digits.images), tf.constant(digits.labels)
    learnt = tf.constant(places, tf.int32)

    def gather(numbers: Any, used: Any) -> tuple[Any, Any, Any]:
        chosen = tf.gather(learnt, numbers)
        return tf.gather(images, chosen), tf.gather(labels, chosen), used

    return tf.autograph.experimental.do_not_convert(gather)


def _without_tuning(chunks: Any) -> Any:
    """Return a dataset that looks for no better pipeline: that takes longer than this one."""
    import tensorflow as tf

    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return chunks.with_options(options)


def _compiled_steps(
    model: Any, config: TrainingConfig, chunk: int, *, xla: bool
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Compile Keras's ``train_step`` for all full batches of a chunk, and for one shorter batch."""
    import tensorflow as tf

    make_batch = _batch_maker(model, config, xla=xla)

    def learn_full_batches(
        images: Any, labels: Any, seed: Any, batches: Any
    ) -> tuple[dict[str, Any], Any]:
        images = tf.reshape(images, (chunk, config.batch_size, SIDE, SIDE))
        labels = tf.reshape(labels, (chunk, config.batch_size))

        def step(number: Any, trace: Any) -> tuple[Any, Any]:
            found = _reported(model.train_step(make_batch(images[number], labels[number], seed)))
            means = tf.stack([found["loss"], found["accuracy"]])
            return number + 1, tf.tensor_scatter_nd_update(trace, [[number]], [means])

        _, trace = tf.while_loop(
            lambda number, _: number < batches,
            step,
            (0, tf.zeros((chunk, 2))),
            parallel_iterations=1,
        )
        return _reported(model.get_metrics_result()), trace

    def learn_last_batch(images: Any, labels: Any, seed: Any) -> dict[str, Any]:
        model.train_step(make_batch(images, labels, seed))
        return _reported(model.get_metrics_result())

    # Nothing in them for AutoGraph to rewrite, which would leave files in the temporary folder.
    return (
        tf.function(learn_full_batches, jit_compile=xla, autograph=False),
        tf.function(learn_last_batch, reduce_retracing=True, autograph=False),
    )


def _reported(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return loss and accuracy; where smoothed labels are learnt, the loss is of the true ones."""
    loss = metrics.get(CROSS_ENTROPY, metrics["loss"])
    return {"loss": loss, "accuracy": metrics["accuracy"]}


def _batch_maker(
    model: Any, config: TrainingConfig, *, xla: bool
) -> Callable[[Any, Any, Any], Any]:
    """Return a function from images, labels and a seed to what ``train_step`` takes.

    Pixels become float32 in [0, 1] and the shape of the network's input; labels become what the
    loss takes: numbers, or one-hot rows.
    """
    import tensorflow as tf

    shape = (-1, *model.input_shape[1:])

    def make_batch(images: Any, labels: Any, seed: Any) -> tuple[Any, Any]:
        pixels = tf.cast(images, tf.float32) / 255.0
        if config.augment.is_on:
            step = tf.cast(model.optimizer.iterations.value, tf.int32)
            pixels = augment_batch(
                pixels[..., tf.newaxis], tf.stack([step, seed]), config.augment, xla=xla
            )
        truth = tf.one_hot(labels, CLASSES) if takes_one_hot(config) else labels
        return tf.reshape(pixels, shape), truth

    return make_batch


def _as_tensor(images: Images) -> Any:
    """Share the memory of images with TensorFlow, or copy them.

    In parts, then: TensorFlow holds the interpreter's lock while it copies an array.
    """
    import tensorflow as tf

    if images.ctypes.data % ALIGNMENT == 0 and images.flags.c_contiguous and images.flags.writeable:
        return tf.experimental.dlpack.from_dlpack(images.__dlpack__())
    parts = range(0, len(images), IMAGES_PER_COPY)
    return tf.concat([tf.constant(images[at : at + IMAGES_PER_COPY]) for at in parts], axis=0)
