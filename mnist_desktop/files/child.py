"""A child process of this program, in which a file from anybody may end badly.

What native code makes of a damaged file may crash it, or take any amount of memory and time. In a
short-lived child with limits, that ends the child alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mnist_desktop import win32

if TYPE_CHECKING:
    import subprocess

NO_ERROR_WINDOWS = 0x1 | 0x2  # winbase.h
CRASHED = 0x80000000  # and above: Windows' exit codes of programs that have crashed


def start_child(name: str, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """Start a child that runs one of this program's own commands.

    Parameters
    ----------
    name, *arguments : str
        The command and what it is given.
    **streams
        ``stdin``, ``stdout`` and ``stderr``, as for `subprocess.Popen`.

    Raises
    ------
    OSError
        If it cannot be started.
    """
    import subprocess  # most starts of the program need no child

    return subprocess.Popen(
        child_command(name, *arguments),
        env=child_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        **streams,
    )


def feed(child: subprocess.Popen[bytes], content: bytes) -> None:
    """Write to the standard input of a child, on a thread, and close it.

    `Popen.communicate` limits the time of that as well, but not on Windows: there a child that does
    not read would be waited for without an end.
    """
    pipe, child.stdin = child.stdin, None

    def write(pipe: IO[bytes]) -> None:
        with suppress(OSError), pipe:  # it may end before it has read all
            pipe.write(content)

    if pipe is not None:
        threading.Thread(target=write, args=(pipe,), name="child-input", daemon=True).start()


def was_ended(code: int) -> bool:
    """Whether a child's exit code says that it has crashed, or was ended from outside.

    Windows gives the number of a crash (ntstatus.h), but its task manager 1, as an error does.
    """
    return code < 0 or code >= CRASHED


def has_run_out_of_time(code: int) -> bool:
    """Whether a child's exit code says that it has used up the time it was given."""
    if sys.platform == "win32":
        return code == win32.NOT_ENOUGH_QUOTA
    return code == -signal.SIGXCPU


def child_command(name: str, *arguments: str) -> list[str]:
    """Words of the command line that runs one of this program's own commands."""
    if getattr(sys, "frozen", False):
        return [sys.executable, name, *arguments]
    return [sys.executable, "-P", "-m", "mnist_desktop", name, *arguments]


def child_environment() -> dict[str, str]:
    """Let the child import this package from here, and nothing from its working folder."""
    found = {**os.environ, "PYINSTALLER_RESET_ENVIRONMENT": "1"}
    if not getattr(sys, "frozen", False):
        paths = [str(Path(__file__).parents[2]), found.get("PYTHONPATH", "")]
        found["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    return found


def limit_this_process(memory: int, seconds: int | None = None) -> None:
    """Limit what the child may use from now on, and let it write no files.

    On Windows it may start no other process, either, and no window tells of its crash. Systems obey
    what they can: whoever waits for a child limits the time as well.

    Parameters
    ----------
    memory : int
        Bytes of address space beyond what is in use; on Windows, of memory that is committed.
    seconds : int, optional
        Of processor time, beyond what is used and the second that has begun.
    """
    if sys.platform == "win32":
        win32.kernel("SetErrorMode", win32.DWORD, win32.DWORD)(NO_ERROR_WINDOWS)
        win32.limit_this_process(memory, None if seconds is None else 1 + seconds)
        win32.forbid_writing()
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limits = [
        (resource.RLIMIT_AS, _addresses() + memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    if seconds is not None:
        limits.append((resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds))
    for limit, most in limits:
        try:
            # The system warns at the first limit of time, and kills at the second.
            resource.setrlimit(limit, (most, most + (limit == resource.RLIMIT_CPU)))
        except (ValueError, OSError):  # not supported by this system
            continue


def _addresses() -> int:
    """Bytes of address space in use by this process; 3 GiB if the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return 3 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")
