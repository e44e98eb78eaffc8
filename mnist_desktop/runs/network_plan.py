"""Of which layers a network consists, whichever is meant: read from the file that holds it."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.progress import OnProgress, ShouldStop
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.conversion import KERAS_FILE


@dataclass(frozen=True, eq=False)
class PlanRequest:
    """The layers of a network are wanted.

    Attributes
    ----------
    model : ModelRef
        The network.
    store : RunStore
        Where runs are kept.
    """

    model: ModelRef
    store: RunStore


def find_plan(
    request: PlanRequest,
    *,
    on_progress: OnProgress,  # noqa: ARG001 - a job; a large file takes a second
    should_stop: ShouldStop,  # noqa: ARG001
) -> NetworkPlan:
    """Read the layers of a network.

    Parameters
    ----------
    request : PlanRequest
        Whose layers.
    on_progress : callable
        Not called.
    should_stop : callable
        Not asked.

    Raises
    ------
    ModelFileError
        If its file cannot be read, or does not say.
    RunNotFoundError
        If there is no such run any more.
    """
    model = request.model
    if model.file is not None:
        from mnist_desktop.foreign.open_foreign import read_plan  # with all its checks

        return read_plan(model.file)
    if model.is_bundled:
        from mnist_desktop.foreign.keras_file import read_keras_file

        return read_keras_file(bundled_reader.keras_file())[0]
    return plan_of_run(request.store.get(model.run_id))


def plan_of_run(run: Run) -> NetworkPlan:
    """Read the layers of a run's network.

    They are those of its file, which may be of another version of the program, or from somebody
    else, and not those that its settings would come to now.

    Raises
    ------
    ModelFileError
        If the file cannot be read.
    """
    from mnist_desktop.foreign.keras_file import read_keras_file

    return read_keras_file(run.folder / KERAS_FILE)[0]
