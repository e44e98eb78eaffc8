"""A real browser without a window, driven through a pipe with the DevTools protocol [1]_.

References
----------
.. [1] https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/snap/bin/chromium",
)
PATIENCE_S = 60.0
# The browser reads orders from descriptor 3 and answers on 4; a Python between puts them there.
STARTER = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD_CLOEXEC, 10) for end in sys.argv[1:3]]
for number, end in enumerate(ends, start=3):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
ARGUMENTS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little of it
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # as on a machine without internet
)

Point = tuple[float, float]


def find_chromium() -> Path:
    """Find the browser that ``CHROMIUM`` names, or one that is installed.

    Raises
    ------
    LookupError
        If there is none, or it cannot be driven here; in one sentence.
    """
    if sys.platform == "win32":
        raise LookupError("Windows passes no pipes on to a browser; use Linux or macOS.")
    named = os.environ.get("CHROMIUM")
    for candidate in [named] if named else [*NAMES, *PLACES]:
        found = shutil.which(candidate)
        if found:
            return Path(found)
    if named:
        raise LookupError(f"There is no browser {named}; let CHROMIUM name another.")
    raise LookupError(
        "No browser was found; install Chromium, Chrome or Edge, or let CHROMIUM name one."
    )


@dataclass
class Chromium:
    """A running browser, and what it has told without being asked."""

    process: subprocess.Popen[bytes]
    orders: int
    answers: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _asked: int = 0
    _heard: bytes = b""

    def ask(self, method: str, session: str | None = None, **values: Any) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        self._asked += 1
        order = {"id": self._asked, "method": method, "params": values}
        whole = {**order, "sessionId": session} if session else order
        self._send(json.dumps(whole).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            message = self._hear(end)
            if message.get("id") == self._asked:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    def _send(self, content: bytes) -> None:
        while content:
            content = content[os.write(self.orders, content) :]

    def _hear(self, end: float) -> dict[str, Any]:
        """Read one message; each ends with a zero byte."""
        while b"\0" not in self._heard:
            left = max(end - time.monotonic(), 0)
            assert select.select([self.answers], [], [], left)[0], "The browser is silent."
            part = os.read(self.answers, 1 << 20)
            assert part, "The browser has ended by itself."
            self._heard += part
        message, _, self._heard = self._heard.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, path: Path, *, width: int = 1000, height: int = 800, scale: float = 1) -> Page:
        """Open a file in a page of its own that has no network."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session, path.as_uri())
        for domain in ("Page", "Runtime", "Log", "Audits", "Network"):
            page.ask(f"{domain}.enable")
        page.ask(
            "Network.emulateNetworkConditions",
            offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1,
        )  # fmt: skip
        page.resize(width, height, scale)
        page.ask("Page.navigate", url=page.url)
        page.wait_for("document.readyState === 'complete'")
        return page


@dataclass
class Page:
    """One page in the browser."""

    browser: Chromium
    target: str
    session: str
    url: str

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """Give the page an order."""
        return self.browser.ask(method, self.session, **values)

    def close(self) -> None:
        self.browser.ask("Target.closeTarget", targetId=self.target)

    def resize(self, width: int, height: int, scale: float = 1, *, mobile: bool = False) -> None:
        """Give it a screen of so many CSS pixels, each made of ``scale`` of the screen's own."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=mobile,
        )  # fmt: skip

    def evaluate(self, expression: str) -> Any:
        """Compute something in the page; promises are waited for."""
        answer = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until something in the page is true."""
        end = time.monotonic() + PATIENCE_S
        while not self.evaluate(condition):
            assert time.monotonic() < end, f"{condition} was not true within {PATIENCE_S:.0f} s."

    def next_frame(self) -> None:
        """Wait until the page has shown what has happened so far."""
        twice = "requestAnimationFrame(() => requestAnimationFrame(done))"
        self.evaluate(f"new Promise(done => {twice}).then(() => true)")

    def told(self, method: str) -> list[dict[str, Any]]:
        """What the browser has told of this page under one name, so far."""
        self.evaluate("true")  # whatever happened before this has been told when it answers
        return [
            event["params"]
            for event in self.browser.events
            if event.get("method") == method and event.get("sessionId") == self.session
        ]

    def text(self, element: str) -> str:
        return str(self.evaluate(f"document.getElementById({element!r}).textContent"))

    def place_of(self, element: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of the inside of an element."""
        x, y, width, height = self.evaluate(
            f"(e => {{ const box = e.getBoundingClientRect(); return [box.left + e.clientLeft, "
            f"box.top + e.clientTop, e.clientWidth, e.clientHeight]; }})"
            f"(document.getElementById({element!r}))"
        )
        return x, y, width, height

    # Mouse, finger and keyboard

    def mouse(self, kind: str, place: Point, *, button: str = "left", is_down: bool = True) -> None:
        self.ask(
            "Input.dispatchMouseEvent",
            type=kind, x=place[0], y=place[1], button=button, buttons=int(is_down), clickCount=1,
        )  # fmt: skip

    def drag(self, places: Sequence[Point]) -> None:
        """Press the mouse at the first place, and let it go at the last one."""
        self.mouse("mousePressed", places[0])
        for place in places[1:]:
            self.mouse("mouseMoved", place)
        self.mouse("mouseReleased", places[-1], is_down=False)

    def touch(self, places: Sequence[Point]) -> None:
        """Do the same with a finger."""
        for kind, place in [("touchStart", places[0]), *(("touchMove", one) for one in places[1:])]:
            points = [{"x": place[0], "y": place[1]}]
            self.ask("Input.dispatchTouchEvent", type=kind, touchPoints=points)
        self.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def click(self, element: str) -> None:
        x, y, width, height = self.place_of(element)
        self.drag([(x + width / 2, y + height / 2)])
        self.next_frame()

    def press(self, key: str, text: str = "", *, modifiers: int = 0) -> None:
        """Press a key; modifiers: 2 is Ctrl, 8 Shift."""
        values = {"key": key, "modifiers": modifiers}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **values)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **values)
        self.next_frame()


@contextmanager
def open_chromium(program: Path, folder: Path) -> Iterator[Chromium]:
    """Run a browser whose profile is in a folder; it is ended at last, and nothing else is."""
    arguments = [*ARGUMENTS, f"--user-data-dir={folder / 'profile'}"]
    if os.name == "posix" and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # root has none
    (theirs, orders), (answers, tells) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(theirs), str(tells), str(program), *arguments],
        pass_fds=(theirs, tells),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs)
    os.close(tells)
    browser = Chromium(process, orders, answers)
    try:
        yield browser
        browser.ask("Browser.close")
        process.wait(30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
            process.wait(30)
        os.close(orders)
        os.close(answers)
