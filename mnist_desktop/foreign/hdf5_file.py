"""Read arrays from an HDF5 file by rules so narrow that untrusted files are safe to read.

The HDF5 library follows links into other files, unpacks without a limit and is written in C, where
one damaged number can end the program or worse. Keras uses only a small part of the format: groups
of the oldest kind, arrays stored contiguously, and attributes that hold text. Only that part is
read here, in Python. Any other kind of link, external storage, filter or type is refused by name.

The layout follows the "HDF5 File Format Specification", version 3.0, with superblock 0, object
headers 1, symbol tables, contiguous storage and global heaps.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS = 3_000  # groups, arrays and lists; a network of 100 layers has a few hundred
MAX_DEPTH = 16  # of nested groups, and of the tree that lists the contents of a group
MAX_MESSAGES = 30_000  # header messages in total; an array has six to ten
MAX_TEXTS = 3_000  # strings of one attribute; a network has a few hundred layers
MAX_TEXT_BYTES = 1_000_000  # of the strings of one attribute together
MAX_HEAP_ITEMS = 30_000  # strings in the global heaps in total; a network has a few for each layer
NOWHERE = 0xFFFF_FFFF_FFFF_FFFF  # the address of data that was never written
# How a file describes little-endian floating-point numbers of 16, 32 and 64 bits. The upper half of
# the first byte is the version of the description.
FLOATS = {
    bytes.fromhex("11 20 0f 00 02000000 0000 1000 0a 05 00 0a 0f000000"): "<f2",
    bytes.fromhex("11 20 1f 00 04000000 0000 2000 17 08 00 17 7f000000"): "<f4",
    bytes.fromhex("11 20 3f 00 08000000 0000 4000 34 0b 00 34 ff030000"): "<f8",
}

(
    _SPACE, _LINK_INFO, _TYPE, _LINK, _OUTER_FILES, _LAYOUT, _FILTERS, _ATTRIBUTE, _CONTINUED,
    _SYMBOL_TABLE,
) = (0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x10, 0x11)  # fmt: skip
_NEW_GROUP = {_LINK_INFO, _LINK}


class HDF5Error(ValueError):
    """The file is damaged or not supported; the message continues "it ..."."""


@dataclass(frozen=True)
class _Message:
    kind: int
    flags: int
    content: memoryview


@dataclass(frozen=True)
class _Group:
    table: int
    names: int  # address of the heap that holds them


@dataclass(frozen=True)
class _Attribute:
    """An attribute in parts: how its values are described, and the values themselves."""

    name: bytes
    type: memoryview
    space: memoryview
    values: memoryview


_Array = list[_Message]


@dataclass
class HDF5File:
    """The arrays and texts of a file, found by paths; every link in the file has been checked.

    Parameters
    ----------
    content : bytes or bytearray
        The complete file.

    Raises
    ------
    HDF5Error
        If the file is damaged, has links or storage outside itself, or has groups of a kind that
        Keras does not write.
    """

    content: bytes | bytearray
    _arrays: dict[str, _Array] = field(default_factory=dict, init=False)
    _groups: dict[str, list[_Message]] = field(default_factory=dict, init=False)
    _heaps: dict[int, dict[int, memoryview]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._view = memoryview(self.content)
        self._seen: set[int] = set()
        self._described = self._heap_items = 0
        if not self._says(0, SIGNATURE):
            raise HDF5Error("holds weights that are not an HDF5 file")
        if not self._says(8, b"\0") or not self._says(13, b"\x08\x08"):
            raise HDF5Error("holds weights in a newer HDF5 layout than Keras writes")
        if self._number("<Q", 24) != 0:
            raise HDF5Error("holds weights that do not begin where their file begins")
        self._walk("", self._number("<Q", 64), depth=0)

    def has_group(self, path: str) -> bool:
        """Whether there is a group at this path, such as ``layers/dense``."""
        return path in self._groups

    def names(self, group: str) -> set[str]:
        """Names of the arrays directly in a group."""
        start = f"{group}/"
        inside = (path[len(start) :] for path in self._arrays if path.startswith(start))
        return {name for name in inside if "/" not in name}

    def shape(self, path: str) -> tuple[int, ...]:
        """Return the shape that an array is said to have; empty if there is no such array.

        Raises
        ------
        HDF5Error
            If its description is damaged.
        """
        for message in self._arrays.get(path, ()):
            if message.kind == _SPACE:
                return _shape(message.content)
        return ()

    def texts(self, group: str, name: str) -> list[str] | None:
        """Read an attribute of a group that holds text.

        Parameters
        ----------
        group : str
            Path of the group; empty for the file itself.
        name : str
            Name of the attribute.

        Returns
        -------
        list of str or None
            Its strings, one for an attribute that is not an array; None if there is no such
            attribute.

        Raises
        ------
        HDF5Error
            If it is damaged, holds something other than text, or more than a network needs.
        """
        for message in self._groups.get(group, ()):
            if message.kind == _ATTRIBUTE:
                found = _attribute(message)
                if found.name == name.encode():
                    return self._texts(found)
        return None

    def _texts(self, one: _Attribute) -> list[str]:
        count = math.prod(_shape(one.space))
        if count == 0:  # an empty list, for which h5py chooses a type of numbers
            return []
        kind, form, size = struct.unpack("<BB2xI", _exactly(one.type, 8))
        is_fixed, is_variable = kind & 0x0F == 3, kind & 0x0F == 9 and form & 0x0F == 1
        if not is_fixed and not (is_variable and size == 16):
            raise HDF5Error(f"has an attribute {_shown(one.name)} that is not text")
        if count > MAX_TEXTS or (is_fixed and count * size > MAX_TEXT_BYTES):
            raise HDF5Error(f"has more text in {_shown(one.name)} than any network needs")
        values = _exactly(one.values, count * size)
        parts = [values[size * number : size * (number + 1)] for number in range(count)]
        if is_variable:
            parts = [self._in_heap(*struct.unpack("<IQI", part)) for part in parts]
        if sum(len(part) for part in parts) > MAX_TEXT_BYTES:
            raise HDF5Error(f"has more text in {_shown(one.name)} than any network needs")
        try:
            return [bytes(part).rstrip(b"\0").decode() for part in parts]
        except UnicodeDecodeError:
            raise HDF5Error(f"has an attribute {_shown(one.name)} that is not text") from None

    def _in_heap(self, size: int, heap: int, index: int) -> memoryview:
        """Return a string of a global heap."""
        if size == 0:
            return memoryview(b"")
        if heap not in self._heaps:
            self._heaps[heap] = dict(self._heap(heap))
        found = self._heaps[heap].get(index)
        if found is None or len(found) < size:
            raise HDF5Error("has text that is cut short or damaged")
        return found[:size]

    def _heap(self, start: int) -> Iterator[tuple[int, memoryview]]:
        """Yield the strings of a global heap, each with its index."""
        if not self._says(start, b"GCOL\1"):
            raise HDF5Error("has text that is damaged")
        size = len(self._bytes(start, self._number("<Q", start + 8)))
        address, end = start + 16, start + size
        while address + 16 <= end:
            index, size = struct.unpack("<H6xQ", self._bytes(address, 16))
            if index == 0:  # the rest is free
                return
            self._heap_items += 1
            if self._heap_items > MAX_HEAP_ITEMS:
                raise HDF5Error("has more text than any network needs")
            yield index, self._bytes(address + 16, size)
            address += 16 + _padded(size)

    def read(self, path: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Read an array of a known shape.

        Raises
        ------
        HDF5Error
            If it is missing, has another shape or type, is not stored contiguously, or holds values
            that are not finite.
        """
        messages = {one.kind: one for one in self._arrays.get(path, ())}
        if not messages:
            raise HDF5Error(f"has no weights {path}")
        for kind, what in ((_SPACE, "shape"), (_TYPE, "type"), (_LAYOUT, "location")):
            if kind not in messages or messages[kind].flags & 0x02:
                raise HDF5Error(f"has weights {path} without their own {what}")
        found = _shape(messages[_SPACE].content)
        if found != shape:
            raise HDF5Error(f"has weights {path} of shape {found} where {shape} is needed")
        numbers = _float_type(messages[_TYPE].content)
        if numbers is None:
            raise HDF5Error(f"has weights {path} that are not floating-point numbers")
        if _FILTERS in messages:
            raise HDF5Error(f"has compressed weights {path}, which Keras does not write")
        address, size = _place(messages[_LAYOUT].content, path)
        if size != numbers.itemsize * math.prod(shape) or address == NOWHERE:
            raise HDF5Error(f"announces weights {path} that it does not hold")
        stored = self._bytes(address, size)
        with np.errstate(over="ignore"):  # becomes infinite, and is refused
            values = np.frombuffer(stored, numbers).astype(np.float32).reshape(shape)
        if not np.isfinite(values).all():
            raise HDF5Error(f"has weights {path} that are not all finite numbers")
        return values

    def _bytes(self, address: int, size: int) -> memoryview:
        if address + size > len(self._view):
            raise HDF5Error("holds weights that are cut short or damaged")
        return self._view[address : address + size]

    def _says(self, address: int, mark: bytes) -> bool:
        return bytes(self._bytes(address, len(mark))) == mark

    def _number(self, kind: str, address: int) -> int:
        value: int = struct.unpack(kind, self._bytes(address, struct.calcsize(kind)))[0]
        return value

    def _walk(self, path: str, header: int, depth: int) -> None:
        """Read an object and everything in it."""
        self._see(header, depth)
        messages = list(self._messages(header))
        found = _as_group(messages)
        if found is None:
            self._arrays[path] = messages
            return
        self._groups[path] = messages
        for name, inner in self._entries(found):
            self._walk(f"{path}/{name}" if path else name, inner, depth + 1)

    def _see(self, address: int, depth: int) -> None:
        """Record an address, and refuse one seen before, too many of them, or too great a depth."""
        if address in self._seen:  # also an object with two names, which no network needs
            raise HDF5Error("holds weights whose groups contain one another")
        self._seen.add(address)
        if len(self._seen) > MAX_OBJECTS or depth > MAX_DEPTH:
            raise HDF5Error("holds more groups than any network needs")

    def _messages(self, header: int) -> Iterator[_Message]:
        """Yield the messages in the header of an object."""
        if self._number("<B", header) != 1:
            raise HDF5Error("holds weights in a newer HDF5 layout than Keras writes, or damaged")
        blocks = [(header + 16, self._number("<I", header + 8))]
        for start, size in blocks:  # grows during the loop
            address, end = start, start + size
            while address + 8 <= end:
                kind, length, flags = struct.unpack("<HHB", self._bytes(address, 5))
                message = _Message(kind, flags, self._bytes(address + 8, length))
                address += 8 + length
                self._described += 1
                if self._described > MAX_MESSAGES:
                    raise HDF5Error("holds weights whose description is damaged")
                if kind == _CONTINUED:
                    blocks.append(struct.unpack("<QQ", _exactly(message.content, 16)))
                yield message

    def _entries(self, group: _Group) -> Iterator[tuple[str, int]]:
        """Yield the names in a group, each with the address of its object's header."""
        heap = self._bytes(group.names, 32)
        if not self._says(group.names, b"HEAP"):
            raise HDF5Error("holds weights whose list of names is damaged")
        size, _free, start = struct.unpack("<QQQ", heap[8:])
        names = self._bytes(start, size)
        for leaf in self._leaves(group.table, depth=0):
            for number in range(self._number("<H", leaf + 6)):
                entry = self._bytes(leaf + 8 + 40 * number, 40)
                name_at, header, kind = struct.unpack("<QQI", entry[:20])
                if kind == 2:
                    raise HDF5Error("has a soft link among its weights, which may lead anywhere")
                yield _name(names, name_at), header

    def _leaves(self, node: int, depth: int) -> Iterator[int]:
        """Yield the addresses of a group's symbol tables, from the tree that lists them."""
        self._see(node, depth)
        if self._says(node, b"SNOD"):
            yield node
            return
        if not self._says(node, b"TREE\0"):
            raise HDF5Error("holds weights whose list of groups is damaged")
        for number in range(self._number("<H", node + 6)):
            yield from self._leaves(self._number("<Q", node + 32 + 16 * number), depth + 1)


