"""What PyInstaller leaves to do on Linux, in two steps that the Makefile calls one by one.

``python -m tools.package_linux finish FOLDER`` completes the built program: licences of the
system's libraries, and what nothing uses taken out of all libraries. ``pack FOLDER`` makes archives
beside it: a ``.tar.xz`` and, with dpkg at hand, a ``.deb``. GNU binutils and tar are needed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.slim.libraries import make_smaller

ROOT = Path(__file__).resolve().parent.parent
NAME = "mnist-desktop"
METAINFO = "org.mnist_desktop.app.metainfo.xml"
LICENCES = "_internal/mnist_desktop/resources/licences"

# Machine code packs better with the targets of its jumps made absolute first (--x86); dpkg, too,
# unpacks what is packed like this. Of 24 MB taken evenly from the package it leaves 26.3 % in 9.2 s
# of processor time with preset 6; "xz -3" 28.4 % in 5.5 s, "xz -6" 26.9 % in 8.5 s, "zstd -19"
# 28.3 % in 9.1 s. Preset 9 looks back farther: 15 % less than 6 for 40 MB of TensorFlow's code;
# "9e" makes 0.02 % of the package less.
XZ = (
    "xz",
    "--threads=0",
    *(("--x86",) if platform.machine() == "x86_64" else ()),
    "--lzma2=preset=9",
)

READER = f"{NAME}-reader"
# What the Reader's list of copyrights leaves out of the full program's.
TENSORFLOWS_OWN = f"""TensorFlow's own list of what it contains is
/usr/lib/{READER}/_internal/tensorflow/THIRD_PARTY_NOTICES.txt.
"""


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("finish", "pack"))
    parser.add_argument("folder", type=Path, help=f"the program, dist/{NAME} or dist/{READER}")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if folder.name not in (NAME, READER) or not (folder / folder.name).is_file():
        raise SystemExit(f"{folder} holds no {folder.name}; 'make package-folder' builds {NAME}.")
    (finish if options.step == "finish" else pack)(folder)


def finish(folder: Path) -> None:
    """Complete the program that PyInstaller has built, and make sure that it works."""
    say(f"{folder.name} as it was built: {size_of(folder):,} bytes")
    add_system_licences(folder)
    self_test(folder)
    make_smaller(folder, self_test, say)
    make_readable(folder)
    say(f"{folder.name}: {size_of(folder):,} bytes")


def pack(folder: Path) -> None:
    """Make the archives."""
    version = program_version()
    machine = platform.machine()
    make_tar(folder, folder.parent / f"{folder.name}-{version}-linux-{machine}.tar.xz")
    if shutil.which("dpkg-deb"):
        make_deb(folder, version)
    else:
        say("There is no dpkg-deb here, so no .deb is made.")


def add_system_licences(folder: Path) -> None:
    """Put the licences of the system's libraries beside those of the Python packages."""
    if not shutil.which("dpkg-query"):
        say("There is no dpkg here to tell the licences of the system's libraries.")
        return
    libraries = [path.name for path in (folder / "_internal").glob("lib*") if path.is_file()]
    told = run_quietly("dpkg-query", "--search", *(f"*/{name}" for name in libraries))
    target = folder / LICENCES / "system"
    target.mkdir(parents=True, exist_ok=True)
    for package in sorted({line.partition(":")[0] for line in told.splitlines()}):
        copyright_file = Path("/usr/share/doc", package, "copyright")
        if not copyright_file.is_file():
            raise SystemExit(
                f"{copyright_file} is missing, and the program may not be passed on without it; "
                f"install {package} anew, with its documentation."
            )
        shutil.copyfile(copyright_file, target / f"{package}.txt")


