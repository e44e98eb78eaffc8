"""What a table of runs shows of a run: its columns, and the words by which it is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from mnist_desktop.formats import percent, seconds
from mnist_desktop.runs.run import Run
from mnist_desktop.training.config import OPTIMIZERS
from mnist_desktop.training.network_names import name_of

MEGABYTE = 1_000_000
LEARNT_ACCURACY = "Training sample accuracy"


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
    return name_of(run.record.config)


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
    kept = run.record.kept_metrics
    return 0.0 if kept is None else kept.val_accuracy or 0.0


def _test_accuracy(run: Run) -> str:
    return f"{percent(run.record.test_accuracy)}{', learnt' if run.record.caveat else ''}"


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
        _test_accuracy,
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
        LEARNT_ACCURACY,
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
    Column("Digits", lambda r: r.record.dataset.title, lambda r: r.record.dataset.title),
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
