"""What only Windows has, asked of its kernel; nothing here can be called on another system."""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

HANDLE, DWORD, BOOL = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
OWN_PROCESS = HANDLE(-1)  # what GetCurrentProcess returns

# winnt.h
EXTENDED_LIMITS = 9
LIMIT_PROCESS_TIME = 0x2
LIMIT_ACTIVE_PROCESSES = 0x8
LIMIT_PROCESS_MEMORY = 0x100
DIE_ON_UNHANDLED_EXCEPTION = 0x400
TICKS = 10_000_000  # of 100 ns in a second

SECURITY = "advapi32"
MAX_USER_NAME = 257  # lmcons.h, with the final zero
ADJUST_TOKEN = 0x80
INTEGRITY_LEVEL = 25
INTEGRITY = 0x20
LOW_INTEGRITY = "S-1-16-4096"

# winbase.h
STANDARD_INPUT = 0xFFFFFFF6  # -10
BELOW_NORMAL = 0x4000  # of priority

# wincon.h: the console is closed, the user logs off, the system shuts down
CONSOLE_ENDS = (2, 5, 6)
# Windows ends a program five seconds after it was told that, or once it has taken notice.
CONSOLE_SECONDS = 5.0

# winerror.h: with what a process ends that has used up the time of its job.
NOT_ENOUGH_QUOTA = 1816


_handlers: list[Any] = []  # that Windows may call: ctypes frees one that nobody holds


