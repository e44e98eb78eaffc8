"""What is recorded during a training: the loss of each batch, and scores after each epoch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import CLASSES, Labels
from mnist_desktop.digits.labels import best_labels, rounded

# No screen has more pixels for an epoch. For MNIST, this keeps every batch of 32 digits.
POINTS_PER_EPOCH = 2000
MAX_EPOCHS_KEPT = 100
MAX_SCORES_KEPT = 20_000_000  # of two bytes each


def _none() -> NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class BatchMetrics:
    """Loss and accuracy of each batch, on its digits while the network learned from them.

    Attributes
    ----------
    places : ndarray of float32, shape (k,)
        When each batch ended, in epochs: 2.5 is the middle of the third epoch.
    loss, accuracy : ndarray of float32, shape (k,)
        Of the batch, or of a few batches together if an epoch has more than two thousand.
    """

    places: NDArray[np.float32] = field(default_factory=_none)
    loss: NDArray[np.float32] = field(default_factory=_none)
    accuracy: NDArray[np.float32] = field(default_factory=_none)

    def __post_init__(self) -> None:
        """Check the shapes of arrays that may come from an untrusted file."""
        columns = (self.places, self.loss, self.accuracy)
        if not all(one.shape == (self.places.size,) for one in columns):
            raise ValueError("the columns of the batches have different lengths")

    @property
    def rows(self) -> NDArray[np.float32]:
        """All columns as one array, shape (k, 3)."""
        return np.column_stack([self.places, self.loss, self.accuracy])

    @classmethod
    def from_rows(cls, rows: NDArray[np.float32]) -> BatchMetrics:
        """Rebuild metrics from `rows`.

        Raises
        ------
        ValueError
            If there are not three columns.
        """
        if rows.shape != (len(rows), 3):
            raise ValueError(f"batches are rows of three numbers, not of shape {rows.shape}")
        return cls(rows[:, 0], rows[:, 1], rows[:, 2])


@dataclass(frozen=True, eq=False)
class EpochScores:
    """Scores of the validation digits after some epochs, always including the last.

    Attributes
    ----------
    epochs : ndarray of int64, shape (k,)
        Counted from 1; with many epochs only every second is kept, or every fourth, and so on.
    scores : ndarray of float16, shape (k, n, 10)
        Each row adds up to 1.
    """

    epochs: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0, 10), np.float16))

    def __post_init__(self) -> None:
        """Check the shapes of arrays that may come from an untrusted file."""
        count = self.epochs.size
        is_fit = self.epochs.shape == (count,) and self.scores.ndim == 3
        if not is_fit or self.scores.shape[::2] != (count, CLASSES):
            raise ValueError(f"scores of {count} epochs cannot have the shape {self.scores.shape}")
        if self.epochs.dtype.kind not in "iu" or (np.diff(self.epochs.astype(int)) <= 0).any():
            raise ValueError("the epochs of scores are not in order")


class BatchRecorder:
    """Collects the metrics of batches.

    Parameters
    ----------
    digits : int
        How many digits an epoch has.
    batch_size : int
        How many digits a batch has; the last one of an epoch may have fewer.
    """

    def __init__(self, digits: int, batch_size: int) -> None:
        self._digits = digits
        self._batch_size = batch_size
        self._means: list[NDArray[np.float32]] = []
        self._done: list[NDArray[np.float32]] = []

    def restore(self, done: BatchMetrics, running_means: NDArray[np.float32]) -> None:
        """Resume after earlier epochs and within the current one."""
        self._done, self._means = [done.rows], [running_means]

    @property
    def running_means(self) -> NDArray[np.float32]:
        """What has been added in the current epoch, shape (k, 2)."""
        return np.concatenate([np.zeros((0, 2), np.float32), *self._means])

    def add(self, means: NDArray[np.float32]) -> None:
        """Add batches, shape (k, 2): mean loss and accuracy of the epoch up to each batch."""
        self._means.append(means)

    def end_epoch(self, epoch: int) -> None:
        """Turn the running means of an epoch into values of batches; epochs count from 0."""
        means, self._means = self.running_means, []
        step = -(-len(means) // POINTS_PER_EPOCH) or 1
        ends = np.minimum(np.arange(step, len(means) + step, step), len(means))
        seen = np.minimum(ends * self._batch_size, self._digits)
        sums = means[ends - 1].astype(np.float64) * seen[:, np.newaxis]
        values = np.diff(sums, axis=0, prepend=0.0) / np.diff(seen, prepend=0)[:, np.newaxis]
        ends_at = epoch + seen / self._digits
        self._done.append(np.column_stack([ends_at, values]).astype(np.float32))

    @property
    def metrics(self) -> BatchMetrics:
        """All batches of the completed epochs."""
        rows = np.concatenate([np.zeros((0, 3), np.float32), *self._done])
        # Differences of rounded sums may be slightly out of the range of an accuracy or a loss.
        bounds = np.array([[0, 0, 0], [np.inf, np.inf, 1]], np.float32)
        return BatchMetrics.from_rows(np.clip(rows, *bounds))


class EpochRecorder:
    """Collects validation scores, and thins them out when they become too many."""

    def __init__(self) -> None:
        self._kept: dict[int, NDArray[np.float16]] = {}
        self._step = 1

    def restore(self, kept: EpochScores) -> None:
        """Resume with the scores kept from earlier epochs."""
        self._kept = dict(zip(kept.epochs.tolist(), kept.scores, strict=True))
        if len(kept.epochs) > 1:
            self._step = int(kept.epochs[1] - kept.epochs[0])

    def add(self, epoch: int, scores: NDArray[np.float64]) -> None:
        """Add the scores (n, 10) after an epoch; epochs count from 1."""
        limit = int(np.clip(MAX_SCORES_KEPT // max(len(scores) * CLASSES, 1), 2, MAX_EPOCHS_KEPT))
        self._drop_between()
        self._kept[epoch] = rounded(scores, np.float16)
        while len(self._kept) > limit:
            self._step *= 2
            self._drop_between(but=epoch)

    def _drop_between(self, but: int = 0) -> None:
        """Drop epochs that were kept only as the last one, and those no longer on a step."""
        self._kept = {
            epoch: scores
            for epoch, scores in self._kept.items()
            if (epoch - 1) % self._step == 0 or epoch == but
        }

    def predicted_after(self, epoch: int) -> Labels | None:
        """What the digits were read as after an epoch, shape (n,), if its scores are kept."""
        scores = self._kept.get(epoch)
        return None if scores is None else best_labels(scores)

    @property
    def scores(self) -> EpochScores:
        """The scores that are kept."""
        if not self._kept:
            return EpochScores()
        return EpochScores(np.array(list(self._kept)), np.stack(list(self._kept.values())))
