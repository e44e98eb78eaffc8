"""The dialog that looks for a newer version, because somebody pressed a button for it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop import edition, releases
from mnist_desktop.errors import MnistDesktopError
from mnist_desktop.releases import Release, ReleaseRequest, find_release
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.opening import open_outside
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.theme import UNIT, label
from mnist_desktop.workers.base import JobController

ONLY_NOW = (
    "This is asked because you pressed the button, and never otherwise. The question says nothing "
    "about you or your digits; nothing is downloaded or installed."
)
TEXT, TIP = "Look for a &newer version", "Ask once where this program is published"
WIDTH, NOTES_HEIGHT = UNIT * 64, UNIT * 18
LOOK, STOP = "&Look again", "&Stop"


class NewerVersionButton(QObject):
    """A button in the help that closes it and looks for a newer version.

    Parameters
    ----------
    window : QWidget
        Above which the answer is shown.
    box : QMessageBox
        The help; it owns this object.
    jobs : JobController
        Asks, on a thread of its own.
    """

    def __init__(self, window: QWidget, box: QMessageBox, jobs: JobController) -> None:
        super().__init__(box)
        self._window = window
        self._jobs = jobs
        close = box.addButton(QMessageBox.StandardButton.Ok)
        button = box.addButton(TEXT, QMessageBox.ButtonRole.ActionRole)
        button.setObjectName("newerVersionButton")
        button.setToolTip(TIP)
        button.clicked.connect(self._on_button_clicked)
        box.setDefaultButton(close)
        box.setEscapeButton(close)

    @Slot()
    def _on_button_clicked(self) -> None:
        request = ReleaseRequest(releases.RELEASES)
        dialog = NewerVersionDialog(self._window, self._jobs, request)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        dialog.look()


@guarded
class NewerVersionDialog(QDialog):
    """Asks for the newest release, and shows what is new in it.

    Parameters
    ----------
    window : QWidget
        Above which it is shown.
    jobs : JobController
        Asks, on a thread of its own.
    request : ReleaseRequest
        Where.
    """

    def __init__(self, window: QWidget, jobs: JobController, request: ReleaseRequest) -> None:
        super().__init__(window)
        self.setObjectName("newerVersionDialog")
        self.setWindowTitle("Newer version")
        self.setMinimumWidth(WIDTH)
        self._jobs = jobs
        self._request = request
        self._page = ""
        self._make_parts()
        self._lay_out()
        self.finished.connect(self._on_finished)
        jobs.succeeded.connect(self._on_jobs_succeeded)
        jobs.failed.connect(self._on_jobs_failed)
        jobs.cancelled.connect(self._on_jobs_cancelled)
        jobs.finished.connect(self._on_jobs_finished)

    def _make_parts(self) -> None:
        self._status = FixedLines("plain", 3)
        self._status.setObjectName("newerVersionLabel")
        self._status.setAccessibleName("Whether there is a newer version")
        self._bar = QProgressBar()
        self._bar.setObjectName("newerVersionBar")
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("An answer is waited for")
        self._notes = QPlainTextEdit()
        self._notes.setObjectName("newerVersionNotes")
        self._notes.setProperty("input", True)
        self._notes.setReadOnly(True)
        self._notes.setFixedHeight(NOTES_HEIGHT)
        self._notes.setAccessibleName("What is new")
        self._notes.setToolTip("What is new, in its authors' words")
        self._page_button = QPushButton()
        self._page_button.setObjectName("newerVersionPageButton")
        self._page_button.setProperty("link", True)
        self._page_button.setAutoDefault(False)
        self._page_button.clicked.connect(self._on_page_button_clicked)
        self._again = QPushButton(LOOK)
        self._again.setObjectName("newerVersionAgainButton")
        self._again.setAutoDefault(False)
        self._again.setEnabled(bool(self._request.host))  # who has no address has nobody to ask
        self._again.clicked.connect(self._on_again_clicked)
        for part in (self._bar, self._notes, self._page_button):
            keep_place(part)

    def _lay_out(self) -> None:
        close = QPushButton("&Close")
        close.setObjectName("newerVersionCloseButton")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.setSpacing(UNIT)
        below.addWidget(self._page_button)
        below.addStretch()
        below.addWidget(self._again)
        below.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setSpacing(UNIT)
        layout.addWidget(self._status)
        layout.addWidget(self._bar)
        layout.addWidget(self._notes)
        layout.addWidget(label(ONLY_NOW, "muted", wrap=True))
        layout.addLayout(below)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the button that stops and looks again room for either word."""
        super().showEvent(event)
        widths = []
        for text in (STOP, LOOK):
            self._again.setText(text)
            widths.append(self._again.sizeHint().width())
        self._again.setFixedWidth(max(widths))

    def look(self) -> None:
        """Ask, and show that an answer is waited for."""
        self._show(f"Asking {self._request.host} …" if self._request.host else "")
        self._show_looking(looking=True)
        self._jobs.start(find_release, self._request)

    def _show(self, text: str, release: Release | None = None) -> None:
        """Say how it stands; a newer release comes with what is new and its page."""
        self._status.setText(text)
        self._page = "" if release is None else release.page
        self._page_button.setVisible(release is not None)
        self._notes.setVisible(release is not None and bool(release.notes))
        if release is not None:
            self._notes.setPlainText(release.notes)
            self._page_button.setText(f"Open the &page of version {release.version}")
            self._page_button.setToolTip(f"Open {release.page} in your browser")

    def _show_looking(self, *, looking: bool) -> None:
        self._bar.setVisible(looking)
        self._again.setText(STOP if looking else LOOK)
        self._again.setToolTip("Wait for no answer" if looking else "Ask once more")

    @Slot()
    def _on_finished(self) -> None:
        """An answer is waited for no longer."""
        self._jobs.close()

    @Slot()
    def _on_again_clicked(self) -> None:
        if self._jobs.is_running:
            self._jobs.stop()
        else:
            self.look()

    @Slot()
    def _on_page_button_clicked(self) -> None:
        open_outside(QUrl(self._page))

    @Slot(object)
    def _on_jobs_succeeded(self, release: Release) -> None:
        this = self._request.version
        if release.is_newer:
            words = f"{edition.FULL} {release.version} has been published; this is version {this}."
            self._show(words, release)
        elif release.version == this:
            self._show(f"This is the newest version, {this}.")
        else:
            self._show(f"This is version {this}; the newest release is {release.version}.")

    @Slot(object)
    def _on_jobs_failed(self, error: MnistDesktopError) -> None:
        self._show(str(error))

    @Slot()
    def _on_jobs_cancelled(self) -> None:
        self._show("Stopped: whether there is a newer version is not known.")

    @Slot()
    def _on_jobs_finished(self) -> None:
        self._show_looking(looking=False)
