"""ICU's tables without those that Qt never asks for.

Qt's core library links against ICU, whose tables for all languages and code pages weigh 32 MB. Qt
has languages' formats of its own (QLocale); of ICU it uses the order of letters (QCollator), case,
and code pages other than Unicode's. Names of languages, currencies, units and time zones, word
breaking and transliteration are left out: ICU then answers as if they were not installed.

The tables form one archive, "CmnD", a format that ICU keeps stable: a header, the number of
items, for each the places of its name and content, the names in order, and the contents.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from pathlib import Path

from tools.slim.elf import SHT_DYNSYM, Library, UnexpectedElfError, text_at

FORMAT = b"CmnD"
FORMAT_AT = 12
ALIGNMENT = 16

# The program's own languages and files need none of the large code pages (East Asia's).
MAX_CODE_PAGE = 8 << 10
KEPT = re.compile(
    r"[^/]+/(?:"
    r"coll/.*|[^/]+\.(?:icu|nrm|cfu|spp|cnv)|"
    r"(?:root|pool|res_index|keyTypeData|metaZones|numberingSystems|plurals|pluralRanges|"
    r"supplementalData|likelySubtags|timezoneTypes|windowsZones|zoneinfo64|icuver|icustd)\.res)"
)


def lighten(path: Path, output: Path) -> None:
    """Link ICU's data library anew with the tables that are kept.

    Raises
    ------
    UnexpectedElfError
        If the library does not hold one archive under one name.
    """
    name, archive = read_archive(path)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.write_bytes(without_unused(archive))
        link(data, name, output)


def read_archive(path: Path) -> tuple[str, bytes]:
    """Return the name under which the library exports the archive, and the archive."""
    library = Library(path)
    symbols, strings = library.symbols(SHT_DYNSYM)
    exported = symbols[symbols["section"] != 0]
    if len(exported) != 1 or exported[0]["value"] > library.first["size"]:
        raise UnexpectedElfError(f"{path.name} exports {len(exported)} names instead of one")
    # Its size is not told, so all that follows comes along; the archive's items tell their places.
    start = int(exported[0]["value"])
    archive = library.data[start : int(library.first["size"])].tobytes()
    if archive[FORMAT_AT : FORMAT_AT + len(FORMAT)] != FORMAT:
        raise UnexpectedElfError(f"{path.name} holds no archive of ICU's")
    return text_at(strings, int(exported[0]["name"])).decode(), archive


def without_unused(archive: bytes) -> bytes:
    """Return an archive of the items that are kept, in the same order."""
    header_size = struct.unpack_from("<H", archive)[0]
    contents = archive[header_size:]
    count = struct.unpack_from("<I", contents)[0]
    places = list(struct.iter_unpack("<II", contents[4 : 4 + 8 * count]))
    ends = [start for _, start in places[1:]] + [len(contents)]
    items = [
        (text_at(contents, name), contents[start:end])
        for (name, start), end in zip(places, ends, strict=True)
    ]
    kept = [(name, content) for name, content in items if is_kept(name.decode(), len(content))]
    names, offsets = b"", []
    for name, _ in kept:
        offsets.append(4 + 8 * len(kept) + len(names))
        names += name + b"\0"
    names += bytes(-(4 + 8 * len(kept) + len(names)) % ALIGNMENT)
    table, packed = struct.pack("<I", len(kept)), b""
    for offset, (_, content) in zip(offsets, kept, strict=True):
        table += struct.pack("<II", offset, 4 + 8 * len(kept) + len(names) + len(packed))
        packed += content + bytes(-len(content) % ALIGNMENT)
    return archive[:header_size] + table + names + packed


def is_kept(name: str, size: int) -> bool:
    """Tell whether Qt may ask for a table."""
    is_large_code_page = name.endswith(".cnv") and size > MAX_CODE_PAGE
    return bool(KEPT.fullmatch(name)) and not is_large_code_page


def link(data: Path, name: str, output: Path) -> None:
    """Make a shared library that exports a file's content under a name."""
    source = data.with_name("data.s")
    source.write_text(
        f".section .rodata\n.balign {ALIGNMENT}\n.globl {name}\n.type {name}, %object\n{name}:\n"
        f'.incbin "{data}"\n.size {name}, . - {name}\n.section .note.GNU-stack, "", %progbits\n'
    )
    made = source.with_name("data.o")
    subprocess.run(["as", "-o", made, source], check=True)
    subprocess.run(
        ["ld", "-shared", "--strip-all", f"-soname={output.name}", "-o", output, made], check=True
    )
