"""What a record says of its run: curve, settings, its kept network, what its test means."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.runs.record import (
    RunRecord,
    accuracy_curve,
    caveat,
    describe_test,
    record_as_json,
    record_from_json,
    summary,
)
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import READER
from mnist_desktop.training.progress import EpochMetrics
from tests.made_classes import NAMES


def epoch(number: int, accuracy: float, held_out: float | None) -> EpochMetrics:
    return EpochMetrics(number, 1.0, accuracy, held_out and 1.0, held_out, 1.0)


def with_epochs(kept: Run, *values: float, held_out: bool = True) -> RunRecord:
    """The same run with other accuracies."""
    history = tuple(
        epoch(number, value / 2, value if held_out else None)
        for number, value in enumerate(values, start=1)
    )
    return replace(kept.record, history=history, kept_epoch=0)


def on(kept: Run, digits: str, **values: object) -> RunRecord:
    """The same run on other digits."""
    info = replace(kept.record.dataset, name=digits)
    return replace(kept.record, dataset=info, **values)  # type: ignore[arg-type]


def test_the_curve_is_that_of_the_held_out_digits_or_else_of_those_it_learnt(kept: Run) -> None:
    assert accuracy_curve(with_epochs(kept, 0.5, 0.75)).values == (0.5, 0.75)
    assert accuracy_curve(with_epochs(kept, 0.5, 0.75, held_out=False)).values == (0.25, 0.375)


def test_the_curve_is_told_with_its_last_epochs(kept: Run) -> None:
    told = accuracy_curve(with_epochs(kept, 0.5, 0.75)).text
    assert told == "Validation accuracy by epoch: 50.00%, 75.00%"
    told = accuracy_curve(with_epochs(kept, 0.5, held_out=False)).text
    assert told == "Training accuracy by epoch: 25.00%"
    told = accuracy_curve(with_epochs(kept, *(number / 100 for number in range(12)))).text
    assert told.startswith("Validation accuracy by epoch: … 2.00%, ")
    assert told.endswith("11.00%")
    assert accuracy_curve(with_epochs(kept)).text == "No epoch was finished"


def test_a_curve_is_called_after_the_digits_that_it_is_of(kept: Run) -> None:
    history = (epoch(1, 0.25, None), epoch(2, 0.375, 0.75))
    told = accuracy_curve(replace(kept.record, history=history, kept_epoch=0)).text
    assert told == "Training accuracy by epoch: 25.00%, 37.50%"


def test_the_settings_are_said_in_few_words(kept: Run) -> None:
    config = kept.record.config.changed(learning_rate=0.001)
    assert summary(replace(kept.record, config=config)) == "cnn-fast · Adam 0.001"


# The epoch after which its network was kept


def test_a_network_is_of_the_epoch_that_was_kept_or_else_of_the_last(kept: Run) -> None:
    record = with_epochs(kept, 0.5, 0.75, 0.25)
    assert record.kept_metrics == record.history[2]
    best = replace(record, kept_epoch=2)
    assert best.kept_metrics == best.history[1]
    assert replace(record, history=()).kept_metrics is None
    with pytest.raises(ValueError, match="none of its epochs"):
        replace(record, kept_epoch=4)


def test_a_record_is_written_and_read_and_one_of_old_is_read_as_well(kept: Run) -> None:
    record = replace(with_epochs(kept, 0.5, 0.75, 0.25), kept_epoch=2, base_saw_test=True)
    history = [vars(one) for one in record.history]
    values = {**json.loads(json.dumps(record_as_json(record))), "id": record.id}
    again = record_from_json(dict(values), history)
    assert (again.kept_epoch, again.base_saw_test) == (2, True)
    for name in ("kept_epoch", "base_saw_test"):
        del values[name]
    old = record_from_json(dict(values), history)
    assert old.kept_metrics == record.history[-1]
    assert not old.caveat


# Test digits that a network has learnt from


def test_a_test_on_unseen_digits_needs_no_caveat(kept: Run) -> None:
    assert kept.record.caveat == ""
    assert describe_test(kept.record).endswith("% of the test digits read correctly")
    for digits in ("mnist", "custom"):
        assert caveat(None, digits) == ""
        assert caveat(on(kept, "sample"), digits) == ""
        reader = on(kept, digits, config=kept.record.config.changed(architecture=READER.id))
        assert reader.caveat == ""


def test_whoever_may_have_learnt_from_the_samples_test_digits_is_told(kept: Run) -> None:
    reader = kept.record.config.changed(architecture=READER.id)
    others = (
        None,  # the bundled reader, and a file that says nothing of its digits
        on(kept, "mnist"),
        on(kept, "custom"),
        on(kept, "sample", config=reader),
        on(kept, "sample", base_saw_test=True),
    )
    for one in others:
        assert "has learnt from them" in caveat(one, "sample"), one
    taught = others[3]
    assert taught is not None
    assert describe_test(taught).endswith("read correctly, which it had learnt from before")


def as_kept(record: RunRecord) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A record as its two files hold it."""
    history = [asdict(one) for one in record.history]
    kept: dict[str, Any] = json.loads(json.dumps(record_as_json(record)))
    return {"id": record.id, **kept}, history


def test_classes_are_kept_and_those_of_old_records_are_digits(kept: Run) -> None:
    values, history = as_kept(kept.record)
    assert "classes" not in values["dataset"]
    assert record_from_json(values, history).dataset.classes == DIGITS

    named = replace(kept.record.dataset, name="custom", classes=ClassNames(NAMES))
    values, history = as_kept(replace(kept.record, dataset=named))
    assert values["dataset"]["classes"] == list(NAMES)
    found = record_from_json(values, history).dataset
    assert found.classes.names == NAMES
    assert found.title == "Fashion-MNIST"


def test_the_test_of_other_classes_was_of_images(clothes_run: Run) -> None:
    assert describe_test(clothes_run.record).endswith("% of the test images read correctly")
    assert clothes_run.record.dataset.classes.names == NAMES
