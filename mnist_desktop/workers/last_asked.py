"""Of requests that come in faster than they are answered, the last one counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Asked = TypeVar("Asked")


class LastAsked(Generic[Asked]):
    """Passes on one request at a time; of those that come in meanwhile, the last.

    Parameters
    ----------
    ask : callable
        Passes a request on.
    """

    def __init__(self, ask: Callable[[Asked], object]) -> None:
        self._ask = ask
        self._next: Asked | None = None
        self.is_busy = False

    def ask(self, what: Asked) -> None:
        """Pass a request on, now or once what is going on is answered."""
        if self.is_busy:
            self._next = what
        else:
            self.is_busy = True
            self._ask(what)

    def note_answer(self) -> bool:
        """Pass on the request that waits; returns whether the answer is the newest one's."""
        self.is_busy = False
        waiting, self._next = self._next, None
        if waiting is not None:
            self.ask(waiting)
        return waiting is None
