"""The program in a process of its own, used as a person does: look, point, click, type.

What there is to see comes from the socket of `mnist_desktop.ui.inspection`, which only describes;
whatever is done goes through the X server's mouse and keyboard. `windows_program` is the same for
the Windows program under Wine.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from screen import Screen, files_in, processes_of, wait_for

from mnist_desktop import edition

DATA = os.environ.get("MNIST_DESKTOP_DATA", "")  # read before a test hides it
ANSWER_S = 60  # of anything but a training
CLICK_S = 3  # after which a click that had no answer is made again
JOB_S = 180
ENDING_S = 60
DEAD_HOSTS = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")

SAMPLE = {"MNIST_DESKTOP_DATA": "sample"}

Area = list[int]  # left, top, width, height on the screen
Thing = dict[str, Any]  # a window, a widget or a cell, as the socket describes it
Stroke = Sequence[tuple[float, float]]  # in shares of the pad's side

ONE: Stroke = ((0.5, 0.15), (0.5, 0.85))
SEVEN: Stroke = ((0.28, 0.2), (0.5, 0.2), (0.72, 0.2), (0.62, 0.45), (0.52, 0.66), (0.44, 0.88))

UNSEEN: Thing = {"text": "", "rows": -1, "value": -1, "area": []}


class ProgramFaultError(AssertionError):
    """The program has gone by itself, does not end, or has noted an error."""


def plain(text: object) -> str:
    """A text without the marks of its mnemonics."""
    return str(text).replace("&", "")


@dataclass(frozen=True)
class Sight:
    """All windows of the program at one moment."""

    windows: list[Thing]

    @property
    def reachable(self) -> list[Thing]:
        """Widgets that mouse and keyboard can reach now: not those behind a menu or a dialog."""
        tops = [one for one in self.windows if one["on_top"]]
        return [part for top in tops for part in (top, *top["widgets"])]

    @property
    def all(self) -> list[Thing]:
        return [part for window in self.windows for part in (window, *window["widgets"])]

    def named(self, name: str, *, among: list[Thing] | None = None) -> Thing | None:
        """A widget by its object name, its text, what a screen reader calls it, or its class."""
        things = self.all if among is None else among
        for key in ("name", "text", "accessible_name", "class"):
            for thing in things:
                if plain(thing.get(key, "")) == plain(name):
                    return thing
        return None

    def get(self, name: str, key: str = "text") -> Any:
        """Something of a widget; what nothing can be equal to as long as it cannot be seen."""
        return (self.named(name) or {}).get(key, UNSEEN.get(key))

    def texts(self) -> list[str]:
        """Whatever can be read anywhere."""
        return [str(thing["text"]) for thing in self.all if thing.get("text")]

    def says(self, words: str) -> bool:
        return any(words in text for text in self.texts())


@dataclass
class Program:
    """One start of the program.

    Attributes
    ----------
    screen : Screen
        Where its windows are.
    command : list of str
        Starts it.
    home : Path
        The user's home, in which all it writes lies.
    environment : dict
        All it gets to know besides.
    """

    screen: Screen
    command: list[str]
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    _is_over: bool = field(default=False, init=False)  # and looked at
    _place: Path = field(init=False)
    _told: Path = field(init=False)  # what it wrote on its terminal

    # By which the system tells it to end.
    signals: ClassVar[tuple[str, ...]] = ("SIGTERM", "SIGHUP")
    slower: ClassVar[int] = 1  # than on Linux
    keeps_moves: ClassVar[bool] = True  # of the mouse, while the window is busy

    def __post_init__(self) -> None:
        # Short, because a socket's name is; temporary files of the program's own lie there, too.
        self._place = Path(tempfile.mkdtemp(prefix="md-"))
        (self._place / "tmp").mkdir()
        self._told = self._place / "stderr"
        self._begin()

    def _begin(self) -> None:
        """Start it."""
        with self._told.open("wb") as errors:
            self.process = subprocess.Popen(
                self.command,
                cwd="/",
                env={
                    **DEAD_HOSTS,
                    "QT_QPA_PLATFORM": "xcb",
                    **self.environment,
                    **self.environment_of(self.home),
                    "TMPDIR": str(self._place / "tmp"),
                    "DISPLAY": self.screen.display,
                    "MNIST_DESKTOP_INSPECT": str(self._place / "seen"),
                },
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    def another(self, **environment: str) -> Program:
        """Start it once more in the same home; whoever does so has to `forget` it."""
        told = {**self.environment, **environment}
        return type(self)(self.screen, self.command, self.home, told)

    def processes(self) -> list[str]:
        """Names of its processes, itself included."""
        return processes_of(self.process.pid)

    # Where its files are

    @staticmethod
    def environment_of(home: Path) -> dict[str, str]:
        """What makes a folder the user's home."""
        return {"HOME": str(home)}

    @staticmethod
    def data_of(home: Path) -> Path:
        return home / ".local/share" / edition.FULL

    @property
    def is_reader(self) -> bool:
        """Whether it is MNIST Desktop Reader, which has the same data but settings of its own."""
        return "mnist-desktop-reader" in self.command[-1]

    @property
    def data(self) -> Path:
        return self.data_of(self.home)

    @property
    def logs(self) -> Path:
        return self.home / ".local/state" / self._edition / "log"

    @property
    def settings(self) -> Path:
        return self.home / ".config" / self._edition / "settings.ini"

    @property
    def _edition(self) -> str:
        return edition.READER if self.is_reader else edition.FULL

    @staticmethod
    def spelt(path: Path) -> str:
        """A file's path as the program shows it and its user types it."""
        return str(path)

    def run_records(self) -> list[dict[str, Any]]:
        """What is kept of every run, the oldest first."""
        records = []
        for path in (self.data / "runs").glob("[!.]*/run.json"):
            history = path.with_name("history.json")
            records.append(
                {
                    **json.loads(path.read_text("utf-8")),
                    "history": json.loads(history.read_text("utf-8")),
                }
            )
        return sorted(records, key=lambda one: str(one["created"]))

    # Looking

    def see(self) -> Sight:
        """Look at all windows; a program that is starting shows none."""
        if self.process.poll() is not None:
            raise ProgramFaultError(
                f"It has ended with {self.process.returncode}. {self.last_words()}"
            )
        try:
            content = self._described()
        except (FileNotFoundError, ConnectionError):  # not there yet, or just going
            return Sight([])
        sight = Sight(json.loads(content)["windows"]) if content else Sight([])
        assert sight.named("faultDialog") is None, self.last_words()
        return sight

    def _described(self) -> bytes:
        """What it describes of itself."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(self._place / "seen"))
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def last_words(self) -> str:
        """What it wrote, to whomever."""
        found = [self._told, self.logs / "crash.log", self.logs / "mnist-desktop.log"]
        words = [path.read_text("utf-8", "replace")[-6000:] for path in found if path.exists()]
        return "\n".join(words)

    def wait_until(self, what: str, look: Callable[[Sight], Any], seconds: float = ANSWER_S) -> Any:
        """Look until something is to be seen."""
        return wait_for(what, lambda: look(self.see()), self.slower * seconds)

    def wait_placed(self) -> None:
        """Wait until the window is where the window manager leaves it, for whoever points at it."""
        seen: list[Area | None] = [None, None]

        def look(sight: Sight) -> bool:
            pad = sight.named("paintWidget")
            seen[:] = [*seen[1:], pad["area"] if pad else None]
            has_keyboard = any(one["active"] for one in sight.windows)
            return has_keyboard and seen[0] is not None and seen[0] == seen[1]

        self.wait_until("the window in its place", look)

    def wait_says(self, words: str, seconds: float = ANSWER_S) -> None:
        """Look until a text can be read somewhere."""
        self.wait_until(f"“{words}”", lambda sight: sight.says(words), seconds)

    def find(self, name: str) -> Thing:
        """Wait for a widget that can be reached, by its object name, text or accessible name."""
        found: Thing = self.wait_until(
            f"{name!r}", lambda sight: sight.named(name, among=sight.reachable)
        )
        return found

    def wait_enabled(self, name: str, seconds: float = ANSWER_S) -> Thing:
        """Wait for a widget that can be used."""

        def look(sight: Sight) -> Thing | None:
            thing = sight.named(name, among=sight.reachable)
            return thing if thing and thing["enabled"] else None

        found: Thing = self.wait_until(f"{name!r} to be usable", look, seconds)
        return found

    def text(self, name: str) -> str:
        return str(self.find(name)["text"])

    def wait_text(self, name: str, *texts: str, seconds: float = ANSWER_S) -> str:
        """Wait until a widget has one of these texts."""

        def look(sight: Sight) -> str | None:
            thing = sight.named(name)
            return thing["text"] if thing and thing.get("text") in texts else None

        found: str = self.wait_until(f"{name} to be {texts}", look, seconds)
        return found

    @property
    def window(self) -> str:
        """The number of its window that has the keyboard, as the X server knows it."""
        self.wait_until("the keyboard", lambda sight: any(one["active"] for one in sight.windows))
        return self.screen.do("getactivewindow").strip()

    # Pointing and typing

    def press(self, *keys: str) -> None:
        """Press keys one after the other, once a window has the keyboard: ``"ctrl+z"``."""
        self.wait_until("the keyboard", lambda sight: any(one["active"] for one in sight.windows))
        self.screen.do("key", "--delay", 20, *keys)

    def write(self, text: str) -> None:
        """Type a text where the keyboard is."""
        self.wait_until("the keyboard", lambda sight: any(one["active"] for one in sight.windows))
        self.screen.do("type", "--delay", 8, "--", text)

    def click_at(self, thing: Thing, button: int = 1, times: int = 1) -> None:
        """Click into the middle of something; a check box, whose text may be short, on its box."""
        left, top, width, height = thing["area"]
        x = left + (height // 2 if thing.get("class") == "QCheckBox" else width // 2)
        place = ("mousemove", x, top + height // 2)
        self.screen.do(*place, "click", "--repeat", times, "--delay", 40, button)

    def click(self, name: str, button: int = 1, times: int = 1) -> None:
        """Click a button, a tab, a link, or whatever is called so, once it can be clicked."""
        self.click_at(self.wait_enabled(name), button, times)

    def click_cell(self, view: str, text: str, times: int = 1) -> None:
        """Click what stands in a list, a table, a menu or a row of tabs."""
        self.click_at(self.find_cell(view, text), times=times)

    def find_cell(self, view: str, text: str) -> Thing:
        def look(sight: Sight) -> Thing | None:
            thing = sight.named(view, among=sight.reachable)
            cells = thing.get("cells", []) if thing else []
            return next((one for one in cells if plain(one["text"]) == plain(text)), None)

        found: Thing = self.wait_until(f"{text!r} in {view}", look)
        return found

    def go(self, page: str) -> None:
        """Turn to a page of the middle by its tab."""

        def look(sight: Sight) -> Thing | None:
            bars = [one for one in sight.reachable if page in map(plain, one.get("items", []))]
            cells = bars[0]["cells"] if bars and "cells" in bars[0] else []
            return next((one for one in cells if plain(one["text"]) == page), None)

        self.click_at(self.wait_until(f"the tab {page}", look))
        self.wait_until(page, lambda sight: any(plain(t) == page for t in sight.texts()))

    def choose(self, button: str, entry: str) -> None:
        """Choose an entry of the menu behind a button."""
        self.click(button)
        self.choose_entry(entry)

    def choose_entry(self, entry: str) -> None:
        """Choose an entry of the menu that is open."""

        def look(sight: Sight) -> Thing | None:
            cells = [c for one in sight.reachable for c in one.get("cells", [])]
            return next((c for c in cells if plain(c["text"]) == plain(entry)), None)

        self.click_at(self.wait_until(f"the entry {entry!r}", look))

    def pick(self, box: str, text: str) -> None:
        """Pick an entry of a combo box, if it is not the one that is picked."""
        if plain(self.text(box)) == text:
            return
        self.click(box)
        self.choose_entry(text)
        self.wait_until(f"{text!r} in {box}", lambda sight: plain(sight.get(box)) == text)

    def scroll_to(self, words: str, over: str) -> None:
        """Turn the wheel over something until a text can be read."""
        for _ in range(60):
            if self.see().says(words):
                return
            self.click_at(self.find(over), button=5)
        raise AssertionError(f"“{words}” is nowhere in {over}.")

    def fill(self, field: str, text: str) -> None:
        """Type into a field instead of what stands there."""
        self.wait_enabled(field)
        clicked: float | None = None

        def look(sight: Sight) -> bool:
            # A dialog that the window manager is still placing is not where it was seen: like a
            # user, click again where it is now.
            nonlocal clicked
            if clicked is not None and _has_focus(sight, field):
                return True
            thing = sight.named(field, among=sight.reachable)
            if thing and (clicked is None or time.monotonic() > clicked + CLICK_S):
                left, top, _, height = thing["area"]
                self.screen.do("mousemove", left + 24, top + height // 2, "click", 1)
                clicked = time.monotonic()
            return False

        self.wait_until(f"the keyboard in {field}", look)
        self.press("ctrl+a")
        self.write(text)

    def set_number(self, box: str, number: int) -> None:
        """Type a number into a spin box."""
        self.fill(box, str(number))
        self.press("Tab")
        self.wait_until(f"{number} in {box}", lambda s: s.get(box, "value") == number)

    def answer_file(self, path: Path, kind: str = "") -> None:
        """Type a path into the file dialog, choose what kind of file it is, and press Return."""
        self.find("fileNameEdit")
        if kind:
            self.pick("fileTypeCombo", kind)
        typed = self.spelt(path)
        self.fill("fileNameEdit", typed)
        self.wait_until("the path", lambda sight: self._is_written(sight, typed))
        self.press("Return")
        self.wait_until("the dialog to go", lambda sight: sight.named("fileNameEdit") is None)

    def _is_written(self, sight: Sight, path: str) -> bool:
        """Whether the file dialog has the path; what its own completion spoils is typed again."""
        shown = sight.get("fileNameEdit")
        if not path.startswith(shown):
            self.fill("fileNameEdit", path)
        return bool(shown == path)

    # On the pad

    def draw(self, *strokes: Stroke, button: int = 1) -> None:
        """Draw on the pad with the mouse."""
        left, top, width, height = self.find("paintWidget")["area"]
        side = min(width, height)
        left, top = left + (width - side) // 2, top + (height - side) // 2
        for stroke in strokes:
            points = [(left + round(x * side), top + round(y * side)) for x, y in stroke]
            self.screen.drag(points, button=button)

    def wait_read(self, *texts: str) -> str:
        """Wait until the pad is read as one of these."""
        return self.wait_text("predictionLabel", *texts)

    # Training

    def train(self, architecture: str = "", epochs: int | None = None) -> None:
        """Choose settings and press Train."""
        if architecture:
            self.pick("architectureComboBox", architecture)
        if epochs is not None:
            self.set_number("epochsSpinBox", epochs)
        self.click("trainButton")

    def wait_kept(self, count: int = 1, seconds: float = JOB_S) -> dict[str, Any]:
        """Wait until a training is over and so many runs are kept; what is kept of the last one."""
        self.wait_until("the run", lambda _: len(self.run_records()) >= count, seconds)
        self.wait_enabled("trainButton", seconds)
        return self.run_records()[-1]

    # Ending

    def quit(self) -> None:
        """Close the window by its key and wait for a clean end."""
        self.press("ctrl+q")
        self.wait_ended()

    def leave(self) -> None:
        """See to it that it has come to a clean end, whatever a journey did with it."""
        if self._is_over:
            return
        if self.process.poll() is None:
            self.quit()
        else:  # by itself, behind the journey's back
            self.wait_ended()

    def close_window(self) -> None:
        """Close the window by its frame, as the window manager has it."""
        self.press("alt+F4")

    def wait_ended(self, code: int = 0) -> None:
        """Wait for the end, and look at what is left: nothing went wrong and nothing stays."""
        try:
            found = self.process.wait(self.slower * ENDING_S)
        except subprocess.TimeoutExpired:
            raise ProgramFaultError(f"It does not end. {self.last_words()}") from None
        self._is_over = True
        if found != code:
            raise ProgramFaultError(f"It ended with {found}, not {code}. {self.last_words()}")
        assert wait_for("its processes to end", lambda: not self.processes(), 10)
        self.check_words()
        assert self.temporary_files() == []

    def temporary_files(self) -> list[str]:
        """Names of the temporary files that it has or has left."""
        return files_in(self._place / "tmp")

    def check_words(self) -> None:
        """Nothing went wrong unnoticed: neither in the log nor on the terminal."""
        log = self.logs / "mnist-desktop.log"
        text = log.read_text("utf-8") if log.exists() else ""
        if " ERROR " in text or " CRITICAL " in text:
            raise ProgramFaultError(text)
        crash = self.logs / "crash.log"
        told = crash.read_text() if crash.exists() else ""
        if told := told or self._told.read_text("utf-8", "replace"):
            raise ProgramFaultError(told)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._is_over = True

    def forget(self) -> None:
        """End it, if it still runs, and remove what it left in the folder of the test's own."""
        self.kill()
        shutil.rmtree(self._place, ignore_errors=True)


@dataclass(frozen=True)
class Installed:
    """What starts the program, and what it gets to know by that.

    Attributes
    ----------
    command : list of str
        Opens the window.
    console : list of str
        Its command line.
    environment : dict
        Of both.
    kind : type
        How it is looked at.
    """

    command: list[str]
    console: list[str]
    environment: dict[str, str]
    kind: type[Program] = Program


def _has_focus(sight: Sight, field: str) -> bool:
    """Whether the keyboard is in a field, or in the line edit inside a spin box."""
    thing = sight.named(field, among=sight.reachable)
    return bool(thing and thing["focus"])


class Start(Protocol):
    """Starts the program; it is ended with the test, which it must outlive without a fault."""

    def __call__(self, home: Path | None = None, **environment: str) -> Program: ...
