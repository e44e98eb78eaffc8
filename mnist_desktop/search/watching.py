"""A search is watched: each trial that is new or has changed is told to whoever listens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.files.writing import replace_file
from mnist_desktop.paths import AppPaths
from mnist_desktop.search.control import Say
from mnist_desktop.search.messages import CaughtUp, Importances, Outline, encode
from mnist_desktop.search.study import COMPLETE, Search, TrialSummary

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
REMEMBER_SECONDS = 30.0  # between two writings of what is shown at once the next time
PATIENCE = 20  # times as long as importances took is waited before they are looked at again

FindImportances = Callable[[Search], Mapping[str, float]]


def memory_of(paths: AppPaths, name: str, url: str) -> Path:
    """File of what was last known of a search, which takes a while to open."""
    key = sha256(f"{name}\n{url}".encode()).hexdigest()[:16]
    return paths.cache / "searches" / f"{key}.jsonl"


class Watcher:
    """Tells what is new in a search.

    Parameters
    ----------
    search : Search
        The study.
    say : callable
        Takes a message.
    memory : Path
        Where what is known is written, to be shown before the search is opened the next time.
    find_importances : callable
        Tells how much each setting matters.
    """

    def __init__(
        self, search: Search, say: Say, memory: Path, find_importances: FindImportances
    ) -> None:
        self._search = search
        self._say = say
        self._memory = memory
        self._find_importances = find_importances
        self._known: dict[int, TrialSummary] = {}
        self._outline: Outline | None = None
        self._complete = 0  # trials, when importances were last told
        self._weighs_again = self._remembers_again = 0.0

    def watch(self) -> None:
        """Look again and again; whoever started the process ends it.

        Raises
        ------
        StudyStorageError
            If the study cannot be read, even after two minutes.
        """
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Tell what is new.

        Raises
        ------
        StudyStorageError
            If the study cannot be read.
        """
        trials = self._search.trials()
        outline = Outline(self._search.goal, tuple(self._search.kept_runs().values()))
        changed = [one for one in trials if _is_other(one, self._known.get(one.number))]
        if outline != self._outline:
            self._outline = outline
            self._say(outline)
        for one in changed:
            self._known[one.number] = one
            self._say(one)
        self._say(CaughtUp(trials[-1].number + 1 if trials else 0))
        if changed:
            self._remember(outline, trials)
        self._weigh(trials)

    def _weigh(self, trials: Sequence[TrialSummary]) -> None:
        complete = sum(one.state == COMPLETE for one in trials)
        began = time.monotonic()
        if complete == self._complete or began < self._weighs_again:
            return
        self._complete = complete
        self._say(Importances(self._find_importances(self._search)))
        self._weighs_again = time.monotonic() + PATIENCE * (time.monotonic() - began)

    def _remember(self, outline: Outline, trials: Iterable[TrialSummary]) -> None:
        if time.monotonic() < self._remembers_again:
            return
        self._remembers_again = time.monotonic() + REMEMBER_SECONDS
        lines = [encode(outline), *map(encode, trials)]
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._memory, lambda path: path.write_bytes(b"".join(lines)))
        except (OSError, MnistDesktopError) as error:  # it is only slower the next time
            logger.info("%s", error)


def _is_other(one: TrialSummary, known: TrialSummary | None) -> bool:
    return one is not known and one != known
