"""Read the members of a Keras file by strict rules, and identify files of other formats."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from mnist_desktop.files.reading import ZipEndError, check_zip_end

Result = TypeVar("Result")

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
# Bytes. Enough for ten million parameters with the state of Adam, which holds three of each.
MAX_SIZES = {CONFIG: 1_000_000, WEIGHTS: 130_000_000, METADATA: 100_000}
MAX_FILE = 140_000_000
MAX_MEMBERS = 16
MAX_RATIO = 100  # of unpacked to packed size; Keras does not compress at all
PIECE = 1 << 20
LIST_SIZE = 10_000  # bytes of the list of members

PICKLE_REASON = (
    "is a Python pickle (joblib's are such, too), which runs program code when it is opened; "
    "convert it where it was made, a Keras network with model.save('mine.keras'), one of "
    "scikit-learn with skl2onnx.to_onnx"
)
SAVED_MODEL_REASON = (
    "is a TensorFlow SavedModel, which is a program and not a list of layers; convert it where it "
    "was made with tf.lite.TFLiteConverter.from_saved_model('folder').convert()"
)
TORCH_REASON = (
    "is a PyTorch file, which holds a Python pickle and so program code; convert it where it was "
    "made with torch.onnx.export(model, torch.zeros(1, 1, 28, 28), 'mine.onnx')"
)
SAFETENSORS_REASON = (
    "is a file of weights (.safetensors), which describes no layers; load it where it was made "
    "and use torch.onnx.export(model, torch.zeros(1, 1, 28, 28), 'mine.onnx')"
)
# First bytes, the longest first.
MARKS = (
    (b"\x80\x02\x8a\x0a", TORCH_REASON),  # before version 1.6: a pickled number comes first
    (b"\x08\x01\x12", SAVED_MODEL_REASON),
    *((b"\x80" + version, PICKLE_REASON) for version in (b"\x02", b"\x03", b"\x04", b"\x05")),
    *((b"\x78" + level, PICKLE_REASON) for level in (b"\x5e", b"\x9c", b"\xda")),  # joblib's
)


class ArchiveError(ValueError):
    """The file is not a Keras file that is safe to read; the message continues "it ..."."""


def what_it_is(start: bytes) -> str:
    """Say, from its first bytes, what a file that is neither a zip nor a LiteRT model is.

    Returns
    -------
    str
        A reason that continues "it ...".
    """
    for mark, reason in MARKS:
        if start.startswith(mark):
            return reason
    if start[2:8] == bytes(6) and start[:2] != bytes(2):  # the length of what follows
        return SAFETENSORS_REASON
    return "is neither a Keras (.keras, .h5) nor a LiteRT (.tflite) nor an ONNX (.onnx) model"


def is_onnx(start: bytes) -> bool:
    """Whether a file starts as an ONNX model does: with its version, and then what it consists of.

    A SavedModel starts with a version of 1 and the same mark as an ONNX producer's name.
    """
    has_version = start[:1] == b"\x08" and 2 < start[1] < 30 if len(start) > 2 else False
    return has_version and start[2:3] in (b"\x12", b"\x1a", b":", b"B")


class KerasArchive:
    """A Keras file whose list of members has been checked; nothing is unpacked to disk.

    Parameters
    ----------
    file : binary file
        Open for reading.

    Raises
    ------
    ArchiveError
        If it is not a zip file, or holds anything that a Keras file of plain layers does not.
    """

    def __init__(self, file: BinaryIO) -> None:
        _check_end(file)
        self._zip = _guarded(lambda: zipfile.ZipFile(file))
        members = self._zip.infolist()
        _check_kind([one.filename for one in members])
        self._members: dict[str, zipfile.ZipInfo] = {}
        for one in members:
            _check_member(one)
            if one.filename in self._members:
                raise ArchiveError(f"holds {one.filename} twice")
            self._members[one.filename] = one
        for name in (CONFIG, WEIGHTS):
            if name not in self._members:
                raise ArchiveError(f"holds no {name} as a Keras file does")

    def has(self, name: str) -> bool:
        """Whether the archive has this member."""
        return name in self._members

    def size(self, name: str) -> int:
        """Size of a member in bytes, as the archive declares it."""
        return self._members[name].file_size

    def read(self, name: str) -> bytearray:
        """Read a complete member.

        Raises
        ------
        ArchiveError
            If it is damaged.
        """
        member = self._members[name]
        content = bytearray()
        with _guarded(lambda: self._zip.open(member)) as file:
            # In pieces, so that it is not in memory twice; never more than the declared size.
            while piece := _guarded(lambda: file.read(PIECE)):
                content += piece
        if len(content) != member.file_size:
            raise ArchiveError(f"holds a {name} that is cut short")
        return content


def _guarded(read: Callable[[], Result]) -> Result:
    """Return what `read` returns; raise one kind of error for all that a damaged file can cause."""
    try:
        return read()
    except (
        zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError,
        NotImplementedError, RuntimeError, OverflowError, MemoryError, IndexError,
    ) as error:  # fmt: skip
        raise ArchiveError("is a zip file that is damaged or cut short") from error


def _check_end(file: BinaryIO) -> None:
    """Check the end of a zip file before the list that it declares is read into memory."""
    size = file.seek(0, 2)
    if size > MAX_FILE:
        raise ArchiveError(
            f"has {size / 1e6:,.0f} MB, and {MAX_FILE / 1e6:,.0f} MB are more than any network for "
            "digits needs"
        )
    try:
        check_zip_end(file, MAX_MEMBERS, LIST_SIZE)
    except ZipEndError as error:
        raise ArchiveError(f"is a zip file that {error}") from error


def _check_kind(names: list[str]) -> None:
    """Refuse zip files of other well-known formats by name."""
    last = {name.replace("\\", "/").rpartition("/")[2] for name in names}
    if "data.pkl" in last or "constants.pkl" in last:
        raise ArchiveError(TORCH_REASON)
    if "saved_model.pb" in last:
        raise ArchiveError(SAVED_MODEL_REASON)
    if names and all(name.endswith(".npy") for name in names):
        raise ArchiveError("is a NumPy archive (.npz), which describes no layers")


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or member.orig_filename != name:
        raise ArchiveError("holds a file whose name leads out of the archive")
    if name == "assets/" and member.file_size == 0:
        return
    if parts[0] == "assets":
        raise ArchiveError("brings files for its layers to read, such as a vocabulary")
    if name not in MAX_SIZES:
        raise ArchiveError(f"holds {name[:60]!a}, which is not part of a Keras file")
    if member.flag_bits & 0x1:
        raise ArchiveError("is encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError("is packed in a way that Keras does not use")
    too_large = member.file_size > MAX_SIZES[name]
    if too_large or member.file_size > MAX_RATIO * member.compress_size:
        raise ArchiveError(
            f"holds a {name} of {member.file_size / 1e6:,.1f} MB, packed into "
            f"{member.compress_size / 1e6:,.3f} MB, which is more than a network for digits needs"
        )


def folder_reason(folder: Path) -> str:
    """Say why a folder is not a model file; the reason continues "it ..."."""
    if (folder / "saved_model.pb").is_file() or (folder / "saved_model.pbtxt").is_file():
        return SAVED_MODEL_REASON
    return "is a folder"
