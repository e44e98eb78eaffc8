"""What `make package-windows` made: complete, and working where nothing but Windows is there.

The prefix is such a Windows: Microsoft's C++ run-time is not in it, and Wine's own is not used.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from under_wine import Windows

pytestmark = pytest.mark.timeout(1800)

RUNTIME = re.compile(r"(msvcp|vcruntime|concrt|vcomp|vccorlib)140(_\w+)?\.dll", re.IGNORECASE)
SELF_TEST_S = 900
LONGEST_PATH = 259  # that every Windows program can open


def imports(library: Path) -> set[str]:
    """Names of the libraries that one cannot be loaded without, in small letters."""
    told = subprocess.run(
        ["x86_64-w64-mingw32-objdump", "-p", library], capture_output=True, text=True, check=True
    ).stdout
    return {name.lower() for name in re.findall(r"^\tDLL Name: (\S+)$", told, re.MULTILINE)}


def test_the_run_time_lies_where_all_find_it(program: Path) -> None:
    inside = program / "_internal"
    wanted: dict[str, str] = {}
    for path in inside.rglob("*"):
        if path.suffix in {".dll", ".pyd"}:
            wanted |= {name: path.name for name in imports(path) if RUNTIME.fullmatch(name)}
    assert {"msvcp140.dll", "vcruntime140.dll", "vcruntime140_threads.dll"} <= set(wanted)
    here = {path.name.lower() for path in inside.iterdir()}
    assert {name: by for name, by in wanted.items() if name not in here} == {}
    copies = {path for path in inside.rglob("*.dll") if RUNTIME.fullmatch(path.name)}
    assert {path for path in copies if path.parent != inside} == set()


def test_nothing_of_wine_is_inside(program: Path) -> None:
    of_windows = re.compile(r"(ucrtbase|api-ms-.*|icu(uc|dt|in)?\d*|kernel32|ntdll)\.dll")
    names = {path.name.lower() for path in program.rglob("*.dll")}
    assert {name for name in names if of_windows.fullmatch(name)} == set()


def test_programs_tell_windows_what_they_are(program: Path) -> None:
    for name in (f"{program.name}.exe", f"{program.name}-console.exe"):
        content = (program / name).read_bytes()
        assert f"OriginalFilename\0{name}\0".encode("utf-16-le") in content.replace(
            b"\0\0\0\0", b"\0\0"
        )


def test_works_where_only_windows_is(windows: Windows, program: Path) -> None:
    system = {path.name.lower() for path in windows.wine.system32.iterdir()}
    assert {name for name in system if RUNTIME.fullmatch(name)} == set()
    done = windows.run(
        program / f"{program.name}-console.exe", "self-test", "--json", seconds=SELF_TEST_S
    )
    told = json.loads(done.stdout)
    assert [check for check in told["checks"] if not check["ok"]] == []
    assert len(told["checks"]) == 6
    assert done.returncode == 0


def test_archive_is_whole(program: Path) -> None:
    (archive,) = program.parent.glob(f"{program.name}-[0-9]*-windows-x64.zip")
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        packed = {one.filename: one.file_size for one in opened.infolist() if not one.is_dir()}
    files = [path for path in program.rglob("*") if path.is_file()]
    assert packed == {
        path.relative_to(program.parent).as_posix(): path.stat().st_size for path in files
    }


def test_paths_are_short_enough(program: Path) -> None:
    installed = r"C:\Users\A name of twenty charac\AppData\Local\Programs\MNIST Desktop Reader"
    longest = max((str(path.relative_to(program)) for path in program.rglob("*")), key=len)
    assert len(f"{installed}\\{longest}") <= LONGEST_PATH, longest
