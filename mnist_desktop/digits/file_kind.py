"""What a file of digits is, told by its first bytes and never by its name."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from pathlib import Path
from typing import BinaryIO

from mnist_desktop.errors import DataFileError
from mnist_desktop.files.reading import open_regular

HEAD = 4096  # bytes that are looked at
READABLE = "CSV, Parquet, .npz, .npy or .mat file, or a folder of IDX files or of pictures by digit"

# What is told by its first bytes, the longer ones first where one begins like another.
_SIGNATURES = (
    (b"\x93NUMPY", "npy"),
    (b"PAR1", "parquet"),
    (b"MATLAB 7.3 MAT-file", "mat73"),
    (b"MATLAB", "mat"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"%PDF", "pdf"),
    (b"SQLite format 3", "database"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"(\xb5/\xfd", "archive"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"ARROW1", "arrow"),
    (b"CDF", "database"),
)

# What cannot be read, as the middle of a sentence, and what to do instead.
_REFUSED = {
    "empty": ("is empty", "get the file again"),
    "pickle": (
        "is a pickle, which can hold program code and is never opened",
        "save its arrays with numpy.savez where it was made",
    ),
    "torch": (
        "is a PyTorch file, which can hold program code and is never opened",
        "save its tensors with numpy.savez where it was made",
    ),
    "office": ("is a spreadsheet or an Office document", "save the table as CSV"),
    "mat73": ("is a MATLAB 7.3 file", "save it in MATLAB with -v7"),
    "hdf5": ("is an HDF5 file", "save its arrays with numpy.savez"),
    "picture": (
        "is one picture",
        "drop it on the pad to have it read, or choose a folder of pictures to train on",
    ),
    "pdf": ("is a PDF document", f"choose a {READABLE}"),
    "database": ("is a database", "export the table as CSV"),
    "archive": ("is an archive that has to be unpacked first", "unpack it and choose its content"),
    "arrow": ("is an Arrow file", "save the table as Parquet or CSV"),
    "keras": ("is a network and holds no digits", f"choose a {READABLE}"),
    "zip": ("is a zip file without arrays", "unpack it and choose its content"),
    "cut zip": ("is a zip file that is cut short", "get the file again"),
    "arff": ("is an ARFF file", "save its table as CSV"),
    "libsvm": ("is a LIBSVM file", "save it as CSV, a label and 784 grey values a line"),
    "text": ("is a text without a table of pixels", f"choose a {READABLE}"),
    "cifar": (
        "holds colour images of 32×32 pixels, as CIFAR-10's files do",
        "choose grey digits of 28×28 pixels",
    ),
    "unknown": ("is no file of digits that is known here", f"choose a {READABLE}"),
}


def file_kind(path: Path) -> str:
    """Tell what a file holds.

    Parameters
    ----------
    path : Path
        The file, perhaps gzipped.

    Returns
    -------
    str
        One of ``"npz"``, ``"npy"``, ``"csv"``, ``"mat"``, ``"parquet"``, ``"idx"``, which can be
        read, or a kind that `refusal` has words for.

    Raises
    ------
    DataFileError
        If it cannot be opened.
    """
    try:
        with open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            return _kind(file, size)
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be read ({error.strerror or error}); choose another file of digits."
        ) from error


def refusal(path: Path, kind: str) -> DataFileError:
    """Say what a file is, and what to do with it."""
    what, way_on = _REFUSED[kind]
    return DataFileError(f"{path} {what}; {way_on}.")


def _kind(file: BinaryIO, size: int) -> str:
    head = file.read(HEAD)
    if head.startswith(b"\x1f\x8b"):
        file.seek(0)
        try:
            head = gzip.GzipFile(fileobj=file).read(HEAD)
        except (OSError, EOFError, zlib.error):
            return "unknown"
        kind = _kind_of_head(head)
        return "archive" if kind in ("npy", "mat") or head.startswith(b"PK") else kind
    if head.startswith(b"PK"):
        return _kind_of_zip(file, head, size)
    if size in (30_730_000, 30_740_000) and head[0] < 10:  # CIFAR-10's binary batches
        return "cifar"
    return _kind_of_head(head)


def _kind_of_head(head: bytes) -> str:
    if not head:
        return "empty"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[257:262] == b"ustar":
        return "archive"
    if re.match(rb"\0\0[\x08-\x0e][\x01-\x04]", head):
        return "idx"
    if re.match(rb"\x80[\x02-\x05]", head) or re.match(rb"\((dp|lp|i|c)", head):
        return "pickle"
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or re.search(rb"[\0-\x08\x0e-\x1f]", text):
        return "unknown"
    first = text.split(b"\n", 1)[0]
    if re.search(rb"^@relation", text, re.IGNORECASE | re.MULTILINE):
        return "arff"
    if re.match(rb"[+-]?[0-9.]+ +[0-9]+:", first):
        return "libsvm"
    separators = max(first.count(mark) for mark in (b",", b";", b"\t", b" "))
    is_prose = b"<" in first or b"{" in first or separators < 16
    return "text" if is_prose or not re.search(rb"[0-9]", text) else "csv"


def _kind_of_zip(file: BinaryIO, head: bytes, size: int) -> str:
    """Tell a zip's kind by the names in its first bytes and in its list of contents."""
    file.seek(max(0, size - (1 << 16)))
    names = head + file.read(1 << 16)
    for mark, kind in (
        (b"/data.pkl", "torch"),
        (b".npy", "npz"),
        (b"xl/workbook", "office"),
        (b"[Content_Types].xml", "office"),
        (b"mimetypeapplication/vnd.oasis", "office"),
        (b"model.weights.h5", "keras"),
    ):
        if mark in names:
            return kind
    return "zip" if b"PK\5\6" in names else "cut zip"
