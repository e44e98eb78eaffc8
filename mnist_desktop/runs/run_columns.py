"""What a table of runs shows of a run: its columns, and the words by which it is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from mnist_desktop.digits.dataset import DATASET_NAMES
from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.formats import percent, seconds
from mnist_desktop.printable import printable
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import architecture
from mnist_desktop.training.config import OPTIMIZERS

MEGABYTE = 1_000_000
EPOCHS_TOLD = 10
MAX_ARCHITECTURE = 24  # characters


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes
    ----------
    name : str
        Its heading.
    key : callable
        What a run is sorted by.
    text : callable
        What is shown of a run.
    is_number : bool
        Whether it stands on the right.
    """

    name: str
    key: Callable[[Run], Any]
    text: Callable[[Run], str]
    is_number: bool = False


def _architecture_name(run: Run) -> str:
    try:
        return architecture(run.record.config.architecture).name
    except InvalidSettingError:  # a run of a later version
        return run.record.config.architecture


def _settings(run: Run) -> str:
    """The settings that are changed most often, in short."""
    config = run.record.config
    return (
        f"{OPTIMIZERS[config.optimizer]} {config.learning_rate:g}, batch {config.batch_size}, "
        f"{config.output_activation}, seed {config.seed}"
    )


def _local_time(run: Run) -> str:
    return f"{datetime.fromisoformat(run.record.created).astimezone():%Y-%m-%d %H:%M}"


def _validation_accuracy(run: Run) -> float:
    history = run.record.history
    return history[-1].val_accuracy or 0.0 if history else 0.0


def accuracies(run: Run) -> list[float]:
    """Accuracy after each epoch, on the held-out digits where there are any."""
    history = run.record.history
    held_out = [one.val_accuracy for one in history if one.val_accuracy is not None]
    return held_out if len(held_out) == len(history) else [one.accuracy for one in history]


def describe_accuracies(run: Run) -> str:
    """Say in words how the accuracy went; of many epochs the last ones."""
    found, history = accuracies(run), run.record.history
    if not found:
        return "No epoch was finished"
    which = "Validation" if history[-1].val_accuracy is not None else "Training"
    last = found[-EPOCHS_TOLD:]
    beginning = "… " if len(found) > len(last) else ""
    return f"{which} accuracy by epoch: {beginning}{', '.join(map(percent, last))}"


def summary(run: Run) -> str:
    """The settings in a few words, such as ``"cnn-fast · Adam 0.001"``."""
    config = run.record.config
    architecture_id = printable(config.architecture, MAX_ARCHITECTURE)
    return f"{architecture_id} · {OPTIMIZERS[config.optimizer]} {config.learning_rate:g}"


# First what a narrow window shows of each run; the first two stay at the left.
COLUMNS: Sequence[Column] = (
    Column("★", lambda r: r.record.starred, lambda r: "★" if r.record.starred else "☆"),
    Column("Name", lambda r: r.record.name.casefold(), lambda r: r.record.name),
    Column(
        "Epochs",
        lambda r: len(r.record.history),
        lambda r: f"{len(r.record.history)}{', stopped' if r.record.stopped else ''}",
        is_number=True,
    ),
    Column(
        "Test accuracy",
        lambda r: r.record.test_accuracy,
        lambda r: percent(r.record.test_accuracy),
        is_number=True,
    ),
    Column("Kept", lambda r: r.record.created, _local_time),
    Column(
        "Validation accuracy",
        _validation_accuracy,
        lambda r: percent(_validation_accuracy(r)) if _validation_accuracy(r) else "–",
        is_number=True,
    ),
    Column(
        "Training sample accuracy",
        lambda r: r.record.train_accuracy,
        lambda r: percent(r.record.train_accuracy),
        is_number=True,
    ),
    Column(
        "Test loss",
        lambda r: r.record.test_loss,
        lambda r: f"{r.record.test_loss:.4f}",
        is_number=True,
    ),
    Column(
        "Parameters",
        lambda r: r.record.parameters,
        lambda r: f"{r.record.parameters:,}",
        is_number=True,
    ),
    Column(
        "Training time",
        lambda r: r.record.fit_seconds,
        lambda r: seconds(r.record.fit_seconds),
        is_number=True,
    ),
    Column("Size", lambda r: r.size, lambda r: f"{r.size / MEGABYTE:.1f} MB", is_number=True),
    Column("Architecture", _architecture_name, _architecture_name),
    Column("Settings", _settings, _settings),
    Column(
        "Digits", lambda r: r.record.dataset.name, lambda r: DATASET_NAMES[r.record.dataset.name]
    ),
    Column(
        "Note",
        lambda r: r.record.note.casefold(),
        lambda r: r.record.note.partition("\n")[0],
    ),
)
STAR, NAME, EPOCHS, ACCURACY, KEPT = range(5)  # places of the first columns

_WORDS: WeakKeyDictionary[Run, str] = WeakKeyDictionary()


def words(run: Run) -> str:
    """All that the table says of a run, a column a line and in lower case, for searching.

    It is put together once a run: for thousands that takes a tenth of a second, so the thread that
    reads them does it.
    """
    found = _WORDS.get(run)
    if found is None:
        found = _WORDS[run] = "\n".join(column.text(run) for column in COLUMNS).casefold()
    return found
