"""Every step of every writing fails in turn: what was there stays whole, and the next try works."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.ink import Ink
from mnist_desktop.digits.stroke_file import Drawing
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.exports.export import export_run
from mnist_desktop.exports.figures import write_matrix
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.my_digits import MyDigits
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.runs.unfinished import begin_training, find_unfinished
from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.checkpoint import TrainingState
from mnist_desktop.training.trainer import TrainingResult, train

WRITES = ("open", "os.rename", "os.mkdir", "tempfile.mkdtemp")
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO)
SIZES = (0, 1, 300, 5_000, 60_000)  # bytes from which on a file cannot grow


class Disk:
    """Lets one step of writing fail; an audit hook cannot be taken back, so there is one."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.steps = 0
        self.fails_at = -1
        self.error = errno.ENOSPC
        self.is_on = False
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on or event not in WRITES:
            return
        if event == "open":
            path, mode, flags = arguments
            is_write = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                mode is None and flags & (os.O_WRONLY | os.O_RDWR)
            )
            if not is_write or not str(path).startswith(self.folder):
                return
        self.step()

    def step(self, *_: object) -> None:
        """Count a step, and fail if it is its turn."""
        if not self.is_on:
            return
        self.steps += 1
        if self.steps - 1 == self.fails_at:
            raise OSError(self.error, os.strerror(self.error))

    @contextmanager
    def failing(self, at: int, error: int) -> Iterator[None]:
        self.steps, self.fails_at, self.error, self.is_on = 0, at, error, True
        try:
            yield
        finally:
            self.is_on = False


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    return Disk(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def result(sample: Dataset) -> TrainingResult:
    config = ARCHITECTURES["dense-10"].recipe.changed(epochs=2)
    return train(config, sample, on_progress=lambda _: None, should_stop=lambda: False)


Job = Callable[[], object]


def after(state: TrainingState, epochs: int) -> TrainingState:
    """The same state as if it had come to so many epochs."""
    history = tuple(replace(state.history[0], epoch=1 + number) for number in range(epochs))
    return replace(state, epochs_done=epochs, history=history)


def make_jobs(
    paths: AppPaths, kept: Run, result: TrainingResult, sample: Dataset
) -> dict[str, Job]:
    """Set up a home with one of each thing, and return what writes to it."""
    shutil.copytree(kept.folder, paths.runs / kept.record.id)
    store, mine = RunStore(paths.runs), MyDigits(paths.my_digits)
    state = kept.state()
    assert state is not None
    one = begin_training(paths.runs, "One")
    one.write(state)
    one.write(after(state, 2))
    mine.add([Drawing(Ink((((0.1, 0.1), (0.2, 0.9)),)), 1)])
    for name in ("matrix.csv", "report.html"):
        (paths.data / name).write_text("old", encoding="utf-8")
    return {
        "state": lambda: one.write(after(state, 3)),
        "change": lambda: store.change(kept.record.id, note="new " * 2000, starred=True),
        "digits": lambda: mine.add([Drawing(Ink((((0.3, 0.1), (0.2, 0.9)) * 300,)), 7)]),
        "table": lambda: write_matrix(kept.record.confusion, paths.data / "matrix.csv"),
        "report": lambda: export_run(kept, "report", paths.data / "report.html"),
        "keep": lambda: store.keep(result, sample, "New"),
    }


def look(paths: AppPaths) -> dict[str, Any]:
    """Read everything there is, as the program does."""
    (one,) = find_unfinished(paths.runs)
    state = one.read()
    assert state is not None
    return {
        "state": state.epochs_done,
        "runs": {run.record.id: run.record.note for run in RunStore(paths.runs).runs()},
        "digits": len(MyDigits(paths.my_digits)),
        "table": (paths.data / "matrix.csv").read_bytes(),
        "report": (paths.data / "report.html").read_bytes(),
    }


def left_behind(paths: AppPaths) -> list[str]:
    """Half-written things that the user would see, or that would pile up."""
    return [path.name for path in paths.data.rglob(".new-*")]


NAMES = ("state", "change", "digits", "table", "report", "keep")


MakeHome = Callable[..., tuple[AppPaths, Job]]


@pytest.fixture
def make_home(tmp_path: Path, kept: Run, result: TrainingResult, sample: Dataset) -> MakeHome:
    """Make a home of its own for each try, and the job that writes to it."""

    def make(name: str, folder: Path = tmp_path) -> tuple[AppPaths, Job]:
        root = Path(tempfile.mkdtemp(dir=folder))
        paths = AppPaths(root / "data", root / "cache", root / "settings", root / "logs")
        paths.check_writable()
        return paths, make_jobs(paths, kept, result, sample)[name]

    return make


@pytest.mark.parametrize("name", NAMES)
def test_a_step_that_fails_leaves_the_old_data_whole_and_the_next_try_works(
    name: str,
    make_home: MakeHome,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fsync = os.fsync

    def failing_fsync(descriptor: int) -> None:
        disk.step()
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", failing_fsync)
    failed = overcome = place = 0
    while True:
        paths, job = make_home(name)
        before = look(paths)
        told = None
        with disk.failing(place, ERRORS[place % len(ERRORS)]):
            try:
                job()
            except MnistDesktopError as error:
                told = error
        if told is None:
            assert look(paths) != before, f"nothing was written at step {place}"
            if disk.steps <= place:  # there is no such step
                break
            overcome += 1
        else:
            failed += 1
            assert os.strerror(disk.error) in str(told)
            assert look(paths) == before, f"after step {place}"
            job()
            assert look(paths) != before
        assert left_behind(paths) == []
        place += 1
    assert failed >= 2
    print(f"{name}: {failed} steps failed in turn and were told, {overcome} were done without")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_disk_that_is_full_half_way_leaves_the_old_data_whole(
    name: str, size: int, make_home: MakeHome
) -> None:
    paths, job = make_home(name)
    before = look(paths)
    on_signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    told = None
    try:
        job()
    except MnistDesktopError as error:
        told = error
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, on_signal)
    if told is not None:
        assert look(paths) == before
        job()
    assert left_behind(paths) == []
    assert look(paths) != before


class Drive:
    """A small drive of its own, in memory; only root can have one."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place))

    def remount(self, options: str) -> None:
        self._mount("-o", f"remount,{options}", str(self.place))

    def leave_room(self, pages: int) -> None:
        """Make it so small that only these pages of 4,096 bytes are free."""
        used = shutil.disk_usage(self.place).used
        self.remount(f"size={used + pages * 4096}")

    def close(self) -> None:
        subprocess.run(["umount", str(self.place)], check=True)

    def _mount(self, *arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    place = tmp_path / "drive"
    place.mkdir()
    try:
        made = Drive(place)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user cannot mount a drive")
    yield made
    made.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_drive_that_is_full_or_read_only_keeps_the_old_data(
    name: str, make_home: MakeHome, drive: Drive
) -> None:
    paths, job = make_home(name, drive.place)
    before, told = look(paths), []
    for pages in (0, 1, 2, 4, 16, 64):
        drive.leave_room(pages)
        try:
            job()
        except MnistDesktopError as error:
            told.append(str(error))
            assert look(paths) == before, f"with {pages} pages"
        else:
            before = look(paths)  # there was room enough
        drive.remount("size=64m")
        assert left_behind(paths) == []
    drive.remount("ro")
    with pytest.raises(MnistDesktopError, match="Read-only file system"):
        job()
    assert look(paths) == before
    drive.remount("rw")
    job()
    assert look(paths)["runs"].keys() >= before["runs"].keys()
    assert left_behind(paths) == []
    assert told
    assert all("No space left" in text and "make room" in text for text in told)
    print(f"{name}: {len(told)} of 6 sizes were too small, and told")
