"""The archives that are made of the built program, on a small one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.package_linux import compress_deb

CONTROL = """Package: tiny
Version: 1.0
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a package for a test
"""


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="there is no dpkg here")
def test_dpkg_reads_a_package_that_xz_compressed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    program = root / "usr/lib/tiny/program"
    program.parent.mkdir(parents=True)
    shutil.copyfile("/bin/true", program)
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_text(CONTROL)
    plain, output = tmp_path / "plain.deb", tmp_path / "tiny.deb"
    subprocess.run(
        ["dpkg-deb", "-Znone", "--build", root, plain], check=True, stdout=subprocess.DEVNULL
    )
    size = plain.stat().st_size
    output.write_text("an older package")
    compress_deb(plain, output)
    assert output.stat().st_size < size
    assert not plain.exists()

    words = ["dpkg-deb", "--field", output, "Package", "Version"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["Package:", "tiny", "Version:", "1.0"]
    unpacked = tmp_path / "unpacked"
    subprocess.run(["dpkg-deb", "--extract", output, unpacked], check=True)
    assert (unpacked / "usr/lib/tiny/program").read_bytes() == program.read_bytes()
