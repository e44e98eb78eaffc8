"""Pictures that come onto the pad, and drawings that leave it: files, clipboard, drag and drop."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog

from mnist_desktop.digits.stroke_file import Drawing, as_lines
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.runs.whole_file import write_whole
from mnist_desktop.ui.draw_panel import DrawPanel
from mnist_desktop.workers.prediction import PredictionController


class DrawingFiles(QObject):
    """Opens, pastes, copies and saves for the drawing panel.

    Parameters
    ----------
    panel : DrawPanel
        Whose wishes are fulfilled; it owns this object.
    prediction : PredictionController
        Decodes pictures on its thread.

    Signals
    -------
    done(str)
        What was done, in words.
    failed(object)
        A `MnistDesktopError`.
    """

    done = Signal(str)
    failed = Signal(object)

    def __init__(self, panel: DrawPanel, prediction: PredictionController) -> None:
        super().__init__(panel)
        self._panel = panel
        self._prediction = prediction
        panel.open_wished.connect(self._on_panel_open_wished)
        panel.paste_wished.connect(self._on_panel_paste_wished)
        panel.copy_wished.connect(self._on_panel_copy_wished)
        panel.save_wished.connect(self._on_panel_save_wished)
        panel.picture_dropped.connect(self.open_data)
        prediction.picture_opened.connect(panel.pad.show_picture)
        prediction.picture_failed.connect(self.failed)

    @Slot()
    def _on_panel_open_wished(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self._panel,
            "Open a picture of digits",
            "",
            "Pictures (*.png *.jpg *.jpeg *.bmp *.webp)",
        )
        if path:
            self._prediction.open_picture(Path(path))

    @Slot()
    def _on_panel_paste_wished(self) -> None:
        self.open_data(QGuiApplication.clipboard().mimeData())

    @Slot(object)
    def open_data(self, data: QMimeData) -> None:
        """Open the first file, or the picture, that was pasted or dropped."""
        files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if files:
            self._prediction.open_picture(Path(files[0]))
        elif data.hasImage():
            content = QByteArray()
            buffer = QBuffer(content)
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(buffer, QByteArray(b"PNG")).write(QImage(data.imageData()))
            self._prediction.open_picture(bytes(content.data()))
        else:
            self.done.emit("There is no picture to paste; copy one first.")

    @Slot()
    def _on_panel_copy_wished(self) -> None:
        QGuiApplication.clipboard().setImage(self._panel.pad.as_image())
        self.done.emit("The drawing is copied; paste it anywhere as a picture.")

    @Slot()
    def _on_panel_save_wished(self) -> None:
        picture, strokes = "Picture (*.png)", "Strokes (*.jsonl)"
        kinds = [picture, *([strokes] if self._panel.pad.ink else [])]
        path, chosen = QFileDialog.getSaveFileName(
            self._panel, "Save the drawing", "digit.png", ";;".join(kinds)
        )
        if not path:
            return
        suffix = ".jsonl" if chosen == strokes else ".png"
        output = Path(path).with_suffix(suffix)
        try:
            self.save(output)
        except MnistDesktopError as error:
            self.failed.emit(error)
        else:
            self.done.emit(f"Saved as {output}")

    def save(self, output: Path) -> None:
        """Write the drawing as a picture, or as strokes where the name ends in ``.jsonl``.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        pad = self._panel.pad

        def write(beside: Path) -> None:
            if beside.suffix == ".jsonl":
                text = "".join(as_lines([Drawing(pad.ink)]))
                beside.write_text(text, encoding="utf-8", newline="\n")
            elif not pad.as_image().save(str(beside)):
                raise OSError(None, "the picture could not be written")

        write_whole(output, write)
