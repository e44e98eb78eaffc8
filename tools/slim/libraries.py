"""The built program's libraries made smaller, each way only if the program works afterwards."""

from __future__ import annotations

import functools
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.slim.elf import SHT_SYMTAB, Library, UnexpectedElfError, is_elf, is_loadable
from tools.slim.icu import lighten
from tools.slim.names import names_to_keep, trim

TENSORFLOW = (
    "tensorflow/libtensorflow_cc.so*",
    "tensorflow/libtensorflow_framework.so*",
    "tensorflow/python/lib_pywrap_tensorflow_common.so",
    "tensorflow/python/framework/lib_native_proto_caster.so",
)
ICU = "PySide6/Qt/lib/libicudata.so*"
HAS_TABLES = 1_000_000  # bytes of a library; what stands in for ICU in the Reader has none

# What only compilers for other processors than this one read (XLA brings LLVM's), TensorFlow's
# operations on Unicode texts (ICU's tables), and Sobol's sequences. Type names are never matched.
UNUSED = re.compile(
    rb"(?!_ZT).*?(?:AArch64|AMDGPU|R600|GCN|NVPTX|PPC|RISCV|SiFive|SyntacoreSCR|SPIRV|SystemZ"
    rb"|\d+ARM|icudt\d+l_dat|sobol_data)"
)


def make_smaller(
    folder: Path, self_test: Callable[[Path], None], say: Callable[[str], None]
) -> None:
    """Rewrite the libraries in a program's folder.

    Parameters
    ----------
    folder
        The program, with its libraries in ``_internal``.
    self_test
        Raises SystemExit if the program in a folder does not work.
    say
        Tells what could not be done.
    """
    internal = folder / "_internal"

    def try_to(what: str, paths: Iterable[Path], write: Callable[[Path, Path], None]) -> None:
        try:
            rewrite(list(paths), write, folder.parent, functools.partial(self_test, folder))
        except (subprocess.CalledProcessError, UnexpectedElfError, SystemExit) as error:
            say(f"{what} stays as it was: {error}")

    everything = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    elves = [path for path in everything if is_elf(path)]
    big = [path for path in elves if any(path.match(pattern) for pattern in TENSORFLOW)]
    keep = names_to_keep(big, elves)
    try_to("TensorFlow", big, lambda old, new: trim(old, new, keep[new], UNUSED))
    tables = [path for path in elves if path.match(ICU) and path.stat().st_size > HAS_TABLES]
    try_to("ICU", tables, lighten)
    modules = [path for path in elves if internal in path.parents and has_symbols(path)]
    try_to("What has symbols", modules, strip)


def rewrite(
    paths: list[Path],
    write: Callable[[Path, Path], None],
    place: Path,
    self_test: Callable[[], None],
) -> None:
    """Write files anew from their originals, which are put back if that fails or the self-test.

    The originals lie in a temporary folder in ``place`` meanwhile, on the same file system.
    """
    if not paths:
        return
    with tempfile.TemporaryDirectory(prefix="before-", dir=place) as aside:
        originals = {path: Path(aside, str(number)) for number, path in enumerate(paths)}
        try:
            for path, original in originals.items():
                path.rename(original)
                write(original, path)
                path.chmod(original.stat().st_mode)
            self_test()
        except BaseException:
            for path, original in originals.items():
                if original.exists():
                    original.replace(path)
            raise


def has_symbols(path: Path) -> bool:
    """Tell whether a library has a symbol table that nothing at run time reads."""
    return bool((Library(path).sections["type"] == SHT_SYMTAB).any())


def strip(original: Path, output: Path) -> None:
    """Take the symbols out of a library, unless the loader would not take the result.

    Some libraries, NumPy's among them, were rewritten for their wheels in a way that strip does
    not expect.
    """
    subprocess.run(
        ["strip", "--strip-unneeded", "-o", output, original], check=True, capture_output=True
    )
    if not is_loadable(Library(output)):
        output.unlink()
        output.hardlink_to(original)
