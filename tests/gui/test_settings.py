"""Settings that cannot be read are set aside and never silently written over."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_desktop.files import held
from mnist_desktop.ui.parts.settings import open_settings


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow."""
    resource = pytest.importorskip("resource", reason="Windows has no such limits")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_remembered_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    first, notice = open_settings(path)
    assert notice == ""
    first.change(theme="dark", window_page=3)
    assert open_settings(path)[0].value("theme") == "dark"
    assert str(open_settings(path)[0].value("window/page")) == "3"
    assert [one.name for one in tmp_path.iterdir()] == ["settings.ini"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[General]\ntheme=dark\n\0\0\0", "damaged"),
        (b"\0" * 4096, "damaged"),
        (b"x" * 1_000_001, "damaged"),
        (b"[General]\nversion=two\n", "damaged"),
        (b"[General]\nversion=2\ntheme=dark\n", "newer"),
    ],
)
def test_a_damaged_or_newer_file_is_set_aside_as_it_is(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(content)
    settings, notice = open_settings(path)
    assert str(tmp_path / f"settings.ini.{reason}") in notice
    assert settings.value("theme") is None
    settings.change(theme="light")
    assert (tmp_path / f"settings.ini.{reason}").read_bytes() == content
    assert open_settings(path)[0].value("theme") == "light"


def test_a_file_without_a_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[General]\ntheme=dark\n")
    assert open_settings(path)[0].value("theme") == "dark"


def test_what_cannot_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.ini"
    open_settings(path)[0].change(theme="dark")
    before = path.read_bytes()
    settings, _ = open_settings(path)
    with full_disk():
        settings.change(theme="light")
    assert settings.value("theme") == "light"  # for this session
    assert "could not be written" in caplog.text
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["settings.ini"]
    caplog.clear()
    settings.change(window_page=3)
    assert caplog.text == ""
    assert open_settings(path)[0].value("theme") == "light"


def test_settings_are_written_although_a_scanner_has_the_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt does not say why it could not write; Windows does not replace a file that is open."""
    path = tmp_path / "settings.ini"
    settings, _ = open_settings(path)
    settings.change(theme="light")
    looks = 0
    with contextlib.ExitStack() as refused:
        refused.enter_context(full_disk())

        def is_held(asked: Path) -> bool:
            nonlocal looks
            assert asked == path
            looks += 1
            if looks == 3:
                refused.close()
            return looks < 3

        monkeypatch.setattr(held, "_is_held", is_held)
        settings.change(theme="dark")
    assert looks == 3
    assert open_settings(path)[0].value("theme") == "dark"
