"""A storage that is served: what workers see is the same, and what goes wrong is one sentence."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError, InvalidSettingError
from mnist_desktop.search import proxy
from mnist_desktop.search.database import StudyStorageError, UnreachableError
from mnist_desktop.search.serving import Served, ServeRequest, serve
from mnist_desktop.search.storage import open_storage, told
from mnist_desktop.search.study import Search, open_search
from tests.made_searches import begin, few, make_trials
from tests.servers import free_port


@contextlib.contextmanager
def served(journal: Path, **place: Any) -> Iterator[str]:
    """Serve a journal while a block runs; its URL."""
    ready, ended, results = threading.Event(), threading.Event(), []
    urls: list[str] = []

    def on_progress(progress: Any) -> None:
        urls.append(progress.text)
        ready.set()

    def run() -> None:
        request = ServeRequest(f"journal:{journal}", **{"port": 0, **place})
        results.append(serve(request, on_progress=on_progress, should_stop=ended.is_set))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(30)
        yield urls[0]
    finally:
        ended.set()
        thread.join(30)
    assert results == [Served(urls[0], results[0].seconds)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "small.journal"


def opened(url: str) -> Search:
    found = open_search("small", url)
    assert found is not None
    return found


def test_a_search_that_is_served_is_the_one_in_the_file(sample: Dataset, journal: Path) -> None:
    digits = few(sample)
    with served(journal) as url:
        search = begin(url, digits)
        make_trials(search, digits, 2)
        there = search.trials()
        search.close()
    here = opened(f"journal:{journal}").trials()
    assert here == there
    assert [one.state for one in here] == ["complete", "complete"]
    assert [list(one.settings) for one in here] == [list(one.settings) for one in there]


def test_workers_at_the_same_time_do_not_begin_the_same_trial(
    sample: Dataset, journal: Path
) -> None:
    with served(journal) as url:
        search = begin(url, few(sample))
        for number in range(12):
            search.study.enqueue_trial({"learning_rate": 0.001 * (number + 1)})
        begun: list[int] = []

        def ask() -> None:
            other = opened(url)
            begun.extend(other.study.ask().number for _ in range(4))
            other.close()

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        search.close()
    assert sorted(begun) == list(range(12))


def test_a_storage_that_fails_behind_the_server_is_told_as_what_it_is(
    sample: Dataset, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(journal) as url:
        search = begin(url, few(sample))
        full = [True]

        def fsync(_: int) -> None:
            if full:
                raise OSError(full.pop() and errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("optuna.storages.journal._file.os.fsync", fsync)
        search.use(lambda: search.study.set_user_attr("note", 1))  # is tried again
        assert not full
        full.append(True)
        with (
            pytest.raises(UnreachableError, match=r"cannot use its storage: .* make room there"),
            told(url),
        ):
            search.study.set_user_attr("note", 2)
        with journal.open("ab") as file:
            file.write(b'{"op_code": 99}\n')
        with pytest.raises(StudyStorageError, match=r"cannot use its storage: .* is damaged"):
            opened(url)
        search.close()


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(UnreachableError, match="'mnist-desktop search serve' is running there"):
        open_search("small", f"grpc://127.0.0.1:{free_port()}")


def test_a_port_has_one_server(journal: Path) -> None:
    with served(journal) as url:
        port = int(url.rpartition(":")[2])
        request = ServeRequest(f"journal:{journal}", port=port)
        with pytest.raises(InvalidInputError, match="another program uses this port"):
            serve(request, on_progress=lambda _: None, should_stop=lambda: True)


def test_another_version_is_one_sentence(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import grpc

    class Unknown(grpc.RpcError):  # type: ignore[misc]
        def code(self) -> Any:
            return grpc.StatusCode.UNIMPLEMENTED

        def details(self) -> str:
            return "Method not found!"

    found = proxy.proxy_error("grpc://host", Unknown())
    assert type(found) is StudyStorageError
    assert "does not understand this program (Method not found!)" in str(found)


@pytest.mark.parametrize("url", ["grpc://", "grpc://:13000", "grpc://host:x", "grpc://host/name"])
def test_what_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="named by grpc://HOST:PORT"):
        open_storage(url, create=False)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(InvalidSettingError, match="The port must be"):
        ServeRequest("journal:x", port=port)


def test_only_loopback_is_reached_from_this_machine_only() -> None:
    assert not ServeRequest("journal:x").is_open
    assert ServeRequest("journal:x", host="0.0.0.0").is_open  # noqa: S104
    assert proxy.address("::1", 5) == "[::1]:5"