class BasicLimits(ctypes.Structure):
    """Limits of a job: JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_: ClassVar = [
        ("process_ticks", ctypes.c_int64),
        ("job_ticks", ctypes.c_int64),
        ("flags", DWORD),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("active_processes", DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority_class", DWORD),
        ("scheduling_class", DWORD),
    ]


class ExtendedLimits(ctypes.Structure):
    """More of them: JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_: ClassVar = [
        ("basic", BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    ]


class MemoryCounters(ctypes.Structure):
    """How much memory a process uses: PROCESS_MEMORY_COUNTERS."""

    _fields_: ClassVar = [
        ("size", DWORD),
        ("page_faults", DWORD),
        ("peak_working_set", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        ("pools", ctypes.c_size_t * 4),
        ("committed", ctypes.c_size_t),
        ("peak_committed", ctypes.c_size_t),
    ]


class IntegrityLabel(ctypes.Structure):
    """How far a process is trusted: TOKEN_MANDATORY_LABEL, with room for what it points to."""

    _fields_: ClassVar = [
        ("sid", ctypes.c_void_p),
        ("attributes", DWORD),
        ("room", DWORD * 5),
    ]


def kernel(name: str, result: Any, *kinds: Any, library: str = "kernel32") -> Any:
    """Return a function of Windows.

    Parameters
    ----------
    name : str
        Its name.
    result, *kinds : ctypes types
        Of what it returns and takes. Where it is not told them, ctypes cuts a handle to 32 bits.
    library : str
        The DLL that it is in.
    """
    if sys.platform == "win32":
        function = getattr(ctypes.WinDLL(library), name)
        function.restype, function.argtypes = result, kinds
        return function
    raise RuntimeError(f"only Windows has a {library}")


def limit_this_process(memory: int, seconds: float | None) -> bool:
    """Put this process into a job that bounds it, and that it cannot leave.

    Parameters
    ----------
    memory : int
        Bytes that it may commit beyond what it has.
    seconds : float or None
        Of processor time beyond what it has used, if that is bounded.

    Returns
    -------
    bool
        Whether Windows agrees.
    """
    limits = ExtendedLimits(process_memory=committed_memory() + memory)
    limits.basic.flags = LIMIT_PROCESS_MEMORY | LIMIT_ACTIVE_PROCESSES | DIE_ON_UNHANDLED_EXCEPTION
    limits.basic.active_processes = 1
    if seconds is not None:
        limits.basic.flags |= LIMIT_PROCESS_TIME
        limits.basic.process_ticks = int(TICKS * (os.times().user + seconds))
    set_limits = kernel("SetInformationJobObject", BOOL, HANDLE, BOOL, ctypes.c_void_p, DWORD)
    assign = kernel("AssignProcessToJobObject", BOOL, HANDLE, HANDLE)
    job = HANDLE(kernel("CreateJobObjectW", HANDLE, ctypes.c_void_p, ctypes.c_wchar_p)(None, None))
    try:
        size = ctypes.sizeof(limits)
        is_set = bool(job) and set_limits(job, EXTENDED_LIMITS, ctypes.byref(limits), size)
        return bool(is_set and assign(job, OWN_PROCESS))
    finally:
        if job:  # it lives on with its process, and without a handle nobody can change its limits
            kernel("CloseHandle", BOOL, HANDLE)(job)


def forbid_writing() -> bool:
    """Let this process write only to what it has open already.

    Of low integrity, it cannot write to what processes of the usual, medium one have made: the
    user's files, their settings in the registry, their windows. It cannot get more of it again.

    Returns
    -------
    bool
        Whether Windows agrees.
    """
    pointer = ctypes.c_void_p
    open_token = kernel("OpenProcessToken", BOOL, HANDLE, DWORD, pointer, library=SECURITY)
    make_sid = kernel("ConvertStringSidToSidW", BOOL, ctypes.c_wchar_p, pointer, library=SECURITY)
    set_token = kernel("SetTokenInformation", BOOL, HANDLE, DWORD, pointer, DWORD, library=SECURITY)
    token, label = HANDLE(), IntegrityLabel(attributes=INTEGRITY)
    if not open_token(OWN_PROCESS, ADJUST_TOKEN, ctypes.byref(token)):
        return False
    try:  # the label begins with a pointer to its SID, of which this process has only the one
        is_made = make_sid(LOW_INTEGRITY, ctypes.byref(label))
        size = ctypes.sizeof(label)
        return bool(is_made and set_token(token, INTEGRITY_LEVEL, ctypes.byref(label), size))
    finally:
        kernel("CloseHandle", BOOL, HANDLE)(token)


def set_standard_input(handle: int) -> None:
    """Make an open file the standard input of libraries, each of which may have its own C run-time.

    Parameters
    ----------
    handle : int
        Of the file, as Windows knows it.
    """
    kernel("SetStdHandle", BOOL, DWORD, HANDLE)(STANDARD_INPUT, handle)


def give_way() -> None:
    """Have this process work only while no other one wants to."""
    kernel("SetPriorityClass", BOOL, HANDLE, DWORD)(OWN_PROCESS, BELOW_NORMAL)


def raise_when_console_ends(number: signal.Signals) -> Callable[[], None]:
    """Have the main thread hear a signal when the console is closed, or the session ends.

    Whoever takes notice of either is ended by Windows, so notice is taken only after the seconds
    that Windows allows: in these the main thread can keep its work, and end by itself.

    Parameters
    ----------
    number : Signals
        The signal, which Python has a handler for.

    Returns
    -------
    callable
        Undoes it.
    """

    def on_event(event: int) -> bool:  # on a thread that Windows makes for it
        if event not in CONSOLE_ENDS:
            return False
        _thread.interrupt_main(number)
        time.sleep(CONSOLE_SECONDS)
        return True

    # With 64 bits, Windows calls functions in one way only.
    handler = ctypes.CFUNCTYPE(BOOL, DWORD)(on_event)
    set_handler = kernel("SetConsoleCtrlHandler", BOOL, ctypes.c_void_p, BOOL)
    set_handler(handler, True)
    _handlers.append(handler)

    def undo() -> None:
        set_handler(handler, False)
        _handlers.remove(handler)

    return undo


@contextmanager
def without_dll_folder(folder: str) -> Iterator[None]:
    """Have no program that is started while a block runs look for DLLs in a folder of this one.

    Parameters
    ----------
    folder : str
        Where this process looks for them, as set by SetDllDirectory; so it does again afterwards.
    """
    set_folder = kernel("SetDllDirectoryW", BOOL, ctypes.c_wchar_p)
    set_folder(None)
    try:
        yield
    finally:
        set_folder(folder)


def user_name() -> str:
    """Return the name of the user, whatever shells have made of it in variables."""
    name = ctypes.create_unicode_buffer(MAX_USER_NAME)
    size = DWORD(MAX_USER_NAME)
    ask = kernel("GetUserNameW", BOOL, ctypes.c_wchar_p, ctypes.c_void_p, library=SECURITY)
    ask(name, ctypes.byref(size))
    return name.value


def committed_memory() -> int:
    """Bytes that this process has committed; 3 GiB if Windows does not say."""
    counters = MemoryCounters(size=ctypes.sizeof(MemoryCounters))
    ask = kernel("K32GetProcessMemoryInfo", BOOL, HANDLE, ctypes.c_void_p, DWORD)
    ask(OWN_PROCESS, ctypes.byref(counters), counters.size)
    return int(counters.committed) or 3 << 30
