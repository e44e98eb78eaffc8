"""How the system asks the program to end."""

from __future__ import annotations

import signal
from collections.abc import Callable


def on_ending(end: Callable[[], object]) -> Callable[[], None]:
    """Answer requests to end the program: SIGTERM, and SIGHUP where a terminal can be closed.

    A request that whoever started the program had it ignore, as ``nohup`` does, stays ignored.

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
    names = ("SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    heard = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, lambda *_: end()) for one in heard}

    def undo() -> None:
        for one, handler in before.items():
            signal.signal(one, handler)

    return undo
