"""The packaged program as a stranger starts it: no Python, no checkout, nothing to write to.

``MNIST_DESKTOP_PACKAGED=dist/mnist-desktop pytest tests/packaged`` runs these, on Linux with Xvfb
and xdotool. All is done from outside: the X server's mouse, keyboard and picture, and files.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from screen import (
    CLOSING_S,
    READING_S,
    SEVEN,
    Screen,
    check_log,
    files_in,
    find_train_button,
    open_screen,
    used_and_closed,
    wait_for,
)

NAME = "mnist-desktop"
BUILT = os.environ.get("MNIST_DESKTOP_PACKAGED", "")
DATA = os.environ.get("MNIST_DESKTOP_DATA")  # read before tests/conftest.py hides it

pytestmark = [
    pytest.mark.skipif(not BUILT, reason="MNIST_DESKTOP_PACKAGED names no built program"),
    pytest.mark.skipif(sys.platform != "linux", reason="drives the program through an X server"),
    pytest.mark.timeout(600),
]

WINDOW_S = 60
TRAINING_S = 300


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program in a folder that cannot be written to, in which nothing has changed after all."""
    built = Path(BUILT).resolve()
    assert (built / NAME).is_file(), f"{built} holds no {NAME}; 'make package-folder' builds it."
    before = listing(built)
    with read_only(built, tmp_path_factory.mktemp("installed")) as folder:
        yield folder / NAME
    assert listing(built) == before


@contextmanager
def read_only(folder: Path, place: Path) -> Iterator[Path]:
    """Make a folder one that cannot be written to: by a mount for root, whom modes do not stop."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", folder, place], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
            yield place
        finally:
            subprocess.run(["umount", place], check=True)
        return
    paths = [path for path in [folder, *folder.rglob("*")] if not path.is_symlink()]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        yield folder
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def listing(folder: Path) -> set[tuple[str, int, int]]:
    """Names, sizes and times of all files."""
    states = ((path, path.lstat()) for path in folder.rglob("*"))
    return {
        (str(path.relative_to(folder)), state.st_size, state.st_mtime_ns)
        for path, state in states
        if not path.is_dir()
    }


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files of the program's own; short, as it may hold a socket."""
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        yield Path(folder)


@pytest.fixture
def environment(tmp_path: Path, temporary: Path) -> dict[str, str]:
    """Everything the program gets to know; no PATH, and no language."""
    home = tmp_path / "Zuhause – дом 家 naïve"
    home.mkdir()
    found = {"HOME": str(home), "TMPDIR": str(temporary)}
    return {**found, "MNIST_DESKTOP_DATA": DATA} if DATA else found


@pytest.fixture
def screen() -> Iterator[Screen]:
    with open_screen() as found:
        yield found


def left_in_tmp() -> set[Path]:
    return {path for pattern in ("_MEI*", f"{NAME}*") for path in Path("/tmp").glob(pattern)}  # noqa: S108


def run(
    command: Sequence[str | Path], environment: dict[str, str], **more: Any
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False, **more
    )


