"""Shared libraries for x86-64 read, and written anew with parts of their first segment left out.

Formats: the System V ABI with its x86-64 supplement, and the GNU C library's ``elf.h``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[Any]

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
# Places of fields in the header.
MACHINE, SEGMENTS_AT, SECTIONS_AT, SEGMENT_COUNT, SECTION_COUNT, NAMES = 2, 5, 6, 10, 12, 13
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

MAGIC = b"\x7fELF\x02\x01"  # of 64 bits, the lowest byte first
X86_64 = 62
PT_LOAD, PT_PHDR = 1, 6
SHT_SYMTAB, SHT_STRTAB, SHT_DYNSYM = 2, 3, 11
SHF_ALLOC = 2
PAGE = 4096


class UnexpectedElfError(Exception):
    """A library is not laid out as expected."""


class Library:
    """A shared library's content and headers."""

    def __init__(self, path: Path) -> None:
        if not is_elf(path):
            raise UnexpectedElfError(f"{path.name} is no ELF file of 64 bits")
        # What is stored in it stays in memory.
        self.data: Table = np.memmap(path, np.uint8, "c").view(np.ndarray)
        self.header = list(HEADER.unpack(self.data[: HEADER.size].tobytes()))
        self.segments = self._table(SEGMENTS_AT, SEGMENT_COUNT, SEGMENT)
        self.sections = self._table(SECTIONS_AT, SECTION_COUNT, SECTION)

    def _table(self, place: int, count: int, kind: np.dtype[Any]) -> Table:
        start = self.header[place]
        return self.data[start : start + self.header[count] * kind.itemsize].view(kind).copy()

    @property
    def first(self) -> Any:
        """The first segment that is loaded."""
        return self.segments[self.segments["type"] == PT_LOAD][0]

    def loaded(self, kind: int) -> Table:
        """Return the headers of the sections of a type that are loaded."""
        is_loaded = self.sections["flags"] & SHF_ALLOC != 0
        found: Table = self.sections[(self.sections["type"] == kind) & is_loaded]
        return found

    def content(self, kind: int) -> Table:
        """Return the bytes of the loaded sections of a type, joined; of a single one, in place."""
        parts = [self._bytes(section) for section in self.loaded(kind)]
        return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, np.uint8)])

    def symbols(self, kind: int) -> tuple[Table, bytes]:
        """Return a symbol table (SHT_DYNSYM, SHT_SYMTAB) and its strings; empty without one."""
        found = self.sections[self.sections["type"] == kind]
        if not len(found):
            return np.empty(0, SYMBOL), b"\0"
        strings = self._bytes(self.sections[found[0]["link"]]).tobytes()
        return self._bytes(found[0]).view(SYMBOL), strings

    def _bytes(self, section: Any) -> Table:
        return self.data[section["offset"] : section["offset"] + section["size"]]


def is_elf(path: Path) -> bool:
    """Tell whether a file is a program, library or module of 64 bits."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def text_at(strings: bytes, start: int) -> bytes:
    """Return the text that begins at a place of a string table."""
    return strings[start : strings.index(b"\0", start)]


def is_loadable(library: Library) -> bool:
    """Tell whether the loader takes the segments; strip misplaces those of some patched files."""
    loads = library.segments[library.segments["type"] == PT_LOAD]
    return not ((loads["offset"] - loads["address"]) % loads["align"]).any()


def write_without(
    library: Library,
    output: Path,
    holes: Sequence[tuple[int, int]],
    names: bytes = b"",
    sections: Table | None = None,
) -> None:
    """Write a library without some parts of its first segment, in which address and place agree.

    Its headers come first, with one more for each part; what was there is written over.

    Parameters
    ----------
    holes
        Virtual addresses of the parts: whole pages, in ascending order. They are read as zeros.
    names, sections
        What to tell readelf and its like: section headers, and their names, whose section is the
        last one. None, and there are no sections, as those of old no longer fit.
    """
    starts = [0, *(end for _, end in holes)]
    ends = [*(start for start, _ in holes), int(library.first["size"])]
    segments = _segments_without(library, starts, ends)
    end = int((library.segments["offset"] + library.segments["size"]).max())
    written = end - sum(hole_end - hole_start for hole_start, hole_end in holes)
    padding = -written % 16
    sections = np.zeros(0, SECTION) if sections is None else sections
    header = list(library.header)
    header[SEGMENTS_AT], header[SEGMENT_COUNT] = HEADER.size, len(segments)
    header[SECTIONS_AT] = written + padding + len(names) if len(sections) else 0
    header[SECTION_COUNT], header[NAMES] = len(sections), max(0, len(sections) - 1)
    sections["offset"][-1:] = written + padding
    start = HEADER.pack(*header) + segments.tobytes()
    library.data[: len(start)] = np.frombuffer(start, np.uint8)
    with output.open("wb") as file:
        for part in zip(starts, [*ends[:-1], end], strict=True):
            library.data[slice(*part)].tofile(file)
        file.write(bytes(padding) + names + sections.tobytes())


def _segments_without(library: Library, starts: Sequence[int], ends: Sequence[int]) -> Table:
    """Return the segments, with the first one that is loaded in parts.

    Each part's memory reaches to the next part; the loader fills with zeros what no file backs.
    """
    index = int(np.flatnonzero(library.segments["type"] == PT_LOAD)[0])
    first = library.first
    parts = np.repeat(first, len(starts))
    parts["size"] = np.subtract(ends, starts)
    parts["memory"] = np.diff([*starts, int(first["memory"])])
    parts["address"] = parts["paddr"] = starts
    parts["offset"] = np.cumsum([0, *parts["size"][:-1]])
    segments = np.concatenate([library.segments[:index], parts, library.segments[index + 1 :]])
    for number in np.flatnonzero((segments["type"] != PT_LOAD) & (segments["type"] != PT_PHDR)):
        address = segments["address"][number]
        if 0 < address < first["size"]:
            part = parts[np.searchsorted(starts, address, "right") - 1]
            segments["offset"][number] = address - part["address"] + part["offset"]
    late = segments["offset"] >= first["size"]
    segments["offset"][late] -= first["size"] - parts["size"].sum()
    own = segments["type"] == PT_PHDR
    segments["size"][own] = segments["memory"][own] = segments.nbytes
    return segments
