"""Where the digits come from: looked for, downloaded, or chosen on the page of the digits."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.download import DownloadProgress
from mnist_desktop.printable import printable
from mnist_desktop.ui.pages.data_view import DataView
from mnist_desktop.workers.dataset import DatasetController


class DataActions(QObject):
    """Does what is asked for on the page of the digits.

    Parameters
    ----------
    view : DataView
        The page; it owns this object.
    data : DatasetController
        Looks for digits and downloads them.

    Signals
    -------
    described(str, str)
        Which digits there are, in short, and more about them.
    """

    described = Signal(str, str)

    def __init__(self, view: DataView, data: DatasetController) -> None:
        super().__init__(view)
        self._view = view
        self._data = data
        view.download_wished.connect(data.download)
        view.stop_wished.connect(data.stop)
        view.file_wished.connect(self._on_view_file_wished)
        view.folder_wished.connect(self._on_view_folder_wished)
        data.started.connect(self._on_data_started)
        data.progressed.connect(self._on_data_progressed)
        data.changed.connect(self._on_data_changed)
        data.finished.connect(self._on_data_finished)

    @Slot()
    def _on_view_file_wished(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._view, "Choose a file of digits", "", "Digits (*.npz);;All files (*)"
        )
        if path:
            self._data.choose(path)

    @Slot()
    def _on_view_folder_wished(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self._view, "Choose a folder with the four MNIST files"
        )
        if path:
            self._data.choose(path)

    @Slot()
    def _on_data_started(self) -> None:
        self._view.set_searching(True)

    @Slot(object)
    def _on_data_progressed(self, progress: DownloadProgress) -> None:
        done = f"{progress.done / progress.total:.0%}" if progress.total else ""
        self.described.emit(f"downloading MNIST {done}", "")

    @Slot(object)
    def _on_data_changed(self, dataset: Dataset) -> None:
        self._view.show_dataset(dataset)
        self._describe(dataset)

    @Slot()
    def _on_data_finished(self) -> None:
        self._view.set_searching(False)
        if self._data.dataset is not None:
            self._describe(self._data.dataset)

    def _describe(self, dataset: Dataset) -> None:
        source = f"Source: {printable(dataset.source)}. {dataset.note}".strip()
        self.described.emit(dataset.title, source)
