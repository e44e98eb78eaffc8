"""Pictures that come onto the pad, and drawings that leave it: files, clipboard, drag and drop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog

from mnist_desktop.digits.picture_turns import PageRequest
from mnist_desktop.digits.stroke_file import Drawing, as_lines
from mnist_desktop.files.writing import write_bytes_atomically
from mnist_desktop.ui.draw.draw_panel import DrawPanel
from mnist_desktop.ui.parts.file_saver import FileRequest
from mnist_desktop.ui.parts.toast import Answer, Card
from mnist_desktop.workers.prediction import (
    OpenedPicture,
    PictureFailure,
    PredictionController,
)

LARGEST_SIDE = 2000  # pixels; more make no digit clearer


class DrawingFiles(QObject):
    """Opens, pastes, copies and saves for the drawing panel, and has its pages looked through.

    Parameters
    ----------
    panel : DrawPanel
        The parent of file dialogs; it owns this object.
    prediction : PredictionController
        Decodes pictures on its thread.

    Signals
    -------
    file_requested(object)
        A `FileRequest`: what is on the pad is to be written.
    answered(object)
        An `Answer`: what was done.
    refused(str)
        What is missing to do it.
    failed(object)
        A `MnistDesktopError`.
    """

    file_requested = Signal(object)
    answered = Signal(object)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, panel: DrawPanel, prediction: PredictionController) -> None:
        super().__init__(panel)
        self._panel = panel
        self._prediction = prediction
        panel.open_requested.connect(self._on_panel_open_requested)
        panel.paste_requested.connect(self._on_panel_paste_requested)
        panel.copy_requested.connect(self._on_panel_copy_requested)
        panel.save_requested.connect(self._on_panel_save_requested)
        panel.picture_dropped.connect(self.open_data)
        panel.pad.editor.remarked.connect(self._on_editor_remarked)
        panel.pad.page_requested.connect(prediction.open_picture)
        prediction.picture_opened.connect(self._on_prediction_picture_opened)
        prediction.picture_failed.connect(self._on_prediction_picture_failed)

    @Slot()
    def _on_panel_open_requested(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._panel,
            "Open a picture of digits",
            "",
            "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff *.avif *.heic *.heif)",
        )
        if path:
            self._prediction.open_picture(Path(path))

    @Slot()
    def _on_panel_paste_requested(self) -> None:
        self.open_data(QGuiApplication.clipboard().mimeData())

    @Slot(object)
    def open_data(self, data: QMimeData) -> None:
        """Open the first file, or the picture, that was pasted or dropped."""
        # A host in an address would have Windows connect to it.
        urls = [url for url in data.urls() if url.isLocalFile() and not url.host()]
        files = [url.toLocalFile() for url in urls]
        if files:
            self._prediction.open_picture(Path(files[0]))
        elif data.hasImage():
            self._open_image(QImage(data.imageData()))
        else:
            self.refused.emit("There is no picture to paste; copy one first.")

    def _open_image(self, image: QImage) -> None:
        """Have a picture read that is in memory; a huge one is made smaller first."""
        if max(image.width(), image.height()) > LARGEST_SIDE:
            image = image.scaled(LARGEST_SIDE, LARGEST_SIDE, Qt.AspectRatioMode.KeepAspectRatio)
        self._prediction.open_picture(png_bytes(image))

    @Slot(object)
    def _on_prediction_picture_opened(self, opened: OpenedPicture) -> None:
        if isinstance(opened.source, PageRequest):
            self._panel.pad.show_page(opened.source, opened.picture)
        else:
            self._panel.pad.show_picture(opened.picture)

    @Slot(object)
    def _on_prediction_picture_failed(self, failure: PictureFailure) -> None:
        if isinstance(failure.source, PageRequest):
            self._panel.pad.drop_page(failure.source)
            self.answered.emit(Answer(str(failure.error), Card.DRAW))
        else:
            self.failed.emit(failure.error)

    @Slot(str)
    def _on_editor_remarked(self, words: str) -> None:
        self.answered.emit(Answer(words, Card.DRAW))

    @Slot()
    def _on_panel_copy_requested(self) -> None:
        QGuiApplication.clipboard().setImage(self._panel.pad.as_image())
        self.answered.emit(Answer("Copied; paste it anywhere as a picture", Card.DRAW))

    @Slot()
    def _on_panel_save_requested(self) -> None:
        """Ask for a file that is written with what is on the pad now."""
        pad = self._panel.pad
        contents = [png_bytes(pad.as_image())]
        kinds = [("Picture", "png")]
        if pad.ink:
            contents.append("".join(as_lines([Drawing(pad.ink)])).encode())
            kinds.append(("Strokes", "jsonl"))
        request = FileRequest(
            "Save the drawing",
            "digit",
            tuple(kinds),
            lambda path, kind: write_bytes_atomically(path, contents[kind]),
            Card.DRAW,
        )
        self.file_requested.emit(request)


def png_bytes(image: QImage) -> bytes:
    """Encode an image as a PNG file; Qt's own writing to a file does not notice a full disk."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(content.data())
