"""Files are there whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mnist_desktop.errors import JobCancelled, StorageError
from mnist_desktop.files.writing import (
    FileOrder,
    FolderOrder,
    set_aside,
    write_atomically,
    write_bytes_atomically,
    write_files,
)
from mnist_desktop.progress import PhaseProgress


def test_what_is_written_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "file.png"
    assert write_bytes_atomically(output, b"12345") == output
    write_bytes = Path.write_bytes

    def lose_the_end(path: Path, content: bytes) -> int:
        return write_bytes(path, content[:-1])  # as if the disk had been full, and said nothing

    monkeypatch.setattr(Path, "write_bytes", lose_the_end)
    with pytest.raises(StorageError, match="cannot be read back"):
        write_bytes_atomically(output, b"678901")
    assert output.read_bytes() == b"12345"
    assert list(tmp_path.iterdir()) == [output]


def test_an_empty_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="empty"):
        write_atomically(tmp_path / "file", lambda path: path.touch())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_link_stays_one_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_bytes_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_what_was_set_aside_before_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    for count, name in ((1, "settings.ini.damaged"), (2, "settings.ini.damaged-2")):
        path.write_text(f"{count}")
        assert set_aside(path, "damaged") == tmp_path / name
    assert (tmp_path / "settings.ini.damaged").read_text() == "1"
    assert not path.exists()


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        write_bytes_atomically(tmp_path / ("x" * 300), b"12345")


def fifty(folder: Path) -> FolderOrder:
    outputs = [folder / f"{number}.txt" for number in range(1, 51)]
    return FolderOrder(
        folder,
        tuple(FileOrder(one, lambda path: write_bytes_atomically(path, b"x")) for one in outputs),
    )


def test_many_files_are_stopped_between_two_of_them(tmp_path: Path) -> None:
    said: list[str] = []

    def note(progress: PhaseProgress) -> None:
        said.append(progress.text)

    with pytest.raises(JobCancelled):
        write_files(fifty(tmp_path), on_progress=note, should_stop=lambda: len(said) == 3)
    assert said == [f"Writing {number}.txt ({number} of 50)" for number in (1, 2, 3)]
    assert {one.name for one in tmp_path.iterdir()} == {"1.txt", "2.txt", "3.txt"}


def test_of_many_files_it_is_told_how_many_are_there(tmp_path: Path) -> None:
    (tmp_path / "4.txt").mkdir()  # in the way
    with pytest.raises(StorageError, match=r"4\.txt cannot .* 3 of 50 files were written"):
        write_files(fifty(tmp_path), on_progress=lambda _: None, should_stop=lambda: False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fcntl to stand in for that of macOS")
@pytest.mark.parametrize("can_flush", [True, False])
def test_on_macos_what_is_written_reaches_the_disk_and_not_only_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, can_flush: bool
) -> None:
    import fcntl

    done: list[str] = []

    def flush(_descriptor: int, command: int) -> int:
        assert command == 51
        if not can_flush:
            raise OSError(45, "Operation not supported")
        done.append("disk")
        return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", flush)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: done.append("drive"))
    write_bytes_atomically(tmp_path / "file", b"content")
    assert done == ["disk" if can_flush else "drive"] * 2  # the file, and the name in its folder
