"""What the table of runs says in words."""

from __future__ import annotations

from dataclasses import replace

from mnist_desktop.runs.run import Run
from mnist_desktop.runs.run_columns import accuracies, describe_accuracies, summary
from mnist_desktop.training.progress import EpochMetrics


def with_epochs(kept: Run, *values: float, held_out: bool = True) -> Run:
    """The same run with other accuracies."""
    history = tuple(
        EpochMetrics(
            number, 1.0, value / 2, 1.0 if held_out else None, value if held_out else None, 1.0
        )
        for number, value in enumerate(values, start=1)
    )
    return Run(replace(kept.record, history=history), kept.folder, kept.size)


def test_the_curve_is_that_of_the_held_out_digits_or_else_of_those_it_learnt(kept: Run) -> None:
    assert accuracies(with_epochs(kept, 0.5, 0.75)) == [0.5, 0.75]
    assert accuracies(with_epochs(kept, 0.5, 0.75, held_out=False)) == [0.25, 0.375]


def test_the_curve_is_told_with_its_last_epochs(kept: Run) -> None:
    told = describe_accuracies(with_epochs(kept, 0.5, 0.75))
    assert told == "Validation accuracy by epoch: 50.00%, 75.00%"
    told = describe_accuracies(with_epochs(kept, 0.5, held_out=False))
    assert told == "Training accuracy by epoch: 25.00%"
    told = describe_accuracies(with_epochs(kept, *(number / 100 for number in range(12))))
    assert told.startswith("Validation accuracy by epoch: … 2.00%, ")
    assert told.endswith("11.00%")
    assert describe_accuracies(with_epochs(kept)) == "No epoch was finished"


def test_the_settings_are_said_in_few_words(kept: Run) -> None:
    config = kept.record.config.changed(learning_rate=0.001)
    run = Run(replace(kept.record, config=config), kept.folder, kept.size)
    assert summary(run) == "cnn-fast · Adam 0.001"
