"""Digits brought to the window: found on this machine, downloaded, or read from a chosen file."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DatasetRequest, fetch_mnist
from mnist_desktop.digits.find_dataset import SAMPLE
from mnist_desktop.runs.dataset_job import bring_digits, turn_as_offered
from mnist_desktop.workers.base import Job, JobController


class DatasetController(QObject):
    """Finds digits and holds those in use.

    One search or download at a time: while one is running, another is not begun.

    Parameters
    ----------
    request : DatasetRequest
        Where to look first.

    Signals
    -------
    started()
        A search or a download begins.
    progressed(object)
        A `DownloadProgress`, or a `FileProgress` while a large file is read.
    changed(object)
        Other digits, a `Dataset`, are in use from now on.
    failed(object)
        A `MnistDesktopError`; what was in use stays in use.
    finished()
        The search or download is over.
    """

    started = Signal()
    progressed = Signal(object)
    changed = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, request: DatasetRequest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dataset: Dataset | None = None
        self._request = request
        self._asked = self._in_use = request
        self._asked_turn: tuple[str, ...] = ()
        self._turn: tuple[str, ...] = ()  # of those in use
        self._is_last_resort = False
        self._jobs = JobController(self)
        self._jobs.started.connect(self.started)
        self._jobs.progressed.connect(self.progressed)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self.failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def is_running(self) -> bool:
        """Whether a search or a download is under way."""
        return self._jobs.is_running

    @property
    def options(self) -> tuple[str, ...]:
        """Options by which a command takes the digits in use."""
        request, dataset = self._in_use, self.dataset
        chosen = SAMPLE if dataset is not None and dataset.name == SAMPLE else request.chosen
        given = {"data": chosen, "turn": "+".join(self._turn), "pictures": request.pictures}
        return tuple(f"--{name}={value}" for name, value in given.items() if value)

    def find(self) -> None:
        """Try all sources in order; the embedded sample is the last."""
        self._bring(self._request)

    def choose(self, path: str) -> None:
        """Take the user's own file or folder, or digits by name: ``"sample"``, ``"my-digits"``."""
        self._bring(replace(self._request, chosen=path))

    def take_pictures(self, way: str) -> None:
        """Read the pictures in use again, in another way of `picture_ways.PICTURE_WAYS`."""
        if self.dataset is not None and self.dataset.pictures not in ("", way):
            self._bring(replace(self._in_use, pictures=way))

    def turn(self) -> None:
        """Take the digits in use the way that was offered."""
        if self.dataset is not None and self.dataset.offer:
            self._asked_turn = self.dataset.offer
            self._start(turn_as_offered, self.dataset)

    def download(self) -> None:
        """Download MNIST, or try again."""
        self._asked_turn = ()
        self._start(fetch_mnist, self._request)

    def stop(self) -> None:
        """End a download; what was in use stays in use, or the sample is taken."""
        self._jobs.stop()

    def close(self) -> None:
        """End everything and wait for it."""
        self._jobs.close()

    def _bring(self, request: DatasetRequest) -> None:
        if not self._jobs.is_running:
            self._asked, self._asked_turn = request, request.turn
        self._start(bring_digits, request)

    def _start(self, job: Job, request: DatasetRequest | Dataset) -> None:
        if not self._jobs.is_running:  # two clicks are faster than the thread that says it began
            self._jobs.start(job, request)

    @Slot(object)
    def _on_jobs_succeeded(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._in_use, self._turn = self._asked, self._asked_turn
        self.changed.emit(dataset)

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._asked, self._asked_turn = self._in_use, self._turn
        self.finished.emit()
        if self.dataset is None and not self._jobs.is_running and not self._is_last_resort:
            self._is_last_resort = True
            self.choose(SAMPLE)  # a stopped or failed first search must not leave us without digits
