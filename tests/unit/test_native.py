"""What the machine and the package do to native libraries."""

from __future__ import annotations

import os
import platform
import sys
import threading
from pathlib import Path

import pytest

from mnist_desktop import native, win32
from mnist_desktop.errors import EngineError
from mnist_desktop.training import engine


@pytest.mark.parametrize(
    ("information", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu sse4_2 avx avx2\n", True),
        ("processor : 0\nflags\t\t: fpu sse4_2 avx\n", True),
        ("processor : 0\nflags\t\t: fpu sse4_2 avx512_made_up\n", False),
        ("nothing of the kind\n", True),
    ],
)
def test_avx_is_read_from_the_processors_flags(
    information: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(information, encoding="utf-8")
    monkeypatch.setattr(native, "CPU_INFORMATION", file)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    assert native.has_avx() == expected
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert native.has_avx()


def test_without_avx_one_sentence_is_said_and_tensorflow_is_not_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "has_avx", lambda: False)
    monkeypatch.setattr(engine, "is_loaded", lambda: False)
    monkeypatch.setattr(engine, "_load_libraries", lambda: pytest.fail("it was loaded"))
    with pytest.raises(EngineError, match="AVX"):
        engine.load_keras()


@pytest.mark.parametrize("before", [None, "/system/lib"])
def test_programs_started_by_a_packaged_one_find_the_systems_libraries(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/inside/the/package")
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    native.restore_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/inside/the/package"  # from source: nothing to do
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    native.restore_library_path()
    assert os.environ.get("LD_LIBRARY_PATH") == before
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a packaged program, as PyInstaller and its hook for Qt have the system know it."""
    folder = tmp_path / "_internal"
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), "/usr/bin"]))
    monkeypatch.setenv("QT_PLUGIN_PATH", str(folder / "PySide6" / "plugins"))
    return folder


def test_a_browser_is_told_nothing_of_the_packages_folder(package: Path) -> None:
    before = dict(os.environ)
    with native.without_own_libraries():
        assert os.environ["PATH"] == "/usr/bin"
        assert "QT_PLUGIN_PATH" not in os.environ
    assert dict(os.environ) == before


def test_windows_looks_for_its_dlls_elsewhere(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[str | None] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(win32, "kernel", lambda *_: folders.append)
    with native.without_own_libraries():
        assert folders == [None]
        assert not native.one_at_a_time.acquire(blocking=False)  # nothing is loaded meanwhile
    assert folders == [None, str(package)]


def test_a_browser_does_not_wait_for_tensorflow(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(win32, "kernel", lambda *_: pytest.fail("what is loaded is not found"))
    loads, opened = threading.Event(), threading.Event()

    def load() -> None:
        with native.one_at_a_time:
            loads.set()
            assert opened.wait(60)

    thread = threading.Thread(target=load)
    thread.start()
    assert loads.wait(60)
    with native.without_own_libraries():
        assert os.environ["PATH"] == "/usr/bin"
    opened.set()
    thread.join()


def test_from_source_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    with native.without_own_libraries():
        assert dict(os.environ) == before
