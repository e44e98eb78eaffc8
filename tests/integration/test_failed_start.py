"""A program that could not start with what it remembered starts without it the next time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mnist_desktop.paths import AppPaths
from mnist_desktop.ui.parts.settings import Settings, open_settings

# The real program, whose window fails when it is to show the network "crash", and is closed as soon
# as it is up otherwise.
PROGRAM = textwrap.dedent(
    """
    import os, signal, sys
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QMessageBox
    import mnist_desktop.app
    from mnist_desktop.ui.main_window import MainWindow
    from mnist_desktop.ui.model_picker import ModelChooser

    select, start_services = ModelChooser.select, MainWindow.start_services

    def fail(self, model):
        if model.run_id == "crash" and sys.argv[1] == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if model.run_id == "crash" and sys.argv[1] == "raise":
            raise ValueError("what is remembered is no good")
        select(self, model)

    def close_soon(self):
        start_services(self)
        print("page", self.tabs.currentIndex(), "width", self.width())
        print(*(box.text() for box in self.findChildren(QMessageBox)))
        QTimer.singleShot(0, self, self.close)

    ModelChooser.select, MainWindow.start_services = fail, close_soon
    mnist_desktop.app.tell = print
    sys.exit(mnist_desktop.app.main())
    """
)


def start(how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, how],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "MNIST_DESKTOP_DATA": "sample"},
    )


@pytest.fixture
def settings(paths: AppPaths) -> Settings:
    """What the window was closed with."""
    made = Settings(paths.settings_file)
    made.change(window_page=2, model="crash", theme="dark")
    return made


@pytest.mark.skipif(os.name == "nt", reason="a signal cannot be sent to oneself on Windows")
@pytest.mark.parametrize(("how", "code"), [("segfault", -signal.SIGSEGV), ("raise", 1)])
def test_what_could_not_be_started_with_is_left_out_the_next_time_and_told(
    how: str, code: int, settings: Settings, paths: AppPaths
) -> None:
    failed = start(how)
    assert failed.returncode == code, failed.stderr
    assert open_settings(paths.settings_file)[0].value("model") == "crash"  # nothing is lost
    again = start(how)
    assert again.returncode == 0, again.stderr
    assert "page 0 width 1280" in again.stdout
    assert "did not come up the last time" in again.stdout
    then, _ = open_settings(paths.settings_file)
    assert then.value("model") == "bundled"
    assert then.value("theme") == "dark"
    after = start(how)
    assert after.returncode == 0, after.stderr
    assert "did not come up" not in after.stdout


def test_a_start_that_went_well_leaves_no_mark(settings: Settings, paths: AppPaths) -> None:
    done = start("well")
    assert done.returncode == 0, done.stderr
    assert "page 2" in done.stdout
    assert "did not come up" not in done.stdout
    assert not paths.start_mark.exists()


def test_a_program_killed_while_it_starts_loses_nothing_that_it_remembers(
    settings: Settings, paths: AppPaths, home: Path
) -> None:
    paths.start_mark.touch()  # what such a program leaves
    done = start("well")
    assert "did not come up the last time" in done.stdout
    assert open_settings(paths.settings_file)[0].value("theme") == "dark"
    assert "page 0" in done.stdout
