"""What the table of runs says in words."""

from __future__ import annotations

from dataclasses import replace

from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import COLUMNS
from mnist_desktop.training.progress import EpochMetrics

TEXT = {column.name: column.text for column in COLUMNS}


def test_the_validation_accuracy_is_that_of_the_network_that_was_kept(kept: Run) -> None:
    history = tuple(
        EpochMetrics(number, 1.0, 0.5, 1.0, value, 1.0)
        for number, value in enumerate((0.5, 0.75, 0.25), start=1)
    )
    last = replace(kept.record, history=history)
    best = replace(last, kept_epoch=2)
    assert TEXT["Validation accuracy"](Run(last, kept.folder)) == "25.00%"
    assert TEXT["Validation accuracy"](Run(best, kept.folder)) == "75.00%"
    none = replace(last, history=())
    assert TEXT["Validation accuracy"](Run(none, kept.folder)) == "–"


def test_an_accuracy_on_digits_that_were_learnt_is_marked(kept: Run) -> None:
    accuracy = TEXT["Test accuracy"](kept)
    assert accuracy.endswith("%")
    taught = Run(replace(kept.record, base_saw_test=True), kept.folder)
    assert TEXT["Test accuracy"](taught) == f"{accuracy}, learnt"
