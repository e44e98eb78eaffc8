"""What the packaged program needs of a Linux that it is put on: C's library, and little else.

Whether it starts on a distribution that is not at hand can be told from this:
docs/BUILDING.md names those that have what is needed.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.package_linux import newest_glibc

BUILT = Path(os.environ.get("MNIST_DESKTOP_PACKAGED", "")).resolve()
# Of Debian 12, on which it is built; a newer system's libraries need a newer one.
NEWEST_GLIBC = (2, 36)
LIBC_HERE = tuple(int(part) for part in re.findall(r"\d+", platform.libc_ver()[1]))
FROM_C = re.compile(r"(ld-linux[\w-]*|lib(c|dl|m|pthread|resolv|rt))\.so\.\d")
# Their packages are dependencies of the .deb (tools/desktop/control); every desktop has them.
FROM_DESKTOPS = {
    "libEGL.so.1",
    "libGL.so.1",
    "libwayland-client.so.0",
    "libwayland-cursor.so.0",
    "libxcb.so.1",
}

pytestmark = pytest.mark.skipif(
    not (BUILT / "mnist-desktop").is_file(), reason="MNIST_DESKTOP_PACKAGED names no built program"
)


@pytest.mark.skipif(
    LIBC_HERE > NEWEST_GLIBC, reason="this system's C library is newer than Debian 12's"
)
def test_c_library_is_no_newer_than_promised(
    record_property: Callable[[str, object], None],
) -> None:
    needed = newest_glibc(BUILT)
    record_property("GNU C library", needed)
    assert tuple(map(int, needed.split("."))) <= NEWEST_GLIBC


def test_all_other_libraries_are_inside_or_on_every_desktop() -> None:
    files = [path for path in BUILT.rglob("*") if path.is_file() and not path.is_symlink()]
    libraries = [path for path in files if ".so" in path.name]
    inside = {path.name for path in BUILT.rglob("*.so*")}
    words = ["readelf", "--dynamic", "--wide", *libraries, BUILT / "mnist-desktop"]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", told))
    assert "libc.so.6" in needed
    assert {name for name in needed - inside if not FROM_C.fullmatch(name)} <= FROM_DESKTOPS
