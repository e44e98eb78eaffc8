"""What is taken out of the package's libraries, tried on small ones that are compiled here."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from tools.package_linux import newest_glibc
from tools.slim import icu
from tools.slim.elf import SHT_DYNSYM, SHT_SYMTAB, Library, UnexpectedElfError, text_at
from tools.slim.libraries import UNUSED, has_symbols, rewrite, strip
from tools.slim.names import names_to_keep, packed_places, trim

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="libraries of Linux's kind"),
    pytest.mark.skipif(not shutil.which("cc"), reason="there is no C compiler here"),
]

# Calls through the PLT, an address from the GOT, addresses in data, and one thread-local number.
LIBRARY = """
#include <stdlib.h>
extern int _Z6otherv(void);
__thread int _Z6threadv = 5;
int _Z6numberv = 30;
int _Z3twov(void) { return 2; }
int _Z5threev(void) { return 3; }
int (*table[])(void) = {_Z3twov, _Z5threev, 0, _Z3twov};
static int local(void) { return 7; }
int (*_Z5wherev)(void) = local;
const char unused_table[100000] = {[0 ... 99999] = 1};
const char used_table[100000] = {[0 ... 99999] = 1};
int _Z3onev(int index) {
    return (getenv("NEVER SET") != 0) + _Z3twov() * 1000 + _Z6numberv + _Z6threadv + table[3]()
        + _Z5wherev() + _Z6otherv() + unused_table[index] + used_table[index];
}
int plain(void) { return _Z5threev(); }
"""
USER = "int _Z3onev(int); int _Z6otherv(void) { return 100; } int use(int i) { return _Z3onev(i); }"
ANSWER = 2000 + 30 + 5 + 2 + 7 + 100


def compiled(source: str, path: Path, *words: str) -> Path:
    """Link a library with its tables at the beginning, as LLVM's linker does it."""
    code = path.with_suffix(".c")
    code.write_text(source)
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-O1", "-nostartfiles", "-Wl,--build-id=none,-z,noseparate-code",
         "-Wl,-z,lazy,--no-relax", "-o", path, code, *words],
        check=True,
    )  # fmt: skip
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    many = "".join(f"int _Z{number}{'long' * 20}v(void) {{ return 0; }}\n" for number in range(999))
    return compiled(LIBRARY + many, tmp_path / "libmany.so")


@pytest.fixture
def user(library: Path) -> Path:
    return compiled(USER, library.with_name("libuser.so"), str(library), "-Wl,-rpath,$ORIGIN")


def exports(path: Path) -> set[str]:
    symbols, strings = Library(path).symbols(SHT_DYNSYM)
    return {text_at(strings, int(one["name"])).decode() for one in symbols if one["section"]}


def called(path: Path, function: str, argument: int) -> int:
    """Call a function in a process of its own, which binds all names at once."""
    program = f"import ctypes; print(ctypes.CDLL({str(path)!r}).{function}({argument}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"LD_BIND_NOW": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_only_names_that_are_looked_up_stay(library: Path, user: Path) -> None:
    assert called(user, "use", 50_000) == ANSWER + 2
    original = library.with_name("original")
    library.rename(original)
    keep = names_to_keep([original], [original, user])[original]
    trim(original, library, keep)
    assert exports(library) == {
        "_Z3onev",
        "_Z6threadv",
        "plain",
        "table",
        "unused_table",
        "used_table",
    }
    assert library.stat().st_size < original.stat().st_size - 100_000
    assert called(user, "use", 50_000) == ANSWER + 2
    assert called(library.with_name("libuser.so"), "use", 0) == ANSWER + 2


def test_a_name_that_another_library_defines_too_stays(library: Path, user: Path) -> None:
    twin = compiled("int _Z6numberv = 1;", library.with_name("libtwin.so"))
    assert b"_Z6numberv" in names_to_keep([library], [library, user, twin])[library]
    assert b"_Z6numberv" not in names_to_keep([library], [library, user])[library]


def test_constants_that_nothing_reads_are_zeros_and_not_in_the_file(
    library: Path, user: Path
) -> None:
    original = library.with_name("original")
    library.rename(original)
    keep = names_to_keep([original], [original, user])[original]
    trim(original, library, keep)
    with_all = library.stat().st_size
    trim(original, library, keep, re.compile(rb"unused_"))
    assert library.stat().st_size < with_all - 90_000
    assert called(user, "use", 50_000) == ANSWER + 1


def test_readelf_still_tells_names_and_versions(library: Path, user: Path) -> None:
    original = library.with_name("original")
    library.rename(original)
    trim(original, library, names_to_keep([original], [original, user])[original])
    words = ["readelf", "--wide", "--dyn-syms", "--version-info", library]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "_Z3onev" in told.stdout
    assert "GLIBC_ABI_DT_RELR" in told.stdout
    assert newest_glibc(library.parent) == "2.36"


def test_a_library_of_another_layout_is_refused(library: Path) -> None:
    other = library.with_name("other.so")
    words = ["cc", "-shared", "-fPIC", "-Wl,--build-id", "-o", other, library.with_suffix(".c")]
    subprocess.run(words, check=True)
    with pytest.raises(UnexpectedElfError):
        trim(other, library.with_name("never.so"), set())


