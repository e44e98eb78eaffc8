"""The command ``search``: good settings found by trying many, in one process or in several."""

from __future__ import annotations

import argparse
import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_desktop import formats
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.formats import percent, seconds
from mnist_desktop.paths import AppPaths
from mnist_desktop.printable import printable
from mnist_desktop.progress import OnProgress, PhaseProgress
from mnist_desktop.terminal import ProgressBar, say_error, stopped_by_any_request

if TYPE_CHECKING:
    import subprocess

    from mnist_desktop.runs.run import Run
    from mnist_desktop.search.control import Control, Say
    from mnist_desktop.search.goal import Goal
    from mnist_desktop.search.space import Space
    from mnist_desktop.search.study import Search, TrialSummary
    from mnist_desktop.search.worker import Limits, SearchRequest

JsonObject = dict[str, Any]

MAX_WORKERS = 256
STORAGE_HELP = (
    "where it is kept, if not here: journal:PATH, postgresql://…, mysql://… or grpc://HOST:PORT"
)
ENDING_SECONDS = 30.0  # a worker that was asked to end gives its trial back within a second or two


def add_search(
    parser: argparse.ArgumentParser,
    add_digits: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace, AppPaths], JsonObject],
) -> None:
    """Give the command its own commands and options.

    Parameters
    ----------
    parser : ArgumentParser
        The command's.
    add_digits : callable
        Adds the options that choose digits.
    run : callable
        What carries it out.
    """
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        one = (
            commands.add_parser(name, help=text, description=text)
            if text
            else commands.add_parser(name)  # without a word in the list of commands
        )
        one.add_argument("name", metavar="NAME", help="what the search is called")
        one.add_argument(
            "--storage",
            metavar="URL",
            help=STORAGE_HELP,
        )
        one.add_argument("--json", action="store_true", help="print one JSON object")
        # Whoever started it gives it commands, and is told how it goes (`search.control`).
        one.add_argument("--controlled", action="store_true", help=argparse.SUPPRESS)
        one.set_defaults(run=run, action=name)
        return one

    start = command("start", "begin a search, or resume it, and keep the best networks it finds")
    join = command("join", "work on a search that was begun, on this machine or on another one")
    command("status", "show what a search has tried")
    command("watch", "")  # for the window, which must not wait for Optuna
    for one in (start, join):
        one.add_argument("--trials", type=int, metavar="N", help="end after so many trials in all")
        one.add_argument("--minutes", type=float, metavar="M", help="end after so many minutes")
        one.add_argument(
            "--workers", type=int, default=1, metavar="K", help="how many processes work here"
        )
        add_digits(one)
    start.add_argument("--space", type=Path, help="a TOML file that says where to search")
    start.add_argument(
        "--max-parameters", type=int, metavar="P", help="only networks with so many parameters"
    )
    start.add_argument(
        "--max-seconds", type=float, metavar="T", help="only trainings that take so long"
    )
    start.add_argument(
        "--front",
        choices=("parameters", "seconds"),
        default="",
        help="search for accuracy and for few of these at the same time",
    )
    _add_serve(commands, run)


def _add_serve(commands: Any, run: Callable[[argparse.Namespace, AppPaths], JsonObject]) -> None:
    text = "let workers on other machines reach a storage through this process (gRPC)"
    serve = commands.add_parser("serve", help=text, description=text)
    serve.add_argument("name", metavar="NAME", nargs="?", help="a search that is kept here")
    serve.add_argument("--storage", metavar="URL", help="all searches that are kept there instead")
    serve.add_argument("--host", default="127.0.0.1", help="at which address (default %(default)s)")
    serve.add_argument("--port", type=int, default=13000, help="(default %(default)s)")
    serve.add_argument("--json", action="store_true", help="print one JSON object at the end")
    serve.set_defaults(run=run, action="serve")


def run_search(
    options: argparse.Namespace, paths: AppPaths, find_dataset: Callable[[], Dataset]
) -> JsonObject:
    """Carry out the command.

    Parameters
    ----------
    options : Namespace
        What was given.
    paths : AppPaths
        The program's folders.
    find_dataset : callable
        Brings the digits that were chosen.

    Returns
    -------
    dict
        What is printed.
    """
    if not getattr(options, "controlled", False):
        return _carry_out(options, paths, find_dataset)
    from mnist_desktop.search.control import give_way, speaking

    if options.action != "watch":  # what the user waits for does not give way
        give_way()
    with speaking() as say:
        _carry_out(options, paths, find_dataset, say)
    return {"text": ""}


