"""The command line of what was installed, and the demo that it plays on the screen."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from program import DEAD_HOSTS, SEVEN, Installed
from screen import Screen
from test_drawing import write_picture

pytestmark = pytest.mark.timeout(300)

Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def command(screen: Screen, installed: Installed, empty_home: Path) -> Callable[..., Ended]:
    """Run a command of the program in an empty home, its output as text."""

    def run(*words: str) -> Ended:
        return subprocess.run(
            [*installed.console, *words],
            env={
                **DEAD_HOSTS,
                **installed.environment,
                **installed.kind.environment_of(empty_home),
                "DISPLAY": screen.display,
                "QT_QPA_PLATFORM": "xcb",
                "MNIST_DESKTOP_DATA": "sample",
            },
            cwd="/",
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=280 * installed.kind.slower,
        )

    return run


def test_the_installation_checks_itself(command: Callable[..., Ended]) -> None:
    ended = command("self-test", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["ok"]
    assert all(check["ok"] for check in told["checks"])


def test_the_demo_plays_the_main_job_on_the_screen(
    command: Callable[..., Ended], installed: Installed, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    ended = command("demo", "--json", "--output", installed.kind.spelt(folder))
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["test_accuracy"] > 0.8
    assert told["prediction"] is not None
    pictures = {path.name for path in folder.glob("*.png")}
    assert pictures
    assert pictures == {path.replace("\\", "/").rpartition("/")[2] for path in told["screenshots"]}


def test_a_picture_is_read_and_what_is_none_is_told_in_a_sentence(
    command: Callable[..., Ended], installed: Installed, tmp_path: Path
) -> None:
    seven = write_picture(tmp_path / "seven – семь.png", SEVEN)
    read = command("predict", "--json", installed.kind.spelt(seven))
    assert read.returncode == 0, read.stderr
    (prediction,) = json.loads(read.stdout)["predictions"]
    assert prediction["label"] == 7
    letter = tmp_path / "letter.png"
    letter.write_text("Dear Sir or Madam")
    ended = command("predict", installed.kind.spelt(letter))
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert "letter.png" in line


def test_a_run_is_trained_listed_and_exported(
    command: Callable[..., Ended], installed: Installed, tmp_path: Path
) -> None:
    trained = command("train", "--architecture", "dense-10", "--epochs", "1", "--json")
    assert trained.returncode == 0, trained.stderr
    run = json.loads(trained.stdout)["run"]
    assert run in command("runs").stdout
    page = tmp_path / "pad.html"
    words = ["--format", "html", "--output", installed.kind.spelt(page)]
    exported = command("export", run, *words)
    assert exported.returncode == 0, exported.stderr
    assert page.read_bytes().startswith(b"<!doctype html>")
