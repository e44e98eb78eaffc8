"""Whether there is a newer version of this program; looked for only when the user asks."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.version import Version

from mnist_desktop import __version__
from mnist_desktop.errors import ReleaseError
from mnist_desktop.files.remote import TIMEOUT_S, in_short, read_remote
from mnist_desktop.printable import printable
from mnist_desktop.progress import OnProgress, PhaseProgress, ShouldStop

# Where the newest release is told, as GitHub, Gitea and Forgejo tell it (``releases/latest`` of
# their interface for programs). Whoever publishes this program, or their own version of it, sets
# this, here and nowhere else; docs/RELEASE.md has an example.
RELEASES = ""
MAX_BYTES = 1_000_000  # of the answer; GitHub's has some ten thousand
MAX_NOTES = 5_000  # characters of what is new that are shown

NO_ADDRESS = (
    "This copy does not know where newer versions are published; ask whoever you have it from."
)


@dataclass(frozen=True)
class ReleaseRequest:
    """Where to look for a newer version.

    Attributes
    ----------
    address : str
        Where the newest release is told; empty where nobody has published any.
    version : str
        Of the program that asks.
    timeout_s : tuple of float
        Seconds to wait for a connection, and between two parts of an answer.
    """

    address: str
    version: str = __version__
    timeout_s: tuple[float, float] = TIMEOUT_S

    @property
    def host(self) -> str:
        """Who is asked; empty where nobody can be."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True)
class Release:
    """The newest release.

    Attributes
    ----------
    version : str
        Such as ``"1.2.0"``.
    page : str
        Address of its page.
    notes : str
        What is new, in its authors' words; may have several lines.
    is_newer : bool
        Whether it is newer than the program that asked.
    """

    version: str
    page: str
    notes: str
    is_newer: bool


def find_release(
    request: ReleaseRequest, *, on_progress: OnProgress, should_stop: ShouldStop
) -> Release:
    """Ask for the newest release, as a job.

    Nothing is sent but the question: neither the version nor anything about user and machine.

    Raises
    ------
    ReleaseError
        If nobody can be asked, or what is answered is no release.
    JobCancelled
        If ``should_stop`` answered True.
    """
    if not request.address:
        raise ReleaseError(NO_ADDRESS)
    on_progress(PhaseProgress(f"Asking {request.host}"))
    content = bytearray()
    try:
        with closing(read_remote(request.address, request.timeout_s, should_stop)) as parts:
            for part in parts:
                content += b"" if isinstance(part, int) else part
                if len(content) > MAX_BYTES:
                    raise ValueError("the answer has no end")
        return _release(bytes(content), request)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if (words := in_short(error)) is not None:  # an address that requests refuses
            raise _unreachable(request, words) from error
        raise ReleaseError(
            f"{request.host} did not answer with a release of this program; look at its page in a "
            "browser, or try again later."
        ) from error
    except OSError as error:
        raise _unreachable(request, in_short(error) or "no connection") from error


def _unreachable(request: ReleaseRequest, words: str) -> ReleaseError:
    return ReleaseError(
        f"{request.host} could not be asked for a newer version ({words}); check the connection, "
        "and try again."
    )


def _release(content: bytes, request: ReleaseRequest) -> Release:
    """Understand an answer; raises ValueError, KeyError or TypeError for anything else."""
    answer = json.loads(content)
    page, asked = str(answer["html_url"]), urlsplit(request.address).scheme
    if urlsplit(page).scheme not in ("https", asked) or not urlsplit(page).hostname:
        raise ValueError("its page is nothing to open")
    newest = Version(answer["tag_name"])
    notes = str(answer.get("body") or "").replace("\r\n", "\n").strip()
    return Release(
        version=str(newest),
        page=page,
        notes=printable(notes, MAX_NOTES, keep="\n"),
        is_newer=newest > Version(request.version),
    )
