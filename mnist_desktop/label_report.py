"""What the command line says of the labels of test digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.disputed_labels import describe_accuracy
from mnist_desktop.formats import percent
from mnist_desktop.runs.label_check_job import LabelCheckRequest, check_labels
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.runs.store import RunStore
from mnist_desktop.terminal import ProgressBar, stopped_by_ctrl_c

Said = tuple[dict[str, Any], list[str]]  # keys for JSON, and lines of text


def describe_disputed(read: SplitReadings) -> Said:
    """Say what the accuracy is without the disputed labels, where these are known."""
    if not read.disputed:
        return {}, []
    accuracy = read.readings.accuracy_without(tuple(read.disputed))
    keys = {"digits": len(read.disputed), "test_accuracy": accuracy}
    return {"without_disputed": keys}, [describe_accuracy(accuracy, len(read.disputed))]


def list_mislabelled(
    read: SplitReadings, dataset: Dataset, store: RunStore, most: int | None
) -> Said:
    """List the digits that are probably mislabelled, the most suspicious first.

    Parameters
    ----------
    read : SplitReadings
        The test digits as the network in question reads them.
    dataset : Dataset
        The digits in use.
    store : RunStore
        Its runs are asked, too.
    most : int or None
        How many are listed; fewer where fewer have a label that another is likelier than. Nothing
        is said without a number.

    Raises
    ------
    JobCancelled, StorageError
        If it was stopped, or the runs cannot be read.
    """
    if most is None:
        return {}, []
    with stopped_by_ctrl_c() as should_stop, ProgressBar() as bar:
        request = LabelCheckRequest(read, dataset, tuple(store.runs(should_stop)))
        checked = check_labels(request, on_progress=bar.show, should_stop=should_stop)
    check, classes, disputed = checked.check, read.classes, read.disputed
    places = check.sort(np.flatnonzero(check.suspicion > 0))[:most]
    wide = max(len("likelier"), *map(len, classes.names))
    found = []
    lines = [
        f"Probably mislabelled: {checked.words}",
        f"index  {'label':>{wide}}  {'likelier':>{wide}}   score  networks",
    ]
    for place in places.tolist():
        label, likelier = int(check.labels[place]), int(check.likelier[place])
        score, agreeing = float(check.scores[place, likelier]), int(check.agreeing[place])
        found.append(
            {
                "index": place,
                "label": label,
                "likelier": likelier,
                "score": score,
                "margin": float(check.suspicion[place]),
                "agreeing": agreeing,
                "networks": len(check.readings),
                "disputed": place in disputed,
            }
        )
        note = f"  label disputed: {disputed[place].words}" if place in disputed else ""
        lines.append(
            f"{place:5}  {classes.of(label):>{wide}}  {classes.of(likelier):>{wide}}  "
            f"{percent(score, 1):>6}  {agreeing} of {len(check.readings)}{note}"
        )
    return {"mislabelled": found}, lines
