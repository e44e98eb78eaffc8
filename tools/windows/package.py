"""What is given to people with Windows: the built program as a ``.zip`` and as an installer.

``build`` runs PyInstaller, under Wine where this is no Windows. ``pack FOLDER`` makes both files
beside the folder; the installer needs NSIS (``makensis``) and Pillow. ``WINDOWS_SIGN_COMMAND`` is
called with each file that Windows would like to see signed; without it nothing is signed.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from wine import COMPILER, ROOT, prepared, windows_path, work_folder

HERE = Path(__file__).resolve().parent
TITLES = {"mnist-desktop": "MNIST Desktop", "mnist-desktop-reader": "MNIST Desktop Reader"}
ON_WINDOWS = sys.platform == "win32"
ICONS = ROOT / "resources/icons"
QUIET = "#e8eefc"
# A command that signs the file that is named last.
SIGN = os.environ.get("WINDOWS_SIGN_COMMAND", "")


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    step = steps.add_parser("build")
    step.add_argument("--distpath", type=Path, required=True, help="folder of what is built")
    step.add_argument(
        "--workpath", type=Path, required=True, help="folder of PyInstaller's own files"
    )
    step.add_argument("options", nargs="*", help="for build.spec, after --")
    step = steps.add_parser("pack")
    step.add_argument("folder", type=Path, help="the built program")
    options = parser.parse_args()
    if options.step == "build":
        build(options.distpath, options.workpath, options.options)
    else:
        pack(options.folder.resolve())


def build(distpath: Path, workpath: Path, options: list[str]) -> None:
    """Let the Windows Python pack the program."""
    start = time.monotonic()
    own = work_folder() / "python/python.exe"
    name = str if ON_WINDOWS else windows_path
    words = [
        *("-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
        *("--distpath", name(distpath), "--workpath", name(workpath), name(ROOT / "build.spec")),
        *(["--", *options] if options else []),
    ]
    if ON_WINDOWS:
        subprocess.run([sys.executable, *words], check=True)
        return
    if "--reader" in options:
        words += ["--stand-ins", windows_path(stand_ins(workpath / "stand-ins"))]
    extra = {"PYTHONPATH": windows_path(ROOT)}
    if "MNIST_DESKTOP_DATA" in os.environ:
        extra["MNIST_DESKTOP_DATA"] = windows_path(Path(os.environ["MNIST_DESKTOP_DATA"]))
    # Its many complaints about api-ms-win-*.dll are about parts of Windows.
    code = prepared(work_folder()).show(own, *words, extra=extra, without=b"api-ms-win-")
    if code:
        raise SystemExit(f"PyInstaller fails with exit code {code}.")
    say(f"built in {time.monotonic() - start:.0f} s")


def stand_ins(folder: Path) -> Path:
    """Compile the small library that the Reader has in OpenBLAS's place, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (replaced,) = work_folder().glob("python/Lib/site-packages/numpy.libs/libscipy_openblas64_*")
    flags = ["-shared", "-O3", "-fopenmp-simd", "-s", "-static-libgcc"]
    source = ROOT / "tools/standins/blas.c"
    subprocess.run([COMPILER, *flags, "-o", folder / replaced.name, source], check=True)
    return folder


def pack(folder: Path) -> None:
    """Sign the programs, and make the archive and the installer."""
    if not (folder / f"{folder.name}.exe").is_file() or folder.name not in TITLES:
        raise SystemExit(f"{folder} holds no program; 'make package-windows' builds one.")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say(f"{folder.name}: {size:,} bytes")
    for program in sorted(folder.glob("*.exe")):
        sign(program)
    init = (ROOT / "mnist_desktop/__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'__version__ = "(.+)"', init)[0]
    output = folder.parent / f"{folder.name}-{version}-windows-x64"
    make_zip(folder, output.with_name(f"{output.name}.zip"))
    make_installer(folder, version, size, output.with_name(f"{output.name}-setup.exe"))


def make_zip(folder: Path, output: Path) -> None:
    """Make the archive: unpack it anywhere and start the program in it.

    Windows' own Explorer reads Deflate only, so the installer is smaller. At level 9 the archive
    would be 1 % smaller, and take twice as long to make.
    """
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=7) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    say(f"{output.name}: {output.stat().st_size:,} bytes")


def make_installer(folder: Path, version: str, size: int, output: Path) -> None:
    """Make the program that installs the folder for one user."""
    start = time.monotonic()
    removed = output.with_suffix(".nsh")
    removed.write_text("\n".join(removals(folder)), encoding="utf-8")
    picture = output.with_suffix(".bmp")
    draw_picture(picture)
    numbers = [*re.findall(r"\d+", version)[:3], "0", "0", "0"][:4]
    definitions = {
        "NAME": folder.name,
        "TITLE": TITLES[folder.name],
        "VERSION": version,
        "NUMBERS": ".".join(numbers),
        "FOLDER": folder,
        "REMOVED": removed,
        "KIBIBYTES": size // 1024,
        "ICON": ICONS / "mnist-desktop.ico",
        "PICTURE": picture,
        "OUTPUT": output,
        **({"SIGN": SIGN} if SIGN else {}),
    }
    words = [f"-D{name}={value}" for name, value in definitions.items()]
    subprocess.run(
        ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, HERE / "installer.nsi"],
        check=True,
    )
    removed.unlink()
    picture.unlink()
    say(f"{output.name}: {output.stat().st_size:,} bytes, in {time.monotonic() - start:.0f} s")


def removals(folder: Path) -> list[str]:
    """Lines of the uninstaller that remove what the installer brings, and nothing else."""
    paths = sorted(folder.rglob("*"), reverse=True)  # what is in a folder comes before it
    lines = []
    for path in paths:
        name = str(path.relative_to(folder)).replace("/", "\\").replace("$", "$$")
        lines.append(f'{"RMDir" if path.is_dir() else "Delete"} "$INSTDIR\\{name}"')
    return lines


def draw_picture(output: Path) -> None:
    """Draw what stands beside the installer's first and last words: the icon, in a quiet colour."""
    from PIL import Image

    picture = Image.new("RGB", (164, 314), QUIET)
    with Image.open(ICONS / "mnist-desktop-128.png") as icon:
        picture.paste(icon, (18, 40), icon.convert("RGBA"))
    picture.save(output)


def sign(program: Path) -> None:
    """Sign a program, if there is a command for that."""
    if SIGN:
        subprocess.run([*shlex.split(SIGN), program], check=True)


def say(text: str) -> None:
    """Tell the user how far it is."""
    print(f"windows: {text}", flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
