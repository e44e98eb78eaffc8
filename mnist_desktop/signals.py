"""How the system asks the program to end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable

from mnist_desktop import win32

NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")  # each where the system has it


def on_ending(end: Callable[[], object]) -> Callable[[], None]:
    """Answer requests to end the program: SIGTERM, and SIGHUP when a terminal is closed.

    On Windows these are Ctrl+Break, the end of a console and that of the session, after which there
    are five seconds. A request that whoever started the program had it ignore, as ``nohup`` does,
    stays ignored.

    Parameters
    ----------
    end : callable
        Called on the main thread, which must also be the one that calls this, between any two of
        its instructions: it may only note the request.

    Returns
    -------
    callable
        Undoes it.
    """
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    heard = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, lambda *_: end()) for one in heard}
    undoing: list[Callable[[], None]] = []
    if sys.platform == "win32":
        undoing.append(win32.raise_when_console_ends(signal.SIGBREAK))

    def undo() -> None:
        for forget in undoing:
            forget()
        for one, handler in before.items():
            signal.signal(one, handler)

    return undo
