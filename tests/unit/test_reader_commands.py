"""The commands of MNIST Desktop Reader: what needs no training works, the rest says what has it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.cli import main
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.run import Run

Capture = pytest.CaptureFixture[str]
SEVEN = {"label": 7, "strokes": [[[150, 120], [350, 120], [230, 420]]]}


@pytest.fixture
def run(kept: Run, as_reader: None, paths: AppPaths) -> Run:
    """A run that the full program has kept on this computer."""
    folder = paths.runs / kept.record.id
    shutil.copytree(kept.folder, folder)
    return Run(kept.record, folder)


def answer(capsys: Capture, *arguments: str) -> dict[str, Any]:
    code = main([*arguments, "--json"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found: dict[str, Any] = json.loads(printed.out)
    return found


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["train"], "Training"),
        (["train", "--architecture", "cnn", "--json"], "Training"),
        (["resume"], "Resuming a training"),
        (["search", "start", "mine"], "Searching for settings"),
        (["data", "fetch"], "Downloading MNIST"),
    ],
)
def test_what_trains_is_refused_in_a_sentence(
    arguments: list[str], what: str, as_reader: None, capsys: Capture
) -> None:
    code = main(arguments)
    printed = capsys.readouterr()
    assert printed.err == (
        f"{what} is left out of MNIST Desktop Reader; install MNIST Desktop, the full program, "
        "from where you have this one.\n"
    )
    assert printed.out == ""
    assert code == 2


def test_the_help_lists_what_there_is(as_reader: None, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = capsys.readouterr().out
    assert "usage: mnist-desktop-reader" in printed
    assert "predict" in printed
    assert not any(f"    {name}" in printed for name in ("train", "resume", "search"))


def test_strokes_are_read(as_reader: None, capsys: Capture, tmp_path: Path) -> None:
    strokes = tmp_path / "strokes.jsonl"
    strokes.write_text(json.dumps(SEVEN))
    found = answer(capsys, "predict", "--strokes", str(strokes))
    assert [one["label"] for one in found["predictions"]] == [7]


def test_a_keras_file_is_tested_without_keras(as_reader: None, capsys: Capture) -> None:
    file = str(bundled_reader.keras_file())
    found = answer(capsys, "evaluate", file, "--data", "sample")
    assert found["test_accuracy"] > 0.99


def test_runs_of_the_full_program_are_listed_and_tested(run: Run, capsys: Capture) -> None:
    (listed,) = answer(capsys, "runs")["runs"]
    assert listed["run"] == run.record.id
    found = answer(capsys, "evaluate", run.record.id, "--data", "sample")
    assert found["test_accuracy"] == pytest.approx(listed["test_accuracy"], abs=0.001)


@pytest.mark.parametrize("kind", ["keras", "litert", "html", "png", "csv", "report", "script"])
def test_a_run_is_exported_and_checked_without_keras(
    kind: str, run: Run, capsys: Capture, tmp_path: Path
) -> None:
    output = tmp_path / f"run.{kind}"
    answer(capsys, "export", run.record.id, "--format", kind, "--output", str(output))
    assert output.stat().st_size > 100


def test_onnx_files_are_neither_written_nor_read(run: Run, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "mine.onnx"
    assert main(["export", run.record.id, "--format", "onnx", "--output", str(file)]) == 2
    assert capsys.readouterr().err.startswith("Writing ONNX files is left out of MNIST Desktop")
    file.write_bytes(b"\x08\x08\x12\x07pytorch")
    assert main(["evaluate", str(file), "--data", "sample"]) == 2
    assert capsys.readouterr().err.startswith("Reading ONNX files is left out of MNIST Desktop")


def test_the_self_test_does_without_training(as_reader: None, capsys: Capture) -> None:
    found = answer(capsys, "self-test")
    assert found["ok"], found
    names = [one["name"] for one in found["checks"]]
    assert names == ["import", "digits", "open and convert", "figures", "bundled reader", "window"]


def test_the_demo_draws_and_reads(as_reader: None, capsys: Capture, tmp_path: Path) -> None:
    found = answer(capsys, "demo", "--output", str(tmp_path))
    assert found["prediction"] == "3"
    assert found["test_accuracy"] == bundled_reader.accuracy_on_mnist()
    names = [Path(one).name for one in found["screenshots"]]
    assert names == ["1-start.png", "2-matrix.png", "3-draw.png", "4-digits.png"]
    assert all((tmp_path / name).is_file() for name in names)