def answer_of(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_window_trains_reads_and_closes(
    program: Path,
    environment: dict[str, str],
    screen: Screen,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    home = Path(environment["HOME"])
    left_before = left_in_tmp()
    started = time.monotonic()
    # Without a terminal there may be no standard output at all, not even /dev/null.
    command = ["/bin/sh", "-c", 'exec "$0" <&- >&- 2>&-', program]
    with used_and_closed(screen, command, environment, tmp_path / "window.png") as process:
        button = wait_for("the Train button", lambda: find_train_button(screen.picture()), WINDOW_S)
        record_property("seconds to a usable window", time.monotonic() - started)
        screen.click(*button)
        runs = home / ".local/share/MNIST Desktop/runs"
        record = wait_for(
            "a kept run",
            lambda: process.poll() is None and next(runs.glob("*/run.json"), None),
            TRAINING_S,
        )
        accuracy = json.loads(record.read_text(encoding="utf-8"))["test_accuracy"]
        record_property("seconds to a kept run", time.monotonic() - started)
        assert accuracy > 0.8
        wait_for("the training to end", lambda: find_train_button(screen.picture()), READING_S)
        screen.draw_and_read(SEVEN)
    assert left_in_tmp() <= left_before
    check_log(home / ".local/state/MNIST Desktop/log/mnist-desktop.log")


def test_self_test_passes_in_an_empty_environment(program: Path) -> None:
    answer = answer_of(run([program, "self-test", "--json"], {}))
    assert answer["ok"], answer


def test_trains_offline_on_what_is_bundled(program: Path, environment: dict[str, str]) -> None:
    environment.pop("MNIST_DESKTOP_DATA", None)
    alone: list[str] = []
    if subprocess.run(["unshare", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        nowhere = "http://127.0.0.1:9"  # nothing answers there
        environment |= {"http_proxy": nowhere, "https_proxy": nowhere}
    else:
        alone = [str(shutil.which("unshare")), "-n"]
    words = ["train", "--architecture", "dense-10", "--epochs", "1", "--json"]
    answer = answer_of(run([*alone, program, *words], environment))
    is_bundled = (program.parent / "_internal/mnist_desktop/resources/mnist").is_dir()
    assert answer["dataset"] == ("mnist" if is_bundled else "sample")
    assert answer["test_accuracy"] > 0.6


def test_every_command_writes_to_a_pipe(
    program: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    def do(*words: str | Path) -> dict[str, Any]:
        return answer_of(run([program, *words, "--json"], environment))

    data = ("--data", "sample")
    run_id = do("train", "--architecture", "cnn-fast", "--epochs", "1", *data)["run"]
    assert [one["run"] for one in do("runs")["runs"]] == [run_id]
    assert do("evaluate", run_id, *data)["test_accuracy"] > 0.6
    assert do("evaluate", "bundled", *data)["test_accuracy"] > 0.98
    for kind in ("keras", "litert", "onnx", "html", "png", "svg", "pdf", "csv"):
        output = tmp_path / f"export.{kind}"
        do("export", run_id, "--format", kind, "--output", output)
        assert output.stat().st_size > 0
    for suffix, start in (("html", b"<!doctype html>"), ("pdf", b"%PDF")):
        output = tmp_path / f"report.{suffix}"
        do("export", run_id, "--format", "report", "--output", output)
        assert output.read_bytes().startswith(start)
    assert do("evaluate", tmp_path / "export.keras", *data)["test_accuracy"] > 0.6
    assert do("data")["train"] > 0

    picture = tmp_path / "one.png"
    image = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(image).line((50, 15, 50, 85), fill=0, width=9)
    image.save(picture)
    assert do("predict", picture)["predictions"][0]["label"] == 1
    network = tmp_path / "export.litert"  # is first tried in a process of its own
    assert do("predict", picture, "--model", network)["predictions"][0]["label"] == 1
    network.write_bytes(network.read_bytes()[:2000] + b"\xff" * 2000)
    refused = run([program, "predict", picture, "--model", network], environment)
    assert refused.returncode == 2
    assert "cannot be opened" in refused.stderr
    strokes = tmp_path / "strokes.jsonl"
    strokes.write_text('{"label": 1, "strokes": [[[50, 15], [50, 50], [50, 85]]]}\n')
    assert do("predict", "--strokes", strokes)["predictions"][0]["label"] == 1
    demo = do("demo", "--output", tmp_path / "demo")
    assert all(Path(shot).is_file() for shot in demo["screenshots"])


SPACE = """
architecture = "dense-10"
epochs = 1
batch_size = 64
schedule = "constant"
weight_decay = 0
augment = "none"
"""


def test_searches_with_processes_of_its_own_and_leaves_none(
    program: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    space = tmp_path / "tiny.toml"
    space.write_text(SPACE)
    served = subprocess.Popen(
        [program, "search", "serve", "tiny", "--port", "0"],
        cwd="/", env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert served.stderr is not None
        words = served.stderr.readline()
        assert "Serving at grpc://" in words
        found = answer_of(
            run(
                [program, "search", "start", "tiny", "--trials", "2", "--workers", "2",
                 "--space", space, "--data", "sample", "--json",
                 "--storage", words.split()[2].rstrip(";")],
                environment,
            )
        )  # fmt: skip
    finally:
        served.terminate()
        served.communicate(timeout=CLOSING_S)
    assert served.returncode == 0
    assert [one["state"] for one in found["trials"]] == ["complete", "complete"]
    assert len(found["runs"]) == 3
    status = answer_of(run([program, "search", "status", "tiny", "--json"], environment))
    assert status["trials"] == found["trials"]
    assert programs_in(program.parent) == []
    assert files_in(Path(environment["TMPDIR"])) == []


def programs_in(folder: Path) -> list[str]:
    """The processes whose program lies in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if folder in (process / "exe").readlink().parents:
                found.append(process.name)
    return found


def test_what_is_wrong_is_told_in_one_sentence(program: Path, environment: dict[str, str]) -> None:
    result = run([program, "train", "--architecture", "nonsense"], environment)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1


def test_help_and_version_need_nothing(program: Path) -> None:
    assert run([program, "--version"], {}).stdout.startswith(NAME)
    assert "self-test" in run([program, "--help"], {}).stdout
