"""The .deb and the AppImage on a bare Debian of another release, with what the .deb depends on.

``MNIST_DESKTOP_SUITE=trixie MNIST_DESKTOP_DEB=dist/mnist-desktop_VERSION_amd64.deb pytest
tests/packaged/test_other_debian.py``, as root: debootstrap fills a temporary folder with that
release's smallest system, from the servers of this one, and the program runs in there. `make
test-package-debian` does it; it takes minutes, and is no part of CI.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import do
from desktop_files import check_desktop_files
from screen import open_screen

NAME = "mnist-desktop"
DEB = os.environ.get("MNIST_DESKTOP_DEB", "")
APPIMAGE = os.environ.get("MNIST_DESKTOP_APPIMAGE", "")
SUITE = os.environ.get("MNIST_DESKTOP_SUITE", "")
SOCKETS = "tmp/.X11-unix"

pytestmark = [
    pytest.mark.skipif(not (DEB and SUITE), reason="MNIST_DESKTOP_SUITE names no release"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="debootstrap is not here"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can set up a system"),
    pytest.mark.timeout(900),
]


def mirrors() -> list[str]:
    """Debian's server that this system gets its packages from, if it is a Debian."""
    targets = do("apt-get", "indextargets", "--format", "$(LABEL) $(SITE)")
    return [line.split()[1] for line in targets.splitlines() if line.startswith("Debian ")][:1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bare system with the package, and a folder for an X server's sockets."""
    place = tmp_path_factory.mktemp("system")
    try:
        do("debootstrap", "--variant=minbase", SUITE, place, *mirrors())
        shutil.copy(DEB, place / "root/package.deb")
        install = ("apt-get", "install", "-y", "--no-install-recommends", "/root/package.deb")
        do("chroot", place, "env", "DEBIAN_FRONTEND=noninteractive", *install)
        (place / "root/package.deb").unlink()
        (place / SOCKETS).mkdir()
        yield place
    finally:
        shutil.rmtree(place)


def run(root: Path, *words: str, **environment: str) -> str:
    """Run a command in the system; what is mounted for it goes with its namespace."""
    mounts = f'mount -t proc proc "$0/proc" && mount --bind /{SOCKETS} "$0/{SOCKETS}"'
    settings = [f"{name}={value}" for name, value in environment.items()]
    return do(
        *("unshare", "--mount", "--pid", "--fork", "sh", "-c"),
        f'{mounts} && root=$0 && exec chroot "$root" "$@"',
        *(root, "env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", *settings, *words),
    )


def test_desktop_files(root: Path) -> None:
    version = do("dpkg-query", f"--root={root}", "-W", "-f", "${Version}", NAME)
    check_desktop_files(root, version.replace("~", ""))


def test_self_test_and_demo(root: Path) -> None:
    with open_screen() as screen:
        told = json.loads(run(root, NAME, "self-test", "--json"))
        assert told["ok"], told
        display = {"DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}
        told = json.loads(run(root, NAME, "demo", "--json", "--output", "/root/demo", **display))
        assert told["prediction"] == "3"
        assert told["test_accuracy"] > 0.85
        for shot in told["screenshots"]:
            assert (root / shot.lstrip("/")).stat().st_size > 10_000


@pytest.mark.skipif(not APPIMAGE, reason="MNIST_DESKTOP_APPIMAGE names no AppImage")
def test_the_appimage_checks_itself(root: Path) -> None:
    """On libraries that the .deb asked for; there is no FUSE, so it unpacks itself."""
    shutil.copy(APPIMAGE, root / "root/program.AppImage")
    told = json.loads(run(root, "/root/program.AppImage", "self-test", "--json"))
    assert told["ok"], told
    assert not list((root / "tmp").glob("appimage_extracted_*"))
