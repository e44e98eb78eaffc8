"""The last card, of the ten outputs: it is always there, and only its activation is chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from mnist_desktop.networks.card_kinds import OUTPUT_ACTIVATION, OUTPUTS
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.train.card_layout import CardPlaces, places_of
from mnist_desktop.ui.train.card_widget import LayerRow
from mnist_desktop.ui.train.setting_fields import Field, make_field


def output_choice(parent: QWidget) -> Field:
    """Make the field in which the activation of the outputs is chosen."""
    field = make_field(OUTPUTS, OUTPUT_ACTIVATION, parent)
    field.setObjectName("outputActivationField")
    return field


@guarded
class OutputCard(LayerRow):
    """Shows the ten outputs like a card that cannot be moved, switched off or removed.

    Signals
    -------
    activation_chosen(object)
        The outputs are to pass through this activation, a str.
    """

    activation_chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, OUTPUTS.title)
        self.setObjectName("outputRow")
        self.setToolTip(OUTPUTS.sentence)
        self.choice = output_choice(self)
        self.choice.chosen.connect(self.activation_chosen)

    @property
    def _places(self) -> CardPlaces:
        return places_of(OUTPUTS.word, self.width(), self.font())

    def facts_place(self) -> QRect:
        """Where the line on what it gives lies."""
        return self._places.facts

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        super().resizeEvent(event)
        self.choice.setGeometry(self._places.fields[0])

    def changeEvent(self, event: QEvent) -> None:
        """Place the parts for larger or smaller text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.resizeEvent(QResizeEvent(self.size(), self.size()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card behind its field, with its title."""
        painter = QPainter(self)
        self.paint_frame(painter)
        self.paint_title(painter, self._theme.text)
