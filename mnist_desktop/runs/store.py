"""What is kept of each training: one folder a run, written whole or not at all.

A run's folder holds ``run.json`` (settings, digits, results, versions), ``history.json``,
``test-scores.npz``, ``model.keras`` and ``model.tflite``. It is filled under another name and
renamed when everything is on the disk, so that a folder with a run's name is a whole run.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_desktop import __version__
from mnist_desktop.digits.dataset import Dataset, Labels
from mnist_desktop.errors import RunNotFoundError, StorageError
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.config import EpochMetrics, TrainingConfig
from mnist_desktop.training.conversion import KERAS_FILE, LITERT_FILE, write_model
from mnist_desktop.training.trainer import TrainingResult

logger = logging.getLogger(__name__)

FORMAT = 1
RECORD_FILE = "run.json"
HISTORY_FILE = "history.json"
SCORES_FILE = "test-scores.npz"
MAX_NAME_LENGTH = 80


@dataclass(frozen=True)
class DatasetInfo:
    """Which digits a run was trained and tested on.

    Attributes
    ----------
    name : {"mnist", "sample", "custom"}
        Which digits they were.
    source : str
        Where they came from, in words.
    train, validation, test : int
        How many were learnt from, held out, and tested on.
    """

    name: str
    source: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class RunRecord:
    """What a run was and what came of it.

    Attributes
    ----------
    id : str
        Name of its folder, from the time and the architecture.
    name : str
        What the user calls it.
    created : str
        When it was kept, ISO 8601 in UTC.
    config : TrainingConfig
        Settings it was trained with.
    dataset : DatasetInfo
        Digits it was trained and tested on.
    parameters : int
        Weights of its network.
    history : tuple of EpochMetrics
        Its epochs.
    stopped : bool
        Whether it was ended before its last epoch was done.
    train_accuracy, train_loss : float
        On 10,000 of the digits it learnt from, after training.
    test_accuracy, test_loss : float
        On the test digits.
    confusion : ndarray of int64, shape (10, 10)
        On the test digits; row: true digit, column: predicted digit.
    fit_seconds, total_seconds : float
        Time in the fit, and with building and evaluating.
    versions : mapping of str to str
        Of Python and the libraries.
    """

    id: str
    name: str
    created: str
    config: TrainingConfig
    dataset: DatasetInfo
    parameters: int
    history: tuple[EpochMetrics, ...]
    stopped: bool
    train_accuracy: float
    train_loss: float
    test_accuracy: float
    test_loss: float
    confusion: NDArray[np.int64]
    fit_seconds: float
    total_seconds: float
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """A kept run and the folder it is in."""

    record: RunRecord
    folder: Path

    @property
    def litert_file(self) -> Path:
        """The network that the drawing pad uses."""
        return self.folder / LITERT_FILE

    def test_scores(self) -> tuple[NDArray[np.float32], Labels]:
        """Read the scores (n, 10) and the true labels (n,) of the test digits.

        Raises
        ------
        StorageError
            If the file is missing or damaged.
        """
        path = self.folder / SCORES_FILE
        try:
            with np.load(path, allow_pickle=False) as archive:
                return archive["scores"], archive["labels"]
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(
                f"The scores of {self.record.name} cannot be read: {path}."
            ) from error


class RunStore:
    """All kept runs, in one folder.

    Parameters
    ----------
    root : Path
        The folder; it is made when the first run is kept.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def runs(self) -> list[Run]:
        """All whole runs, the newest first; a damaged one is passed over and logged."""
        if not self.root.is_dir():
            return []
        found = []
        for folder in self.root.iterdir():
            if folder.name.startswith("."):
                continue
            try:
                found.append(Run(_read_record(folder), folder))
            except (OSError, ValueError, KeyError, TypeError) as error:
                logger.warning("Passed over the damaged run %s: %s", folder, error)
        return sorted(found, key=lambda run: (run.record.created, run.record.id), reverse=True)

    def get(self, run_id: str) -> Run:
        """Open one run.

        Raises
        ------
        RunNotFoundError
            If there is no whole run with this id.
        """
        for run in self.runs():
            if run.record.id == run_id:
                return run
        raise RunNotFoundError(
            f"There is no run {run_id!r}; the command 'mnist-desktop runs' lists those there are."
        )

    def keep(self, result: TrainingResult, dataset: Dataset, name: str = "") -> Run:
        """Write a training's result as a new run.

        Parameters
        ----------
        result : TrainingResult
            What came of the training.
        dataset : Dataset
            The digits it was done with.
        name : str, optional
            What to call the run; its architecture otherwise.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self.root))
            try:
                record = _make_record(result, dataset, name, self._free_id(result.config))
                write_model(result.model, folder)
                _write_results(folder, record, result, dataset)
                _sync(folder)
                folder.rename(self.root / record.id)
                _sync_folder(self.root)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError as error:
            raise StorageError(
                f"The run could not be kept in {self.root} ({error.strerror}); make room there "
                "or set MNIST_DESKTOP_HOME to another folder, and train again."
            ) from error
        return Run(record, self.root / record.id)

    def delete(self, run_id: str) -> None:
        """Remove a run for good.

        Raises
        ------
        RunNotFoundError
            If there is no run with this id.
        """
        folder = self.get(run_id).folder
        gone = folder.with_name(".deleted-" + folder.name)
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def rename(self, run_id: str, name: str) -> Run:
        """Give a run another name."""
        run = self.get(run_id)
        record = replace(run.record, name=_clean_name(name) or run.record.name)
        beside = run.folder / f".{RECORD_FILE}.new"
        beside.write_text(json.dumps(_record_as_json(record), indent=1), encoding="utf-8")
        beside.replace(run.folder / RECORD_FILE)
        return Run(record, run.folder)

    def _free_id(self, config: TrainingConfig) -> str:
        stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{config.architecture}"
        run_id, count = stem, 1
        while (self.root / run_id).exists():
            count += 1
            run_id = f"{stem}-{count}"
        return run_id


def _make_record(result: TrainingResult, dataset: Dataset, name: str, run_id: str) -> RunRecord:
    return RunRecord(
        id=run_id,
        name=_clean_name(name) or ARCHITECTURES[result.config.architecture].name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        config=result.config,
        dataset=DatasetInfo(
            name=dataset.name,
            source=dataset.source,
            train=result.train_count,
            validation=result.validation_count,
            test=len(dataset.test),
        ),
        parameters=result.parameters,
        history=result.history,
        stopped=result.stopped,
        train_accuracy=result.train.accuracy,
        train_loss=result.train.loss,
        test_accuracy=result.test.accuracy,
        test_loss=result.test.loss,
        confusion=result.test.confusion,
        fit_seconds=result.fit_seconds,
        total_seconds=result.total_seconds,
        versions=_versions(),
    )


def _clean_name(name: str) -> str:
    printable = "".join(letter for letter in name if letter.isprintable())
    return printable.strip()[:MAX_NAME_LENGTH]


def _versions() -> dict[str, str]:
    found = {"mnist-desktop": __version__, "python": platform.python_version()}
    for package in ("keras", "tensorflow-cpu", "tensorflow", "numpy", "ai-edge-litert"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _write_results(
    folder: Path, record: RunRecord, result: TrainingResult, dataset: Dataset
) -> None:
    np.savez_compressed(
        folder / SCORES_FILE,
        scores=result.test_scores.astype(np.float32),
        labels=dataset.test.labels,
    )
    history = [asdict(epoch) for epoch in record.history]
    (folder / HISTORY_FILE).write_text(json.dumps(history, indent=1), encoding="utf-8")
    (folder / RECORD_FILE).write_text(
        json.dumps(_record_as_json(record), indent=1), encoding="utf-8"
    )


def _record_as_json(record: RunRecord) -> dict[str, Any]:
    values = {
        name: getattr(record, name)
        for name in RunRecord.__dataclass_fields__
        if name not in ("config", "dataset", "history", "confusion", "versions")
    }
    return {
        "format": FORMAT,
        **values,
        "config": record.config.as_json(),
        "dataset": asdict(record.dataset),
        "confusion": record.confusion.tolist(),
        "versions": dict(record.versions),
    }


def _read_record(folder: Path) -> RunRecord:
    values = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
    history = json.loads((folder / HISTORY_FILE).read_text(encoding="utf-8"))
    if values.pop("format") != FORMAT:
        raise ValueError("it was written by another version of the program")
    for name in (SCORES_FILE, KERAS_FILE, LITERT_FILE):
        if not (folder / name).is_file():
            raise ValueError(f"it holds no {name}")
    confusion = np.array(values.pop("confusion"), np.int64)
    if confusion.shape != (10, 10):
        raise ValueError(f"its confusion matrix has the shape {confusion.shape}")
    return RunRecord(
        **{
            **values,
            "config": TrainingConfig.from_json(values["config"]),
            "dataset": DatasetInfo(**values["dataset"]),
            "history": tuple(EpochMetrics(**epoch) for epoch in history),
            "confusion": confusion,
        }
    )


def _sync(folder: Path) -> None:
    """Bring every file of a folder, and the folder, to the disk."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders, and keeps their order itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
