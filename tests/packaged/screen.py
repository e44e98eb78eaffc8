"""An X server, and the program's window on it as seen from outside: mouse, keyboard and picture.

`find_train_button` and the like look for the window of a first start without a window manager:
1280×800, light, at 0, 0.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageGrab

TOOLS = ("Xvfb", "xdotool")
LEFT = (slice(60, 760), slice(0, 340))
PAD = (966, 110, 289)  # left, top, side
# With room below: without a window manager, Qt puts a window that is opened again 25 pixels lower.
DIGIT_AREA = (slice(466, 545), slice(1080, 1140))
BLUE = (0x25, 0x63, 0xEB)
# A seven in shares of the pad's side.
SEVEN = ((0.28, 0.2), (0.5, 0.2), (0.72, 0.2), (0.62, 0.45), (0.52, 0.66), (0.44, 0.88))

READING_S = 30
CLOSING_S = 60

Picture = NDArray[np.uint8]


def wait_for(what: str, look: Callable[[], Any], seconds: float, pause: float = 0.1) -> Any:
    """Look again and again until something is found."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"Waited {seconds:.0f} s in vain for {what}."
        time.sleep(pause)
    return found


@dataclass(frozen=True)
class Screen:
    """An X server's mouse, keyboard and picture."""

    display: str

    def picture(self) -> Picture:
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))

    def save(self, path: Path) -> None:
        Image.fromarray(self.picture()).save(path)

    def do(self, *words: str | int) -> str:
        result = subprocess.run(
            ["xdotool", *map(str, words)],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout

    def click(self, x: int, y: int) -> None:
        self.do("mousemove", x, y, "click", 1)

    def drag(
        self, points: Sequence[tuple[int, int]], button: int = 1, *, ends: bool = True
    ) -> None:
        """Press a button, move the mouse through points, and release it in the end."""
        words: list[str | int] = ["mousemove", *points[0], "mousedown", button]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            for step in range(1, 9):
                x, y = x0 + (x1 - x0) * step // 8, y0 + (y1 - y0) * step // 8
                words += ["mousemove", x, y, "sleep", "0.01"]
        self.do(*words, *(("mouseup", button) if ends else ()))

    def press(self, keys: str) -> None:
        window = self.do("search", "--onlyvisible", "--name", "^MNIST Desktop").split()[0]
        self.do("windowfocus", "--sync", window, "key", keys)

    def copied(self, *targets: str) -> bytes:
        """What another program would paste, once the clipboard offers it in one of these forms."""

        def paste(target: str) -> bytes:
            # xclip fails as long as nothing of the kind is offered.
            return subprocess.run(
                ["xclip", "-selection", "clipboard", "-target", target, "-out"],
                check=False,
                env={**os.environ, "DISPLAY": self.display},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=30,
            ).stdout

        def look() -> bytes:
            return next(filter(None, map(paste, targets)), b"")

        return bytes(wait_for(f"{targets} in the clipboard", look, 30))

    def draw(self, stroke: Sequence[tuple[float, float]]) -> None:
        """Draw on the pad, in shares of its side."""
        left, top, side = PAD
        self.drag([(left + round(x * side), top + round(y * side)) for x, y in stroke])

    def draw_and_read(self, stroke: Sequence[tuple[float, float]]) -> None:
        """Draw on the empty pad, and wait for a digit or a question mark."""
        assert not has_digit(self.picture())
        self.draw(stroke)
        wait_for("the digit", lambda: has_digit(self.picture()), READING_S)


@contextmanager
def open_screen(size: str = "1600x1000") -> Iterator[Screen]:
    """Run an X server of one's own."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    assert not missing, f"{' and '.join(missing)} needed; 'make package' installs them."
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            *("Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24"),
            # A server that starts anew when its last client goes turns others away meanwhile.
            # On a busy machine a key that is pressed for a moment is held long enough to repeat.
            *("-nolisten", "tcp", "-noreset", "-r"),
        ],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb does not start."
        yield Screen(f":{number}")
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def managed(screen: Screen) -> Iterator[None]:
    """Run a window manager on a screen: windows get frames, the focus, and a way to be closed."""
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        ready = Path(folder, "ready")
        manager = subprocess.Popen(
            ["openbox", "--sm-disable", "--startup", f"touch {ready}"],
            env={**os.environ, "HOME": folder, "DISPLAY": screen.display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for("the window manager", ready.exists, 30)
            yield
        finally:
            manager.terminate()
            manager.wait(30)


@contextmanager
def used_and_closed(
    screen: Screen, command: Sequence[str | Path], environment: dict[str, str], picture: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, let it be used, and close its window; it ends, and all it started, too.

    Parameters
    ----------
    screen : Screen
        Where its window is shown.
    command : sequence
        Starts it.
    environment : dict
        All it gets to know besides; what it leaves in ``TMPDIR`` fails.
    picture : Path
        Of the screen, before the window is closed.
    """
    process = subprocess.Popen(
        command, cwd="/", env={**environment, "DISPLAY": screen.display}, start_new_session=True
    )
    try:
        yield process
        screen.save(picture)
        screen.press("ctrl+q")
        assert process.wait(CLOSING_S) == 0
    finally:
        if process.poll() is None:
            process.terminate()  # an AppImage then removes what it has unpacked
            with suppress(subprocess.TimeoutExpired):
                process.wait(CLOSING_S)
            process.kill()
            process.wait()
    assert processes_of(process.pid) == []
    assert files_in(Path(environment["TMPDIR"])) == []


def check_log(path: Path) -> None:
    """Nothing went wrong unnoticed."""
    text = path.read_text(encoding="utf-8")
    for level in ("ERROR", "CRITICAL"):
        assert f" {level} " not in text, text


def processes_of(session: int) -> list[str]:
    """Names of the processes that a session leader started and left, itself included."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition(") ")
        except OSError:  # it has ended meanwhile
            continue
        state, _parent, _group, its_session = rest.split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def files_in(folder: Path) -> list[str]:
    """What a program has left in a folder of temporary files; empty folders do not matter."""
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()]


def blue_rows(picture: Picture, part: tuple[slice, slice], width: int) -> NDArray[np.intp]:
    """Rows, in the whole picture, with at least so many pixels of the accent colour."""
    is_blue = (picture[part] == BLUE).all(axis=2)
    return np.flatnonzero(is_blue.sum(axis=1) >= width) + int(part[0].start)


def is_painted(picture: Picture) -> bool:
    """Whether a window, not the server's black, fills the screen, and its pad is there."""
    left, top, side = PAD
    pad = picture[top + 20 : top + side - 20, left + 20 : left + side - 20]
    return bool((pad.min(axis=2) > 250).mean() > 0.9)


def find_train_button(picture: Picture) -> tuple[int, int] | None:
    """Middle of the only large blue thing on the left, which is grey until it can be pressed."""
    rows = blue_rows(picture, LEFT, 100)
    if len(rows) < 16:
        return None
    middle = int(rows[len(rows) // 2])
    columns = np.flatnonzero((picture[int(rows[3]), LEFT[1]] == BLUE).all(axis=1))
    return int(columns.mean()), middle


def has_digit(picture: Picture) -> bool:
    """Whether a large digit tells what was read; the dash of an empty pad is a few pixels high."""
    is_dark = picture[DIGIT_AREA].max(axis=2) < 90
    return int(is_dark.any(axis=1).sum()) > 20
