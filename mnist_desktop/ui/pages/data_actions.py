"""Where the digits come from: looked for, downloaded, or chosen on the page of the digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DownloadProgress
from mnist_desktop.formats import percent
from mnist_desktop.printable import printable
from mnist_desktop.progress import FileProgress, PhaseProgress
from mnist_desktop.ui.parts.file_saver import FileSaver
from mnist_desktop.ui.parts.page import Page
from mnist_desktop.ui.parts.services import Services

if TYPE_CHECKING:
    from mnist_desktop.ui.pages.data_view import DataView

# Of files of digits.
NAMES = "*.npz *.npy *.mat *.parquet *-ubyte *.gz *.csv *.csv.gz *.tsv *.txt"


class DataActions(QObject):
    """Carries out the requests of the data page.

    Parameters
    ----------
    services : Services
        What the window works with.
    saver : FileSaver
        Writes files.
    parent : QObject
        Owns this object.

    Attributes
    ----------
    page : Page
        The page.

    Signals
    -------
    described(str, str)
        Which digits there are, in short, and more about them.
    similar_requested(object), pad_requested(object), why_requested(object)
        The digits most like an image, ndarray of uint8, shape (28, 28), are to be found; it is to
        be shown on the pad; it is to be shown why this `WhySubject` is read as it is.
    """

    described = Signal(str, str)
    similar_requested = Signal(object)
    why_requested = Signal(object)
    pad_requested = Signal(object)

    def __init__(self, services: Services, saver: FileSaver, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._saver = saver
        self._data = services.data
        self._validation_share = 0.0
        self.page = Page("dataView", self._make_view, self._fill)
        self._data.started.connect(self._on_data_started)
        self._data.progressed.connect(self._on_data_progressed)
        self._data.changed.connect(self._on_data_changed)
        self._data.finished.connect(self._on_data_finished)

    def _make_view(self) -> DataView:
        from mnist_desktop.ui.pages.data_view import DataView

        trains = self._services.can_train
        view = DataView(self._services.figures, trains=trains)
        # The Reader comes with MNIST.
        view.download_requested.connect(self._data.download if trains else self._data.find)
        view.stop_requested.connect(self._data.stop)
        view.digits_requested.connect(self._data.choose)
        view.turn_requested.connect(self._data.turn)
        view.pictures_requested.connect(self._data.take_pictures)
        view.file_requested.connect(self._on_view_file_requested)
        view.folder_requested.connect(self._on_view_folder_requested)
        view.save_requested.connect(self._saver.save)
        view.browser.similar_requested.connect(self.similar_requested)
        view.browser.why_requested.connect(self.why_requested)
        view.browser.pad_requested.connect(self.pad_requested)
        self._services.prediction.similar_found.connect(view.browser.show_similar)
        return view

    def _fill(self, view: DataView) -> None:
        view.set_validation_share(self._validation_share)
        view.set_searching(self._data.is_running)
        if self._data.dataset is not None:
            view.show_dataset(self._data.dataset)

    def set_validation_share(self, share: float) -> None:
        """Divide training and validation digits as the next training will."""
        self._validation_share = share
        if view := self.page.built_view:
            view.set_validation_share(share)

    def _show_searching(self, is_searching: bool) -> None:
        if view := self.page.built_view:
            view.set_searching(is_searching)

    @Slot()
    def _on_view_file_requested(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self.page,
            "Choose a file of digits",
            "",
            f"Digits ({NAMES});;All files (*)",
        )
        if path:
            self._data.choose(path)

    @Slot()
    def _on_view_folder_requested(self) -> None:
        path = QFileDialog.getExistingDirectory(self.page, "Choose a folder of digits")
        if path:
            self._data.choose(path)

    @Slot()
    def _on_data_started(self) -> None:
        self._show_searching(True)

    @Slot(object)
    def _on_data_progressed(
        self, progress: DownloadProgress | FileProgress | PhaseProgress
    ) -> None:
        if isinstance(progress, FileProgress):
            done = percent(min(progress.done / max(progress.total, 1), 1), 0)
            self.described.emit(f"Digits: reading, {done}", printable(progress.name))
        elif isinstance(progress, PhaseProgress):
            self.described.emit(progress.text, "")
        elif progress.total:
            done = percent(progress.done / progress.total, 0)
            self.described.emit(f"Digits: downloading MNIST, {done}", "")
        else:
            self.described.emit("Digits: downloading MNIST", "")

    @Slot(object)
    def _on_data_changed(self, dataset: Dataset) -> None:
        if view := self.page.built_view:
            view.show_dataset(dataset)
        self._describe(dataset)

    @Slot()
    def _on_data_finished(self) -> None:
        self._show_searching(False)
        if self._data.dataset is not None:
            if view := self.page.built_view:  # another way of taking pictures may have failed
                view.show_pictures(self._data.dataset.pictures)
            self._describe(self._data.dataset)

    def _describe(self, dataset: Dataset) -> None:
        source = f"Source: {printable(dataset.source)}. {dataset.note}".strip()
        # What has a name of its own needs none in front of it.
        named = dataset.title if dataset.classes.title else f"Digits: {dataset.title}"
        self.described.emit(named, source)
