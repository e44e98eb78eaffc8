"""The learning curves of a kept run, as figures take them."""

from __future__ import annotations

from mnist_desktop.evaluation.figures.curves import LearningCurves
from mnist_desktop.runs.store import Run
from mnist_desktop.training.learning_history import BatchMetrics


def learning_curves(run: Run, *, batches: bool = False) -> LearningCurves:
    """Gather the curves of a run.

    Parameters
    ----------
    run : Run
        A kept run.
    batches : bool
        Whether to read the values of single batches, too.

    Raises
    ------
    StorageError
        If the file of the batches is damaged.
    """
    history = run.record.history
    held_out = [epoch for epoch in history if epoch.val_loss is not None]
    found = run.batch_metrics() if batches else BatchMetrics()
    return LearningCurves(
        run.record.name,
        loss=[epoch.loss for epoch in history],
        accuracy=[epoch.accuracy for epoch in history],
        val_loss=[epoch.val_loss or 0.0 for epoch in held_out],
        val_accuracy=[epoch.val_accuracy or 0.0 for epoch in held_out],
        batch_places=found.places,
        batch_loss=found.loss,
        batch_accuracy=found.accuracy,
    )