def self_test(folder: Path) -> None:
    """Let the program check itself, away from this checkout and its environment."""
    with tempfile.TemporaryDirectory() as home:
        start = time.monotonic()
        result = subprocess.run(
            [folder / folder.name, "self-test", "--json"],
            cwd="/",
            env={"HOME": home, "MNIST_DESKTOP_HOME": home, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        failed = [check for check in json.loads(result.stdout)["checks"] if not check["ok"]]
    except (ValueError, KeyError):
        failed = [{"name": "start", "detail": result.stderr.strip()[-1000:]}]
    if failed or result.returncode:
        reasons = "; ".join(f"{check['name']}: {check['detail']}" for check in failed)
        raise SystemExit(f"the self-test fails with exit code {result.returncode} ({reasons})")
    say(f"The self-test passes ({time.monotonic() - start:.0f} s)")


def make_readable(folder: Path) -> None:
    """Give all files the modes of an installed program, whatever the builder's umask was."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == folder / folder.name else 0o644)


def make_tar(folder: Path, output: Path) -> None:
    """Make the archive for any Linux: unpack it anywhere and start the program in it."""
    subprocess.run(
        [
            "tar", "--create", "--file", output, "--directory", folder.parent,
            "--sort=name", "--owner=0", "--group=0", "--numeric-owner",
            f"--use-compress-program={' '.join(XZ)}", folder.name,
        ],
        check=True,
    )  # fmt: skip
    say(f"{output.name}: {output.stat().st_size:,} bytes")


def make_deb(folder: Path, version: str) -> None:
    """Make the package for Debian and Ubuntu."""
    architecture = run_quietly("dpkg", "--print-architecture").strip()
    # Debian sorts only what follows a tilde before the release itself.
    debian_version = re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", version)
    output = folder.parent / f"{folder.name}_{debian_version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="deb-", dir=folder.parent) as aside:
        root = Path(aside, "root")
        fill_root(folder, root)
        kind = "control" if folder.name == NAME else "control.reader"
        control = (ROOT / "tools/desktop" / kind).read_text(encoding="utf-8")
        write(
            root / "DEBIAN/control",
            control.format(
                version=debian_version,
                architecture=architecture,
                kibibytes=size_of(root) // 1024,
                glibc=newest_glibc(folder),
            ),
        )
        write(root / "DEBIAN/md5sums", "".join(checksums(root)))
        for path in [root, *root.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        plain = Path(aside, "plain.deb")
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, plain],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        compress_deb(plain, output)
    say(f"{output.name}: {output.stat().st_size:,} bytes")


def compress_deb(plain: Path, output: Path) -> None:
    """Compress both archives in a package that was built without compression.

    dpkg-deb cannot be told how to: see deb(5) for what a package is made of.
    """
    folder = plain.parent
    parts = ("control.tar", "data.tar")
    subprocess.run(["ar", "x", plain.name], cwd=folder, check=True)
    plain.unlink()
    subprocess.run([*XZ, *parts], cwd=folder, check=True)
    names = ("debian-binary", *(f"{part}.xz" for part in parts))
    output.unlink(missing_ok=True)
    subprocess.run(["ar", "qcSD", output, *names], cwd=folder, check=True)


def fill_root(folder: Path, root: Path) -> None:
    """Lay out the package's files as they will lie on the system.

    Both editions may be installed side by side: each has its own copy of the icons.
    """
    program = folder.name
    share = root / "usr/share"
    # Links instead of copies: the same gigabyte need not be written again.
    shutil.copytree(folder, root / "usr/lib" / program, symlinks=True, copy_function=os.link)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin" / program).symlink_to(f"../lib/{program}/{program}")
    entry = f"{program}.desktop"
    write(share / "applications" / entry, (ROOT / "tools/desktop" / entry).read_text("utf-8"))
    if program == NAME:
        write(share / "metainfo" / METAINFO, metainfo())
    for icon in sorted((ROOT / "resources/icons").glob(f"{NAME}*")):
        size = icon.stem.removeprefix(f"{NAME}-")
        if icon.suffix == ".ico":
            continue
        place = "scalable" if icon.suffix == ".svg" else f"{size}x{size}"
        target = share / "icons/hicolor" / place / "apps" / f"{program}{icon.suffix}"
        target.parent.mkdir(parents=True)
        shutil.copyfile(icon, target)
        target.chmod(0o644)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8").strip()
    text = (ROOT / "tools/desktop/copyright").read_text(encoding="utf-8")
    text = text.replace(f"/usr/lib/{NAME}", f"/usr/lib/{program}")
    if program == READER:
        text = text.replace(TENSORFLOWS_OWN, "")
    write(share / "doc" / program / "copyright", text.replace("{licence}", licence))
    changes = share / "doc" / program / "changelog.gz"
    changes.write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))
    changes.chmod(0o644)


def metainfo() -> str:
    """What software centres show, with the releases that CHANGELOG.md names.

    A version without a heading of its own there is a development release, dated today.
    """
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = re.findall(r"(?m)^## \[(\d\S*)\] - (\d{4}-\d\d-\d\d)$", changes)
    releases = [f'<release version="{version}" date="{date}"/>' for version, date in dated]
    version = program_version()
    if version not in dict(dated):
        today = time.strftime("%Y-%m-%d", time.gmtime())
        releases.insert(0, f'<release version="{version}" date="{today}" type="development"/>')
    text = (ROOT / "tools/desktop" / METAINFO).read_text(encoding="utf-8")
    return text.replace("{releases}", "\n    ".join(releases))


def checksums(root: Path) -> Iterator[str]:
    """Lines of the package's md5sums, with which dpkg --verify finds damaged files."""
    for path in sorted((root / "usr").rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
            yield f"{digest.hexdigest()}  {path.relative_to(root)}\n"


def newest_glibc(folder: Path) -> str:
    """Oldest GNU C library on which all of the program's files can be loaded."""
    libraries = [path for path in folder.rglob("*.so*") if not path.is_symlink()]
    told = run_quietly("readelf", "--version-info", "--wide", *libraries)
    versions = {
        tuple(int(part) for part in found.split("."))
        for found in re.findall(r"Name: GLIBC_(\d+(?:\.\d+)+)", told)
    }
    if "GLIBC_ABI_DT_RELR" in told:
        versions.add((2, 36))
    return ".".join(str(part) for part in max(versions))


def program_version() -> str:
    """Version that the package's __init__ names."""
    text = (ROOT / "mnist_desktop/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "(.+)"', text)
    if found is None:
        raise SystemExit("mnist_desktop/__init__.py names no __version__.")
    return found[1]


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; links count nothing."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def write(path: Path, text: str) -> None:
    """Write a text file that everyone may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def run_quietly(command: str, *arguments: str | os.PathLike[str]) -> str:
    """Return what a command prints; its complaints about single arguments do not matter."""
    words: Sequence[str | os.PathLike[str]] = [command, *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def say(text: str) -> None:
    """Tell the user how far it is."""
    print(f"{NAME}: {text}", flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
