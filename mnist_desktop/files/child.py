"""A child process of this program, in which a file from anybody may end badly.

What native code makes of a damaged file may crash it, or take any amount of memory and time. In a
short-lived child with limits, that ends the child alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

NO_ERROR_WINDOWS = 0x1 | 0x2  # winbase.h


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

    Windows only shows no window when it crashes, and systems obey what they can: whoever waits for
    a child limits the time as well.

    Parameters
    ----------
    memory : int
        Bytes of address space beyond what is in use.
    seconds : int, optional
        Of processor time, beyond what is used and the second that has begun.
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(NO_ERROR_WINDOWS)
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
