"""Exported files open elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError, StorageError
from mnist_desktop.runs.export import export_run
from mnist_desktop.runs.model_file import open_model
from mnist_desktop.runs.store import Run, RunStore


@pytest.mark.parametrize(("file_format", "suffix"), [("keras", ".keras"), ("litert", ".tflite")])
def test_an_exported_network_reads_digits(
    file_format: str, suffix: str, kept: Run, tmp_path: Path, sample: Dataset
) -> None:
    output = export_run(kept, file_format, tmp_path / f"net{suffix}")
    scores = open_model(str(output), RunStore(tmp_path)).scores(sample.test.images)
    accuracy = (scores.argmax(axis=1) == sample.test.labels).mean()
    assert accuracy == pytest.approx(kept.record.test_accuracy, abs=0.002)


def test_the_exported_table_is_the_confusion_matrix(kept: Run, tmp_path: Path) -> None:
    output = export_run(kept, "csv", tmp_path / "matrix.csv")
    with output.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    found = [[int(cell) for cell in row[1:]] for row in rows[1:]]
    assert found == kept.record.confusion.tolist()


def test_the_exported_picture_opens(kept: Run, tmp_path: Path) -> None:
    output = export_run(kept, "png", tmp_path / "matrix.png")
    with Image.open(output) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 800


def test_an_existing_file_is_replaced_and_nothing_is_left_beside_it(
    kept: Run, tmp_path: Path
) -> None:
    output = tmp_path / "matrix.csv"
    output.write_text("old")
    export_run(kept, "csv", output)
    assert output.read_text().startswith("true digit")
    assert list(tmp_path.iterdir()) == [output]


def test_an_unknown_format_names_the_known_ones(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="keras, litert"):
        export_run(kept, "docx", tmp_path / "file")


def test_a_folder_that_is_not_there_is_told(kept: Run, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        export_run(kept, "csv", tmp_path / "nowhere" / "matrix.csv")
