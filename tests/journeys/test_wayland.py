"""The program under Wayland: in weston without a screen, and in weston's window on the X server.

The X server's mouse reaches the second one, which shows the program in all of its window: what
`mnist_desktop.ui.inspection` says of places then holds on the X server's screen, too.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import SAMPLE, SEVEN, Installed, Program
from screen import Screen, open_screen, wait_for

pytestmark = pytest.mark.timeout(300)

SIZE = (1280, 800)
DEMO_S = 200


@contextmanager
def weston(backend: str, shell: str, **environment: str) -> Iterator[dict[str, str]]:
    """Run a compositor; what a program needs to know to find it."""
    width, height = SIZE
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        found = {"XDG_RUNTIME_DIR": folder, "WAYLAND_DISPLAY": "wayland-md"}
        log = Path(folder, "log")
        compositor = subprocess.Popen(
            [
                *("weston", f"--backend={backend}-backend.so", f"--shell={shell}-shell.so"),
                *(f"--width={width}", f"--height={height}", "--use-pixman", "--no-config"),
                *("--idle-time=0", f"--socket={found['WAYLAND_DISPLAY']}", f"--log={log}"),
            ],
            env={"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": folder}
            | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for("weston", Path(folder, found["WAYLAND_DISPLAY"]).exists, 30)
            yield {**found, "QT_QPA_PLATFORM": "wayland"}
        finally:
            compositor.terminate()
            compositor.wait(30)


def test_the_demo_plays(installed: Installed, empty_home: Path, tmp_path: Path) -> None:
    words = ("demo", "--json", "--output", str(tmp_path / "shots"))
    with weston("headless", "desktop") as session:
        done = subprocess.run(
            [*installed.command, *words],
            cwd="/",
            env={**installed.environment, **session, **SAMPLE, "HOME": str(empty_home)}
            | {"WAYLAND_DEBUG": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEMO_S,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    # Docks and switchers find the icon of a window by this name, that of the desktop entry.
    assert 'set_app_id("mnist-desktop")' in done.stderr
    told = json.loads(done.stdout)
    assert told["prediction"] == "3"
    assert told["test_accuracy"] > 0.85
    pictures = [Image.open(path) for path in told["screenshots"]]
    assert {picture.size for picture in pictures} == {SIZE}
    assert len({picture.tobytes() for picture in pictures}) == len(pictures) > 3


@pytest.fixture
def nested() -> Iterator[tuple[Screen, dict[str, str]]]:
    """A compositor that fills a screen of its own."""
    with open_screen("x".join(map(str, SIZE))) as screen:
        screen.do("mousemove", 0, 0)  # from where weston reckons the ways of the mouse
        with weston("x11", "kiosk", DISPLAY=screen.display) as session:
            yield screen, session


def test_draw_by_mouse_choose_from_a_menu_copy_and_start_twice(
    nested: tuple[Screen, dict[str, str]], installed: Installed, empty_home: Path
) -> None:
    screen, session = nested
    environment = {**installed.environment, **session, **SAMPLE}
    program = Program(screen, installed.command, empty_home, environment)
    try:
        program.wait_placed()
        program.draw(SEVEN)
        program.wait_read("7")
        program.choose("drawingMenuButton", "Copy the drawing")
        wait_for("the drawing on the clipboard", lambda: copied(session), 30)
        ink = np.asarray(Image.open(io.BytesIO(copied(session))).convert("L")) < 128
        assert 0.01 < ink.mean() < 0.3

        again = subprocess.run(
            installed.command,
            env={**environment, "HOME": str(empty_home)},
            check=False,
            timeout=60,
        )
        assert again.returncode == 0
        # Not by a key: wl-paste has taken the keyboard, and weston may not have given it back yet.
        program.process.terminate()
        program.wait_ended()
    finally:
        program.forget()


def copied(session: dict[str, str]) -> bytes:
    """What another program of the session would paste as a picture; nothing if there is none."""
    return subprocess.run(
        ["wl-paste", "--type", "image/png"],
        env={"PATH": os.environ["PATH"], **session},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=30,
    ).stdout
