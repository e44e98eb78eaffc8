"""Names taken out of TensorFlow's libraries that nothing looks up, and tables nothing reads.

The libraries export every C++ function they hold, half a million of them: 110 MB of names and
tables. In a folder that is complete, what each library must export is known: what the others
import. ``trim`` keeps these names, those that a second library defines too (they must stay one and
the same object), and those without C++ mangling, which may be looked up as text. What the library
bound to its other names is bound to fixed addresses instead, told to the loader in the packed form
(DT_RELR) that glibc 2.36 reads.

Code and data keep their virtual addresses and stay as they are, byte for byte, but for the
addresses stored in them. Only what lies in the file before them is written anew.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.slim.elf import (
    HEADER,
    MACHINE,
    PAGE,
    PT_LOAD,
    SECTION,
    SEGMENT,
    SHF_ALLOC,
    SHT_DYNSYM,
    SHT_STRTAB,
    SHT_SYMTAB,
    X86_64,
    Library,
    Table,
    UnexpectedElfError,
    text_at,
    write_without,
)

RELOCATION = np.dtype([("offset", "<u8"), ("type", "<u4"), ("symbol", "<u4"), ("addend", "<i8")])
DYNAMIC = np.dtype([("tag", "<u8"), ("value", "<u8")])

SHT_RELA, SHT_DYNAMIC, SHT_RELR = 4, 6, 19
SHT_HASH, SHT_VERDEF, SHT_VERNEED, SHT_VERSYM = 0x6FFFFFF6, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
TABLE_NAMES = {
    SHT_DYNSYM: b".dynsym",
    SHT_VERSYM: b".gnu.version",
    SHT_VERDEF: b".gnu.version_d",
    SHT_VERNEED: b".gnu.version_r",
    SHT_HASH: b".gnu.hash",
    SHT_RELA: b".rela.dyn",
    SHT_RELR: b".relr.dyn",
    SHT_STRTAB: b".dynstr",
}
DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 5, 6, 7, 8, 10
DT_PLTRELSZ, DT_PLTREL, DT_JMPREL, DT_RELRSZ, DT_RELR, DT_RELRENT = 2, 20, 23, 35, 36, 37
DT_HASH, DT_VERSYM, DT_RELACOUNT = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFF9
DT_VERDEF, DT_VERNEED = 0x6FFFFFFC, 0x6FFFFFFE
DT_TEXTS = (1, 14, 15, 29)  # libraries needed, the own name, where to search
R_64, R_GLOB_DAT, R_JUMP_SLOT, R_RELATIVE = 1, 6, 7, 8
STT_OBJECT = 1
STT_FIXED = (0, STT_OBJECT, 2)  # not what each thread has, nor what is chosen at run time
RELR_VERSION = b"GLIBC_ABI_DT_RELR"
MIN_BLANK = 8 * PAGE  # each range costs a header and a mapping


def names_to_keep(libraries: Iterable[Path], program: Iterable[Path]) -> dict[Path, set[bytes]]:
    """Return the names that libraries must go on to export.

    ``program`` are all programs, libraries and modules of a folder, those libraries among them.
    """
    names = {path: (_names(path, exported=True), _names(path, exported=False)) for path in program}
    kept = {}
    for library in libraries:
        own, _ = names[library]
        kept[library] = {name for name in own if not name.startswith(b"_Z")}
        for other, (exports, imports) in names.items():
            if other != library:
                kept[library] |= own & exports | own & imports
    return kept


def _names(path: Path, *, exported: bool) -> set[bytes]:
    symbols, strings = Library(path).symbols(SHT_DYNSYM)
    chosen = symbols[(symbols["section"] != 0) == exported]
    return {text_at(strings, start) for start in chosen["name"].tolist()}


def trim(
    path: Path, output: Path, keep: AbstractSet[bytes], unused: re.Pattern[bytes] | None = None
) -> None:
    """Write a library anew without symbols, and without the names that are not in ``keep``.

    Constants whose names ``unused`` matches are zeros afterwards, where the library has its full
    symbol table to tell.

    Raises
    ------
    UnexpectedElfError
        If the library is not laid out as LLVM's linker does it: one table after the other at the
        beginning, before everything that is kept.
    """
    library = Library(path)
    if library.header[MACHINE] != X86_64:
        raise UnexpectedElfError("it is not for x86-64")
    symbols, strings = library.symbols(SHT_DYNSYM)
    is_kept = np.array([text_at(strings, start) in keep for start in symbols["name"].tolist()])
    is_kept |= (symbols["section"] == 0) | ~np.isin(symbols["info"] & 15, STT_FIXED)
    blank = blank_ranges(library, unused) if unused else []
    relocations, moved = bind(library, symbols, is_kept)
    tables = make_tables(library, is_kept, relocations, moved)
    write(library, output, tables, blank)


def blank_ranges(library: Library, unused: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Return whole pages of constants whose names match, as virtual addresses.

    Between two of them may lie what is zero anyway.
    """
    symbols, strings = library.symbols(SHT_SYMTAB)
    # Constants without addresses in them are in the first segment, where place and address agree.
    inside = (symbols["value"] < library.first["size"]) & (symbols["size"] > 0)
    chosen = np.sort(symbols[inside & (symbols["info"] & 15 == STT_OBJECT)], order="value")
    ranges: list[tuple[int, int]] = []
    for name, start, size in chosen[["name", "value", "size"]].tolist():
        if not unused.match(strings, name, strings.index(b"\0", name)):
            continue
        if ranges and not library.data[ranges[-1][1] : start].any():
            before, end = ranges.pop()
            ranges.append((before, max(end, start + size)))
        else:
            ranges.append((start, start + size))
    whole = [(start + -start % PAGE, end - end % PAGE) for start, end in ranges]
    return [(start, end) for start, end in whole if end - start >= MIN_BLANK]


