"""MNIST fetched from its hosts, verified, and put in place."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mnist_desktop import edition
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.digits.picture_ways import BY_SIZE
from mnist_desktop.errors import (
    OTHER_HOME,
    DataFileError,
    DownloadError,
    reason,
    way_on,
)
from mnist_desktop.files.held import remove_tree, rename, when_released
from mnist_desktop.files.remote import TIMEOUT_S, in_short, read_remote
from mnist_desktop.files.writing import sync_file, sync_folder
from mnist_desktop.paths import make_private
from mnist_desktop.progress import ShouldStop

logger = logging.getLogger(__name__)

LEFTOVER_S = 24 * 3600.0


@dataclass(frozen=True)
class RemoteFile:
    """One file of a download.

    Attributes
    ----------
    url : str
        Where it is.
    sha256 : str
        What it must hash to.
    name : str
        What it is called on disk.
    """

    url: str
    sha256: str
    name: str


@dataclass(frozen=True)
class Host:
    """One host that has MNIST: its name, and the files that make it up."""

    name: str
    files: tuple[RemoteFile, ...]


MAX_BYTES = 100_000_000  # MNIST has eleven million; a host that never ends must not fill the disk
_KERAS_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_IDX_URL = "https://ossci-datasets.s3.amazonaws.com/mnist/"
# Hashes as published by keras.datasets.mnist and computed from the canonical gzipped files.
HOSTS = (
    Host(
        "Keras's archive",
        (
            RemoteFile(
                _KERAS_URL + "mnist.npz",
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
                "mnist.npz",
            ),
        ),
    ),
    Host(
        "PyTorch's mirror",
        (
            RemoteFile(
                _IDX_URL + "train-images-idx3-ubyte.gz",
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "train-images-idx3-ubyte.gz",
            ),
            RemoteFile(
                _IDX_URL + "train-labels-idx1-ubyte.gz",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "train-labels-idx1-ubyte.gz",
            ),
            RemoteFile(
                _IDX_URL + "t10k-images-idx3-ubyte.gz",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "t10k-images-idx3-ubyte.gz",
            ),
            RemoteFile(
                _IDX_URL + "t10k-labels-idx1-ubyte.gz",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                "t10k-labels-idx1-ubyte.gz",
            ),
        ),
    ),
)


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is.

    Attributes
    ----------
    host : str
        Where from, in words.
    file : str
        The file under way.
    done, total : int
        Bytes of this file; ``total`` is 0 while it is unknown.
    """

    host: str
    file: str
    done: int
    total: int


@dataclass(frozen=True)
class DatasetRequest:
    """Which digits are wanted.

    Attributes
    ----------
    cache : Path
        The program's own folder for downloaded digits.
    chosen : str or None
        A file or folder of digits, ``"sample"``, ``"my-digits"`` or ``"mnist+my-digits"``; None to
        take what is available.
    download : bool
        Whether to download MNIST when it is nowhere on this machine.
    hosts : tuple of Host
        Where to download from, in order.
    timeout_s : tuple of float
        Seconds to wait for a connection, and between two parts of an answer.
    turn : tuple of str
        How they are to be turned, of `turns.TURNS`.
    my_digits : Path or None
        File of the user's own drawings.
    pictures : str
        How pictures are to be taken, of `picture_ways.PICTURE_WAYS`.
    """

    cache: Path
    chosen: str | None = None
    download: bool = True
    hosts: tuple[Host, ...] = HOSTS
    timeout_s: tuple[float, float] = TIMEOUT_S
    turn: tuple[str, ...] = ()
    my_digits: Path | None = None
    pictures: str = BY_SIZE


OnDownload = Callable[[DownloadProgress], None]


def has_npz(path: Path) -> bool:
    """Whether a folder holds Keras's file of MNIST."""
    return (path / "mnist.npz").is_file()