def _carry_out(
    options: argparse.Namespace,
    paths: AppPaths,
    find_dataset: Callable[[], Dataset],
    say: Say | None = None,
) -> JsonObject:
    from mnist_desktop.search.database import without_password
    from mnist_desktop.search.storage import checked_name, own_storage
    from mnist_desktop.search.study import open_search
    from mnist_desktop.search.worker import SearchRequest

    if options.action == "serve":
        return _serve(options, paths)
    url = options.storage or own_storage(paths, checked_name(options.name))
    if options.action == "start":
        return _start(options, paths, url, find_dataset, say)
    search = open_search(options.name, url)
    if search is None:
        raise InvalidInputError(f"There is no search {options.name!r} in {without_password(url)}.")
    with contextlib.closing(search):
        if options.action == "join":
            with _controlled(options, say) as (control, on_progress):
                limits = _limits(options)
                request = SearchRequest(search, find_dataset(), limits, hold=control.hold)
                _work(options, request, control, on_progress)
        if options.action == "watch" and say is not None:
            _watch(search, paths, say)
        return _described(search)


def _watch(search: Search, paths: AppPaths, say: Say) -> None:
    """Tell of a search until the standard input ends."""
    from mnist_desktop.search.control import lines_of, take_input
    from mnist_desktop.search.importance import importances_of
    from mnist_desktop.search.watching import Watcher, memory_of

    commands = take_input()

    def end() -> None:
        for _ in lines_of(commands):
            pass
        os._exit(0)  # at once, also while a storage is waited for: nothing here is to be kept

    threading.Thread(target=end, name="search-end", daemon=True).start()
    memory = memory_of(paths, search.name, search.url)
    Watcher(search, say, memory, lambda found: importances_of(found.study)).watch()


@contextlib.contextmanager
def _controlled(
    options: argparse.Namespace, say: Say | None
) -> Iterator[tuple[Control, OnProgress]]:
    """What has a worker stop or wait while a block runs, and what it tells its progress to."""
    from mnist_desktop.search.control import Control, Teller

    with stopped_by_any_request() as is_asked:
        control = Control(is_asked)
        if say is None:
            with ProgressBar() as bar:
                yield control, bar.show
            return
        control.listen()
        yield control, Teller(say, control.hold, options.minutes).tell


def _serve(options: argparse.Namespace, paths: AppPaths) -> JsonObject:
    from mnist_desktop.search.database import without_password
    from mnist_desktop.search.serving import ServeRequest, serve
    from mnist_desktop.search.storage import own_storage

    if bool(options.name) == bool(options.storage):
        raise InvalidInputError("Say what to serve: the NAME of a search, or a --storage URL.")
    url = options.storage or own_storage(paths, options.name)
    request = ServeRequest(url, options.host, options.port)
    if options.name:
        paths.check_writable()
    if request.is_open:
        say_error(
            f"Whoever can reach {request.host} can read and change these searches: there is no "
            "password. Use it in a network of your own only."
        )

    def announce(progress: object) -> None:
        if isinstance(progress, PhaseProgress):
            say_error(f"Serving at {progress.text}; Ctrl+C ends it.")

    with stopped_by_any_request() as should_stop:
        served = serve(request, on_progress=announce, should_stop=should_stop)
    return {
        "storage": without_password(url),
        "address": served.address,
        "seconds": served.seconds,
        "text": f"Served {printable(without_password(url))} for {seconds(served.seconds)}",
    }


def _start(
    options: argparse.Namespace,
    paths: AppPaths,
    url: str,
    find_dataset: Callable[[], Dataset],
    say: Say | None,
) -> JsonObject:
    from mnist_desktop.runs.store import RunStore
    from mnist_desktop.runs.training_job import TrainingContext
    from mnist_desktop.search.goal import Goal
    from mnist_desktop.search.space import Space, read_space
    from mnist_desktop.search.study import begin_search, open_search, without_test_digits
    from mnist_desktop.search.winners import KeepRequest, keep_best
    from mnist_desktop.search.worker import SearchRequest

    goal = Goal(options.max_parameters, options.max_seconds, options.front)
    space = read_space(options.space) if options.space else Space()
    limits = _limits(options)
    paths.check_writable()
    search = open_search(options.name, url, create=True)
    if search is not None:
        _check_same(search, space if options.space else None, goal)
    dataset = find_dataset()
    if search is None:
        blind = without_test_digits(dataset)
        search = begin_search(options.name, url, space, goal, blind)
    with contextlib.closing(search), _controlled(options, say) as (control, on_progress):
        request = SearchRequest(search, dataset, limits, hold=control.hold)
        _work(options, request, control, on_progress)
        if control.is_stopped():
            return _described(search)
        context = TrainingContext(dataset, RunStore(paths.runs))
        runs = keep_best(
            KeepRequest(search, context, control.hold),
            on_progress=on_progress,
            should_stop=control.is_stopped,
        )
        return _described(search, runs)


