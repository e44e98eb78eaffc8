"""Settings that cannot be read are set aside and never silently written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_desktop.ui.settings import open_settings


def test_what_is_remembered_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    first, notice = open_settings(path)
    assert notice == ""
    first.setValue("theme", "dark")
    first.sync()
    assert open_settings(path)[0].value("theme") == "dark"
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
    settings.setValue("theme", "light")
    settings.sync()
    assert (tmp_path / f"settings.ini.{reason}").read_bytes() == content
    assert open_settings(path)[0].value("theme") == "light"


def test_a_file_without_a_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[General]\ntheme=dark\n")
    assert open_settings(path)[0].value("theme") == "dark"
