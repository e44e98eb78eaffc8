"""Take the names out of a shared library that nothing looks up, on Linux with x86-64.

TensorFlow's libraries export every C++ function they hold, 450,000 of them: 100 MB of names and
tables, and the loader binds 550,000 addresses by name when a program starts. In a folder that is
complete, what each library must export is known: what the others import. ``trim`` keeps these
names, those that a second library defines too (they must stay one and the same object), and those
without C++ mangling, which may be looked up as text. What the library bound to its other names is
bound to fixed addresses instead, told to the loader in the packed form (DT_RELR) of glibc 2.36.

Code and data stay where they were, byte for byte, but for the addresses that are stored in them;
only the tables at the library's beginning become shorter. Formats: the System V ABI with its
x86-64 supplement, and the GNU C library's ``elf.h``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[Any]

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = np.dtype(
    [("type", "<u4"), ("flags", "<u4"), ("offset", "<u8"), ("address", "<u8"), ("paddr", "<u8"),
     ("size", "<u8"), ("memory", "<u8"), ("align", "<u8")]
)  # fmt: skip
SECTION = np.dtype(
    [("name", "<u4"), ("type", "<u4"), ("flags", "<u8"), ("address", "<u8"), ("offset", "<u8"),
     ("size", "<u8"), ("link", "<u4"), ("info", "<u4"), ("align", "<u8"), ("entry", "<u8")]
)  # fmt: skip
SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"), ("value", "<u8"),
     ("size", "<u8")]
)  # fmt: skip
RELOCATION = np.dtype([("offset", "<u8"), ("type", "<u4"), ("symbol", "<u4"), ("addend", "<i8")])
DYNAMIC = np.dtype([("tag", "<u8"), ("value", "<u8")])

X86_64, PROGRAM, SHARED = 62, 2, 3
PT_LOAD, PT_DYNAMIC, PT_PHDR = 1, 2, 6
SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_DYNAMIC, SHT_NOBITS, SHT_DYNSYM, SHT_RELR = 2, 3, 4, 6, 8, 11, 19
SHT_HASH, SHT_VERDEF, SHT_VERNEED, SHT_VERSYM = 0x6FFFFFF6, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 5, 6, 7, 8, 10
DT_PLTRELSZ, DT_PLTREL, DT_JMPREL, DT_RELRSZ, DT_RELR, DT_RELRENT = 2, 20, 23, 35, 36, 37
DT_HASH, DT_VERSYM, DT_RELACOUNT = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFF9
DT_VERDEF, DT_VERNEED = 0x6FFFFFFC, 0x6FFFFFFE
R_64, R_GLOB_DAT, R_JUMP_SLOT, R_RELATIVE = 1, 6, 7, 8
DT_TEXTS = (1, 14, 15, 29)  # needed, own name, search paths
STT_OBJECT = 1
STT_FIXED = (0, STT_OBJECT, 2)  # no type, objects and functions; not thread-local, not chosen at run time
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
SHF_ALLOC = 2
PAGE = 4096
MIN_BLANK = 8 * PAGE  # each range costs a program header and a mapping
RELR_VERSION = b"GLIBC_ABI_DT_RELR"


class UnexpectedElfError(Exception):
    """A library is not laid out as ``trim`` expects."""


class Library:
    """The parts of an ELF file that say what it exports and imports."""

    def __init__(self, path: Path) -> None:
        self.data = np.fromfile(path, np.uint8)
        self.header = HEADER.unpack_from(self.data)
        _, kind, machine, *_ = self.header
        if machine != X86_64 or kind not in (PROGRAM, SHARED):
            raise UnexpectedElfError(f"{path.name} is no library for x86-64")
        self.segments = self._table(self.header[5], SEGMENT, self.header[10])
        self.sections = self._table(self.header[6], SECTION, self.header[12])
        if not len(self.sections):
            raise UnexpectedElfError(f"{path.name} has no section headers")
        self.dynamic = self.content(SHT_DYNAMIC).view(DYNAMIC)
        self.symbols = self.content(SHT_DYNSYM).view(SYMBOL)
        table = self.sections[self.sections["type"] == SHT_DYNSYM][0]
        strings = self.sections[table["link"]]
        self.strings = self.data[strings["offset"] :][: strings["size"]].tobytes()

    def _table(self, offset: int, kind: np.dtype[Any], count: int) -> Table:
        return self.data[offset : offset + count * kind.itemsize].view(kind)

    def content(self, kind: int) -> Table:
        """Return the bytes of the loaded sections of a type, joined."""
        parts = [self.data[one["offset"] :][: one["size"]] for one in self.loaded(kind)]
        return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, np.uint8)])

    def loaded(self, kind: int) -> Table:
        """Return the headers of the sections of a type that are loaded."""
        is_loaded = self.sections["flags"] & SHF_ALLOC != 0
        return self.sections[(self.sections["type"] == kind) & is_loaded]

    def text(self, start: int) -> bytes:
        """Return the string at a place of the string table."""
        return self.strings[start : self.strings.index(b"\0", start)]

    def names(self, *, defined: bool) -> list[bytes]:
        """Return the names that the library exports, or those that it imports."""
        chosen = self.symbols[1:][(self.symbols["section"] != 0)[1:] == defined]
        return [self.text(int(start)) for start in chosen["name"]]


def names_to_keep(path: Path, others: Iterable[Path]) -> set[bytes]:
    """Return the names that a library must go on to export beside all other files of a program."""
    own = set(Library(path).names(defined=True))
    return {name for name in own if not name.startswith(b"_Z")}.union(
        *(
            own.intersection(library.names(defined=True) + library.names(defined=False))
            for library in map(Library, others)
        )
    )


def trim(
    path: Path, output: Path, keep: AbstractSet[bytes], unused: re.Pattern[bytes] | None = None
) -> None:
    """Write a library anew without symbols, and without the names that are not in ``keep``.

    The constants that ``unused`` names are read as zeros.

    Raises
    ------
    UnexpectedElfError
        If the library is not laid out as LLVM's linker does it: one table after the other at the
        beginning, before everything that is kept.
    """
    library = Library(path)
    is_kept = np.array([True, *(one in keep for one in map(library.text, library.symbols["name"][1:].tolist()))])
    is_kept |= library.symbols["section"] == 0
    is_kept |= ~np.isin(library.symbols["info"] & 15, STT_FIXED)
    relocations, fixed = bind(library, is_kept)
    tables = make_tables(library, is_kept, relocations, fixed)
    write(library, output, tables, blank_ranges(library, unused) if unused else [])


def bind(library: Library, is_kept: npt.NDArray[np.bool_]) -> tuple[Table, npt.NDArray[np.uint64]]:
    """Store the addresses of what loses its name.

    Returns the relocations that are left, and the places (virtual addresses) whose content moves
    with the library.
    """
    all_of_them = library.content(SHT_RELA).view(RELOCATION).copy()
    kind, symbol = all_of_them["type"], all_of_them["symbol"]
    loses = ~is_kept[symbol] & np.isin(kind, (R_64, R_GLOB_DAT, R_JUMP_SLOT))
    if (~is_kept[symbol] & ~loses).any():
        raise UnexpectedElfError("a relocation of an unexpected type needs a name")
    # The addend counts for R_64 alone; the other two store a symbol's address as it is.
    addend = np.where(kind == R_64, all_of_them["addend"], 0)
    value = library.symbols["value"][symbol].astype(np.int64) + addend
    all_of_them["addend"][loses] = value[loses]
    all_of_them["type"][loses] = R_RELATIVE
    all_of_them["symbol"][loses] = 0
    packed = (all_of_them["type"] == R_RELATIVE) & (all_of_them["offset"] % 8 == 0)
    moved = np.sort(all_of_them[packed], order="offset")
    if (np.diff(moved["offset"]) == 0).any():
        raise UnexpectedElfError("a place is relocated twice")
    words = library.data[: len(library.data) // 8 * 8].view("<i8")
    for segment in library.segments[library.segments["type"] == PT_LOAD]:
        inside = (moved["offset"] >= segment["address"]) & (
            moved["offset"] < segment["address"] + segment["size"]
        )
        places = moved["offset"][inside] - segment["address"] + segment["offset"]
        words[places // 8] = moved["addend"][inside]
        moved, done = moved[~inside], moved[inside]
    if len(moved):
        raise UnexpectedElfError("a relocated place lies outside the file")
    return all_of_them[~packed], np.sort(all_of_them["offset"][packed])


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
    symbols = library.symbols
    is_export = is_kept & (symbols["section"] != 0)
    is_export[0] = False
    imports, exports = np.flatnonzero(is_kept & ~is_export), np.flatnonzero(is_export)
    names = [library.text(start) for start in symbols["name"][exports].tolist()]
    hash_table, order = make_hash_table(names, first=len(imports))
    chosen = np.concatenate([imports, exports[order]])
    new_index = np.zeros(len(symbols), np.uint32)
    new_index[chosen] = np.arange(len(chosen))
    relocations["symbol"] = new_index[relocations["symbol"]]

    strings = Strings(library)
    kept = symbols[chosen].copy()
    kept["name"] = [strings.place(start) for start in kept["name"].tolist()]
    return {
        SHT_DYNSYM: kept.tobytes(),
        SHT_VERSYM: library.content(SHT_VERSYM).view("<u2")[chosen].tobytes(),
        SHT_VERDEF: version_definitions(library, strings),
        SHT_VERNEED: needed_versions(library, strings),
        SHT_HASH: hash_table,
        SHT_DYNAMIC: dynamic_entries(library, strings),
        SHT_RELA: relocations.tobytes(),
        SHT_RELR: packed_places(moved.tolist()),
        SHT_STRTAB: bytes(strings.bytes),
    }


class Strings:
    """A string table that grows."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.bytes = bytearray(b"\0")
        self.places = {b"": 0}

    def place(self, start: int) -> int:
        """Return the place of a string of the old table."""
        return self.place_of(self.library.text(start))

    def place_of(self, text: bytes) -> int:
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


