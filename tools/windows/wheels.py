"""Wheels for Windows, fetched and unpacked on another system."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

PYTHON = "3.11"
FULL_VERSION = "3.11.9"
# What pip on that Windows would look at; pip itself only knows the system that it runs on.
MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": FULL_VERSION,
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_release": "10",
    "platform_system": "Windows",
    "platform_version": "10.0.19045",
    "python_full_version": FULL_VERSION,
    "python_version": PYTHON,
    "sys_platform": "win32",
    "extra": "",
}


def for_windows(lock: str) -> Iterator[str]:
    """Those requirements of a lock file that Windows needs, with their hashes.

    Parameters
    ----------
    lock : str
        The file's text.

    Yields
    ------
    str
        A line that pip reads.
    """
    for line in lock.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words, *hashes = re.split(r"\s+--hash=", line.strip())
        one = Requirement(words)
        if one.marker is None or one.marker.evaluate(MARKERS):
            yield " ".join(
                (f"{one.name}{one.specifier}", *(f"--hash={digest}" for digest in hashes))
            )


def fetch(lock: Path, folder: Path) -> list[Path]:
    """Download the wheels that a lock file names; those at hand already are only checked.

    Parameters
    ----------
    lock : Path
        Requirements with hashes.
    folder : Path
        Where the wheels go; others that lie there are deleted.

    Returns
    -------
    list of Path
        The wheels, each of which has one of its requirement's hashes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked = folder / "requirements.txt"
    lines = list(for_windows(lock.read_text(encoding="utf-8")))
    asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
            *("--platform", "win_amd64", "--python-version", PYTHON, "--implementation", "cp"),
            *("--abi", f"cp{PYTHON.replace('.', '')}", "--abi", "abi3", "--abi", "none"),
            *("--dest", folder, "--requirement", asked),
        ],
        check=True,
    )
    wanted = {_identity(*line.split()[0].split("==")) for line in lines}
    wheels = []
    for wheel in sorted(folder.glob("*.whl")):
        if _identity(*wheel.name.split("-")[:2]) in wanted:
            wheels.append(wheel)
        else:
            wheel.unlink()
    if len(wheels) != len(lines):
        raise SystemExit(
            f"{folder} holds {len(wheels)} wheels of {len(lines)}; delete it and go on."
        )
    return wheels


def _identity(name: str, version: str) -> tuple[str, str]:
    """Name and version as they can be compared."""
    return re.sub(r"[-_.]+", "-", name).lower(), version


def unpack(wheel: Path, python: Path) -> None:
    """Install a wheel as far as its files go: no launchers are made, nothing is compiled.

    Parameters
    ----------
    wheel : Path
        The wheel.
    python : Path
        Folder of the Windows Python.
    """
    schemes = {
        "purelib": python / "Lib/site-packages",
        "platlib": python / "Lib/site-packages",
        "scripts": python / "Scripts",
        "data": python,
    }
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            root, parts = schemes["platlib"], PurePosixPath(member.filename).parts
            if parts[0].endswith(".data"):
                if parts[1] not in schemes:
                    continue
                root, parts = schemes[parts[1]], parts[2:]
            if member.is_dir():
                continue
            place = root.joinpath(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, place.open("wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)


def take(wheel: Path, pattern: str, folder: Path) -> list[Path]:
    """Take the files of a wheel whose path matches a regular expression, without their folders.

    Raises
    ------
    SystemExit
        If there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if re.fullmatch(pattern, name):
                place = folder / PurePosixPath(name).name
                place.write_bytes(archive.read(name))
                taken.append(place)
    if not taken:
        raise SystemExit(f"{wheel.name} holds no {pattern}; another version needs another recipe.")
    return taken
