"""The window always ends up with digits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mnist_desktop.digits import find_dataset as finding
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest, Host, RemoteFile
from mnist_desktop.errors import DataFileError, DownloadError
from mnist_desktop.workers.dataset import DatasetController

# Nothing listens there: port 9 of this machine, which no program uses any more.
NOWHERE = Host("nowhere", (RemoteFile("http://127.0.0.1:9/mnist.npz", "0" * 64, "mnist.npz"),))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DatasetController]:
    request = DatasetRequest(tmp_path / "cache" / "digits", hosts=(NOWHERE,), timeout_s=(1, 1))
    controller = DatasetController(request)
    yield controller
    controller.close()


def test_without_a_connection_the_sample_is_used_and_says_why(
    qtbot: QtBot, data: DatasetController
) -> None:
    with qtbot.waitSignals([data.started, data.changed, data.finished], order="strict"):
        data.find()
    assert data.dataset is not None
    assert data.dataset.name == "sample"
    assert "could not be downloaded" in data.dataset.note


def test_a_download_that_fails_leaves_the_digits_in_use(
    qtbot: QtBot, data: DatasetController
) -> None:
    with qtbot.waitSignal(data.finished):
        data.find()
    before = data.dataset
    with (
        qtbot.waitSignals([data.failed, data.finished], order="strict"),
        qtbot.waitSignal(data.failed) as caught,
    ):
        data.download()
    assert isinstance(caught.args[0], DownloadError)
    assert data.dataset is before


def test_a_bad_file_that_was_chosen_is_told(
    qtbot: QtBot, data: DatasetController, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.npz"
    bad.write_text("hello")
    with qtbot.waitSignal(data.finished):
        data.find()
    with qtbot.waitSignal(data.failed) as caught, qtbot.waitSignal(data.finished):
        data.choose(str(bad))
    assert isinstance(caught.args[0], DataFileError)


def test_a_bad_file_at_the_start_leaves_the_sample(
    qtbot: QtBot, data: DatasetController, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_DESKTOP_DATA", str(tmp_path / "gone"))
    signals = [data.failed, data.finished, data.changed, data.finished]
    with qtbot.waitSignals(signals, order="strict"):
        data.find()
    assert data.dataset is not None
    assert data.dataset.name == "sample"


def test_a_sample_that_cannot_be_read_is_asked_for_only_once(
    qtbot: QtBot, data: DatasetController, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> NoReturn:
        raise DataFileError("The sample is damaged; install the program again.")

    monkeypatch.setattr(finding, "sample_dataset", fail)
    told: list[object] = []
    data.failed.connect(told.append)
    with qtbot.waitSignals([data.finished, data.finished]):
        data.find()
    assert not data.is_running
    assert len(told) == 2
    assert data.dataset is None


def test_a_command_takes_the_digits_in_use_by_these_options(
    qtbot: QtBot, data: DatasetController, sample: Dataset, tmp_path: Path
) -> None:
    file = tmp_path / "inverted.npz"
    parts = {"train": sample.train.take(np.arange(600)), "test": sample.test.take(np.arange(100))}
    arrays = {f"x_{name}": 255 - one.images for name, one in parts.items()}
    arrays |= {f"y_{name}": one.labels for name, one in parts.items()}
    np.savez(file, **arrays)
    with qtbot.waitSignal(data.finished):
        data.find()
    assert "--data=sample" in data.options
    with qtbot.waitSignal(data.finished):
        data.choose(str(file))
    assert f"--data={file}" in data.options
    assert not any(one.startswith("--turn") for one in data.options)
    assert data.dataset is not None
    assert data.dataset.offer == ("inverted",)
    with qtbot.waitSignal(data.finished):
        data.turn()
    assert "--turn=inverted" in data.options
    with qtbot.waitSignal(data.finished):
        data.choose("sample")
    assert not any(one.startswith("--turn") for one in data.options)
