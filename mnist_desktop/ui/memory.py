"""What the window remembers of itself, as soon as it changes."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QSize, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.ui.columns import Columns
from mnist_desktop.ui.model_picker import ModelChooser
from mnist_desktop.ui.pages.page_tabs import PageTabs
from mnist_desktop.ui.parts.settings import Settings

SIZE = QSize(1280, 800)
SCREEN_SHARE = 0.92  # of what the screen has, on first launch, the window's frame included
FRAME = QSize(8, 40)  # around a window that has none yet, as most systems draw it
REST_MS = 400  # a window that is moved or resized has come to rest after so long


class WindowMemory(QObject):
    """Puts a window back to where it was, and remembers where it goes.

    Parameters
    ----------
    window : QMainWindow
        The window; it owns this object.
    columns, tabs, chooser
        The parts of it that are remembered with it.
    settings : Settings
        Where it is remembered.
    """

    def __init__(
        self,
        window: QMainWindow,
        columns: Columns,
        tabs: PageTabs,
        chooser: ModelChooser,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._columns = columns
        self._tabs = tabs
        self._chooser = chooser
        self._settings = settings
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)

    def restore(self, *, everything: bool = True) -> None:
        """Put the window back; without ``everything``, to what it is on first launch."""
        value = self._settings.value
        if everything:  # what is folded leaves room for a smaller window
            self._columns.restore(str(value("window/columns", "")))
        geometry = value("window/geometry") if everything else None
        if not (isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)):
            self._window.resize(first_size(self._window))
        if everything:
            page, pages = str(value("window/page", 0)), range(self._tabs.count())
            self._tabs.setCurrentIndex(int(page) if page in map(str, pages) else 0)
            model = value("model")
            is_run = isinstance(model, str) and model != str(BUNDLED)
            self._chooser.select(ModelRef(str(model)) if is_run else BUNDLED)
        else:
            self._chooser.select(BUNDLED)
        self._columns.changed.connect(self.note)
        self._tabs.currentChanged.connect(self.note)
        self._chooser.chosen.connect(self.note)

    @Slot()
    def note(self) -> None:
        """Something changed: remember it once it has come to rest."""
        if self._window.isVisible():
            self._rest.start()

    @Slot()
    def keep(self) -> None:
        """Remember everything now."""
        self._rest.stop()
        self._settings.change(
            window_geometry=self._window.saveGeometry(),
            window_columns=self._columns.state,
            window_page=self._tabs.currentIndex(),
            model=str(self._chooser.model),
        )


def first_size(window: QMainWindow) -> QSize:
    """Size of a window that was never shown: it fits the screen, its frame included."""
    screen = window.screen() or QGuiApplication.primaryScreen()
    room = screen.availableGeometry().size() * SCREEN_SHARE - FRAME
    return SIZE.boundedTo(room).expandedTo(window.minimumSize())
