"""Files that leave the program: chosen in one dialog, written on a worker thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDir, QObject, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from mnist_desktop import formats
from mnist_desktop.evaluation.figures.frame import Frame
from mnist_desktop.exports.figures import write_figure
from mnist_desktop.files.naming import free_places, safe_file_name
from mnist_desktop.files.writing import FileOrder, FolderOrder, write_file, write_files
from mnist_desktop.printable import printable
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.ui.parts.figure_canvas import FigureHolder
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.message import ask
from mnist_desktop.ui.parts.opening import open_outside
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.parts.toast import Action, Answer, Card
from mnist_desktop.workers.base import JobController

BUSY = "Another file is still being written; try again in a moment."
FIGURE_KINDS = (("Picture", "png"), ("Vector graphics", "svg"), ("PDF", "pdf"))


@dataclass(frozen=True, eq=False)
class FileRequest:
    """The user wants a file.

    Attributes
    ----------
    title : str
        Of the dialog.
    name : str
        What the file may be called, without a suffix; what no file may be called is replaced.
    kinds : sequence of (str, str)
        What it can be, in words, with its suffix; the first one is proposed.
    write : callable
        Writes the file, given its path and the number of its kind, and returns its full path.
    card : Card
        Where it was asked for, and is answered.
    """

    title: str
    name: str
    kinds: tuple[tuple[str, str], ...]
    write: Callable[[Path, int], Path]
    card: Card = Card.PAGES


@dataclass(frozen=True, eq=False)
class FolderRequest:
    """The user wants several files of one kind, in a folder.

    Attributes
    ----------
    title : str
        Of the dialog.
    suffix : str
        Of all the files.
    files : tuple of (str, callable)
        What each may be called, without a suffix, and what writes it, given its path.
    card : Card
        Where they were asked for.
    """

    title: str
    suffix: str
    files: tuple[tuple[str, Callable[[Path], Path]], ...]
    card: Card = Card.PAGES


@dataclass(frozen=True, eq=False)
class CopyRequest:
    """The user wants something on the clipboard: its name, and what puts it there."""

    name: str
    put: Callable[[], object]


class FileSaver(QObject):
    """Asks where a file is to go, and has it written; puts on the clipboard what is copied.

    Parameters
    ----------
    window : QWidget
        Above which the dialogs are shown; it owns this object.
    settings : Settings
        Remember the folder that was chosen last.

    Signals
    -------
    said(str)
        What is being done or was done, in words.
    answered(object)
        An `Answer`: the file is there.
    refused(str)
        Why nothing can be written now.
    failed(object)
        A `MnistDesktopError`.
    """

    said = Signal(str)
    answered = Signal(object)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._written: Path | None = None
        self._card = Card.PAGES
        self._count = 1  # of files that are being written
        self._jobs = JobController(self)
        self._jobs.progressed.connect(self._on_jobs_progressed)
        self._jobs.succeeded.connect(self._on_jobs_succeeded)
        self._jobs.failed.connect(self.failed)
        self._jobs.finished.connect(self._on_jobs_finished)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being written."""
        return self._jobs.is_running

    def close(self) -> None:
        """Wait for a file that is being written."""
        self._jobs.close()

    @Slot(object)
    def save(self, request: FileRequest | CopyRequest) -> None:
        """Ask where to save, and write the file there; or copy."""
        if isinstance(request, CopyRequest):
            request.put()
            self.answered.emit(Answer(f"{request.name} copied; paste it anywhere", Card.PAGES))
            return
        if self._jobs.is_running:
            self.refused.emit(BUSY)
            return
        output, kind = self._ask(request)
        if output is not None:
            self._card, self._count = request.card, 1
            self._jobs.start(write_file, FileOrder(output, lambda path: request.write(path, kind)))

    @Slot(object)
    def save_all(self, request: FolderRequest) -> None:
        """Ask for a folder, and write the files there beside whatever it holds."""
        if self._jobs.is_running:
            self.refused.emit(BUSY)
            return
        chosen = QFileDialog.getExistingDirectory(self._window, request.title, str(self._folder()))
        if chosen:
            self._settings.change(files_folder=chosen)
            names = [safe_file_name(name, "file") for name, _ in request.files]
            places = free_places(Path(chosen), names, request.suffix)
            writers = [write for _, write in request.files]
            orders = tuple(map(FileOrder, places, writers))
            self._card, self._count = request.card, len(orders)
            self._jobs.start(write_files, FolderOrder(Path(chosen), orders))

    def _ask(self, request: FileRequest) -> tuple[Path | None, int]:
        """Ask what to write and where; a suffix that is missing is added, and asked about."""
        filters = [f"{words} (*.{suffix})" for words, suffix in request.kinds]
        first = request.kinds[0][1]
        proposed = self._folder() / f"{safe_file_name(request.name, 'file')}.{first}"
        path, chosen = QFileDialog.getSaveFileName(
            self._window, request.title, str(proposed), ";;".join(filters)
        )
        if not path:
            return None, 0
        self._settings.change(files_folder=str(Path(path).parent))
        kind = filters.index(chosen) if chosen in filters else 0
        stem = path.removesuffix("." + first)
        if kind == 0:  # as it was proposed: a suffix that was typed says more
            # Windows adds the one that is proposed to any that it does not know.
            kind = _kind_of(stem if sys.platform == "win32" else path, request)
        suffix = "." + request.kinds[kind][1]
        if path.lower().endswith(suffix):
            return Path(path), kind
        output = Path(stem if stem.lower().endswith(suffix) else stem + suffix)
        if _exists(output):
            words = f"Replace the file {output}?"
            if not ask(self._window, words, "replaceDialog"):
                return None, 0
        return output, kind

    def _folder(self) -> Path:
        """The folder that a file was saved to last; Documents if none was, or it is gone."""
        last = str(self._settings.value("files/folder", ""))
        if last and _exists(Path(last)):
            return Path(last)
        location = QStandardPaths.StandardLocation.DocumentsLocation
        documents = Path(QStandardPaths.writableLocation(location))
        return documents if _exists(documents) else Path(QDir.homePath())

    @Slot(object)
    def _on_jobs_progressed(self, progress: PhaseProgress) -> None:
        self.said.emit(f"{progress.text} …")

    @Slot(object)
    def _on_jobs_succeeded(self, output: Path) -> None:
        self._written = output

    @Slot()
    def _on_jobs_finished(self) -> None:
        """Say that the file is there only once another one can be written."""
        if self._written is not None:
            path, self._written = self._written, None
            name = printable(path.name)
            words, ways = f"Saved {name}", _ways_to(path)
            if self._count > 1:
                words = f"Saved {formats.count(self._count, 'file')} in {name}"
                ways = (Action("Show in folder", lambda: open_outside(path)),)
            self.answered.emit(Answer(words, self._card, ways))
            self.said.emit(f"Written to {path}")


