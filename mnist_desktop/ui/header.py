"""The bar at the top: the network in use, the digits, the engine, theme and help."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.paths import APP_NAME, resource
from mnist_desktop.ui.model_picker import ModelPicker
from mnist_desktop.ui.parts.message import plain
from mnist_desktop.ui.parts.theme import UNIT, label

ICON_SCALE = 2.4  # the icon's 64 pixels are shown in some 27


class Header(QFrame):
    """Shows what the program works with, and offers what concerns the window as such.

    Attributes
    ----------
    model_box : ModelPicker
        The networks.
    dataset_label, engine_label : QLabel
        Which digits there are, and whether TensorFlow is loaded.

    Signals
    -------
    open_requested(), theme_toggled(), help_requested()
        The button of this name was pressed.
    """

    open_requested = Signal()
    theme_toggled = Signal()
    help_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("header")
        self.model_box = ModelPicker()
        self.open_button = _button("openModelButton", "Open …", "Open a network from a file")
        self.open_button.setToolTip(
            "Read drawings with a network from a file, .keras or .tflite (Ctrl+Shift+O)"
        )
        self.open_button.clicked.connect(self.open_requested)
        self.dataset_label = label("Digits: looking …", "muted")
        self.dataset_label.setObjectName("datasetStatusLabel")
        self.engine_label = label("Engine: ready to load", "muted")
        self.engine_label.setToolTip(
            "TensorFlow is loaded as soon as you turn to training; drawing does not need it."
        )
        self.engine_label.setObjectName("engineStatusLabel")
        self.theme_button = _button("themeButton", "◐", "Switch between light and dark")
        self.theme_button.setToolTip("Switch between light and dark (Ctrl+D)")
        self.theme_button.clicked.connect(self.theme_toggled)
        self.help_button = _button("helpButton", "?", "Help")
        self.help_button.setToolTip("What this program does and its keys (F1)")
        self.help_button.clicked.connect(self.help_requested)
        self._lay_out()

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
        row.addWidget(label(APP_NAME, "title"))
        row.addSpacing(UNIT * 2)
        row.addWidget(name)
        row.addWidget(self.model_box)
        row.addWidget(self.open_button)
        row.addStretch()
        row.addWidget(self.dataset_label)
        row.addSpacing(UNIT * 2)
        row.addWidget(self.engine_label)
        row.addSpacing(UNIT)
        row.addWidget(self.theme_button)
        row.addWidget(self.help_button)

    @Slot(str, str)
    def show_digits(self, text: str, tip: str) -> None:
        """Say which digits there are, with more about them in the tooltip."""
        self.dataset_label.setText(f"Digits: {text}")
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


def _button(name: str, text: str, accessible_name: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setAccessibleName(accessible_name)
    return button
