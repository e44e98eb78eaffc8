"""The command ``search``: begun, resumed, joined, looked at."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.cli import main
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.store import RunStore
from mnist_desktop.search import serving, worker
from mnist_desktop.search.serving import ServeRequest
from tests.made_searches import SMALL

Capture = pytest.CaptureFixture[str]
KEYS = {"number", "state", "score", "parameters", "seconds", "settings"}


def run(capsys: Capture, *arguments: str) -> dict[str, Any]:
    code = main(["search", *arguments, "--json"])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    found: dict[str, Any] = json.loads(printed.out)
    return found


def refused(capsys: Capture, *arguments: str) -> str:
    assert main(["search", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.fixture
def space(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text("\n".join(f"{name} = {json.dumps(value)}" for name, value in SMALL.items()))
    return str(path)


def test_a_search_is_begun_resumed_and_looked_at(
    paths: AppPaths, space: str, capsys: Capture
) -> None:
    begun = run(capsys, "start", "small", "--space", space, "--trials", "2", "--data", "sample")
    assert begun["study"] == "small"
    assert (begun["running"], begun["failed"]) == (0, 0)
    assert len(begun["trials"]) == 2
    for one in begun["trials"]:
        assert set(one) >= KEYS
        assert one["state"] == "complete"
        assert one["settings"]["architecture"] == "dense-10"
    assert begun["best"]["score"] == max(one["score"] for one in begun["trials"])
    assert (paths.data / "searches" / "small.journal").is_file()
    assert {one.record.id for one in RunStore(paths.runs).runs()} == set(begun["runs"])
    assert len(begun["runs"]) == 3

    resumed = run(capsys, "start", "small", "--trials", "3", "--data", "sample")
    assert resumed["trials"][:2] == begun["trials"]
    assert len(resumed["trials"]) == 3
    seen = run(capsys, "status", "small")
    assert seen["trials"] == resumed["trials"]

    assert main(["search", "status", "small"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("small: 3 trials, 0 running, 0 failed\n")
    assert f"Best on the validation digits: trial {seen['best']['number']}" in text
    assert "begun with another space" in refused(
        capsys, "start", "small", "--max-parameters", "9000", "--data", "sample"
    )


def test_a_search_in_a_shared_folder_is_joined(
    tmp_path: Path, space: str, paths: AppPaths, capsys: Capture
) -> None:
    storage = f"journal:{tmp_path / 'shared' / 'all.journal'}"
    chosen = ("--storage", storage, "--data", "sample")
    run(capsys, "start", "one", *chosen, "--space", space, "--trials", "1")
    joined = run(capsys, "join", "one", *chosen, "--trials", "2")
    assert len(joined["trials"]) == 2
    assert joined["runs"] == []  # whoever began it keeps what it has found
    assert "There is no search 'two'" in refused(capsys, "status", "two", "--storage", storage)
    other = run(capsys, "start", "two", *chosen, "--space", space, "--trials", "1")
    assert len(other["trials"]) == 1
    assert len(run(capsys, "status", "one", "--storage", storage)["trials"]) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_end_gives_the_trial_back(
    number: signal.Signals,
    paths: AppPaths,
    space: str,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = worker.run_trial

    def run_trial(*given: Any, **rest: Any) -> bool:
        signal.raise_signal(number)
        return original(*given, **rest)

    monkeypatch.setattr(worker, "run_trial", run_trial)
    found = run(capsys, "start", "small", "--space", space, "--data", "sample")
    assert [one["state"] for one in found["trials"]] == ["interrupted", "waiting"]
    assert (found["running"], found["failed"], found["best"]) == (0, 0, None)
    assert RunStore(paths.runs).runs() == []


@pytest.fixture
def ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system ask the program to end as soon as it serves."""
    original = serving.serve

    def serve(request: ServeRequest, *, on_progress: Any, **rest: Any) -> Any:
        def told(progress: Any) -> None:
            on_progress(progress)
            signal.raise_signal(signal.SIGTERM)

        return original(request, on_progress=told, **rest)

    monkeypatch.setattr(serving, "serve", serve)


@pytest.mark.usefixtures("ends_at_once")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_a_search_of_ones_own_is_served_until_it_is_stopped(
    host: str, paths: AppPaths, capsys: Capture
) -> None:
    assert main(["search", "serve", "small", "--host", host, "--port", "0", "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["storage"] == f"journal:{paths.data / 'searches' / 'small.journal'}"
    assert found["address"].startswith(f"grpc://{host}:")
    assert found["seconds"] >= 0
    *warnings, told = printed.err.splitlines()
    assert told == f"Serving at {found['address']}; Ctrl+C ends it."
    assert [("there is no password" in one) for one in warnings] == [True] * (host == "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "none"], "There is no search in"),
        (["join", "none"], "There is no search in"),
        (["status", "a/b"], "name that a file can have"),
        (["start", "x", "--storage", "sqlite:///x.db"], "not kept in SQLite"),
        (["start", "x", "--trials", "0", "--data", "sample"], "number of trials must be"),
        (["start", "x", "--workers", "0"], "number of workers must be"),
        (["start", "x", "--space", "/nowhere.toml"], "nowhere.toml cannot be read"),
        (["start", "x", "--max-seconds", "0"], "most seconds must be a number above 0"),
        (["serve"], "Say what to serve: the NAME of a search, or a --storage URL"),
        (["serve", "x", "--storage", "journal:y"], "Say what to serve"),
        (["serve", "a/b"], "name that a file can have"),
        (["serve", "x", "--port", "65536"], "port must be an integer from 0 to 65,535"),
        (["serve", "--storage", "sqlite:///x.db"], "not kept in SQLite"),
        (["start", "x", "--minutes", "-1", "--data", "sample"], "minutes of a search must be"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    arguments: list[str], words: str, paths: AppPaths, capsys: Capture
) -> None:
    assert words in refused(capsys, *arguments)
    if "--trials" in arguments or "--workers" in arguments:
        assert not list((paths.data / "searches").glob("*"))
