"""What another program holds for a moment is not lost; Windows' refusals are simulated.

``SAVINGS`` says how many savings another program gets in the way of (100 unless told).
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.errors import OTHER_FOLDER, HeldError, StorageError, unwritable, way_on
from mnist_desktop.files import held
from mnist_desktop.files.reading import read_small
from mnist_desktop.files.writing import replace_file, set_aside, write_bytes_atomically
from tests.made_windows import Windows, refusal

SAVINGS = int(os.environ.get("SAVINGS", "100"))
# What is tried again


@pytest.mark.parametrize("winerror", [5, 32, 33])
def test_a_file_is_replaced_once_it_is_released(
    windows: Windows, tmp_path: Path, winerror: int
) -> None:
    output = tmp_path / "report.pdf"
    output.write_bytes(b"old")
    windows.held_until, windows.winerror = 1.0, winerror
    write_bytes_atomically(output, b"new")
    assert output.read_bytes() == b"new"
    assert windows.refused > 0
    assert list(tmp_path.iterdir()) == [output]


def test_renaming_and_removing_wait_as_well(windows: Windows, tmp_path: Path) -> None:
    for name, change in (
        ("renamed", lambda path: held.rename(path, tmp_path / "other")),
        ("removed", held.remove),
        ("tree", held.remove_tree),
        ("aside", lambda path: set_aside(path, "damaged")),
    ):
        path = tmp_path / name
        if name == "tree":
            (path / "deeper").mkdir(parents=True)
            (path / "deeper" / "file").write_bytes(b"1")
        else:
            path.write_bytes(b"1")
        windows.held_until = windows.now + 1.0
        change(path)
        assert not path.exists(), name
    assert windows.refused > 4
    held.remove(tmp_path / "not there")


def test_waiting_is_short_at_first_and_never_long(windows: Windows, tmp_path: Path) -> None:
    """A scanner holds a file for some milliseconds, and lets go for some."""
    (tmp_path / "file").write_bytes(b"1")
    windows.held_until = 1.0
    held.remove(tmp_path / "file")
    assert windows.slept[0] <= 0.001
    assert max(windows.slept) <= 0.01
    assert windows.now < 1.01


def test_what_can_be_opened_in_a_moment_is_read(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run.json").write_bytes(b"{}")
    system_open = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        windows.check(None)
        return system_open(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(held, "_ON_WINDOWS", True)
    windows.held_until = 0.2
    assert read_small(tmp_path / "run.json", 10) == b"{}"
    windows.held_until = windows.now + 100
    with pytest.raises(HeldError, match=r"another program has run\.json open"):
        read_small(tmp_path / "run.json", 10)


def test_what_is_read_or_appended_to_in_one_go_waits_too(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, system_open = tmp_path / "model.tflite", Path.open
    path.write_bytes(b"1")

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        windows.check(None)
        return system_open(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(held, "_ON_WINDOWS", True)
    windows.held_until = 0.2
    assert held.read_bytes(path) == b"1"
    windows.held_until = windows.now + 0.2
    with held.opened(path, "ab") as file:
        file.write(b"2")
    assert held.read_bytes(path) == b"12"
    assert windows.refused > 2


def test_other_errors_are_raised_at_once(windows: Windows, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        held.rename(tmp_path / "nothing", tmp_path / "other")
    windows.held_until, windows.winerror = 1.0, 1224
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError):
        held.remove(tmp_path / "file")
    assert windows.slept == []


# What is told when it is held for long


def test_a_file_that_stays_open_is_told_with_what_helps(windows: Windows, tmp_path: Path) -> None:
    """Windows says 'access denied' of the target that a program such as Acrobat has open."""
    output = tmp_path / "report.pdf"
    output.write_bytes(b"old")
    windows.held_until, windows.winerror = 1e9, 5
    with pytest.raises(StorageError) as caught:
        write_bytes_atomically(output, b"new")
    words = f"Another program has {output} open; close it there and try again."
    assert str(caught.value) == words
    assert held.PATIENCE_S <= windows.now < 2 * held.PATIENCE_S + 0.1  # the folder's files, too
    assert output.read_bytes() == b"old"


def test_a_folder_that_is_closed_for_good_keeps_its_own_words(
    windows: Windows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "report.pdf"
    output.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise refusal(5)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageError, match="allow the program to write there, or choose another"):
        write_bytes_atomically(output, b"new")
    assert held.PATIENCE_S <= windows.now < held.PATIENCE_S + 0.1


def test_the_file_in_a_folder_that_is_held_is_named(windows: Windows, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.keras").touch()
    windows.held_until, windows.winerror = 1e9, 5
    with pytest.raises(HeldError, match=r"another program has model\.keras open") as caught:
        held.rename(tmp_path / "run", tmp_path / "other")
    assert way_on(caught.value, OTHER_FOLDER) == "close it there and try again"


def test_windows_own_number_of_a_file_in_use_is_known() -> None:
    told = unwritable(Path("a.pdf"), refusal(32), OTHER_FOLDER)
    assert str(told) == "Another program has a.pdf open; close it there and try again."
    assert "allow the program" in str(unwritable(Path("a.pdf"), refusal(5), OTHER_FOLDER))


# Temporary folders


def test_a_temporary_folder_that_cannot_be_removed_changes_no_result(
    windows: Windows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with held.temporary_folder("new-", tmp_path) as folder:
        (folder / "scanned").touch()
        windows.held_until = 1e9
    assert folder.exists()
    assert f"{folder} could not be removed" in caplog.text


def test_a_temporary_folder_that_cannot_be_removed_does_not_hide_what_went_wrong(
    windows: Windows, tmp_path: Path
) -> None:
    def fail() -> None:
        windows.held_until = 1e9
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), held.temporary_folder("new-", tmp_path) as folder:
        fail()
    windows.held_until = 0.0
    with held.temporary_folder("new-", tmp_path) as other:
        pass
    assert not other.exists()
    assert list(tmp_path.iterdir()) == [folder]


# Again and again


def test_no_saving_is_lost_while_another_program_opens_files_again_and_again(
    windows: Windows, tmp_path: Path
) -> None:
    """It holds a file for up to 150 ms at any moment, and lets go for at least as many as 5."""
    chance = random.Random(1)  # noqa: S311 - no secret

    def hold() -> None:
        if windows.now > windows.held_until + 0.005 and chance.random() < 0.5:
            windows.held_until = windows.now + chance.uniform(0.001, 0.15)
            windows.winerror = chance.choice((5, 32, 33))

    windows.hold = hold
    output, lost = tmp_path / "run.json", 0
    for number in range(SAVINGS):
        windows.now += chance.uniform(0, 0.2)
        content = b"%d" % number
        try:
            replace_file(output, lambda path, content=content: path.write_bytes(content))
            held.rename(output, tmp_path / "run")
            held.rename(tmp_path / "run", output)
        except OSError:
            lost += 1
        lost += output.read_bytes() != content
    assert lost == 0
    assert list(tmp_path.iterdir()) == [output]
    assert windows.refused > SAVINGS
