"""Runs that were never trained: a record, its history and its scores, kept in a moment."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.runs.record import DatasetInfo, RunRecord, record_as_json
from mnist_desktop.runs.run import Run
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE
from mnist_desktop.training.progress import EpochMetrics


def make_up(root: Path, name: str, dataset: Dataset, wrong: int) -> Run:
    """Keep a run that misreads the first few test digits, each as the next digit.

    Its network cannot be opened.
    """
    labels = dataset.test.labels
    read = np.where(np.arange(len(labels)) < wrong, (labels + 1) % 10, labels)
    scores = np.full((len(labels), 10), 0.01, np.float32)
    scores[np.arange(len(labels)), read] = 0.91
    confusion = np.zeros((10, 10), np.int64)
    np.add.at(confusion, (labels, read), 1)
    record = RunRecord(
        id=f"20260101-000000-{name.lower()}",
        name=name,
        created=f"2026-01-01T00:00:{wrong:02}+00:00",
        config=ARCHITECTURES["dense-10"].recipe,
        dataset=DatasetInfo(dataset.name, dataset.source, len(dataset.train), 0, len(labels)),
        parameters=7850,
        history=(EpochMetrics(1, 0.5, 0.8, None, None, 1.0),),
        stopped=False,
        train_accuracy=0.9,
        train_loss=0.4,
        test_accuracy=float(np.trace(confusion) / len(labels)),
        test_loss=0.3,
        confusion=confusion,
        fit_seconds=1.0,
        total_seconds=2.0,
        versions={},
    )
    folder = root / record.id
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(record_as_json(record)), encoding="utf-8")
    history = [dataclasses.asdict(one) for one in record.history]
    (folder / "history.json").write_text(json.dumps(history), encoding="utf-8")
    np.savez(folder / "test-scores.npz", scores=scores, labels=labels)
    for file in (KERAS_FILE, LITERT_FILE):
        (folder / file).write_bytes(b"no network")
    return Run(record, folder)
