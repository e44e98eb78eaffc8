"""What is asked of Windows: the records have its layout, and calls are made as it wants them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop import win32
from mnist_desktop.files import child
from mnist_desktop.search.control import give_way
from tests.wine import IS_WINE

IS_WINDOWS = sys.platform == "win32"

HUNGRY = """
from mnist_desktop.files.child import limit_this_process
limit_this_process(200_000_000, 5)
kept = [bytearray(20_000_000) for _ in range(100)]
"""
BUSY = """
from mnist_desktop.files.child import limit_this_process
limit_this_process(200_000_000, 1)
while True: pass
"""


class FakeKernel:
    """Takes calls as kernel32 does, and keeps what it is given."""

    def __init__(self, **results: int) -> None:
        self.results = {"CreateJobObjectW": 77, **results}
        self.calls: list[tuple[Any, ...]] = []
        self.limits = win32.ExtendedLimits()

    def __call__(self, name: str, _result: Any, *kinds: Any, **_library: str) -> Callable[..., int]:
        def function(*given: Any) -> int:
            assert len(given) == len(kinds)
            if name == "SetInformationJobObject":
                ctypes.pointer(self.limits)[0] = given[2]._obj
            if name == "K32GetProcessMemoryInfo":
                given[1]._obj.committed = 1000
            self.calls.append((name, *(getattr(one, "value", one) for one in given)))
            return self.results.get(name, 1)

        return function

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [rest for called, *rest in self.calls if called == name]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    found = FakeKernel()
    monkeypatch.setattr(win32, "kernel", found)
    monkeypatch.setattr(sys, "platform", "win32")
    return found


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the sizes are those of 64 bits")
def test_records_have_the_layout_of_windows_headers() -> None:
    assert ctypes.sizeof(win32.BasicLimits) == 64
    assert ctypes.sizeof(win32.ExtendedLimits) == 144
    assert win32.ExtendedLimits.process_memory.offset == 112
    assert ctypes.sizeof(win32.MemoryCounters) == 72
    assert win32.MemoryCounters.committed.offset == 56
    assert win32.IntegrityLabel.attributes.offset == 8


def test_a_child_is_bounded_by_a_job_that_nobody_can_change(kernel: FakeKernel) -> None:
    child.limit_this_process(500, 2)
    basic = kernel.limits.basic
    assert basic.flags & win32.LIMIT_PROCESS_MEMORY
    assert kernel.limits.process_memory == 1500  # beyond what it has
    assert basic.flags & win32.LIMIT_ACTIVE_PROCESSES
    assert basic.active_processes == 1
    assert basic.flags & win32.LIMIT_PROCESS_TIME
    assert basic.process_ticks >= 3 * 10**7
    own_process = ctypes.c_void_p(-1).value
    assert kernel.named("AssignProcessToJobObject") == [[77, own_process]]
    assert [77] in kernel.named("CloseHandle")


def test_a_child_writes_to_nobodys_files(kernel: FakeKernel) -> None:
    child.limit_this_process(500, 2)
    [(_process, rights, _token)] = kernel.named("OpenProcessToken")
    assert rights == win32.ADJUST_TOKEN
    assert kernel.named("ConvertStringSidToSidW")[0][0] == win32.LOW_INTEGRITY
    [(_token, what, label, size)] = kernel.named("SetTokenInformation")
    assert (what, label._obj.attributes) == (win32.INTEGRITY_LEVEL, win32.INTEGRITY)
    assert size == ctypes.sizeof(label._obj)


@pytest.mark.parametrize(
    "call", ["OpenProcessToken", "ConvertStringSidToSidW", "SetTokenInformation"]
)
def test_a_windows_that_lets_it_write_is_no_error(call: str, kernel: FakeKernel) -> None:
    kernel.results[call] = 0
    assert not win32.forbid_writing()


def test_a_child_without_a_limit_of_time_has_none(kernel: FakeKernel) -> None:
    child.limit_this_process(500)
    assert not kernel.limits.basic.flags & win32.LIMIT_PROCESS_TIME


@pytest.mark.parametrize(
    "call", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"]
)
def test_a_windows_that_makes_no_such_job_is_no_error(call: str, kernel: FakeKernel) -> None:
    kernel.results[call] = 0
    assert not win32.limit_this_process(500, 2)
    assert len(kernel.named("CloseHandle")) == (call != "CreateJobObjectW")


def test_a_search_gives_way_to_whatever_the_user_does(kernel: FakeKernel) -> None:
    give_way()
    assert kernel.named("SetPriorityClass") == [[ctypes.c_void_p(-1).value, win32.BELOW_NORMAL]]


@pytest.mark.skipif(not IS_WINDOWS, reason="other systems have other ways")
def test_the_user_has_a_name() -> None:
    assert win32.user_name()


@pytest.mark.skipif(not IS_WINDOWS, reason="other systems have other ways")
def test_windows_lets_it_give_way() -> None:
    asks = "print(w.kernel('GetPriorityClass', w.DWORD, w.HANDLE)(w.OWN_PROCESS))"
    program = f"from mnist_desktop import win32 as w; w.give_way(); {asks}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) == win32.BELOW_NORMAL


def test_the_standard_input_of_every_library_is_set(kernel: FakeKernel) -> None:
    win32.set_standard_input(7)
    assert kernel.named("SetStdHandle") == [[2**32 - 10, 7]]


@pytest.mark.skipif(not IS_WINDOWS or IS_WINE, reason="only Windows itself enforces it")
def test_windows_lets_a_child_write_to_nobodys_files(tmp_path: Path) -> None:
    program = (
        "import sys; from mnist_desktop.files.child import limit_this_process as limit\n"
        "print('read', flush=True); limit(10**9); open(sys.argv[1], 'w')"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "written")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "read"
    assert "PermissionError" in done.stderr


@pytest.mark.skipif(not IS_WINDOWS or IS_WINE, reason="only Windows itself enforces it")
@pytest.mark.parametrize(("program", "told"), [(HUNGRY, "MemoryError"), (BUSY, "")])
def test_windows_ends_a_child_that_takes_more_than_its_share(program: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert child.has_run_out_of_time(done.returncode) == (program is BUSY)
