"""The Debian package: installed, started from its desktop entry, upgraded and removed.

``MNIST_DESKTOP_DEB=dist/mnist-desktop_VERSION_amd64.deb pytest tests/packaged/test_deb.py``, as
root and on a machine that may be changed: the package is really installed, and removed in the end.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import do
from desktop_files import check_desktop_files
from screen import is_painted, open_screen, wait_for

NAME = "mnist-desktop"
DEB = os.environ.get("MNIST_DESKTOP_DEB", "")
ENTRY = Path("/usr/share/applications", f"{NAME}.desktop")
ICONS = Path("/usr/share/icons/hicolor")
DOCUMENTS = Path("/usr/share/doc", NAME)
NEWER = "9999.0"
WAIT_S = 60

pytestmark = [
    pytest.mark.skipif(not DEB, reason="MNIST_DESKTOP_DEB names no built package"),
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="installs a package"),
    pytest.mark.timeout(900),
]


def version() -> str:
    """Version of the installed package; empty if there is none."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", NAME],
        capture_output=True,
        text=True,
        check=False,
    )
    status, _, found = done.stdout.partition(" ")
    return found if status == "installed" else ""


@pytest.fixture(scope="module")
def installed() -> Iterator[str]:
    """The installed package's version; nothing is left of it afterwards."""
    assert not version(), f"{NAME} is installed here already; these tests would remove it."
    try:
        do("dpkg", "--install", DEB)
        yield version()
    finally:
        subprocess.run(["dpkg", "--purge", NAME], check=False, stdout=subprocess.DEVNULL)


def test_what_it_brings(installed: str) -> None:
    assert re.fullmatch(r"\d+\.\d+.*", installed)
    assert not do("dpkg", "--verify", NAME)
    check_desktop_files(Path("/"), installed.replace("~", ""))
    for size in (16, 24, 32, 48, 64, 128, 256, 512):
        assert (ICONS / f"{size}x{size}/apps/{NAME}.png").is_file()
    assert (ICONS / f"scalable/apps/{NAME}.svg").is_file()
    assert "LGPL" in (DOCUMENTS / "copyright").read_text("utf-8")
    licences = Path("/usr/lib", NAME, "_internal/mnist_desktop/resources/licences")
    for name in ("LGPL-3.0.txt", "GPL-3.0.txt", "Apache-2.0.txt", "THIRD-PARTY.md", "LICENSE"):
        assert (licences / name).stat().st_size > 500
    packages = {path.name.lower() for path in (licences / "packages").iterdir()}
    assert {"keras", "numpy", "pillow", "matplotlib", "python"} <= packages


def test_starts_from_its_desktop_entry(installed: str) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(ENTRY, "utf-8")
    with open_screen() as screen:
        # Without pipes: the program that gio leaves behind would keep them open.
        subprocess.run(
            ["gio", "launch", ENTRY],
            env={**os.environ, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for("the window", lambda: is_painted(screen.picture()), WAIT_S)
        wm_class = entry["Desktop Entry"]["StartupWMClass"]
        window = screen.do("search", "--onlyvisible", "--class", f"^{wm_class}$").split()[0]
        process = Path("/proc", screen.do("getwindowpid", window).strip())
        assert (process / "exe").readlink() == Path("/usr/lib", NAME, NAME)
        screen.press("ctrl+q")
        wait_for("its end", lambda: not (process / "exe").exists(), WAIT_S)


def test_upgrade_and_removal_keep_what_users_made(
    installed: str, home: Path, tmp_path: Path
) -> None:
    words = ("train", "--architecture", "dense-10", "--epochs", "1", "--data", "sample", "--json")
    do(NAME, *words)
    made = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert any(path.name == "run.json" for path in made)

    # The next version: the same but for a file that is new and one that is gone.
    root = tmp_path / "next"
    do("dpkg-deb", "--raw-extract", DEB, root)
    control = root / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .+$", f"Version: {NEWER}", control.read_text()))
    (root / "DEBIAN/md5sums").unlink()
    gone, new = DOCUMENTS / "changelog.gz", DOCUMENTS / "news.gz"
    (root / gone.relative_to("/")).rename(root / new.relative_to("/"))
    do("dpkg-deb", "-Znone", "--root-owner-group", "--build", root, tmp_path / "next.deb")
    shutil.rmtree(root)
    do("dpkg", "--install", tmp_path / "next.deb")
    assert version() == NEWER
    assert new.exists()
    assert not gone.exists()
    runs = do(NAME, "runs", "--json")
    assert "dense-10" in runs

    do("dpkg", "--remove", NAME)
    for path in (Path("/usr/lib", NAME), Path("/usr/bin", NAME), ENTRY, DOCUMENTS):
        assert not path.exists()
    assert not list(ICONS.rglob(f"{NAME}*"))
    assert {path: path.read_bytes() for path in made} == made