def bind(
    library: Library, symbols: Table, is_kept: npt.NDArray[np.bool_]
) -> tuple[Table, npt.NDArray[np.uint64]]:
    """Store the addresses of what loses its name where they are used.

    Returns the relocations that are left, and the places (virtual addresses) whose content moves
    with the library.
    """
    relocations = library.content(SHT_RELA).view(RELOCATION).copy()
    kind, symbol = relocations["type"], relocations["symbol"]
    loses = ~is_kept[symbol] & (symbol > 0)
    if not np.isin(kind[loses], (R_64, R_GLOB_DAT, R_JUMP_SLOT)).all():
        raise UnexpectedElfError("a relocation of an unexpected type needs a name")
    # The addend counts for R_64 alone; the other two store a symbol's address as it is.
    addends = np.where(kind == R_64, relocations["addend"], 0)
    values = symbols["value"][symbol].astype(np.int64) + addends
    relocations["addend"][loses] = values[loses]
    kind[kind == R_JUMP_SLOT] = R_GLOB_DAT  # all are bound at once, as Python asks for it
    kind[loses], symbol[loses] = R_RELATIVE, 0
    is_packed = (kind == R_RELATIVE) & (relocations["offset"] % 8 == 0)
    packed = np.sort(relocations[is_packed], order="offset")
    if (np.diff(packed["offset"]) == 0).any():
        raise UnexpectedElfError("a place is relocated twice")
    store(library, packed)
    # The loader remembers the last name that it looked up.
    return np.sort(relocations[~is_packed], order=["symbol", "offset"]), packed["offset"]


