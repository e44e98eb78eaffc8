"""The AppImage: one file that is started as it was downloaded.

``MNIST_DESKTOP_APPIMAGE=dist/mnist-desktop-VERSION-x86_64.AppImage pytest tests/packaged`` runs
these, on Linux with Xvfb and xdotool. The window is that of an AppImage which unpacks itself; the
self-test is run from the mounted image where there is FUSE.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop_files import check_desktop_files
from screen import SEVEN, files_in, find_train_button, open_screen, used_and_closed, wait_for

APPIMAGE = Path(os.environ.get("MNIST_DESKTOP_APPIMAGE", "")).resolve()
UNPACKS = "--appimage-extract-and-run"
HAS_FUSE = os.access("/dev/fuse", os.R_OK | os.W_OK)
WINDOW_S = 120

pytestmark = [
    pytest.mark.skipif(not APPIMAGE.is_file(), reason="MNIST_DESKTOP_APPIMAGE names no AppImage"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Everything the program gets to know; what it leaves in TMPDIR fails the test."""
    home = tmp_path / "home"
    home.mkdir()
    with tempfile.TemporaryDirectory(prefix="md-") as folder:
        # With the PATH of a login: users who are not root mount by fusermount3.
        yield {"HOME": str(home), "TMPDIR": folder, "PATH": "/usr/bin:/bin"}
        place = Path(folder)
        wait_for("the image to be unmounted", lambda: not any(place.glob(".mount_*")), 20)
        assert not any(place.glob("appimage_extracted_*"))
        assert files_in(place) == []


def test_brings_what_desktops_read(tmp_path: Path) -> None:
    for wanted in ("usr/share/*", "*.desktop", "*.png", ".DirIcon", "AppRun"):
        subprocess.run([APPIMAGE, "--appimage-extract", wanted], cwd=tmp_path, check=True)
    root = tmp_path / "squashfs-root"
    version = APPIMAGE.name.split("-")[2]
    check_desktop_files(root, version)
    assert (root / "mnist-desktop.desktop").resolve().is_file()
    assert (root / ".DirIcon").resolve().read_bytes().startswith(b"\x89PNG")
    assert str((root / "AppRun").readlink()) == "usr/lib/mnist-desktop/mnist-desktop"
    told = {path.name for path in (root / "usr/share/doc/mnist-desktop/appimage").iterdir()}
    assert {"README", "runtime.c", "libfuse3-dev.txt", "libsquashfuse-dev.txt"} <= told


def test_self_test_passes(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [APPIMAGE, *([] if HAS_FUSE else [UNPACKS]), "self-test", "--json"],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"]


def test_unpacks_itself_and_reads_a_drawn_digit(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [APPIMAGE, UNPACKS]
    with (
        open_screen() as screen,
        used_and_closed(screen, command, environment, tmp_path / "window.png"),
    ):
        wait_for("the window", lambda: find_train_button(screen.picture()), WINDOW_S)
        assert files_in(Path(environment["TMPDIR"]))
        screen.draw_and_read(SEVEN)
