"""Wheels for Windows, chosen and unpacked on another system."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from wheels import for_windows, take, unpack

LOCK = r"""# a comment
both==1.0 \
    --hash=sha256:aa \
    --hash=sha256:bb
only-linux==2.0 ; platform_machine == 'x86_64' and sys_platform == 'linux' \
    --hash=sha256:cc
only-windows==3.0 ; sys_platform == 'win32' \
    --hash=sha256:dd
older-python==4.0 ; python_full_version < '3.12' \
    --hash=sha256:ee
newer-python==5.0 ; python_full_version >= '3.12' \
    --hash=sha256:ff
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel with a file for each place that wheels have."""
    path = tmp_path / "one-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "one/__init__.py",
            "one-1.0.dist-info/METADATA",
            "one-1.0.data/purelib/two.py",
            "one-1.0.data/scripts/one.exe",
            "one-1.0.data/data/Scripts/run-time.dll",
            "one-1.0.data/headers/one.h",
        ):
            archive.writestr(name, name)
    return path


def test_requirements_are_those_of_windows() -> None:
    assert list(for_windows(LOCK)) == [
        "both==1.0 --hash=sha256:aa --hash=sha256:bb",
        "only-windows==3.0 --hash=sha256:dd",
        "older-python==4.0 --hash=sha256:ee",
    ]


def test_files_lie_where_pip_would_put_them(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    unpack(wheel, python)
    files = {path.relative_to(python).as_posix() for path in python.rglob("*") if path.is_file()}
    assert files == {
        "Lib/site-packages/one/__init__.py",
        "Lib/site-packages/one-1.0.dist-info/METADATA",
        "Lib/site-packages/two.py",
        "Scripts/one.exe",
        "Scripts/run-time.dll",
    }


def test_what_a_wheel_does_not_hold_is_told(wheel: Path, tmp_path: Path) -> None:
    assert [path.name for path in take(wheel, r"one/.*\.py", tmp_path)] == ["__init__.py"]
    with pytest.raises(SystemExit, match=r"one-1\.0-py3-none-any\.whl holds no two/"):
        take(wheel, r"two/.*", tmp_path)