def fetch_mnist(
    request: DatasetRequest, *, on_progress: OnDownload, should_stop: ShouldStop
) -> Dataset:
    """Download MNIST into the program's cache, from the first host that has it complete.

    Files are written to a temporary folder next to the cache, checked by hash and by content, and
    put in place with one rename; what was in the cache stays untouched until then.

    Raises
    ------
    DownloadError
        If no host gave the files, or the cache cannot be written to; always in the Reader, which
        comes with MNIST.
    JobCancelled
        If ``should_stop`` answered True.
    """
    if not edition.can_train():
        raise DownloadError(edition.left_out("Downloading MNIST"))
    reasons = []
    for host in request.hosts:
        folder = _make_folder_beside(request.cache)
        try:
            for file in host.files:
                download = _Download(
                    host.name, file.name, request.timeout_s, on_progress, should_stop
                )
                _fetch_file(file, folder, download)
            dataset = read_dataset(_npz_or_folder(folder), f"downloaded from {host.name}")
            if not dataset.verified:
                reasons.append(f"{host.name}: the files are not MNIST's")
                continue
            _put_in_place(folder, request.cache)
            return dataset
        except (OSError, ValueError, DataFileError) as error:
            logger.warning("Download from %s failed: %s", host.name, error)
            reasons.append(f"{host.name}: {_in_short(error)}")
        finally:
            remove_tree(folder)
    raise DownloadError(
        f"MNIST could not be downloaded ({'; '.join(reasons)}); check the connection and try "
        "again, or choose a file of digits."
    )


def _make_folder_beside(cache: Path) -> Path:
    try:
        make_private(cache.parent)
        for left in cache.parent.glob("download-*"):  # by a program that was killed
            if time.time() - left.stat().st_mtime > LEFTOVER_S:
                remove_tree(left)
        return Path(tempfile.mkdtemp(prefix="download-", dir=cache.parent))
    except OSError as error:
        raise DownloadError(
            f"MNIST cannot be kept in {cache.parent} ({reason(error)}); "
            f"{way_on(error, OTHER_HOME)}."
        ) from error


def _npz_or_folder(folder: Path) -> Path:
    return folder / "mnist.npz" if has_npz(folder) else folder


def _fetch_file(file: RemoteFile, folder: Path, download: _Download) -> None:
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    # It renames and removes what it has just written; what has arrived is not fetched again.
    when_released(
        lambda: pooch.retrieve(
            file.url, "sha256:" + file.sha256, fname=file.name, path=folder, downloader=download
        ),
        folder / file.name,
    )


class _Download:
    """Fetches the bytes of one file for pooch, reports progress, and stops on request."""

    def __init__(
        self,
        host: str,
        file: str,
        timeout_s: tuple[float, float],
        on_progress: OnDownload,
        should_stop: ShouldStop,
    ) -> None:
        self._host = host
        self._file = file
        self._timeout_s = timeout_s
        self._on_progress = on_progress
        self._should_stop = should_stop

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Write what is at the address to a file."""
        parts = read_remote(url, self._timeout_s, self._should_stop)
        with contextlib.closing(parts), Path(output_file).open("wb") as output:
            self._write(parts, output)

    def _write(self, parts: Generator[int | bytes], output: IO[bytes]) -> None:
        done = total = 0
        for part in parts:
            if isinstance(part, int):
                total = part
                continue
            done += len(part)
            if done > MAX_BYTES:
                raise ValueError("the file has no end")
            output.write(part)
            # A host that announces less than it sends is found out by the hash.
            shown = max(total, done) if total else 0
            self._on_progress(DownloadProgress(self._host, self._file, done, shown))


def _put_in_place(folder: Path, cache: Path) -> None:
    """Exchange the cache folder for a finished one; the old one comes back if that fails."""
    old = set_aside(cache)
    for path in folder.iterdir():
        sync_file(path)
    if cache.exists():
        remove_tree(old)
        rename(cache, old)
    try:
        rename(folder, cache)
    except OSError:
        if old.exists():
            rename(old, cache)
        raise
    with contextlib.suppress(OSError):  # not every network drive can sync a folder
        sync_folder(cache.parent)
    remove_tree(old)


def set_aside(cache: Path) -> Path:
    """Where the old cache folder lies while it is exchanged."""
    return cache.with_name(cache.name + ".old")


def _in_short(error: Exception) -> str:
    """What went wrong in a few words; what is left are pooch's hash, and a file of no digits."""
    return in_short(error) or "the file is not the one expected"
