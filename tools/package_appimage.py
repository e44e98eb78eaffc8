"""Pack the built program as an AppImage beside it: one file that needs no installation.

``python -m tools.package_appimage FOLDER`` puts ``appimage/runtime.c``, compiled, before a SquashFS
image of what the ``.deb`` would install. Needed are a C compiler, mksquashfs, and libsquashfuse,
libfuse 3 and zstd to be linked statically; where one is missing, no AppImage is made.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.package_linux import NAME, ROOT, fill_root, program_version, say, write

RUNTIME = ROOT / "tools/appimage/runtime.c"
LIBRARIES = ("squashfuse_ll", "squashfuse", "fuse3", "zstd")
TOOLS = ("cc", "mksquashfs")
# Their authors want to be named wherever the runtime goes; C's library is in it, too.
LINKED = ("libsquashfuse-dev", "libfuse3-dev", "libzstd-dev", "libc6-dev")

# Chosen for the start: to read one picture, a processor spends 0.13 s on this image; on one with
# blocks of 1 MB, 9% smaller, 0.4 s; and on one compressed with xz, 11% smaller, 2.7 s. Level 19
# would be 1% smaller and take 2.5 times as long to write.
COMPRESSION = ("-comp", "zstd", "-Xcompression-level", "15", "-b", "128K")

# Bytes 8 to 10 of an ELF file are free; so the AppImage specification marks its type 2.
MARK_AT, MARK = 8, b"AI\x02"

SOURCES = """\
The head of this AppImage is made of runtime.c, which lies beside this file, and of the libraries
squashfuse, libfuse 3, zstd and the GNU C library, whose licences lie here, too. libfuse 3 and the
GNU C library are under the GNU Lesser General Public License. To use other builds of them, compile
runtime.c with those and put the result before the image, which
'dd if=FILE.AppImage of=IMAGE iflag=skip_bytes skip=$(./FILE.AppImage --appimage-offset)' takes out:

    {command}
"""


def main() -> None:
    """Make the AppImage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help=f"the built program, dist/{NAME}")
    folder = parser.parse_args().folder.resolve()
    missing = missing_tools()
    if missing:
        say(f"There is no {', '.join(missing)} here, so no AppImage is made.")
        return
    make_appimage(folder)


def missing_tools() -> list[str]:
    """Names of the programs and static libraries that are not here."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if "cc" in missing:
        return missing
    for library in LIBRARIES:
        name = f"lib{library}.a"
        # A compiler that does not find a file answers with its bare name.
        words = ["cc", f"-print-file-name={name}"]
        if subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == name:
            missing.append(name)
    return missing


def make_appimage(folder: Path) -> None:
    """Lay out what the image holds, and make the AppImage of it."""
    output = folder.parent / f"{NAME}-{program_version()}-{platform.machine()}.AppImage"
    with tempfile.TemporaryDirectory(prefix="appimage-", dir=folder.parent) as aside:
        root = Path(aside, "root")
        fill_root(folder, root)
        finish_root(root)
        write_appimage(root, output)
    say(f"{output.name}: {output.stat().st_size:,} bytes")


def write_appimage(root: Path, output: Path) -> None:
    """Write the runtime and an image of a folder, in which ``AppRun`` starts, into one file."""
    with tempfile.TemporaryDirectory(prefix="appimage-", dir=output.parent) as aside:
        runtime, image = Path(aside, "runtime"), Path(aside, "image")
        compile_runtime(runtime)
        subprocess.run(
            [
                "mksquashfs", root, image, "-root-owned", "-no-xattrs",
                "-quiet", "-no-progress", *COMPRESSION,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        head = bytearray(runtime.read_bytes())
        head[MARK_AT : MARK_AT + len(MARK)] = MARK
        with output.open("wb") as file, image.open("rb") as rest:
            file.write(head)
            shutil.copyfileobj(rest, file)
    output.chmod(0o755)


def compile_runtime(output: Path) -> None:
    """Compile the runtime; the linker's warning of dlopen, which is not called, is not told."""
    done = subprocess.run(compiling(output), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{RUNTIME.relative_to(ROOT)} cannot be compiled:\n{done.stderr}")


def compiling(output: Path | str, source: Path | str = RUNTIME) -> list[str]:
    """Words of the command that compiles the runtime."""
    libraries = [f"-l{name}" for name in LIBRARIES]
    options = ["-Os", "-static", "-s", "-Wl,--gc-sections", "-I/usr/include/squashfuse"]
    return ["cc", *options, "-o", str(output), str(source), *libraries]


def finish_root(root: Path) -> None:
    """Add what an AppImage has besides: what is started and shown, and the runtime's licences."""
    entry = f"{NAME}.desktop"
    (root / "AppRun").symlink_to(f"usr/lib/{NAME}/{NAME}")
    (root / entry).symlink_to(f"usr/share/applications/{entry}")
    (root / f"{NAME}.png").symlink_to(f"usr/share/icons/hicolor/256x256/apps/{NAME}.png")
    (root / ".DirIcon").symlink_to(f"{NAME}.png")
    documents = root / "usr/share/doc" / NAME / "appimage"
    write(documents / "runtime.c", RUNTIME.read_text(encoding="utf-8"))
    write(documents / "README", SOURCES.format(command=" ".join(compiling("runtime", "runtime.c"))))
    for package in LINKED:
        licence = Path("/usr/share/doc", package, "copyright")
        if licence.is_file():
            write(documents / f"{package}.txt", licence.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
