"""What is no regular file is refused without waiting, and what is too large without reading it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError, ModelFileError
from mnist_desktop.files import held, naming
from mnist_desktop.files.reading import open_given, open_regular, read_small
from mnist_desktop.runs.model_ref import find_model
from mnist_desktop.runs.open_model import open_model
from mnist_desktop.runs.store import RunStore


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_small(path, 5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes"):
        read_small(path, 4)
    with open_regular(path) as file:
        assert file.read(2) == b"12"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link"])
def test_what_is_no_regular_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(OSError, match="no regular file"):
        read_small(path, 100)


SPECIAL = [
    ("\\\\.\\pipe\\x", "a pipe"),
    ("\\\\?\\pipe\\x", "a pipe"),
    ("\\\\server\\pipe\\spoolss", "a pipe"),
    ("\\\\?\\UNC\\server\\PIPE\\x", "a pipe"),
    ("\\\\.\\PhysicalDrive0", "a device"),
    ("\\\\?\\GLOBALROOT\\Device", "a device"),
    ("C:\\digits\\nul.png", "a device"),
    ("com1", "a device"),
    ("CON", "a device"),
    ("conin$", "a device"),
]


@pytest.mark.parametrize(("name", "kind"), SPECIAL)
def test_what_windows_would_open_by_looking_is_refused_by_its_name(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asking for a pipe's size calls whoever serves it; opening COM1 switches on a port."""
    touched: list[str] = []

    def note(path: object, *_: object, **__: object) -> None:
        if str(path) == str(Path(name)):
            touched.append(str(path))
        raise FileNotFoundError

    monkeypatch.setattr(naming, "ON_WINDOWS", True)
    monkeypatch.setattr(os, "open", note)
    monkeypatch.setattr(os, "stat", note)
    for read in (open_regular, open_given):
        with pytest.raises(OSError, match=f"no regular file but {kind}"):
            read(Path(name))
    with pytest.raises(DataFileError, match=f"no file of digits but {kind}; choose a CSV"):
        read_dataset(Path(name))
    with pytest.raises(ModelFileError, match=f"no regular file but {kind}"):
        open_model(find_model(name), RunStore(tmp_path))
    assert touched == []


def test_a_folder_which_windows_does_not_open_is_no_matter_of_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(held, "_ON_WINDOWS", True)
    with pytest.raises(OSError, match="no regular file but a folder"):
        open_regular(tmp_path)
    with pytest.raises(PermissionError):
        open_regular(tmp_path / "file")