def _exactly(content: memoryview, size: int) -> memoryview:
    if len(content) < size:
        raise HDF5Error("holds weights whose description is cut short")
    return content[:size]


def _as_group(messages: list[_Message]) -> _Group | None:
    """Return the group that the messages describe, or None for an array; refuse external data."""
    for one in messages:
        if one.kind == _LINK and (kind := _link_kind(one.content)) != 0:
            what = {1: "a soft link", 64: "an external link"}.get(kind, "a link of its own kind")
            raise HDF5Error(f"has {what} among its weights, which may lead anywhere")
        if one.kind == _OUTER_FILES:
            raise HDF5Error("keeps weights in external files")
        if one.kind == _LAYOUT and bytes(one.content[:2]) == b"\x04\x03":
            raise HDF5Error("has virtual arrays, whose numbers are in other files")
    for one in messages:
        if one.kind == _SYMBOL_TABLE:
            return _Group(*struct.unpack("<QQ", _exactly(one.content, 16)))
    if any(one.kind in _NEW_GROUP for one in messages):
        raise HDF5Error("holds weights in a newer HDF5 layout than Keras writes")
    return None


def _attribute(message: _Message) -> _Attribute:
    """Take an attribute apart; its name, type and shape come before its values."""
    content = message.content
    version, flags, *sizes = struct.unpack("<BBHHH", _exactly(content, 8))
    if version not in (1, 2, 3) or message.flags & 0x02 or (version > 1 and flags):
        raise HDF5Error("has an attribute that is described in an unknown way")
    start = 9 if version == 3 else 8
    parts = []
    for size in sizes:
        end = start + (_padded(size) if version == 1 else size)
        parts.append(_exactly(content, end)[start : start + size])
        start = end
    return _Attribute(bytes(parts[0]).rstrip(b"\0"), parts[1], parts[2], content[start:])