def store(library: Library, relocations: Table) -> None:
    """Store addends at their places, which are multiples of 8."""
    words = library.data[: len(library.data) // 8 * 8].view("<i8")
    found = 0
    for segment in library.segments[library.segments["type"] == PT_LOAD]:
        end = segment["address"] + segment["size"]
        first, last = np.searchsorted(relocations["offset"], [segment["address"], end])
        inside = relocations[first:last]
        places = inside["offset"] - segment["address"] + segment["offset"]
        words[places // 8] = inside["addend"]
        found += len(inside)
    if found != len(relocations):
        raise UnexpectedElfError("a relocated place lies outside the file")


def packed_places(places: Sequence[int]) -> bytes:
    """Encode sorted virtual addresses, multiples of 8, as DT_RELR.

    An even word is an address; each odd word after it tells with 63 bits which of the next 63
    words move too.
    """
    words: list[int] = []
    index = 0
    while index < len(places):
        words.append(places[index])
        base, bits = places[index] + 8, 1
        index += 1
        while bits:
            bits = 0
            while index < len(places) and places[index] < base + 63 * 8:
                bits |= 1 << (places[index] - base) // 8
                index += 1
            if bits:
                words.append(bits << 1 | 1)
            base += 63 * 8
    return struct.pack(f"<{len(words)}Q", *words)


def make_tables(
    library: Library,
    is_kept: npt.NDArray[np.bool_],
    relocations: Table,
    moved: npt.NDArray[np.uint64],
) -> dict[int, bytes]:
    """Return the tables of what is kept, by their sections' types."""
    symbols, old_strings = library.symbols(SHT_DYNSYM)
    is_export = is_kept & (symbols["section"] != 0)
    imports, exports = np.flatnonzero(is_kept & ~is_export), np.flatnonzero(is_export)
    names = [text_at(old_strings, start) for start in symbols["name"][exports].tolist()]
    hash_table, order = make_hash_table(names, first=len(imports))
    chosen = np.concatenate([imports, exports[order]])
    new_index = np.zeros(len(symbols), np.uint32)
    new_index[chosen] = np.arange(len(chosen))
    relocations["symbol"] = new_index[relocations["symbol"]]

    strings = Strings(old_strings)
    kept = symbols[chosen].copy()
    kept["name"] = [strings.place(start) for start in kept["name"].tolist()]
    return {
        SHT_DYNSYM: kept.tobytes(),
        SHT_VERSYM: library.content(SHT_VERSYM).view("<u2")[chosen].tobytes(),
        SHT_VERDEF: defined_versions(library, strings),
        SHT_VERNEED: needed_versions(library, strings),
        SHT_HASH: hash_table,
        SHT_DYNAMIC: dynamic_entries(library, strings),
        SHT_RELA: relocations.tobytes(),
        SHT_RELR: packed_places(moved.tolist()),
        SHT_STRTAB: bytes(strings.bytes),
    }


class Strings:
    """A string table that grows out of an old one."""

    def __init__(self, old: bytes) -> None:
        self.old = old
        self.bytes = bytearray(b"\0")
        self.places = {b"": 0}

    def place(self, start: int) -> int:
        """Return the place of a string of the old table."""
        return self.add(text_at(self.old, start))

    def add(self, text: bytes) -> int:
        """Return the place of a string, which is added if it is new."""
        if text not in self.places:
            self.places[text] = len(self.bytes)
            self.bytes += text + b"\0"
        return self.places[text]


def gnu_hash(name: bytes) -> int:
    """Hash a name as the loader does."""
    value = 5381
    for byte in name:
        value = value * 33 + byte & 0xFFFFFFFF
    return value


def make_hash_table(names: Sequence[bytes], first: int) -> tuple[bytes, list[int]]:
    """Return DT_GNU_HASH of exported names, and the order in which it wants them.

    ``first`` is the index that the first of them gets in the symbol table.
    """
    hashes = [gnu_hash(name) for name in names]
    buckets = max(1, len(names) // 4)
    order = sorted(range(len(names)), key=lambda index: hashes[index] % buckets)
    words, shift = 1 << max(0, (len(names) // 8).bit_length()), 26
    bloom = [0] * words
    starts = [0] * buckets
    chain = []
    for place, index in enumerate(order):
        value = hashes[index]
        bucket = value % buckets
        bloom[value // 64 % words] |= 1 << value % 64 | 1 << (value >> shift) % 64
        starts[bucket] = starts[bucket] or first + place
        follows = place + 1 < len(order) and hashes[order[place + 1]] % buckets == bucket
        chain.append(value & ~1 | (not follows))
    table = struct.pack(
        f"<4I{words}Q{buckets}I{len(chain)}I", buckets, first, words, shift, *bloom, *starts, *chain
    )
    return table, order


def defined_versions(library: Library, strings: Strings) -> bytes:
    """Return the versions that the library defines, with their names in the new table."""
    table = bytearray(library.content(SHT_VERDEF))
    start, follows = 0, len(table) > 0
    while follows:
        first, follows = struct.unpack_from("<II", table, start + 12)
        count = struct.unpack_from("<H", table, start + 6)[0]
        place = start + first
        for _ in range(count):
            name, after = struct.unpack_from("<II", table, place)
            struct.pack_into("<I", table, place, strings.place(name))
            place += after
        start += follows
    return bytes(table)


def needed_versions(library: Library, strings: Strings) -> bytes:
    """Return the versions that the library needs, and the one that reads DT_RELR."""
    table = bytearray(library.content(SHT_VERNEED))
    newest = int(library.content(SHT_VERSYM).view("<u2").max() & 0x7FFF)
    start, follows, is_told = 0, True, False
    while follows:
        count, file, first, follows = struct.unpack_from("<HIII", table, start + 2)
        struct.pack_into("<I", table, start + 4, strings.place(file))
        place, after = start + first, 0
        for _ in range(count):
            place += after
            number, name, after = struct.unpack_from("<HII", table, place + 6)
            newest = max(newest, number)
            struct.pack_into("<I", table, place + 8, strings.place(name))
        if text_at(strings.old, file) == b"libc.so.6":
            struct.pack_into("<H", table, start + 2, count + 1)
            struct.pack_into("<I", table, place + 12, len(table) - place)
            is_told = True
        start += follows
    if not is_told:
        raise UnexpectedElfError("it needs no version of libc.so.6")
    value = 0
    for byte in RELR_VERSION:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high & 0xFFFFFFFF
    return bytes(table) + struct.pack("<IHHII", value, 0, newest + 1, strings.add(RELR_VERSION), 0)


def dynamic_entries(library: Library, strings: Strings) -> bytes:
    """Return the dynamic section with its texts in the new table, and DT_RELR.

    That takes the place of the entries for what is bound late: the loader binds all at once, as
    Python asks it to anyway.
    """
    entries = library.content(SHT_DYNAMIC).view(DYNAMIC).copy()
    for old, new in ((DT_JMPREL, DT_RELR), (DT_PLTRELSZ, DT_RELRSZ), (DT_PLTREL, DT_RELRENT)):
        if old not in entries["tag"]:
            raise UnexpectedElfError("there is no place for DT_RELR")
        entries["tag"][entries["tag"] == old] = new
    is_text = np.isin(entries["tag"], DT_TEXTS)
    entries["value"][is_text] = [strings.place(at) for at in entries["value"][is_text].tolist()]
    return entries.tobytes()


def write(
    library: Library, output: Path, tables: dict[int, bytes], blank: Sequence[tuple[int, int]]
) -> None:
    """Write the library with new tables in place of the old ones, and zeros for what is blank."""
    is_table = np.isin(library.sections["type"], [*TABLE_NAMES])
    is_table &= library.sections["flags"] & SHF_ALLOC != 0
    address = library.sections["address"]
    first_kept = int(address[~is_table & (address > 0)].min())
    body = first_kept // PAGE * PAGE
    if library.first["offset"] or library.first["address"] or address[is_table].max() > first_kept:
        raise UnexpectedElfError("its tables do not lie at its beginning")

    # After the headers the tables follow, whose addresses are their places in the file.
    start = bytearray(HEADER.size + (len(library.segments) + 1 + len(blank)) * SEGMENT.itemsize)
    places = {}
    for kind in TABLE_NAMES:
        start += bytes(-len(start) % 16)
        places[kind] = len(start)
        start += tables[kind]
    start += bytes(-len(start) % PAGE)
    if len(start) > body:
        raise UnexpectedElfError("the new tables are longer than the old ones")
    store_dynamic(library, tables, places)
    names, sections = new_sections(library, tables, places)
    library.data[: len(start)] = start
    write_without(library, output, [(len(start), body), *blank], names, sections)


def store_dynamic(library: Library, tables: dict[int, bytes], places: dict[int, int]) -> None:
    """Store the dynamic section, which stays where it is, with the tables' new places."""
    dynamic = library.content(SHT_DYNAMIC).view(DYNAMIC)
    dynamic[:] = np.frombuffer(tables[SHT_DYNAMIC], DYNAMIC)
    for tag, value in {
        DT_SYMTAB: places[SHT_DYNSYM],
        DT_STRTAB: places[SHT_STRTAB],
        DT_STRSZ: len(tables[SHT_STRTAB]),
        DT_HASH: places[SHT_HASH],
        DT_VERSYM: places[SHT_VERSYM],
        DT_VERDEF: places[SHT_VERDEF],
        DT_VERNEED: places[SHT_VERNEED],
        DT_RELA: places[SHT_RELA],
        DT_RELASZ: len(tables[SHT_RELA]),
        DT_RELACOUNT: 0,
        DT_RELR: places[SHT_RELR],
        DT_RELRSZ: len(tables[SHT_RELR]),
        DT_RELRENT: 8,
    }.items():
        dynamic["value"][dynamic["tag"] == tag] = value


def new_sections(
    library: Library, tables: dict[int, bytes], places: dict[int, int]
) -> tuple[bytes, Table]:
    """Return the names and headers of the tables' sections, for readelf; no others are left.

    The loader does not read them, and other tools could not: sections know no holes.
    """
    kinds = list(places)
    sections = np.zeros(len(kinds) + 2, SECTION)
    text = b"\0"
    for header, kind in zip(sections[1:], kinds, strict=False):
        old = library.loaded(kind)
        if len(old):
            for field in ("info", "align", "entry"):
                header[field] = old[0][field]
            linked = int(library.sections["type"][old[0]["link"]])
            header["link"] = kinds.index(linked) + 1 if linked in kinds else 0
        if kind == SHT_RELR:
            header["entry"] = header["align"] = 8
        header["name"], header["type"], header["flags"] = len(text), kind, SHF_ALLOC
        header["address"] = header["offset"] = places[kind]
        header["size"] = len(tables[kind])
        text += TABLE_NAMES[kind] + b"\0"
    sections[-1]["name"], sections[-1]["type"] = len(text), SHT_STRTAB
    text += b".shstrtab\0"
    text += bytes(-len(text) % 16)
    sections[-1]["size"] = len(text)
    return text, sections
