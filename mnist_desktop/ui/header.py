"""The bar at the top: the network in use, the digits, the engine, theme and help."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from mnist_desktop import edition
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.paths import resource
from mnist_desktop.ui.model_picker import ModelPicker
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label

NAMED_FROM = 1180  # pixels; in less, the name stands in the title bar alone
ICON_SCALE = 2.4  # the icon's 64 pixels are shown in some 27


@guarded
class Header(QFrame):
    """Shows what the program works with, and offers what concerns the window as such.

    Parameters
    ----------
    trains : bool
        Whether there is a column of training to show or hide; the Reader says what it does without.

    Attributes
    ----------
    model_box : ModelPicker
        The networks.
    dataset_label, engine_label : QLabel
        Which digits there are, and whether TensorFlow is loaded.

    Signals
    -------
    open_requested(), theme_toggled(), help_requested(), left_toggled(), right_toggled()
        The button of this name was pressed.
    """

    open_requested = Signal()
    theme_toggled = Signal()
    help_requested = Signal()
    left_toggled = Signal()
    right_toggled = Signal()

    def __init__(self, *, trains: bool = True) -> None:
        super().__init__()
        self.setObjectName("header")
        self.model_box = ModelPicker()
        self.open_button = QPushButton("Open …")
        self.open_button.setObjectName("openModelButton")
        self.open_button.setIcon(icon("open"))
        self.open_button.setAccessibleName("Open a network from a file")
        kinds = ".keras, .h5, .onnx" if trains else ".keras, .h5"
        tip = f"Read drawings with a network from a file: {kinds} or .tflite (Ctrl+Shift+O)"
        self.open_button.setToolTip(in_words(tip))
        self.open_button.clicked.connect(self.open_requested)
        self.dataset_label = _fact("Digits: looking …")
        self.dataset_label.setObjectName("datasetStatusLabel")
        self.engine_label = _fact("Engine: ready to load" if trains else "Does not train")
        self.engine_label.setToolTip(
            "TensorFlow is loaded as soon as you turn to training; drawing does not need it."
            if trains
            else edition.left_out("Training a network")
        )
        self.engine_label.setObjectName("engineStatusLabel")
        self.left_button = _button("showTrainButton", "left", "Show or hide training (Ctrl+1)")
        self.left_button.clicked.connect(self.left_toggled)
        self.right_button = _button("showDrawButton", "right", "Show or hide drawing (Ctrl+2)")
        self.right_button.clicked.connect(self.right_toggled)
        self.theme_button = _button("themeButton", "dark", "Switch between light and dark (Ctrl+D)")
        self.theme_button.clicked.connect(self.theme_toggled)
        self.help_button = _button("helpButton", "help", "What this program does and its keys (F1)")
        self.help_button.clicked.connect(self.help_requested)
        self._lay_out()
        self.left_button.setVisible(trains)

    def _lay_out(self) -> None:
        mark = QLabel()
        icon = QPixmap(str(resource("icons", "mnist-desktop-64.png")))
        icon.setDevicePixelRatio(ICON_SCALE)
        mark.setPixmap(icon)
        name = label("M&odel", "muted")
        name.setBuddy(self.model_box)
        row = QHBoxLayout(self)
        row.setContentsMargins(UNIT * 2, UNIT, UNIT * 2, UNIT)
        row.setSpacing(UNIT)
        row.addWidget(mark)
        self._name = label(edition.title(), "title")
        row.addWidget(self._name)
        row.addSpacing(UNIT * 2)
        row.addWidget(name)
        row.addWidget(self.model_box)
        row.addWidget(self.open_button)
        row.addWidget(self.dataset_label, 3)
        row.addWidget(self.engine_label, 2)
        row.addSpacing(UNIT)
        for button in (self.left_button, self.right_button, self.theme_button, self.help_button):
            row.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the program's name to the title bar where there is little room."""
        super().resizeEvent(event)
        self._name.setVisible(self.width() >= NAMED_FROM)

    def minimumSizeHint(self) -> QSize:
        """The room that the rest needs without the program's name."""
        least = super().minimumSizeHint()
        name = self._name.sizeHint().width() + UNIT if not self._name.isHidden() else 0
        return QSize(least.width() - name, least.height())

    def set_theme(self, theme: Theme) -> None:
        """Show what the theme button leads to."""
        self.theme_button.setIcon(icon("light" if theme.name == "dark" else "dark"))

    @Slot(str, str)
    def show_digits(self, text: str, tip: str) -> None:
        """Say which digits there are, with more about them in the tooltip."""
        self.dataset_label.setText(text)
        self.dataset_label.setToolTip(plain(tip))

    @Slot()
    def show_engine_loading(self) -> None:
        """Say that TensorFlow is being loaded."""
        self.engine_label.setText("Engine: loading …")
        self.engine_label.setToolTip("TensorFlow is being loaded; drawing works already.")

    @Slot(str)
    def show_engine_ready(self, versions: str) -> None:
        """Say that TensorFlow is there, with its versions in the tooltip."""
        self.engine_label.setText("Engine: ready")
        self.engine_label.setToolTip(versions)

    @Slot(object)
    def show_engine_failure(self, error: MnistDesktopError) -> None:
        """Say that TensorFlow could not be loaded, with the reason in the tooltip."""
        self.engine_label.setText("Engine: not available")
        self.engine_label.setToolTip(plain(str(error)))


def _fact(text: str) -> FixedLines:
    """Make a label on the right that takes the room there is: the window keeps its least width."""
    made = FixedLines("muted", 1)
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    made.setText(text)
    return made


def _button(name: str, picture: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setProperty("plain", True)
    button.setIcon(icon(picture))
    button.setAccessibleName(tip.split(" (", maxsplit=1)[0])
    button.setToolTip(in_words(tip))
    return button
