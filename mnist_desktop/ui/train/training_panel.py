"""The left column: what to train and how, the two buttons, and how far it is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.formats import count, percent
from mnist_desktop.progress import PhaseProgress
from mnist_desktop.runs.expectation import Pace
from mnist_desktop.runs.unfinished import UnfinishedTraining
from mnist_desktop.training.config import TrainingConfig
from mnist_desktop.training.progress import BatchProgress, EpochMetrics
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.live_curves import LiveCurves
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.parts.training_state import (
    PAUSE_TIP,
    PROGRESS_STEPS,
    STOP_TIP,
    STOPPING,
    TrainingState,
    describe_epoch,
    show_share,
    training_bar,
)
from mnist_desktop.ui.train.job_outline import JobOutline
from mnist_desktop.ui.train.training_form import TrainingForm
from mnist_desktop.ui.train.unfinished_card import UnfinishedCard

STATUS_LINES = 4
TRAIN_TIP = "Train this network (Ctrl+Return)"
# What is trained on, by the name of the digits.
DIGITS = {
    "mnist": "On MNIST’s {count} digits",
    "sample": "On the sample’s {count} digits",
    "custom": "On {count} digits of your own",
}
# Focus that the user gave, not the window's opening.
TURNED_TO = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


@guarded
class TrainingPanel(QFrame):
    """Collects a `TrainingConfig` and shows the progress of a training, all in fixed places.

    Attributes
    ----------
    digits : Digits or None
        What is learnt from, once it has been found.

    Signals
    -------
    train_requested(object)
        The user wants this `TrainingConfig` trained.
    stop_requested()
        The user wants the training to end, with what it has learnt kept.
    pause_toggled(bool)
        The training is to pause, or to resume.
    state_changed(object)
        A `TrainingState`: what can be done with the training under way is something else now.
    keep_best_toggled(bool)
        What it had learnt after its best epoch is to be kept in the end, or what it learnt last.
    download_requested()
        The user wants all of MNIST.
    train_offered(bool, str)
        Whether *Train* can be pressed now, and its tooltip, which says why not.
    approached()
        The user turns to a setting or to the button: a training is likely to be wanted soon.
    """

    approached = Signal()
    download_requested = Signal()
    train_requested = Signal(object)
    train_offered = Signal(bool, str)
    stop_requested = Signal()
    pause_toggled = Signal(bool)
    state_changed = Signal(object)
    keep_best_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainingPanel")
        self.setProperty("card", True)
        self._is_busy = False
        self._state = TrainingState()
        self._digits = ""
        self._trained: TrainingConfig | None = None  # with these settings, while that is known
        self.digits: Digits | None = None
        self._make_form()
        self._make_controls()
        self._lay_out()
        for box in (*self.findChildren(QComboBox), *self.findChildren(QAbstractSpinBox)):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self)
        self.train_button.installEventFilter(self)
        self.set_busy(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel change no setting without the focus; see who comes near."""
        if event.type() == QEvent.Type.MouseButtonPress or (
            isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() in TURNED_TO
        ):
            self.approached.emit()
        if event.type() == QEvent.Type.Enter and watched is self.train_button:
            self.approached.emit()
        is_wheel = event.type() == QEvent.Type.Wheel
        if is_wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Look again whether there is enough memory now."""
        self.form.check()
        super().enterEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the recipe on Escape, also from the buttons below its other settings."""
        if event.key() == Qt.Key.Key_Escape and self.form.more.back_button.isVisible():
            self.form.more.back_button.click()
        else:
            super().keyPressEvent(event)

    def _make_form(self) -> None:
        self.form = form = TrainingForm()
        form.changed.connect(self._on_form_changed)
        form.architecture.activated.connect(self._on_architecture_activated)
        form.more.best_box.toggled.connect(self.keep_best_toggled)
        self.architecture, self.hidden_units = form.architecture, form.hidden_units
        self.epochs, more = form.epochs, form.more
        self.batch_size, self.seed = more.batch_size, more.seed
        self.learning_rate, self.schedule = more.learning_rate, more.schedule
        self.optimizer, self.weight_decay = more.optimizer, more.weight_decay
        self.loss, self.label_smoothing = more.loss, more.label_smoothing
        self.output_activation = more.output_activation
        self.validation, self.best_box = more.validation, more.best_box

    def _make_controls(self) -> None:
        self.job = FixedLines("muted", 1)
        self.job.setObjectName("trainingJobLabel")
        self.download_button = QPushButton("Download all 60,000")
        self.download_button.setObjectName("downloadAllButton")
        self.download_button.setProperty("link", "tight")
        self.download_button.setToolTip(
            "Only the digits of a sample are here: download all of MNIST (11 MB)"
        )
        keep_place(self.download_button)
        self.download_button.clicked.connect(self.download_requested)
        self.download_button.hide()
        self.train_button = QPushButton("&Train")
        self.train_button.setObjectName("trainButton")
        self.train_button.setProperty("primary", True)
        self.train_button.clicked.connect(self._on_train_clicked)
        self.stop_button = QPushButton("&Stop")
        self.stop_button.setObjectName("stopButton")
        self.stop_button.setToolTip(in_words(STOP_TIP))
        self.stop_button.clicked.connect(self._on_stop_clicked)
        self.pause_button = QPushButton("Pause")
        self.pause_button.setObjectName("pauseButton")
        self.pause_button.setCheckable(True)
        self.pause_button.setToolTip(in_words(PAUSE_TIP))
        self.pause_button.toggled.connect(self._on_pause_button_toggled)
        self.progress_bar = training_bar("trainingProgressBar")
        self.status = FixedLines("muted", STATUS_LINES)
        self.status.setObjectName("trainingStatusLabel")
        self.unfinished = UnfinishedCard()
        self.curves = LiveCurves()

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(label("Train", "title"))
        top.addStretch()
        top.addWidget(self.download_button)
        head.addLayout(top)
        head.addWidget(self.job)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        for button, share in (
            (self.train_button, 4),
            (self.pause_button, 3),
            (self.stop_button, 3),
        ):
            # "Pause" becomes "Resume", which must not move the others.
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button, share)
        self._live = QStackedWidget()
        self._live.addWidget(self.curves)
        self._live.addWidget(self.unfinished)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT + 4, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self.form)
        layout.addLayout(buttons)
        layout.addWidget(self.progress_bar)
        layout.addWidget(self.status)
        layout.addWidget(self._live, 1)

    def config(self) -> TrainingConfig:
        """Return the settings on the screen.

        Raises
        ------
        InvalidSettingError
            If the hidden layers cannot be read.
        """
        return self.form.config()

    def show_config(self, config: TrainingConfig) -> None:
        """Put settings on the screen; what has no field there is kept as it is.

        Raises
        ------
        InvalidSettingError
            If the architecture is none that can be trained here.
        """
        self.form.show_config(config)

    def show_digits(self, dataset: Dataset) -> None:
        """Speak of what can be expected of these digits."""
        self.digits = dataset.train
        size, classes = len(dataset.train), dataset.classes
        self.form.summary.show_digits(dataset.name, size, classes.noun)
        if classes.title:
            self._digits = f"On {count(size, classes.noun)} of {classes.title}"
        else:
            self._digits = DIGITS[dataset.name].format(count=f"{size:,}")
        self.download_button.setVisible(dataset.name == "sample")
        if not self._is_busy:
            self.job.setText(self._digits)

    def show_pace(self, pace: Pace) -> None:
        """Speak of how long trainings take on this machine."""
        self.form.summary.show_pace(pace)

    def offer_unfinished(self, unfinished: UnfinishedTraining | None) -> None:
        """Offer to resume an interrupted training, in place of the curves."""
        self.unfinished.offer(unfinished)
        self._live.setCurrentWidget(self.curves if unfinished is None else self.unfinished)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.curves.set_theme(theme)
        self.form.layer_text.set_theme(theme)

    def set_busy(self, is_busy: bool, *, can_pause: bool = True) -> None:
        """Offer Stop while a training is under way, and Train otherwise; not all can wait."""
        buttons = (self.train_button, self.pause_button, self.stop_button)
        has_focus = any(button.hasFocus() for button in buttons)
        self._is_busy = is_busy
        self.pause_button.setChecked(False)
        self._show_state(TrainingState(can_pause=is_busy and can_pause))
        self.unfinished.setEnabled(not is_busy)
        self.progress_bar.setRange(0, PROGRESS_STEPS)
        if is_busy:
            self.progress_bar.setValue(0)
        else:
            self.job.setText(self._digits)
        self._offer_train()
        if has_focus:  # what is pressed next; Qt would go on to some other place
            (self.stop_button if is_busy else self.train_button).setFocus()

    def show_job(self, job: JobOutline) -> None:
        """Say what is being trained, and show how it has learnt so far."""
        self.job.setText(job.title)
        self.curves.begin(job.epochs, job.history)
        self._trained = job.trained
        if job.config is not None:
            self.show_config(job.config)

    def show_status(self, text: str, *, is_endless: bool = False) -> None:
        """Say what is going on; an endless bar moves while nothing can be counted."""
        self.status.setText(text)
        self.progress_bar.setRange(0, 0 if is_endless else PROGRESS_STEPS)

    @Slot(object)
    def show_progress(self, progress: object) -> None:
        """Show a progress record of the training."""
        if isinstance(progress, BatchProgress):
            show_share(self.progress_bar, progress)
            self.curves.add_batch(progress)
            if not self._state.is_stopping:
                self.status.setText(_describe(progress))
        elif isinstance(progress, EpochMetrics):
            self.curves.add_epoch(progress)
            if self._trained is not None:
                self.form.summary.show_epoch(self._trained, progress.seconds)
        elif isinstance(progress, PhaseProgress):
            self.status.setText(f"{progress.text} …")

    def _offer_train(self) -> None:
        problem = self.form.problem
        self.train_button.setEnabled(not (self._is_busy or problem))
        self.train_button.setToolTip(problem or in_words(TRAIN_TIP))
        self.train_offered.emit(self.train_button.isEnabled(), self.train_button.toolTip())

    @Slot()
    def _on_architecture_activated(self) -> None:
        """Forget what another network has learnt: it would be taken for this one's."""
        if not self._is_busy:
            self.status.setText("")
            self.progress_bar.setValue(0)
            self.curves.begin(1)

    @Slot()
    def _on_form_changed(self) -> None:
        self._offer_train()

    @Slot()
    def _on_train_clicked(self) -> None:
        self.train_requested.emit(self.config())

    @Slot(bool)
    def _on_pause_button_toggled(self, is_paused: bool) -> None:
        self._show_state(replace(self._state, is_paused=is_paused))
        self.pause_toggled.emit(is_paused)

    @Slot()
    def _on_stop_clicked(self) -> None:
        self._show_state(replace(self._state, can_pause=False, is_stopping=True))
        self.status.setText(STOPPING)
        self.stop_requested.emit()

    def _show_state(self, state: TrainingState) -> None:
        """Offer what can be done with a training now."""
        self._state = state
        self.stop_button.setEnabled(self._is_busy and not state.is_stopping)
        self.pause_button.setEnabled(state.can_pause)
        self.pause_button.setText(state.pause_word)
        self.state_changed.emit(state)


def _describe(progress: BatchProgress) -> str:
    return (
        f"{describe_epoch(progress)}\n"
        f"Batch {progress.batch:,} of {progress.batches:,}\n"
        f"Loss {progress.loss:.4f}, accuracy {percent(progress.accuracy)}"
    )
