"""The layers of the user's own network, as they were when the program was last open."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from mnist_desktop.errors import InvalidSettingError
from mnist_desktop.networks.layer_text import parse_layers
from mnist_desktop.ui.parts.settings import Settings
from mnist_desktop.ui.train.layer_document import LayerDocument

REST_MS = 400  # layers that are edited have come to rest after so long
NAME = "layers"


class LayerMemory(QObject):
    """Brings the layers of a document back, and remembers them as they change.

    Parameters
    ----------
    document : LayerDocument
        The layers; it owns this object.
    settings : Settings
        Where they are remembered.
    """

    def __init__(self, document: LayerDocument, settings: Settings) -> None:
        super().__init__(document)
        self._document = document
        self._settings = settings
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)
        self._restore()
        self._kept = document.text
        document.changed.connect(self._rest.start)

    def _restore(self) -> None:
        text = self._settings.value(NAME)
        try:
            cards = parse_layers(text if isinstance(text, str) else self._document.text)
        except InvalidSettingError:  # somebody has edited the file, or a later version has more
            return
        self._document.load(cards, "start")
        self._document.steps.clear()

    @Slot()
    def keep(self) -> None:
        """Remember the layers now, if they have changed."""
        self._rest.stop()
        text = self._document.text
        if text != self._kept:
            self._kept = text
            self._settings.change(layers=text)
