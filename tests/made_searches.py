"""Small searches: few digits, the smallest network, one epoch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.search.goal import Goal
from mnist_desktop.search.lease import Lease
from mnist_desktop.search.space import Space
from mnist_desktop.search.study import Search, begin_search, without_test_digits
from mnist_desktop.search.worker import Limits, SearchRequest, work

# With a constant learning rate, all trials share what is compiled.
SMALL: dict[str, Any] = {
    "architecture": "dense-10",
    "epochs": 1,
    "batch_size": 64,
    "optimizer": "adam",
    "schedule": "constant",
    "label_smoothing": 0,
    "weight_decay": 0,
    "augment": "none",
}
QUICK = Lease(beat_seconds=0.05, silent_looks=10)


def few(sample: Dataset) -> Dataset:
    """Some hundred of the sample's digits."""
    return replace(
        sample,
        train=sample.train.take(np.arange(0, len(sample.train), 8)),
        test=sample.test.take(np.arange(0, len(sample.test), 8)),
    )


def begin(place: Path | str, digits: Dataset, goal: Goal | None = None, **space: Any) -> Search:
    """Begin a search in a file in a folder, or in what a URL names."""
    url = f"journal:{place / 'small.journal'}" if isinstance(place, Path) else place
    blind = without_test_digits(digits)
    return begin_search("small", url, Space({**SMALL, **space}), goal or Goal(), blind)


def make_trials(search: Search, digits: Dataset, count: int, lease: Lease = QUICK) -> None:
    """Work on a search until it has so many trials."""
    work(
        SearchRequest(search, digits, Limits(count), lease),
        on_progress=lambda _: None,
        should_stop=lambda: False,
    )
