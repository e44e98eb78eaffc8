"""What lies at an address, read so that a stop is heard at once."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Generator

from mnist_desktop.errors import JobCancelled
from mnist_desktop.progress import ShouldStop

TIMEOUT_S = (5.0, 15.0)  # to connect, and between two parts of an answer
STOP_POLL_S = 0.1  # how often a reader that waits for its host asks whether it should stop
CHUNK_BYTES = 64 * 1024

# The size, a part, what went wrong, or None for the end.
_Arrival = int | bytes | Exception | None


def read_remote(
    url: str, timeout_s: tuple[float, float], should_stop: ShouldStop
) -> Generator[int | bytes]:
    """Read what is at an address: first its size in bytes, 0 while unknown, then its parts.

    The host is read on a thread of its own, so that a stop is heard at once even while the host
    is silent. That thread touches no file: left behind, it ends with the host's next byte or at
    its time limit, and nothing of it stays.

    Parameters
    ----------
    url : str
        The address. From https no way leads elsewhere.
    timeout_s : tuple of float
        Seconds to wait for a connection, and between two parts of an answer.
    should_stop : callable
        Answers True once nothing more is wanted.

    Raises
    ------
    requests.RequestException
        If it cannot be read; `in_short` says why.
    JobCancelled
        If ``should_stop`` answered True.
    """
    arrived: queue.SimpleQueue[_Arrival] = queue.SimpleQueue()
    left = threading.Event()
    arguments = (url, timeout_s, arrived, left)
    threading.Thread(target=_read, args=arguments, name="download", daemon=True).start()
    try:
        while (arrival := _next(arrived, should_stop)) is not None:
            if isinstance(arrival, Exception):
                raise arrival
            yield arrival
    finally:
        left.set()


def _next(arrived: queue.SimpleQueue[_Arrival], should_stop: ShouldStop) -> _Arrival:
    while not should_stop():
        with contextlib.suppress(queue.Empty):
            return arrived.get(timeout=STOP_POLL_S)
    raise JobCancelled


def _read(
    url: str,
    timeout_s: tuple[float, float],
    arrived: queue.SimpleQueue[_Arrival],
    left: threading.Event,
) -> None:
    """Read the host, on a thread of its own."""
    import requests

    # Compressed on the way, the bytes would be neither those announced nor those hashed.
    headers = {"Accept-Encoding": "identity"}
    try:
        with requests.get(url, stream=True, timeout=timeout_s, headers=headers) as answer:
            answer.raise_for_status()
            hops = (*(hop.url for hop in answer.history), answer.url)
            if url.startswith("https:") and not all(hop.startswith("https:") for hop in hops):
                raise requests.exceptions.InvalidURL("led away from https")
            arrived.put(int(answer.headers.get("Content-Length", 0)))
            for part in answer.iter_content(CHUNK_BYTES):
                if left.is_set():
                    return
                arrived.put(part)
        arrived.put(None)
    except Exception as error:  # noqa: BLE001 - raised again on the job's thread
        arrived.put(error)


def in_short(error: Exception) -> str | None:
    """What went wrong on the way in a few words, to stand in the middle of a sentence.

    Returns
    -------
    str or None
        None for an error that has nothing to do with the way.
    """
    import requests

    silent = "timed out" in str(error)
    # From the particular to the general: a ConnectTimeout is a ConnectionError too.
    for kind, words in (
        (requests.HTTPError, _answered(error)),
        (requests.exceptions.SSLError, "its certificate was not accepted"),
        (requests.ConnectTimeout, "no answer"),
        (requests.Timeout, "it stopped answering"),
        (requests.ConnectionError, "it stopped answering" if silent else "no connection"),
        (requests.exceptions.ChunkedEncodingError, "the download broke off"),
        (requests.RequestException, "its address is not in order"),
        (OSError, getattr(error, "strerror", None) or "it cannot be written"),
    ):
        if isinstance(error, kind):
            return words
    return None


def _answered(error: Exception) -> str:
    answer = getattr(error, "response", None)
    return "no file" if answer is None else f"it answered {answer.status_code}"
