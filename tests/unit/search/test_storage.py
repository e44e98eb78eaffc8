"""Where studies are kept: damage is mended or reported in one sentence, and nothing is lost."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import PendingRollbackError

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.errors import InvalidInputError
from mnist_desktop.paths import AppPaths
from mnist_desktop.search import storage
from mnist_desktop.search.database import StudyStorageError, UnreachableError
from mnist_desktop.search.storage import (
    open_storage,
    own_storage,
    patiently,
    told,
)
from mnist_desktop.search.study import Search, open_search
from tests.made_searches import begin, few


@pytest.fixture
def search(sample: Dataset, tmp_path: Path) -> Search:
    return begin(tmp_path, few(sample))


def file_of(search: Search) -> Path:
    return Path(search.url.removeprefix("journal:"))


def numbers(search: Search) -> list[int]:
    found = open_search(search.name, search.url)
    assert found is not None
    return [one.number for one in found.trials()]


def test_a_study_of_ones_own_is_a_file_among_the_programs(paths: AppPaths) -> None:
    file = paths.data / "searches" / "small nets.journal"
    assert own_storage(paths, "small nets") == f"journal:{file}"
    for name in ("", "a/b", "..", "con", "x" * 300):
        with pytest.raises(InvalidInputError, match="name that a file can have"):
            own_storage(paths, name)


def test_half_a_line_of_a_writer_that_was_killed_is_cut_off(search: Search) -> None:
    search.study.enqueue_trial({"epochs": 1})
    whole = file_of(search).read_bytes()
    file_of(search).write_bytes(whole + b'{"op_code":4,"worker')
    assert numbers(search) == [0]
    search.study.enqueue_trial({"epochs": 1})  # would be appended to half a line
    assert numbers(search) == [0, 1]
    assert file_of(search).read_bytes().startswith(whole)


def test_a_line_that_found_no_room_is_written_once_there_is_some(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "FIRST_WAIT", 0.0)
    full = [True, True]

    def fsync(_: int) -> None:
        if full:
            full.pop()
            file_of(search).write_bytes(file_of(search).read_bytes()[:-10])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("optuna.storages.journal._file.os.fsync", fsync)
    search.use(lambda: search.study.set_user_attr("note", 1))
    assert not full
    found = open_search(search.name, search.url)
    assert found is not None
    assert found.study.user_attrs["note"] == 1


def test_a_storage_that_stays_away_is_one_sentence(search: Search) -> None:
    def fail() -> None:
        with told(search.url):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(UnreachableError, match="make room there") as caught:
        patiently(fail, seconds=0)
    assert caught.value.exit_code == 1


def test_a_journal_that_another_program_holds_is_tried_again(search: Search) -> None:
    """Windows says that it may not be opened; a folder without rights is no matter of time."""
    held = [True, True]

    def use() -> int:
        with told(search.url):
            if held:
                held.pop()
                error = PermissionError(errno.EACCES, "used by another process")
                error.winerror = 32  # type: ignore[attr-defined]
                raise error
            return 1

    assert patiently(use, seconds=5) == 1

    def fail() -> None:
        with told(search.url):
            raise PermissionError(errno.EACCES, "Permission denied")

    with pytest.raises(StudyStorageError):
        patiently(fail, seconds=5)


@pytest.mark.parametrize("junk", [b"no journal\n", b"[1]\n", b'{"op_code": 99}\n', b"\xff\n"])
def test_a_damaged_or_foreign_file_is_one_sentence_and_stays_as_it_is(
    junk: bytes, search: Search
) -> None:
    file_of(search).write_bytes(junk + file_of(search).read_bytes())
    before = file_of(search).read_bytes()
    with pytest.raises(StudyStorageError, match="damaged, or was written by a later version"):
        open_search(search.name, search.url)
    assert file_of(search).read_bytes() == before


def test_another_programs_study_is_not_worked_on(search: Search) -> None:
    about = search.study.user_attrs["mnist-desktop"]
    for other in ({}, {**about, "version": 2}, {**about, "space": {"colour": ["red"]}}):
        search.study.set_user_attr("mnist-desktop", other)
        with pytest.raises(StudyStorageError, match="made by another program, or by a later"):
            open_search(search.name, search.url)


@pytest.mark.parametrize(("kind", "driver"), [("postgresql", "psycopg"), ("mysql", "pymysql")])
def test_a_server_that_is_not_there_is_one_sentence_without_the_password(
    kind: str, driver: str
) -> None:
    pytest.importorskip(driver)
    with pytest.raises(UnreachableError, match="does not answer") as caught:
        open_storage(f"{kind}://me:secret@127.0.0.1:1/digits", create=True)
    assert "me@127.0.0.1:1/digits" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("kind", "driver"), [("postgresql", "psycopg"), ("mysql", "pymysql")])
def test_a_driver_that_is_missing_is_named(
    kind: str, driver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(InvalidInputError, match=rf"install 'mnist-desktop\[{kind}\]'"):
        open_storage(f"{kind}://127.0.0.1:1/digits", create=True)


def test_what_a_driver_lacks_is_not_taken_for_another_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("'cryptography' package is required")

    monkeypatch.setattr("optuna.storages.RDBStorage", fail)
    with pytest.raises(StudyStorageError, match="'cryptography' package is required"):
        open_storage("mysql://127.0.0.1:1/digits", create=True)


def test_a_connection_that_is_cut_while_trials_are_read_is_made_again() -> None:
    url = "postgresql://127.0.0.1:1/digits"
    with pytest.raises(UnreachableError, match="does not answer"), told(url):
        raise PendingRollbackError("Can't reconnect until invalid transaction is rolled back.")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///x.db", "not kept in SQLite, which lets one process write at a time"),
        ("journal:", "is kept in a file, journal:PATH"),
        ("ftp://x", "is kept in a file, journal:PATH"),
        ("journal:/nowhere/x.journal", f"There is no search in {Path('/nowhere/x.journal')}"),
    ],
)
def test_what_is_no_storage_is_refused(url: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        open_storage(url, create=False)
    assert words in str(caught.value)
