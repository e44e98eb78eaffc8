"""Other faces of the layers that are edited: their diagram, and their Keras code."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.evaluation.figures.network import CAPTION
from mnist_desktop.networks.keras_code import keras_code
from mnist_desktop.networks.layer_check import CheckedNetwork
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.ui.parts.file_saver import CopyRequest, FigureMenu
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.fonts import fixed_width
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.network_figure import NetworkFigure
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, Theme
from mnist_desktop.ui.train.layer_document import LayerDocument
from mnist_desktop.workers.figures import FigureController

REST_MS = 150  # without a change, before a face shows what the layers have become
IMPORTS = ("import keras", "from keras import layers", "")
CODE_WORDS = "The network in Keras, to take along; run it where Keras 3 is installed."


@guarded
class LayerFace(QWidget):
    """Shows the network of a document in some other way, while it can be seen.

    Parameters
    ----------
    document : LayerDocument
        What is edited.
    lines : int
        How many lines of words there are above what is shown.

    Signals
    -------
    save_requested(object)
        A `FileRequest` or a `CopyRequest`.
    """

    save_requested = Signal(object)

    def __init__(self, document: LayerDocument, lines: int) -> None:
        super().__init__()
        self._document = document
        self._shown: CheckedNetwork | None = None
        self.words = FixedLines("muted", lines)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        document.changed.connect(self._on_document_changed)

    def lay_out(self, button: QWidget, content: QWidget) -> None:
        """Put a line of words and a button above what is shown."""
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(self.words, 1)
        head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(content, 1)

    def show_plan(self, plan: NetworkPlan) -> None:
        """Show a network."""
        raise NotImplementedError

    def show_none(self, reason: str) -> None:
        """Say why there is no network to show."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        """Show what the layers have become meanwhile."""
        super().showEvent(event)
        self._on_rest_timeout()

    @Slot()
    def _on_document_changed(self) -> None:
        if self.isVisible():
            self._rest.start()

    @Slot()
    def _on_rest_timeout(self) -> None:
        checked = self._document.checked
        if checked is self._shown:
            return
        self._shown = checked
        if checked.plan is not None:
            self.show_plan(checked.plan)
        elif checked.problem is not None:
            self.show_none(checked.problem.sentence)


class DiagramFace(LayerFace):
    """The diagram of the layers, which can be saved.

    Parameters
    ----------
    document : LayerDocument
        What is edited.
    figures : FigureController
        Has figures drawn.
    """

    def __init__(self, document: LayerDocument, figures: FigureController) -> None:
        super().__init__(document, lines=3)
        self.words.setObjectName("diagramWordsLabel")
        self.figure = NetworkFigure(figures)
        keep_place(self.figure)
        self.menu = FigureMenu(self.figure, "network", self.figure.file_frame)
        self.menu.setAccessibleName("Copy or save the diagram")
        self.menu.save_requested.connect(self.save_requested)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.figure)
        column.addStretch()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(page)
        self.lay_out(self.menu, area)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.figure.set_theme(theme)

    def show_plan(self, plan: NetworkPlan) -> None:
        """Have the network drawn."""
        self.words.setText(CAPTION)
        self.figure.show()
        self.figure.show_plan(plan)
        self.menu.frame = self.figure.file_frame
        self.menu.setEnabled(True)

    def show_none(self, reason: str) -> None:
        """Say why there is no diagram."""
        self.words.setText(f"There is no diagram of layers that do not fit. {reason}")
        self.figure.hide()
        self.menu.setEnabled(False)


class CodeFace(LayerFace):
    """The layers as Keras code, which can be copied."""

    def __init__(self, document: LayerDocument) -> None:
        super().__init__(document, lines=2)
        self.words.setObjectName("codeWordsLabel")
        self.code = QPlainTextEdit()
        self.code.setObjectName("codeEdit")
        self.code.setAccessibleName("The network as Keras code")
        self.code.setReadOnly(True)
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setFont(fixed_width(self.code.font()))
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("copyCodeButton")
        self.copy_button.setIcon(icon("copy"))
        self.copy_button.setToolTip("Copy the code")
        self.copy_button.clicked.connect(self._on_copy_button_clicked)
        self.lay_out(self.copy_button, self.code)

    def show_plan(self, plan: NetworkPlan) -> None:
        """Write the network as code."""
        self.words.setText(CODE_WORDS)
        self.code.setPlainText("\n".join([*IMPORTS, *keras_code(plan)]))
        self.copy_button.setEnabled(True)

    def show_none(self, reason: str) -> None:
        """Say why there is no code."""
        self.words.setText(f"There is no code of layers that do not fit. {reason}")
        self.code.setPlainText("")
        self.copy_button.setEnabled(False)

    @Slot()
    def _on_copy_button_clicked(self) -> None:
        text = self.code.toPlainText()
        put = QGuiApplication.clipboard().setText
        self.save_requested.emit(CopyRequest("Code", lambda: put(text)))
