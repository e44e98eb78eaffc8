"""The command line: one JSON object, one sentence, one exit code."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_desktop import cli
from mnist_desktop.cli import main
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.disputed_labels import describe_accuracy, disputed_labels
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.foreign.trusted_networks import trust
from mnist_desktop.label_report import describe_disputed
from mnist_desktop.paths import AppPaths
from mnist_desktop.predict_files import MAX_LINES_REPORTED
from mnist_desktop.runs.reading_job import bundled_results
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import begin_training, find_unfinished
from mnist_desktop.training.architectures import ARCHITECTURES
from tests.made_classes import COAT, NAMES, images_of
from tests.wine import IS_WINE

Capture = pytest.CaptureFixture[str]
TRAIN = ["train", "--architecture", "dense-10", "--data", "sample"]
NOWHERE = str(Path("/nowhere/at/all"))
ONE = {"label": 1, "strokes": [[[250, 100], [250, 400]]]}
SEVEN = {"label": 7, "strokes": [[[150, 120], [350, 120], [230, 420]]]}


def run_json(capsys: Capture, *arguments: str) -> dict[str, Any]:
    """Run a command with --json and return the one object it printed."""
    code = main([*arguments, "--json"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found: dict[str, Any] = json.loads(printed.out)
    return found


def fail(capsys: Capture, *arguments: str) -> str:
    """Run a command that is to be refused, and return its one sentence."""
    code = main(list(arguments))
    printed = capsys.readouterr()
    assert code == 2, printed
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "Traceback" not in printed.err
    return printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--architecture", "resnet"], "resnet"),
        (["--architecture", "cnn", "--epochs", "0"], "not 0"),
        (["--architecture", "cnn", "--epochs", "two"], "two"),
        (["--architecture", "cnn", "--learning-rate", "-1"], "not -1"),
        (["--architecture", "cnn", "--learning-rate", "nan"], "not nan"),
        (["--architecture", "cnn", "--batch-size", "0"], "Batch size"),
        (["--architecture", "cnn", "--optimizer", "best"], "best"),
        (["--architecture", "cnn", "--loss", "mse"], "mse"),
        (["--architecture", "cnn", "--output-activation", "tanh"], "tanh"),
        (["--architecture", "cnn", "--seed", "-5"], "Seed"),
        (["--architecture", "cnn", "--schedule", "steps"], "must be one of constant, linear"),
        (["--architecture", "cnn", "--weight-decay", "0.6"], "from 0 to 0.5, not 0.6"),
        (["--architecture", "cnn", "--weight-decay", "much"], "much"),
        (["--architecture", "cnn", "--label-smoothing", "nan"], "from 0 to 0.5, not nan"),
        (["--architecture", "mlp", "--hidden-units", "ten"], "ten"),
        (["--architecture", "cnn", "--data", NOWHERE], NOWHERE),
        (["--architecture", "dense-100", "--hidden-units", "50,50"], "mlp"),
        (["--architecture", "dense-100", "--layers", "dense 5"], "belong together"),
        (["--architecture", "custom"], "belong together"),
        (["--architecture", "custom", "--layers", "dense 5; desne 6"], "column 10: “desne”"),
        (["--architecture", "custom", "--layers", "conv 5 3x3; dense 5"], "add flatten before"),
        (["--architecture", "custom", "--layers", "@nowhere.txt"], "nowhere.txt cannot be read"),
        (["--architecture", "cnn", "--augment", "shift=2 rotat=8"], "column 9: “rotat=8” is no"),
        (["--architecture", "cnn", "--augment", "rotate=200"], "a number from 0 to 180"),
        (["--architecture", "cnn", "--augment", ""], "is empty"),
        (["--epochs", "1"], "--architecture"),
    ],
)
def test_a_bad_training_is_refused_before_it_begins(
    arguments: list[str], words: str, capsys: Capture
) -> None:
    assert words in fail(capsys, "train", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["evaluate"],
        ["evaluate", "no-such-model", "--data", "sample"],
        ["predict"],
        ["predict", "gone.png"],
        ["predict", "--strokes", "gone.jsonl"],
        ["predict", "a.png", "--strokes", "b.jsonl"],
        ["export", "no-such-run", "--format", "keras", "--output", "x"],
        ["data", "delete"],
        ["networks", "--layers", "dense"],
        ["networks", "cnn"],
        ["evaluate", "~nobodyx", "--data", "sample"],
        ["evaluate", "m" * 300, "--data", "sample"],
        ["evaluate", "bundled", "--data", "sample", "--figure", "~nobodyx/f.png"],
    ],
)
def test_bad_input_of_any_kind_is_one_sentence_and_exit_code_2(
    arguments: list[str], capsys: Capture
) -> None:
    fail(capsys, *arguments)


def test_the_networks_are_listed_with_their_layers_and_what_was_measured(capsys: Capture) -> None:
    found = {one["architecture"]: one for one in run_json(capsys, "networks")["networks"]}
    assert list(found) == list(ARCHITECTURES)
    assert found["dense-50-50"]["layers"] == "flatten; dense 50 relu; dense 50 relu"
    assert found["dense-50-50"]["parameters"] == 42_310
    assert found["cnn"]["test_accuracy"] == {"mnist": 0.9927, "sample": 0.96}
    assert main(["networks"]) == 0
    assert "cnn: Convolutional\n  conv 32 3x3 relu; pool; " in capsys.readouterr().out


def test_layers_are_given_as_text_or_in_a_file_and_described(
    tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "layers.txt"
    path.write_text("conv 16 5x5 RELU\npool\noff dropout 0.5\nflatten\n")
    found = run_json(capsys, "networks", "--layers", f"@{path}")
    assert found["layers"] == "conv 16 5x5 relu; pool; off dropout 0.5; flatten"
    assert found["parameters"] == 23_466
    assert [one["output"] for one in found["shapes"]][:2] == [[24, 24, 16], [12, 12, 16]]
    path.write_bytes(b"\xff\xfe")
    assert "is no text in UTF-8" in fail(capsys, "networks", "--layers", f"@{path}")


def test_a_network_of_given_layers_is_trained_and_listed(paths: AppPaths, capsys: Capture) -> None:
    layers = "flatten; dense 20 relu"
    trained = run_json(
        capsys, "train", "--architecture", "custom", "--layers", layers, "--epochs", "1",
        "--data", "sample",
    )  # fmt: skip
    assert trained["parameters"] == 785 * 20 + 210
    (listed,) = run_json(capsys, "runs")["runs"]
    assert (listed["architecture"], listed["layers"]) == ("custom", layers)
    assert listed["name"] == "Own: 20"


def test_augmentation_is_given_as_text_kept_and_warned_of(paths: AppPaths, capsys: Capture) -> None:
    spec = "rotate=90 shift=1.5 noise=0.05"
    assert main([*TRAIN, "--epochs", "1", "--augment", spec, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["epochs"] == 1
    assert "Rotate 90° is too much: a 6 becomes a 9" in printed.err
    (run,) = RunStore(paths.runs).runs()
    assert str(run.record.config.augment) == "shift=1.5 rotate=90 noise=0.05"
    saved = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert saved["config"]["augment"] == "shift=1.5 rotate=90 noise=0.05"
    assert main([*TRAIN, "--epochs", "1", "--augment", "standard"]) == 0
    assert "too much" not in capsys.readouterr().err


def test_the_presets_say_what_augmentation_they_use(capsys: Capture) -> None:
    found = {one["architecture"]: one for one in run_json(capsys, "networks")["networks"]}
    augment = {name: one["recipe"]["augment"] for name, one in found.items()}
    assert (augment["cnn"], augment["cnn-best"]) == ("none", "shift=2 rotate=8 scale=0.08")


def test_a_data_file_that_is_cut_short_or_no_mnist_is_refused(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "text.npz").write_text("hello")
    assert "text.npz" in fail(capsys, *TRAIN[:-1], str(tmp_path / "text.npz"))
    np.savez(
        tmp_path / "color.npz",
        x_train=np.zeros((2, 32, 32, 3), np.uint8), y_train=np.zeros(2, np.uint8),
        x_test=np.zeros((2, 32, 32, 3), np.uint8), y_test=np.zeros(2, np.uint8),
    )  # fmt: skip
    assert "32, 32, 3" in fail(capsys, *TRAIN[:-1], str(tmp_path / "color.npz"))
    whole = (tmp_path / "color.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    assert "cut.npz" in fail(capsys, *TRAIN[:-1], str(tmp_path / "cut.npz"))


def test_digits_that_fit_another_way_are_told_with_the_option_that_turns_them(
    tmp_path: Path, sample: Dataset, capsys: Capture
) -> None:
    path = tmp_path / "white-paper.npz"
    np.savez(path, x=255 - sample.test.images, y=sample.test.labels)

    assert main(["data", "status", "--data", str(path), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["turn"] == "inverted"
    assert "inverted" in printed.err
    assert "--turn inverted" in printed.err

    found = run_json(capsys, "data", "status", "--data", str(path), "--turn", "inverted")
    assert found["turn"] == ""
    assert (found["train"], found["test"]) == (800, 200)
    assert "cannot be 'sideways'" in fail(capsys, "data", "--turn", "sideways")


def test_pictures_of_a_folder_are_taken_as_the_option_says(
    tmp_path: Path, sample: Dataset, capsys: Capture
) -> None:
    for number in range(0, 1000, 20):
        path = tmp_path / str(sample.test.labels[number]) / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(sample.test.images[number]).resize((40, 40)).save(path)
    command = ("data", "status", "--data", str(tmp_path), "--pictures")

    assert "normalised" in run_json(capsys, *command, "normalised")["note"]
    assert "50 pictures of another size scaled" in run_json(capsys, *command, "as-they-are")["note"]
    assert "invalid choice: 'sideways'" in fail(capsys, *command, "sideways")


def test_a_picture_that_is_none_is_refused(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "fake.png").write_text("hello")
    assert "fake.png" in fail(capsys, "predict", str(tmp_path / "fake.png"))


@pytest.fixture
def digit(tmp_path: Path, sample: Dataset) -> Path:
    """A picture of a test digit, which is a zero."""
    Image.fromarray(sample.test.images[0]).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_bad_file_of_many_does_not_end_the_others(
    how: list[str], tmp_path: Path, digit: Path, capsys: Capture
) -> None:
    fake = tmp_path / "fake.png"
    fake.write_text("hello")

    code = main(["predict", str(digit), str(fake), "gone.png", str(digit), *how])

    printed = capsys.readouterr()
    assert code == 2
    if how:
        found = json.loads(printed.out)["predictions"]
        assert [(one["file"], one["label"]) for one in found] == [(str(digit), 0)] * 2
    else:
        assert [line.partition("  ")[0] for line in printed.out.splitlines()] == [f"{digit}: 0"] * 2
    first, second = printed.err.splitlines()
    assert "fake.png is no picture" in first
    assert second == "There is no file gone.png."


def test_bad_files_alone_are_named_and_nothing_is_printed(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "fake.png").write_text("hello")
    assert main(["predict", str(tmp_path / "fake.png"), "gone.png", "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert "fake.png is no picture" in first
    assert second == "There is no file gone.png."


def test_a_bad_line_of_strokes_does_not_end_the_others(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "drawings.jsonl"
    lines = [json.dumps(ONE), "nonsense", "", '{"strokes": 3}', json.dumps(SEVEN)]
    path.write_text("\n".join(lines))

    code = main(["predict", "--strokes", str(path), "--json"])

    printed = capsys.readouterr()
    found = json.loads(printed.out)["predictions"]
    assert code == 2
    assert [(one["index"], one["label"]) for one in found] == [(0, 1), (3, 7)]
    assert [line.split(" of ")[0] for line in printed.err.splitlines()] == ["Line 2", "Line 4"]


def test_of_very_many_bad_lines_only_some_are_told(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "drawings.jsonl"
    path.write_text("\n".join([json.dumps(ONE), *["nonsense"] * 21]))
    assert main(["predict", "--strokes", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out.startswith("0: 1")
    assert len(printed.err.splitlines()) == MAX_LINES_REPORTED + 1
    assert "has 1 more line that" in printed.err


def test_drawings_before_a_damage_are_read(tmp_path: Path, capsys: Capture) -> None:
    rng = np.random.default_rng(0)
    lines = [json.dumps({"strokes": [rng.random((90, 2)).tolist()]}) for _ in range(90)]
    packed = gzip.compress("\n".join([json.dumps(ONE), *lines]).encode())
    path = tmp_path / "drawings.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    code = main(["predict", "--strokes", str(path), "--json"])
    printed = capsys.readouterr()
    assert code == 2
    assert json.loads(printed.out)["predictions"][0]["label"] == 1
    assert "cannot be read as text beyond line" in printed.err


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_on_windows_a_pipe_gets_utf_8_and_not_the_ansi_code_page(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, name, pipe)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(cli, "_runs", lambda *_: {"text": "Jürgen 数字"})
    main(["runs"] if name == "stdout" else ["runs", "Jürgen 数字"])
    assert "Jürgen 数字" in pipe.buffer.getvalue().decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
@pytest.mark.parametrize("kind", ["picture", "strokes", "packed strokes"])
def test_what_comes_through_a_pipe_is_read(kind: str, name: str, digit: Path) -> None:
    strokes = json.dumps(ONE).encode()
    contents = {
        "picture": digit.read_bytes(),
        "strokes": strokes,
        "packed strokes": gzip.compress(strokes),
    }
    wanted = [name] if kind == "picture" else ["--strokes", name]
    done = subprocess.run(
        [sys.executable, "-m", "mnist_desktop", "predict", *wanted, "--json"],
        input=contents[kind], capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    [found] = json.loads(done.stdout)["predictions"]
    assert found["label"] == (0 if kind == "picture" else 1)
    assert found.get("file", name) == name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["predict", "."], "is no regular file but a folder"),
        (["predict", "/dev/null"], "is no regular file but a device"),
        (["predict", "--strokes", "/dev/null"], "is no regular file but a device"),
        (["evaluate", "PIPE"], "is no regular file but a pipe"),
        (["evaluate", "/dev/null"], "is no regular file but a device"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_file_is_refused_for_what_it_is(
    arguments: list[str], told: str, tmp_path: Path, capsys: Capture
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert told in fail(capsys, *(one.replace("PIPE", str(tmp_path / "pipe")) for one in arguments))


@pytest.mark.parametrize("command", [TRAIN, ["demo"]])
def test_a_home_that_cannot_be_written_is_told(
    command: list[str], tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MNIST_DESKTOP_HOME", str(tmp_path / "file" / "home"))
    assert "MNIST_DESKTOP_HOME" in fail(capsys, *command)


def test_train_evaluate_predict_runs_and_export_work_together(
    capsys: Capture, tmp_path: Path, sample: Dataset
) -> None:
    trained = run_json(capsys, *TRAIN, "--epochs", "3", "--seed", "4", "--name", "My run")
    assert {
        "run", "test_accuracy", "test_loss", "train_accuracy", "seconds", "epochs",
        "confusion_matrix", "parameters", "dataset",
    } <= set(trained)  # fmt: skip
    assert trained["dataset"] == "sample"
    assert trained["parameters"] == 7850
    assert trained["epochs"] == 3
    assert set(trained["seconds"]) == {"fit", "total"}
    assert np.array(trained["confusion_matrix"]).sum() == 1000
    assert trained["test_accuracy"] > 0.75

    figure = tmp_path / "matrix.png"
    evaluated = run_json(
        capsys, "evaluate", trained["run"], "--data", "sample", "--figure", str(figure)
    )
    assert evaluated["test_accuracy"] == pytest.approx(trained["test_accuracy"])
    assert evaluated["test_loss"] == pytest.approx(trained["test_loss"], rel=1e-3)
    assert evaluated["confusion_matrix"] == trained["confusion_matrix"]
    assert [one["support"] for one in evaluated["per_class"]] == [100] * 10
    assert figure.stat().st_size > 10_000

    (listed,) = run_json(capsys, "runs")["runs"]
    assert (listed["run"], listed["name"]) == (trained["run"], "My run")

    for file_format in ("keras", "litert", "onnx", "html", "png", "csv"):
        output = tmp_path / f"out.{file_format}"
        found = run_json(
            capsys, "export", trained["run"], "--format", file_format, "--output", str(output)
        )
        assert found["output"] == str(output)
        assert output.stat().st_size > 100

    output = tmp_path / "network.svg"
    arguments = ["export", trained["run"], "--figure", "network", "--output", str(output)]
    assert run_json(capsys, *arguments, "--format", "svg")["output"] == str(output)
    assert "multiplications for each image" in output.read_text(encoding="utf-8")
    assert "Only png, svg, pdf show a figure" in fail(capsys, *arguments, "--format", "keras")

    for name, start in (("report.html", b"<!doctype html>"), ("report.pdf", b"%PDF")):
        output = tmp_path / name
        arguments = ["--format", "report", "--output", str(output), "--data", "sample"]
        found = run_json(capsys, "export", trained["run"], *arguments)
        assert found["output"] == str(output)
        assert output.read_bytes().startswith(start)

    picture = tmp_path / "digit.png"
    Image.fromarray(sample.test.images[0]).save(picture)
    for model in (trained["run"], "bundled", str(trained["run"])):
        (one,) = run_json(capsys, "predict", str(picture), "--model", model)["predictions"]
        assert one["file"] == str(picture)
        assert one["label"] == sample.test.labels[0]
        assert sum(one["probabilities"]) == pytest.approx(1)
        assert isinstance(one["accepted"], bool)


def test_a_report_finds_the_digits_of_its_run_and_does_without(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_json(capsys, *TRAIN, "--epochs", "1")["run"]
    output = tmp_path / "report.html"
    arguments = ["export", run, "--format", "report", "--output", str(output)]
    monkeypatch.setenv("MNIST_DESKTOP_DATA", "/nowhere/at/all")
    run_json(capsys, *arguments)
    assert "→" in output.read_text(encoding="utf-8")

    record = paths_of_runs() / run / "run.json"
    record.write_text(record.read_text().replace('"name": "sample"', '"name": "custom"'))
    run_json(capsys, *arguments)
    assert "were not available" in output.read_text(encoding="utf-8")
    assert NOWHERE in fail(capsys, *arguments, "--data", NOWHERE)


def test_the_list_marks_test_digits_that_a_network_had_learnt_from(
    capsys: Capture, kept: Run, paths: AppPaths
) -> None:
    name = shutil.copytree(kept.folder, paths.runs / "20260101-000000-x").name
    assert main(["runs"]) == 0
    assert "*" not in capsys.readouterr().out
    record = paths.runs / name / "run.json"
    fields = json.loads(record.read_text(encoding="utf-8")) | {"base_saw_test": True}
    record.write_text(json.dumps(fields), encoding="utf-8")

    assert main(["runs"]) == 0

    line, caveat = capsys.readouterr().out.splitlines()
    assert "%* " in line
    assert caveat.startswith("* The sample is made of MNIST's training digits")
    assert run_json(capsys, "runs")["runs"][0]["caveat"] == caveat[2:]


def test_a_folders_name_commands_no_terminal(capsys: Capture, kept: Run, paths: AppPaths) -> None:
    on_windows = os.name == "nt"  # whose names have no control characters
    name = "run next \u202e" if on_windows else "run\x1b[2J\nnext \u202e"
    shutil.copytree(kept.folder, paths.runs / name)
    assert main(["runs"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert printed.startswith("run next \\u202e " if on_windows else "run\\x1b[2J\\nnext \\u202e ")
    assert main(["runs", "--json"]) == 0
    text = capsys.readouterr().out
    assert text.replace("\n", "").isprintable()
    assert json.loads(text)["runs"][0]["run"] == name
    error = fail(capsys, "export", name, "--format", "x\x1b[2J", "--output", "o")
    assert "\x1b" not in error
    error = fail(capsys, "evaluate", "no\x1b[2Jmodel", "--data", "sample")
    assert "\x1b" not in error


def paths_of_runs() -> Path:
    return AppPaths.from_environment().runs


@pytest.mark.parametrize("is_gzipped", [False, True])
def test_strokes_are_read_in_file_order(is_gzipped: bool, tmp_path: Path, capsys: Capture) -> None:
    lines = "\n".join(json.dumps(drawing) for drawing in (ONE, SEVEN, {"strokes": []}))
    path = tmp_path / ("drawings.jsonl.gz" if is_gzipped else "drawings.jsonl")
    path.write_bytes(gzip.compress(lines.encode()) if is_gzipped else lines.encode())
    found = run_json(capsys, "predict", "--strokes", str(path))["predictions"]
    assert [one["index"] for one in found] == [0, 1, 2]
    assert [one["label"] for one in found] == [1, 7, None]
    assert [one["accepted"] for one in found] == [True, True, False]


def test_data_status_names_the_source(
    capsys: Capture, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = run_json(capsys, "data")
    assert found["source"] == "the 5,000 digits that come with the program"
    assert (found["train"], found["test"], found["verified"]) == (4000, 1000, False)
    if chosen != "sample":
        monkeypatch.setenv("MNIST_DESKTOP_DATA", chosen)
        found = run_json(capsys, "data", "status")
        assert (found["train"], found["test"], found["verified"]) == (60_000, 10_000, True)


def test_without_json_the_same_is_told_in_words(capsys: Capture) -> None:
    assert main([*TRAIN, "--epochs", "1"]) == 0
    words = capsys.readouterr().out
    assert "test digits read correctly" in words
    assert "Kept as" in words


def test_self_test_passes_and_lists_its_checks(capsys: Capture) -> None:
    found = run_json(capsys, "self-test")
    assert found["ok"] is True
    assert len(found["checks"]) >= 6
    assert all(check["ok"] for check in found["checks"])


def test_self_test_finds_damaged_results_of_the_bundled_reader(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled_reader, "scores_file", lambda: tmp_path / "missing")
    bundled_reader.readings_of_mnist.cache_clear()
    assert main(["self-test", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (failed,) = (check for check in found["checks"] if not check["ok"])
    assert failed["name"] == "bundled reader"
    assert "missing or damaged" in failed["detail"]


def test_a_test_on_digits_that_were_learnt_from_is_said(capsys: Capture) -> None:
    found = run_json(capsys, "evaluate", "bundled", "--data", "sample")
    assert "learnt from them" in found["note"]


def test_a_run_that_has_not_seen_the_test_digits_needs_no_note_and_its_file_does(
    capsys: Capture, kept: Run, paths: AppPaths
) -> None:
    shutil.copytree(kept.folder, paths.runs / kept.record.id)
    found = run_json(capsys, "evaluate", kept.record.id, "--data", "sample")
    assert found["note"] == ""
    file = paths.runs / kept.record.id / "model.tflite"
    found = run_json(capsys, "evaluate", str(file), "--data", "sample")
    assert "learnt from them" in found["note"]
    record = paths.runs / kept.record.id / "run.json"
    record.write_text(record.read_text().replace('"cnn-fast"', '"reader"'))
    found = run_json(capsys, "evaluate", kept.record.id, "--data", "sample")
    assert "learnt from them" in found["note"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_takes_no_more_is_told(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w", encoding="ascii") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(["runs"]) == 1
    assert "No space left" in capsys.readouterr().err


@pytest.mark.parametrize(("platform", "code"), [("linux", errno.EPIPE), ("win32", errno.EINVAL)])
def test_a_pipe_that_nobody_reads_any_more_is_no_error(
    platform: str, code: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pipe(io.StringIO):
        encoding = "utf-8"

        def flush(self) -> None:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "stdout", Pipe())
    monkeypatch.setattr(cli, "_runs", lambda *_: {"text": "more than is read"})
    assert main(["runs"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="a file gets UTF-8 there")
def test_a_terminal_that_knows_only_ascii_gets_question_marks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").write_text(json.dumps({"strokes": []}))
    with (tmp_path / "out").open("w+", encoding="ascii") as terminal:
        monkeypatch.setattr("sys.stdout", terminal)
        assert main(["predict", "--strokes", str(tmp_path / "empty.jsonl")]) == 0
        terminal.seek(0)
        assert terminal.read().startswith("0: ?")


def test_a_picture_of_several_digits_is_read_part_by_part(tmp_path: Path, capsys: Capture) -> None:
    page = Image.new("L", (300, 160), 255)
    pen = ImageDraw.Draw(page)
    pen.line([(40, 30), (90, 30), (60, 130)], fill=0, width=10)
    pen.line([(200, 30), (200, 130)], fill=0, width=10)
    page.save(tmp_path / "both.png")
    page.crop((150, 0, 300, 160)).save(tmp_path / "one.png")

    both, one = str(tmp_path / "both.png"), str(tmp_path / "one.png")
    found = run_json(capsys, "predict", both, one)["predictions"]

    assert [(part["file"], part.get("part"), part["label"]) for part in found] == [
        (both, 1, 7),
        (both, 2, 1),
        (one, None, 1),
    ]


def test_a_scribble_is_not_accepted(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "scribble.jsonl"
    strokes = np.random.default_rng(5).uniform(0, 500, (1, 40, 2)).tolist()
    path.write_text(json.dumps({"strokes": strokes}))

    [found] = run_json(capsys, "predict", "--strokes", str(path))["predictions"]

    assert not found["accepted"]
    assert sum(found["probabilities"]) == pytest.approx(1)


# How one process asks another to end; on Windows it reaches all that share a console and a group.
END = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


def end_a_training(paths: AppPaths, request_to_end: signal.Signals) -> str:
    """Ask a training to end after its first epochs, and return what it says of that."""
    command = [sys.executable, "-m", "mnist_desktop", *TRAIN, "--epochs", "120", "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, creationflags=GROUP
    )
    try:
        deadline = time.monotonic() + 60
        while not list(paths.runs.glob(".unfinished-*/state-2.npz")):
            assert time.monotonic() < deadline
            assert process.poll() is None
        process.send_signal(request_to_end)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert out == ""
    assert process.returncode == 1
    return err


@pytest.mark.skipif(IS_WINE, reason="its consoles pass no Ctrl+Break on")
def test_an_interrupted_training_is_resumed_to_the_same_end(
    paths: AppPaths, capsys: Capture
) -> None:
    assert "mnist-desktop resume" in end_a_training(paths, END)
    resumed = run_json(capsys, "resume", "--data", "sample")
    straight = run_json(capsys, *TRAIN, "--epochs", "120")
    assert resumed["epochs"] == 120
    for key in ("test_accuracy", "test_loss", "confusion_matrix"):
        assert resumed[key] == straight[key]
    assert "nothing to resume" in fail(capsys, "resume", "--data", "sample")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such request")
def test_a_training_whose_terminal_is_closed_can_be_resumed(paths: AppPaths) -> None:
    assert "mnist-desktop resume" in end_a_training(paths, signal.SIGHUP)
    assert len(find_unfinished(paths.runs)) == 1


def test_the_best_epoch_is_kept_on_demand(capsys: Capture) -> None:
    found = run_json(
        capsys, "train", "--architecture", "dense-100", "--data", "sample", "--epochs", "8",
        "--learning-rate", "0.05", "--keep-best",
    )  # fmt: skip
    assert "validation digits best" in found["note"]


def test_an_interrupted_training_that_is_damaged_does_not_hide_an_older_one(
    paths: AppPaths, capsys: Capture, kept: Run
) -> None:
    state = kept.state()
    assert state is not None
    paths.runs.mkdir()
    older, newer = begin_training(paths.runs, "Older"), begin_training(paths.runs, "Newer")
    older.write(state)
    newer.write(state)
    for path in newer.folder.glob("state-*"):
        path.write_bytes(b"PK")
    newer.folder.rename(newer.folder.with_name(".unfinished-99999999-999999-x"))
    run_json(capsys, "resume", "--data", "sample")
    (run,) = run_json(capsys, "runs")["runs"]
    assert run["name"] == "Older"
    assert main(["resume", "--data", "sample"]) == 1
    assert "damaged" in capsys.readouterr().err


def test_an_interruption_is_told_in_a_word(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_data", interrupt)
    assert main(["data"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.fixture
def clothes_id(clothes_run: Run, paths: AppPaths) -> str:
    """A run that reads clothes, among those of this user."""
    root = RunStore(paths.runs).root
    root.mkdir(parents=True, exist_ok=True)
    folder = shutil.copytree(clothes_run.folder, root / clothes_run.record.id)
    trust(folder / "model.tflite", root)
    trust(folder / "model.keras", root)
    return clothes_run.record.id


def test_classes_that_are_no_digits_are_told_by_name(
    capsys: Capture, tmp_path: Path, clothes: Path, clothes_id: str
) -> None:
    data = run_json(capsys, "data", "--data", str(clothes))
    assert data["classes"] == list(NAMES)

    evaluated = run_json(capsys, "evaluate", clothes_id, "--data", str(clothes))
    assert [one["digit"] for one in evaluated["per_class"]] == list(range(10))
    assert [one["name"] for one in evaluated["per_class"]] == list(NAMES)
    assert main(["evaluate", clothes_id, "--data", str(clothes)]) == 0
    table = capsys.readouterr().out
    assert "of 200 test images of Fashion-MNIST" in table
    assert table.splitlines()[1].startswith("class        precision")
    assert "\nAnkle boot " in table

    picture = tmp_path / "coat.png"
    Image.fromarray(images_of(np.array([COAT]), seed=5)[0]).save(picture)
    (found,) = run_json(capsys, "predict", str(picture), "--model", clothes_id)["predictions"]
    assert (found["label"], found["name"]) == (COAT, "Coat")


def test_digits_have_no_names_in_json(capsys: Capture) -> None:
    evaluated = run_json(capsys, "evaluate", "bundled", "--data", "sample")
    assert set(evaluated["per_class"][0]) == {"digit", "precision", "recall", "f1", "support"}


def test_digits_that_are_probably_mislabelled_are_listed(
    capsys: Capture, kept: Run, paths: AppPaths, sample: Dataset
) -> None:
    for name in ("one", "other"):
        shutil.copytree(kept.folder, paths.runs / name)
        trust(paths.runs / name / "model.tflite", paths.runs)
    arguments = ("evaluate", "one", "--data", "sample")
    assert "mislabelled" not in run_json(capsys, *arguments)
    found = run_json(capsys, *arguments, "--mislabelled", "5")
    assert "without_disputed" not in found  # which is known of MNIST's test digits alone
    listed = found["mislabelled"]
    assert len(listed) == 5
    assert [one["margin"] for one in listed] == sorted(one["margin"] for one in listed)[::-1]
    assert all(0 < one["margin"] < one["score"] for one in listed)
    for one in listed:
        assert one["label"] == sample.test.labels[one["index"]] != one["likelier"]
        assert (one["agreeing"], one["networks"], one["disputed"]) == (2, 2, False)
    assert main([*arguments, "--mislabelled", "5"]) == 0
    *_, head, last = capsys.readouterr().out.rstrip().splitlines()[:-4]
    assert head.split() == ["index", "label", "likelier", "score", "networks"]
    assert last.split()[:3] == [str(listed[0][key]) for key in ("index", "label", "likelier")]
    assert last.endswith("2 of 2")
    assert "at least 1" in fail(capsys, *arguments, "--mislabelled", "0")


def test_the_accuracy_without_disputed_labels_is_given_with_its_source() -> None:
    found, lines = describe_disputed(bundled_results())
    right = bundled_reader.readings_of_mnist().is_right
    kept = np.delete(right, list(disputed_labels()))
    assert found == {"without_disputed": {"digits": 15, "test_accuracy": kept.mean()}}
    assert lines == [describe_accuracy(kept.mean(), 15)]
    assert "Northcutt" in lines[0]


def test_classes_that_are_probably_mislabelled_are_told_by_name(
    capsys: Capture, clothes: Path, clothes_id: str
) -> None:
    arguments = ["evaluate", clothes_id, "--data", str(clothes), "--mislabelled", "1"]
    assert main(arguments) == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    (found,) = run_json(capsys, *arguments)["mislabelled"]
    assert NAMES[found["label"]] in last
    assert NAMES[found["likelier"]] in last


def test_exports_of_a_network_for_classes_name_them(
    capsys: Capture, tmp_path: Path, clothes: Path, clothes_id: str
) -> None:
    def export(file_format: str, suffix: str = "") -> str:
        output = tmp_path / f"{file_format}.{suffix or file_format}"
        run_json(
            capsys, "export", clothes_id, "--format", file_format, "--output", str(output),
            "--data", str(clothes),
        )  # fmt: skip
        return output.read_text(encoding="utf-8")

    table = export("csv").splitlines()
    assert table[0] == "true class," + ",".join(f"read as {name}" for name in NAMES)
    assert [line.split(",")[0] for line in table[1:]] == list(NAMES)
    matrix = export("svg")
    assert all(f">{name}<" in matrix for name in NAMES)
    assert "Predicted class" in matrix
    page = export("html")
    assert json.dumps(NAMES) in page
    assert "Draw one of: T-shirt/top, Trouser" in page
    report = export("report", "html")
    assert "Each class" in report
    assert "test images" in report
    assert all(name in report for name in NAMES)
    assert "the training images while they were learnt" in report
