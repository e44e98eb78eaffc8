"""Opening a network, whichever is meant."""

from __future__ import annotations

from mnist_desktop.errors import ModelFileError, RunNotFoundError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.inference.digit_check import DigitCheck
from mnist_desktop.inference.path_reader import PathReader
from mnist_desktop.inference.predictor import Predictor
from mnist_desktop.inference.taught import TaughtDigits
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import READER


def open_model(model: ModelRef, store: RunStore) -> Predictor:
    """Open a network for reading digits.

    Parameters
    ----------
    model : ModelRef
        Which.
    store : RunStore
        Where runs are kept.

    Raises
    ------
    ModelFileError
        If there is no such network or its file cannot be used.
    """
    if model.is_bundled:
        return Predictor(bundled_reader.litert_file(), check=DigitCheck(), path_reader=PathReader())
    if model.file is not None:
        from mnist_desktop.foreign.open_foreign import open_foreign

        return open_foreign(model.file)  # with all its checks, which nothing else needs to load
    try:
        run = store.get(model.run_id)
    except RunNotFoundError:
        raise ModelFileError(
            f"There is no model {model.run_id!r}; give 'bundled', a run's id from 'mnist-desktop "
            "runs', or a .keras, .h5, .onnx or .tflite file."
        ) from None
    return _open_run(run)


def _open_run(run: Run) -> Predictor:
    taught, classes = run.taught(), run.record.dataset.classes
    return Predictor(
        run.checked_litert_file(),
        temperature=run.record.temperature,
        # What is none of its classes is not for the check to say, which knows digits.
        check=DigitCheck() if classes.are_digits else None,
        path_reader=PathReader() if run.record.config.architecture == READER.id else None,
        taught=TaughtDigits(taught) if taught else None,
        classes=classes,
    )
