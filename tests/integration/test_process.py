"""The program as a process of its own, as a shell or another program starts it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mnist_desktop.cli import main
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.store import RunStore

COMMAND = [sys.executable, "-m", "mnist_desktop"]


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings},
        timeout=200,
    )


def test_only_one_json_object_is_on_standard_output_and_nothing_on_standard_error() -> None:
    done = run("train", "--architecture", "dense-10", "--epochs", "1", "--data", "sample", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 1
    assert done.stderr == ""


def test_weight_decay_does_the_same_after_a_training_with_another_and_in_a_new_process(
    capsys: pytest.CaptureFixture[str], paths: AppPaths
) -> None:
    command = [
        "train", "--architecture", "dense-100", "--epochs", "1", "--data", "sample", "--json",
        "--schedule", "cosine", "--label-smoothing", "0.1", "--weight-decay",
    ]  # fmt: skip
    losses = []
    for decay in ("0", "0.5", "0.01"):
        assert main([*command, decay]) == 0
        losses.append(json.loads(capsys.readouterr().out)["test_loss"])
    assert len(set(losses)) == 3
    assert json.loads(run(*command, "0.5").stdout)["test_loss"] == losses[1]
    config = RunStore(paths.runs).runs()[0].record.config
    assert (config.schedule, config.label_smoothing, config.weight_decay) == ("cosine", 0.1, 0.5)


def test_a_users_keras_settings_do_not_change_the_program(home: Path) -> None:
    folder = home / ".keras"
    folder.mkdir()
    (folder / "keras.json").write_text(json.dumps({"floatx": "float16", "backend": "torch"}))
    done = run(
        "train", "--architecture", "dense-10", "--epochs", "2", "--data", "sample", "--json",
        KERAS_MAX_EPOCHS="1", KERAS_BACKEND="torch",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epochs"] == 2


def interrupted(words: str, *arguments: str) -> tuple[int, str]:
    """Press Ctrl+C once a command's progress bar shows some words; its exit code and output."""
    terminal, its_end = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--json"],
        stdout=subprocess.PIPE, stderr=its_end, text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    os.close(its_end)
    try:
        shown = b""
        while words.encode() not in shown:
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        reader = threading.Thread(target=_read_to_the_end, args=(terminal,))
        reader.start()
        printed, _ = process.communicate(timeout=60)
        reader.join()
    finally:
        process.kill()
        os.close(terminal)
    return process.returncode, printed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_at_the_progress_bar_stops_the_training_and_keeps_what_was_learnt(
    home: Path,
) -> None:
    code, printed = interrupted(
        "Epoch", "train", "--architecture", "dense-10", "--epochs", "1000", "--data", "sample"
    )
    assert code == 0
    found = json.loads(printed)
    assert found["stopped"] is True
    assert found["epochs"] < 1000
    store = RunStore(home / "program" / "data" / "runs")
    assert [kept.record.id for kept in store.runs()] == [found["run"]]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_many_drawings_are_read_with_a_progress_bar_and_ctrl_c_ends_them(tmp_path: Path) -> None:
    line = json.dumps({"strokes": [[[150, 120], [350, 120], [230, 420]]]})
    (tmp_path / "many.jsonl").write_text("\n".join([line] * 50_000))
    code, printed = interrupted("of 50,000", "predict", "--strokes", str(tmp_path / "many.jsonl"))
    assert code == 130
    assert printed == ""


def _read_to_the_end(terminal: int) -> None:
    """Keep a terminal flowing; Linux ends it with an input/output error."""
    with contextlib.suppress(OSError):
        while os.read(terminal, 4096):
            pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a display")
def test_without_a_display_one_sentence_says_what_works() -> None:
    done = run(DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "mnist-desktop demo" in done.stderr


SESSION = """
import sys
HEAVY = ("tensorflow", "keras", "scipy", "sklearn", "pandas", "matplotlib", "optuna")
def loaded():
    return [name for name in HEAVY if name in sys.modules]
from PySide6.QtCore import QEvent, QObject
from mnist_desktop.app import make_application, make_window
from mnist_desktop.demo import draw_stroke, wait_until
from mnist_desktop.digits.ink import THREE
from mnist_desktop.paths import AppPaths
paths = AppPaths.from_environment()
paths.prepare_libraries()
app = make_application()
window = make_window(app, paths)
painted = []
class Watcher(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not painted:
            painted.append(loaded())
        return False
watcher = Watcher()
window.draw_panel.pad.installEventFilter(watcher)
window.show()
wait_until(lambda: painted, "the pad is painted")
window.start_services()
draw_stroke(window.draw_panel.pad, THREE)
wait_until(lambda: window.draw_panel.bars.prediction.label is not None, "the stroke is read")
wait_until(lambda: window._services.data.dataset is not None, "the digits are there")
print(painted[0], loaded())
window.shut_down()
window.close()
"""


def test_a_session_that_only_draws_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SESSION], capture_output=True, text=True, timeout=120, check=True
    )
    # matplotlib comes beside the window, once that is up: the matrix is the first page.
    assert done.stdout.strip() in {"[] []", "[] ['matplotlib']"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a locale")
def test_without_a_locale_qt_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    code = "from mnist_desktop.app import make_application; make_application()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