@pytest.mark.parametrize(
    "places",
    [[], [8], [8, 16, 24], [8, 8 + 63 * 8, 8 + 64 * 8, 8 + 200 * 8], list(range(0, 8 * 5000, 24))],
)
def test_packed_places_unpack_as_the_loader_does_it(places: list[int]) -> None:
    packed = packed_places(places)
    found: list[int] = []
    base = 0
    for (word,) in struct.iter_unpack("<Q", packed):
        if word % 2 == 0:
            found.append(word)
            base = word + 8
            continue
        found += [base + 8 * bit for bit in range(63) if word >> bit + 1 & 1]
        base += 63 * 8
    assert found == places


def test_what_is_called_unused_is_nothing_of_this_processor() -> None:
    for name in (b"_ZN4llvm11AMDGPUDescsE", b"_ZN4llvm10RISCVDescsE", b"icudt69l_dat"):
        assert UNUSED.match(name)
    for name in (b"_ZN4llvm8X86DescsE", b"_ZTSN4mlir5spirv4impl40SPIRVPassBaseE", b"icudt_table"):
        assert not UNUSED.match(name)


def test_strip_takes_symbols_and_leaves_what_works(library: Path, user: Path) -> None:
    original = library.with_name("original")
    library.rename(original)
    strip(original, library)
    assert has_symbols(original)
    assert not has_symbols(library)
    assert not len(Library(library).symbols(SHT_SYMTAB)[0])
    assert called(user, "use", 1) == ANSWER + 2


def test_originals_come_back_when_the_program_fails(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_text(path.name)

    def write(original: Path, output: Path) -> None:
        output.write_text("smaller")

    def fail() -> None:
        assert [path.read_text() for path in paths] == ["smaller", "smaller"]
        raise SystemExit("broken")

    with pytest.raises(SystemExit):
        rewrite(paths, write, tmp_path, fail)
    assert [path.read_text() for path in paths] == ["a", "b"]
    assert sorted(tmp_path.iterdir()) == paths
    rewrite(paths, write, tmp_path, lambda: None)
    assert [path.read_text() for path in paths] == ["smaller", "smaller"]


def archive_of(items: dict[str, bytes]) -> bytes:
    """Return an archive as ICU makes it."""
    header = struct.pack("<HBB", 32, 0xDA, 0x27).ljust(icu.FORMAT_AT, b"\0") + icu.FORMAT
    names = b"".join(name.encode() + b"\0" for name in items)
    table, at, start = struct.pack("<I", len(items)), 4 + 8 * len(items), 4 + 8 * len(items)
    start += len(names)
    for name, content in items.items():
        table += struct.pack("<II", at, start)
        at, start = at + len(name) + 1, start + len(content)
    return header.ljust(32, b"\0") + table + names + b"".join(items.values())


def test_an_archive_keeps_what_is_asked_for_under_its_name(tmp_path: Path) -> None:
    items = {
        "icudt73l/big.cnv": bytes(9000),
        "icudt73l/coll/de.res": b"order",
        "icudt73l/curr/de.res": b"Euro",
        "icudt73l/nfc.nrm": b"normal",
        "icudt73l/small.cnv": b"code page",
    }
    kept = icu.without_unused(archive_of(items))
    assert b"order" in kept
    assert b"Euro" not in kept
    assert len(kept) < 300
    assert icu.without_unused(kept) == kept
    data, made = tmp_path / "data", tmp_path / "libicudata.so.73"
    data.write_bytes(kept)
    icu.link(data, "icudt73_dat", made)
    name, found = icu.read_archive(made)
    assert name == "icudt73_dat"
    assert found.startswith(kept)


ASK_QT = """
from functools import cmp_to_key
from PySide6.QtCore import QCollator, QDate, QLocale, QTimeZone
for name in ("C", "en_US", "de_DE", "sv_SE", "tr_TR", "zh_CN", "ja_JP", "ar_EG", "cs_CZ"):
    locale = QLocale(name)
    collator = QCollator(locale)
    collator.setNumericMode(True)
    words = "z10 z9 ö ä a Å o ch h i ı İ 中 文 あ ア ы".split()
    print(sorted(words, key=cmp_to_key(collator.compare)))
    print(locale.toString(1234567.89), locale.toUpper("iıß"), locale.toLower("Iİ"))
    print(locale.toString(QDate(2026, 3, 1), QLocale.FormatType.LongFormat))
print(len(QTimeZone.availableTimeZoneIds()))
print(*(line.split()[-1] for line in open("/proc/self/maps") if "libicudata" in line))
"""


def test_qt_sorts_and_formats_with_what_is_left_of_icu(tmp_path: Path) -> None:
    found = list(Path(PySide6.__file__).parent.glob("Qt/lib/libicudata.so.*"))
    if not found:
        pytest.skip("this Qt brings no ICU")
    smaller = tmp_path / found[0].name
    icu.lighten(found[0], smaller)
    assert smaller.stat().st_size < found[0].stat().st_size / 4

    def answer(**environment: str) -> list[str]:
        words = [sys.executable, "-c", ASK_QT]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    before, after = answer(), answer(LD_PRELOAD=str(smaller))
    assert str(found[0]) in before[-1]
    assert set(after[-1].split()) == {str(smaller)}
    assert after[:-1] == before[:-1]
