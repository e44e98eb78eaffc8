"""The best settings of a search, trained again and only then tested."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mnist_desktop.errors import JobCancelled, RunNotFoundError
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.training_job import NewTraining, TrainingContext
from mnist_desktop.search.hold import Hold
from mnist_desktop.search.space import kept_config
from mnist_desktop.search.study import KEPT, Search, best_of

# Not the seed of the trials: settings may have won because it suits them.
SEEDS = (2, 3, 4)


@dataclass(frozen=True, eq=False)
class KeepRequest:
    """The best settings of a search are to be trained again and kept.

    Attributes
    ----------
    search : Search
        The study.
    context : TrainingContext
        Digits to learn from and to test on, and where runs are kept.
    hold : Hold
        Halts the trainings for a while.
    """

    search: Search
    context: TrainingContext
    hold: Hold = field(default_factory=Hold)


@dataclass(frozen=True)
class SeedProgress(PhaseProgress):
    """The best settings are trained once more: with which of the seeds, from 0 to `count` - 1."""

    index: int
    count: int


def keep_best(
    request: KeepRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> list[Run]:
    """Train the best settings on three seeds, test each network once, and keep the runs.

    The study notes the runs, so that the same settings are not tested a second time; what a stop
    has left out is done by the next call.

    Parameters
    ----------
    request : KeepRequest
        Whose best settings.
    on_progress, should_stop : callable
        As for every training; one that is stopped is not kept, and is the last.

    Returns
    -------
    list of Run
        One for each seed; empty while no trial is complete.

    Raises
    ------
    StudyStorageError
        If the study cannot be read or written.
    TrainingError, LowMemoryError, StorageError
        As for every training.
    """
    search, context = request.search, request.context
    best = best_of(search.trials())
    if best is None:
        return []
    noted = search.use(lambda: search.study.user_attrs.get(KEPT, {}))
    ids: dict[str, str] = noted["runs"] if noted.get("trial") == best.number else {}
    config = kept_config(best.settings)
    runs: list[Run] = []
    for index, seed in enumerate(SEEDS):
        if str(seed) in ids:
            runs += _kept(context, ids[str(seed)])
            continue
        words = f"Training the best settings again, {index + 1} of {len(SEEDS)}"
        on_progress(SeedProgress(words, index, len(SEEDS)))
        training = NewTraining(config.changed(seed=seed), f"Found by search {search.name}")
        try:
            run = training.run(
                context, on_progress=on_progress, should_stop=_cancelling(request, should_stop)
            )
        except JobCancelled:
            break
        runs.append(run)
        ids = {**ids, str(seed): run.record.id}
        _note(search, {"trial": best.number, "runs": ids})
    return runs


def _cancelling(request: KeepRequest, should_stop: ShouldStop) -> ShouldStop:
    """Have a training that is stopped keep nothing: its network would not be what was found."""
    controls = request.context.controls

    def ends() -> bool:
        request.hold.apply_to(controls)
        if should_stop():
            controls.cancel()
        return controls.ends_at_once

    return ends


def _kept(context: TrainingContext, run_id: str) -> list[Run]:
    try:
        return [context.store.get(run_id)]
    except RunNotFoundError:  # deleted since, or kept on another machine
        return []


def _note(search: Search, kept: dict[str, Any]) -> None:
    search.use(lambda: search.study.set_user_attr(KEPT, kept))