def version_definitions(library: Library, strings: Strings) -> bytes:
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
        if library.text(file) == b"libc.so.6":
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
    return bytes(table) + struct.pack("<IHHII", value, 0, newest + 1, strings.place_of(RELR_VERSION), 0)


def dynamic_entries(library: Library, strings: Strings) -> bytes:
    """Return the dynamic section with its texts in the new table, and DT_RELR.

    That takes the place of the entries for what is bound late: the loader binds all at once, as
    Python asks it to anyway.
    """
    entries = library.dynamic.copy()
    for old, new in ((DT_JMPREL, DT_RELR), (DT_PLTRELSZ, DT_RELRSZ), (DT_PLTREL, DT_RELRENT)):
        if old not in entries["tag"]:
            raise UnexpectedElfError("there is no place for DT_RELR")
        entries["tag"][entries["tag"] == old] = new
    is_text = np.isin(entries["tag"], DT_TEXTS)
    entries["value"][is_text] = [strings.place(at) for at in entries["value"][is_text].tolist()]
    return entries.tobytes()


def blank_ranges(library: Library, unused: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Return whole pages of constants whose names match, as virtual addresses.

    Between two of them may lie what is zero anyway. The names are those of the full symbol table,
    before anything is stripped.
    """
    found = library.sections[library.sections["type"] == SHT_SYMTAB]
    if not len(found):
        return []
    symbols = library.data[found[0]["offset"] :][: found[0]["size"]].view(SYMBOL)
    table = library.sections[found[0]["link"]]
    text = library.data[table["offset"] :][: table["size"]].tobytes()
    # Constants that need no relocation are in the first segment, where place and address agree.
    first = library.segments[library.segments["type"] == PT_LOAD][0]
    inside = (symbols["value"] > 0) & (symbols["value"] < first["size"]) & (symbols["size"] > 0)
    chosen = np.sort(symbols[inside & (symbols["info"] & 15 == STT_OBJECT)], order="value")
    ranges: list[tuple[int, int]] = []
    for name, start, size in chosen[["name", "value", "size"]].tolist():
        if unused.match(text, name, text.index(b"\0", name)):
            end = start + size
            if ranges and not library.data[ranges[-1][1] : start].any():
                start, end = ranges[-1][0], max(end, ranges.pop()[1])
            ranges.append((start, end))
    whole = [(start + -start % PAGE, end - end % PAGE) for start, end in ranges]
    return [(start, end) for start, end in whole if end - start >= MIN_BLANK]


def write(
    library: Library, output: Path, tables: dict[int, bytes], blank: Sequence[tuple[int, int]]
) -> None:
    """Write the library with new tables in place of the old ones, and zeros for what is blank."""
    first = library.segments[library.segments["type"] == PT_LOAD][0]
    is_table = np.isin(library.sections["type"], [*tables]) & (library.sections["flags"] & 2 != 0)
    is_table &= library.sections["type"] != SHT_DYNAMIC
    others = library.sections["address"][~is_table & (library.sections["address"] > 0)]
    body = int(others.min()) // PAGE * PAGE
    if first["offset"] or first["address"] or (library.sections["address"][is_table] > body).any():
        raise UnexpectedElfError("its tables do not lie at its beginning")

    # What comes first: headers and tables. Their addresses are their places in the file.
    start = bytearray(HEADER.size + (len(library.segments) + 1 + len(blank)) * SEGMENT.itemsize)
    places = {}
    for kind in [kind for kind in tables if kind != SHT_DYNAMIC]:
        start += bytes(-len(start) % 16)
        places[kind] = len(start)
        start += tables[kind]
    start += bytes(-len(start) % PAGE)
    if len(start) > body:
        raise UnexpectedElfError("the new tables are longer than the old ones")
    store_dynamic(library, tables, places)

    # The parts of the first segment that are in the file, and where each one's memory ends.
    holes = [(len(start), body), *blank]
    starts = [0, *(hole_end for _, hole_end in holes)]
    ends = [*(hole_start for hole_start, _ in holes), int(first["size"])]
    segments = new_segments(library, starts, ends)
    saved = sum(hole_end - hole_start for hole_start, hole_end in holes)
    end = int((library.segments["offset"] + library.segments["size"]).max())
    end += -end % 16
    names, sections = new_sections(library, tables, places, end - saved)
    header = list(library.header)
    header[6], header[10], header[12] = end - saved + len(names), len(segments), len(sections)
    header[13] = len(sections) - 1
    start[: HEADER.size] = HEADER.pack(*header)
    start[HEADER.size : HEADER.size + segments.nbytes] = segments.tobytes()
    with output.open("wb") as file:
        file.write(start)
        for part in zip(starts[1:], [*ends[1:-1], end], strict=True):
            file.write(library.data[slice(*part)].tobytes())
        file.write(bytes(end - saved - file.tell()) + names + sections.tobytes())


def store_dynamic(library: Library, tables: dict[int, bytes], places: dict[int, int]) -> None:
    """Store the dynamic section, which stays where it is, with the tables' new places."""
    library.dynamic[:] = np.frombuffer(tables[SHT_DYNAMIC], DYNAMIC)
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
        library.dynamic["value"][library.dynamic["tag"] == tag] = value


def new_segments(library: Library, starts: Sequence[int], ends: Sequence[int]) -> Table:
    """Return the segments, with the first loaded one in parts.

    Each part's memory reaches to the next part; the loader fills with zeros what no file backs.
    """
    index = int(np.flatnonzero(library.segments["type"] == PT_LOAD)[0])
    first = library.segments[index]
    parts = np.repeat(first, len(starts))
    parts["size"] = np.subtract(ends, starts)
    parts["memory"] = np.diff([*starts, int(first["memory"])])
    parts["address"] = parts["paddr"] = starts
    parts["offset"] = np.cumsum([0, *parts["size"][:-1]])
    segments = np.concatenate([library.segments[:index], parts, library.segments[index + 1 :]])
    for segment in segments[segments["type"] != PT_LOAD]:
        if 0 < segment["address"] < first["size"] and segment["type"] != PT_PHDR:
            part = parts[np.searchsorted(starts, segment["address"], "right") - 1]
            segment["offset"] = segment["address"] - part["address"] + part["offset"]
    late = segments["offset"] >= first["size"]
    segments["offset"][late] -= first["size"] - parts["size"].sum()
    own = segments["type"] == PT_PHDR
    segments["size"][own] = segments["memory"][own] = segments.nbytes
    return segments


def new_sections(
    library: Library, tables: dict[int, bytes], places: dict[int, int], end: int
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
    sections[-1]["offset"], sections[-1]["size"] = end, len(text)
    return text, sections
