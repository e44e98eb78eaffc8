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

import struct
from collections import Counter
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
SHT_STRTAB, SHT_RELA, SHT_DYNAMIC, SHT_NOBITS, SHT_DYNSYM, SHT_RELR = 3, 4, 6, 8, 11, 19
SHT_HASH, SHT_VERDEF, SHT_VERNEED, SHT_VERSYM = 0x6FFFFFF6, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
DT_STRTAB, DT_SYMTAB, DT_RELA, DT_RELASZ, DT_STRSZ = 5, 6, 7, 8, 10
DT_PLTRELSZ, DT_PLTREL, DT_JMPREL, DT_RELRSZ, DT_RELR, DT_RELRENT = 2, 20, 23, 35, 36, 37
DT_HASH, DT_VERSYM, DT_RELACOUNT = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFF9
DT_VERDEF, DT_VERNEED = 0x6FFFFFFC, 0x6FFFFFFE
R_64, R_GLOB_DAT, R_JUMP_SLOT, R_RELATIVE = 1, 6, 7, 8
DT_TEXTS = (1, 14, 15, 29)  # needed, own name, search paths
STT_FIXED = (0, 1, 2)  # no type, objects and functions; not thread-local, not chosen at run time
PAGE = 4096
RELR_SECTION, RELR_VERSION = b".relr.dyn", b"GLIBC_ABI_DT_RELR"


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
        found = self.sections[(self.sections["type"] == kind) & (self.sections["flags"] & 2 != 0)]
        parts = [self.data[one["offset"] :][: one["size"]] for one in found]
        return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, np.uint8)])

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


def trim(path: Path, output: Path, keep: AbstractSet[bytes]) -> None:
    """Write a library anew without the names that are not in ``keep``.

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
    write(library, output, tables)


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


def write(library: Library, output: Path, tables: dict[int, bytes]) -> None:
    """Write the library with new tables in place of the old ones."""
    is_table = np.isin(library.sections["type"], [*tables]) & (library.sections["flags"] & 2 != 0)
    is_table &= library.sections["type"] != SHT_DYNAMIC
    in_body = ~is_table & (library.sections["address"] > 0)
    body = int(library.sections["address"][in_body].min()) // PAGE * PAGE
    first = library.segments[library.segments["type"] == PT_LOAD][0]
    ends = (library.sections["address"] + library.sections["size"])[is_table]
    if first["offset"] or first["address"] or ends.max() >= body + PAGE:
        raise UnexpectedElfError("its tables do not lie at its beginning")

    # What comes first: headers and tables. Their addresses are their places in the file.
    start = bytearray(HEADER.size + (len(library.segments) + 1) * SEGMENT.itemsize)
    places = {}
    for kind in [kind for kind in tables if kind != SHT_DYNAMIC]:
        start += bytes(-len(start) % 16)
        places[kind] = len(start)
        start += tables[kind]
    saved = body - (len(start) + PAGE - 1) // PAGE * PAGE
    if saved < 0:
        raise UnexpectedElfError("the new tables are longer than the old ones")

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

    segments = new_segments(library, len(start), body, saved)
    sections = new_sections(library, tables, places, saved)
    names = library.sections[library.header[13]]
    text = library.data[names["offset"] :][: names["size"]].tobytes() + RELR_SECTION + b"\0"
    content = library.sections[library.sections["type"] != SHT_NOBITS]
    end = int((content["offset"] + content["size"]).max())
    end += -end % 8
    sections["offset"][library.header[13]] = end - saved
    sections["size"][library.header[13]] = len(text)
    text += bytes(-len(text) % 8)
    header = list(library.header)
    header[6], header[10] = end - saved + len(text), len(segments)
    start[: HEADER.size] = HEADER.pack(*header)
    start[HEADER.size : HEADER.size + segments.nbytes] = segments.tobytes()
    with output.open("wb") as file:
        file.write(start.ljust(body - saved, b"\0"))
        file.write(library.data[body:end].tobytes().ljust(end - body, b"\0"))
        file.write(text)
        file.write(sections.tobytes())


def new_segments(library: Library, start: int, body: int, saved: int) -> Table:
    """Return the segments: the first one is in two parts, between which nothing is loaded."""
    segments = library.segments.copy()
    index = int(np.flatnonzero(segments["type"] == PT_LOAD)[0])
    segments = np.insert(segments, index, segments[index])
    head, rest = segments[index], segments[index + 1]
    head["size"] = head["memory"] = start
    rest["size"] -= body
    rest["memory"] -= body
    for name in ("offset", "address", "paddr"):
        rest[name] += body
    segments["offset"][segments["offset"] >= body] -= saved
    own = segments["type"] == PT_PHDR
    segments["size"][own] = segments["memory"][own] = segments.nbytes
    return segments


def new_sections(
    library: Library, tables: dict[int, bytes], places: dict[int, int], saved: int
) -> Table:
    """Return the section headers, which nothing but tools like readelf reads."""
    sections = library.sections.copy()
    names = sections[library.header[13]]
    for section in sections[1:]:
        if section["type"] not in places or not section["flags"] & 2:
            section["offset"] -= saved
    late = np.flatnonzero(sections["type"] == SHT_RELA)[-1]
    sections[late]["type"], sections[late]["name"] = SHT_RELR, names["size"]
    sections[late]["flags"], sections[late]["entry"] = 2, 8
    sections[late]["link"] = sections[late]["info"] = 0
    for kind, place in places.items():
        chosen = (sections["type"] == kind) & (sections["flags"] & 2 != 0)
        sections["address"][chosen] = sections["offset"][chosen] = place
        sections["size"][chosen] = len(tables[kind])
    return sections