def _kind_of(path: str, request: FileRequest) -> int:
    """Which kind of file a path's suffix names, by its number; the first one for any other."""
    names = [path.lower().endswith(f".{suffix}") for _, suffix in request.kinds]
    return names.index(True) if True in names else 0


def _exists(path: Path) -> bool:
    """Whether there is such a file or folder; what cannot be looked for fails when written."""
    try:
        return path.exists()
    except OSError:  # the name is too long, for example
        return False


def _ways_to(path: Path) -> tuple[Action, ...]:
    """What can be done with a file that was written."""
    return (
        Action("Open", lambda: open_outside(path)),
        Action("Show in folder", lambda: open_outside(path.parent)),
    )


class FigureMenu(QToolButton):
    """The button that copies and saves a figure.

    Files are drawn in light colours, whatever the window wears: paper is white.

    Parameters
    ----------
    holder : FigureHolder
        Holds the figure.
    name : str
        What a file of it may be called.
    frame : Frame
        Size of the figure in a file.

    Attributes
    ----------
    name, frame
        As given; they may be changed.

    Signals
    -------
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    """

    save_requested = Signal(object)

    def __init__(self, holder: FigureHolder, name: str, frame: Frame) -> None:
        super().__init__()
        self._holder = holder
        self.frame = frame
        self.name = name
        self.setText("Save")
        self.setAccessibleName("Copy or save the figure")
        self.setToolTip("Copy or save what is shown here")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addAction("Copy picture", self._copy)
        menu.addAction("Save picture …", self._ask_for_file)
        give_menu(self, menu)

    @Slot()
    def _copy(self) -> None:
        request = CopyRequest("Picture", self._holder.copy)
        self._holder.when_current(lambda: self.save_requested.emit(request))

    @Slot()
    def _ask_for_file(self) -> None:
        make, frame = self._holder.make, self.frame
        if make is not None:
            self.save_requested.emit(
                FileRequest(
                    "Save picture",
                    self.name,
                    FIGURE_KINDS,
                    lambda path, _kind: write_figure(make(frame), path),
                )
            )
