"""MNIST Desktop Reader as a stranger starts it: no TensorFlow in it, drawn in and taught by mouse.

``MNIST_DESKTOP_READER=dist/mnist-desktop-reader pytest tests/packaged/test_reader.py`` runs these,
on Linux with Xvfb and xdotool; ``make test-package-reader`` does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from screen import (
    DIGIT_AREA,
    SEVEN,
    Picture,
    Screen,
    check_log,
    find_train_button,
    has_digit,
    is_painted,
    open_screen,
    used_and_closed,
    wait_for,
)

from mnist_desktop.runs.run import Run

NAME = "mnist-desktop-reader"
BUILT = os.environ.get("MNIST_DESKTOP_READER", "")
MOST = 130_000_000  # bytes that may be installed
MIDDLE = (slice(60, 760), slice(0, 940))
CORRECT = (0x1D, 0x4E, 0xD8)  # of digits that were read correctly, in the matrix
WAIT_S = 60
# No digit: the bundled reader is not sure of it.
ZIGZAG = ((0.2, 0.3), (0.3, 0.7), (0.4, 0.3), (0.5, 0.7), (0.6, 0.3), (0.7, 0.7), (0.8, 0.3))

pytestmark = [
    pytest.mark.skipif(not BUILT, reason="MNIST_DESKTOP_READER names no built Reader"),
    pytest.mark.skipif(sys.platform != "linux", reason="drives the program through an X server"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def program() -> Path:
    found = Path(BUILT).resolve() / NAME
    assert found.is_file(), f"{BUILT} holds no {NAME}; 'make package-reader' builds it."
    return found


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Everything the program gets to know."""
    with tempfile.TemporaryDirectory(prefix="md-") as temporary:
        home = tmp_path / "Zuhause – дом 家 naïve"
        home.mkdir()
        yield {"HOME": str(home), "TMPDIR": temporary}


@pytest.fixture
def screen() -> Iterator[Screen]:
    with open_screen() as found:
        yield found


def answer(program: Path, environment: dict[str, str], *words: str | Path) -> dict[str, Any]:
    done = subprocess.run(
        [program, *words, "--json"],
        cwd="/", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_is_small_and_holds_nothing_that_trains(program: Path) -> None:
    files = [path for path in program.parent.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) <= MOST
    names = {path.name for path in (program.parent / "_internal").iterdir()}
    assert not names & {"tensorflow", "keras", "h5py", "optuna", "grpc", "onnx", "arro3"}


def test_its_checks_pass_in_an_empty_environment(program: Path) -> None:
    found = answer(program, {}, "self-test")
    assert found["ok"], found


def test_commands_read_test_and_refuse(
    program: Path, environment: dict[str, str], kept: Run, tmp_path: Path
) -> None:
    runs = Path(environment["HOME"], ".local/share/MNIST Desktop/runs")
    shutil.copytree(kept.folder, runs / kept.record.id)
    (listed,) = answer(program, environment, "runs")["runs"]
    assert listed["run"] == kept.record.id
    data = ("--data", "sample")
    tested = answer(program, environment, "evaluate", kept.record.id, *data)
    assert abs(tested["test_accuracy"] - kept.record.test_accuracy) < 0.002
    networks = {"keras": tmp_path / "taken.keras", "litert": tmp_path / "taken.tflite"}
    for kind, output in {**networks, "html": tmp_path / "page.html"}.items():
        answer(program, environment, "export", kept.record.id, "--format", kind, "--output", output)
    for network in networks.values():  # one of LiteRT is first tried in a process of its own
        again = answer(program, environment, "evaluate", network, *data)
        assert abs(again["test_accuracy"] - kept.record.test_accuracy) < 0.002
    report = tmp_path / "report.pdf"
    answer(program, environment, "export", kept.record.id, "--format", "report", "--output", report)
    assert report.read_bytes().startswith(b"%PDF")
    assert len(answer(program, environment, "demo", "--output", tmp_path)["screenshots"]) == 4
    refused = subprocess.run(
        [program, "train", "--architecture", "cnn"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "MNIST Desktop, the full program" in refused.stderr


def test_mnist_s_test_digits_are_bundled(program: Path, environment: dict[str, str]) -> None:
    found = answer(program, environment, "data")
    if found["dataset"] == "sample":
        pytest.skip("MNIST was not on the machine that built the program")
    assert (found["train"], found["test"], found["verified"]) == (5000, 10_000, True)
    assert answer(program, environment, "evaluate", "bundled")["test_accuracy"] > 0.995


def test_it_is_drawn_in_and_taught_by_mouse_and_closed(
    program: Path, environment: dict[str, str], screen: Screen, tmp_path: Path
) -> None:
    mine = Path(environment["HOME"], ".local/share/MNIST Desktop/my-digits.jsonl")
    with used_and_closed(screen, [program], environment, tmp_path / "window.png"):
        wait_for("the window", lambda: is_painted(screen.picture()), WAIT_S)
        wait_for("the matrix", lambda: has_matrix(screen.picture()), WAIT_S)
        assert find_train_button(screen.picture()) is None
        screen.draw_and_read(SEVEN)
        screen.press("Delete")
        wait_for("the pad to be empty", lambda: not has_digit(screen.picture()), WAIT_S)
        screen.draw_and_read(ZIGZAG)
        before = screen.picture()
        screen.press("4")
        wait_for("the drawing to be kept", mine.exists, WAIT_S)
        wait_for("another answer", lambda: is_other(screen.picture(), before), WAIT_S)
    assert json.loads(mine.read_text())["label"] == 4
    for log in Path(environment["HOME"], ".local/state/MNIST Desktop Reader/log").glob("*.log"):
        check_log(log)
        assert " WARNING " not in log.read_text(encoding="utf-8")


def has_matrix(picture: Picture) -> bool:
    """Whether the cells of what was read correctly are there: ten of some 800 pixels."""
    return int((picture[MIDDLE] == CORRECT).all(axis=2).sum()) > 5_000


def is_other(picture: Picture, before: Picture) -> bool:
    """Whether what was read has changed."""
    return bool((picture[DIGIT_AREA] != before[DIGIT_AREA]).any())


def test_pictures_of_figures_are_not_blank(
    program: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Matplotlib works with the libraries that stand in for the large ones."""
    figure = tmp_path / "matrix.png"
    answer(program, environment, "evaluate", "bundled", "--data", "sample", "--figure", figure)
    pixels = np.asarray(Image.open(figure).convert("L"))
    assert pixels.std() > 10