def _padded(size: int) -> int:
    """Round a size up to a multiple of eight bytes."""
    return -(-size // 8) * 8


def _shown(name: bytes) -> str:
    return ascii(name.decode(errors="replace"))[1:-1][:40]


def _link_kind(content: memoryview) -> int:
    flags = _exactly(content, 3)[1]
    return content[2] if flags & 0x08 else 0


def _name(names: memoryview, start: int) -> str:
    end = bytes(names[start : start + 256]).find(b"\0")
    if start > len(names) or end < 1:
        raise HDF5Error("holds weights whose names are damaged")
    try:
        name = bytes(names[start : start + end]).decode()
    except UnicodeDecodeError:
        raise HDF5Error("holds weights whose names are damaged") from None
    if "/" in name or name in (".", ".."):
        raise HDF5Error("holds weights whose names lead out of their groups")
    return name


def _shape(content: memoryview) -> tuple[int, ...]:
    """Decode a shape described in version 1 or 2."""
    version, dimensions = _exactly(content, 2)
    if version == 2 and _exactly(content, 4)[3] == 2:  # "null": no value at all
        return (0,)
    start = {1: 8, 2: 4}.get(version)
    if start is None or dimensions > 8:
        raise HDF5Error("has weights whose shape is described in an unknown way")
    sides = _exactly(content, start + 8 * dimensions)[start:]
    return struct.unpack(f"<{dimensions}Q", sides)


def _float_type(content: memoryview) -> np.dtype[Any] | None:
    """Return the type of an array of floating-point numbers; None for anything else."""
    version, found = content[:1], bytes(content[1:20])
    for described, name in FLOATS.items():
        if found == described[1:] and bytes(version) in (b"\x11", b"\x21", b"\x31"):
            return np.dtype(name)
    return None


def _place(content: memoryview, path: str) -> tuple[int, int]:
    """Return the address and size of an array that is stored contiguously."""
    version, kind = _exactly(content, 2)
    if version not in (3, 4) or kind != 1:
        raise HDF5Error(
            f"has weights {path} that are not stored in one piece, as Keras writes them"
        )
    address, size = struct.unpack("<QQ", _exactly(content, 18)[2:])
    return address, size