def _check_same(search: Search, space: Space | None, goal: Goal) -> None:
    """Make sure that a search is resumed with what it was begun with, if anything is given."""
    from mnist_desktop.search.goal import Goal

    if space not in (None, search.space) or goal not in (Goal(), search.goal):
        raise InvalidInputError(
            f"The search “{search.name}” was begun with another space or other limits; leave them "
            "out to resume it, or give a new search another name."
        )


def _limits(options: argparse.Namespace) -> Limits:
    """When the search is to end; the number of workers is checked as well."""
    from mnist_desktop.search.worker import Limits
    from mnist_desktop.training.config import check_integer

    check_integer("The number of workers", options.workers, 1, MAX_WORKERS)
    return Limits(options.trials, options.minutes)


def _work(
    options: argparse.Namespace, request: SearchRequest, control: Control, on_progress: OnProgress
) -> None:
    """Work on a search with as many processes as were asked for."""
    from mnist_desktop.search.worker import work

    with _helped(options, request.search, control):
        work(request, on_progress=on_progress, should_stop=control.ends_trials)


@contextlib.contextmanager
def _helped(options: argparse.Namespace, search: Search, control: Control) -> Iterator[None]:
    """Have other processes of this program work on the search as well while a block runs."""
    if options.workers == 1:
        yield
        return
    # What one process would do with all cores is slower than several processes with one core each.
    threads = str(max(1, (os.cpu_count() or 1) // options.workers))
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, threads)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(options.workers - 1):
            child = _start_worker(options, search)
            children.append(child)
            if child.stdin is not None:
                control.add_other(child.stdin)
        yield
    except BaseException:
        _end(children, ask=True)
        raise
    _end(children, ask=control.ends_trials())


def _start_worker(options: argparse.Namespace, search: Search) -> subprocess.Popen[bytes]:
    import subprocess

    from mnist_desktop.files.child import start_child

    given = {
        "--storage": search.url,
        "--trials": options.trials,
        "--minutes": options.minutes,
        "--data": options.data,
        "--turn": options.turn or None,
        "--pictures": options.pictures,
    }
    words = [f"{name}={value}" for name, value in given.items() if value is not None]
    return start_child(
        "search", "join", "--controlled", *words, "--", search.name,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _end(children: Sequence[subprocess.Popen[bytes]], *, ask: bool) -> None:
    """Wait for other workers, and have them end if they are asked to."""
    import subprocess

    from mnist_desktop.files.child import was_ended

    for child in children:
        if ask and child.stdin is not None:
            child.stdin.close()  # which has it stop
    for child in children:
        try:
            code = child.wait(ENDING_SECONDS if ask else None)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        finally:
            if child.stdin is not None:
                child.stdin.close()
        if was_ended(code) and not ask:
            say_error("A worker was ended from outside; its trial was made again by another one.")


def _described(search: Search, runs: Sequence[Run] = ()) -> JsonObject:
    """Say what was tried, and what was kept of it."""
    from mnist_desktop.search.study import FAILED, INTERRUPTED, RUNNING, best_of

    trials = search.trials()
    best = best_of(trials)
    counts = {state: sum(one.state == state for one in trials) for state in (RUNNING, FAILED)}
    shown = [one for one in trials if one.state != INTERRUPTED]
    lines = [
        f"{printable(search.name)}: {formats.count(len(shown), 'trial')}, "
        f"{counts[RUNNING]} running, {counts[FAILED]} failed",
        *map(_line, trials),
        *([] if best is None else [f"Best on the validation digits: trial {best.number}"]),
    ]
    if runs:
        tested = [run.record.test_accuracy for run in runs]
        lines += [
            f"Trained again on {formats.count(len(runs), 'seed')}: "
            f"{percent(sum(tested) / len(tested))} of the test digits read correctly",
            *(f"Kept as {printable(run.record.id)}" for run in runs),
        ]
    return {
        "study": search.name,
        "trials": [_as_json(one) for one in trials],
        "best": None if best is None else _as_json(best),
        **counts,
        "runs": [run.record.id for run in runs],
        "text": "\n".join(lines),
    }


def _as_json(trial: TrialSummary) -> JsonObject:
    names = ("number", "state", "score", "parameters", "seconds", "settings", "reason")
    return {name: getattr(trial, name) for name in names}


def _line(trial: TrialSummary) -> str:
    settings = ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in trial.settings.items()
    )
    parameters = formats.NOT_MEASURED if trial.parameters is None else f"{trial.parameters:,}"
    time = formats.NOT_MEASURED if trial.seconds is None else seconds(trial.seconds)
    words = f"{percent(trial.score):>7} {parameters:>9} {time:>8}"
    return f"{trial.number:5} {trial.state:11} {words}  {settings}  {trial.reason}".rstrip()
