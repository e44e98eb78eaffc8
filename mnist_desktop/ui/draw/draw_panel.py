"""The right column: the pad, what the network sees of it, and what it reads."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSlider,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.ink import BRUSH, Ink
from mnist_desktop.digits.ink_groups import side_by_side
from mnist_desktop.inference.predictor import Prediction
from mnist_desktop.inference.reading import NOTHING_READ, Reading
from mnist_desktop.training.progress import WatchedReading
from mnist_desktop.ui.draw.answer_row import AnswerRow
from mnist_desktop.ui.draw.paint_widget import MAX_BRUSH, MIN_BRUSH, PaintWidget
from mnist_desktop.ui.draw.square_place import SquarePlace
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.menus import give_menu
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.prediction_views import ProbabilityBars, confidence_words
from mnist_desktop.ui.parts.shortcuts import add_shortcut, in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.parts.why_subject import WhySubject

EPOCHS_SHOWN = 6
NAMES_SHOWN = 3  # of these, where classes have names
TEACH_TIP = "Keep the drawing among your digits, to learn from: press its digit's key, 0 to 9"
NO_DIGITS_TIP = "Choose a network that reads digits to keep drawings among your digits"
SIGMOID_NOTE = (
    "Sigmoid outputs, normalised so that they add up to 100%; a softmax output gives probabilities."
)
BRUSH_STEPS = 1000  # the slider's numbers are thousandths of the pad's side


@guarded
class DrawPanel(QFrame):
    """Everything around the pad, which has the focus where the panel is given it.

    Where anything stands depends on the panel's size alone: what comes and goes has its place.

    Signals
    -------
    content_changed(object)
        What is on the pad is another `Ink` or `Picture` and wants to be read.
    read(object)
        The `Reading` of what is on the pad is shown.
    open_requested(), paste_requested(), copy_requested(), save_requested()
        A picture is to be opened or pasted; the drawing is to be copied or saved.
    picture_dropped(object)
        A `QMimeData` was dropped onto the pad.
    digit_shown(object)
        The digit that is shown is another `WhySubject`.
    why_requested()
        Why that digit is read as it is, is to be shown.
    teach_requested(int)
        The drawing on the pad is meant to be this digit.
    """

    content_changed = Signal(object)
    read = Signal(object)
    open_requested = Signal()
    paste_requested = Signal()
    copy_requested = Signal()
    save_requested = Signal()
    picture_dropped = Signal(object)
    digit_shown = Signal(object)
    why_requested = Signal()
    teach_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.reading = NOTHING_READ
        self.pad = PaintWidget()
        self.setFocusProxy(self.pad)
        self.answer = AnswerRow()
        self.preview = self.answer.preview
        self.shrunk_preview = self.answer.shrunk_preview
        self.prediction_label = self.answer.number
        self.before_button = self.answer.before_button
        self.after_button = self.answer.after_button
        self.bars = ProbabilityBars()
        self._confidence = FixedLines("muted", 2)
        self._confidence.setObjectName("confidenceLabel")
        self._confidence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._comparison = FixedLines("field", 1)
        self._comparison.setObjectName("comparisonLabel")
        self._learning = FixedLines(
            "field", 1, "What the network that is being trained reads on the pad, after each epoch"
        )
        self._learning.setObjectName("learningLabel")
        self._learnt: list[WatchedReading] = []
        self._classes = self._learnt_classes = DIGITS
        self._make_note()
        self._make_tools()
        self._make_buttons()
        self._make_more()
        self._lay_out()
        self.pad.content_changed.connect(self.content_changed)
        self.pad.history_changed.connect(self._on_pad_history_changed)
        self.pad.picture_dropped.connect(self.picture_dropped)
        self.answer.stepped.connect(self._on_answer_stepped)
        self.answer.number.chosen.connect(self.pad.choose)
        self.pad.digit_chosen.connect(self._show_number)
        self._on_pad_history_changed()
        self.show_reading(NOTHING_READ)

    # The panel's parts

    def _make_note(self) -> None:
        self.note_button = QToolButton()
        self.note_button.setObjectName("scoresNoteButton")
        self.note_button.setIcon(icon("info"))
        self.note_button.setProperty("plain", True)
        self.note_button.setAccessibleName("About these scores")
        self.note_button.setAccessibleDescription(SIGMOID_NOTE)
        self.note_button.setToolTip(SIGMOID_NOTE)
        self.note_button.clicked.connect(self._on_note_button_clicked)
        keep_place(self.note_button)

    def _make_tools(self) -> None:
        self.brush_slider = QSlider(Qt.Orientation.Horizontal)
        self.brush_slider.setObjectName("brushSlider")
        self.brush_slider.setAccessibleName("Brush width")
        self.brush_slider.setToolTip("Brush width; the network sees a pen of its own width")
        self.brush_slider.setRange(round(MIN_BRUSH * BRUSH_STEPS), round(MAX_BRUSH * BRUSH_STEPS))
        self.brush_slider.setPageStep(10)
        self.brush_slider.setValue(round(BRUSH * BRUSH_STEPS))
        self.brush_slider.setFixedWidth(72)
        self.brush_slider.valueChanged.connect(self._on_brush_slider_value_changed)
        self.eraser_button = QToolButton()
        self.eraser_button.setObjectName("eraserButton")
        self.eraser_button.setIcon(icon("eraser"))
        self.eraser_button.setAccessibleName("Erase")
        self.eraser_button.setCheckable(True)
        self.eraser_button.setShortcut(QKeySequence("Alt+K"))
        self.eraser_button.setToolTip(
            in_words("Erase entire strokes (Alt+K); the right mouse button always does")
        )
        self.eraser_button.toggled.connect(self.pad.set_eraser)
        self.menu_button = QToolButton()
        self.menu_button.setObjectName("drawingMenuButton")
        self.menu_button.setIcon(icon("more"))
        self.menu_button.setAccessibleName("More to do with the drawing")
        self.menu_button.setToolTip("Open, paste, copy or save a drawing")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.menu_button)
        keys = QKeySequence.StandardKey
        for text, key, signal in (
            ("&Open a picture …", keys.Open, self.open_requested),
            ("&Paste a picture", keys.Paste, self.paste_requested),
            ("&Copy the drawing", keys.Copy, self.copy_requested),
            ("&Save the drawing …", keys.Save, self.save_requested),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(signal)
            self.addAction(action)
            menu.addAction(action)
        give_menu(self.menu_button, menu)

    def _make_buttons(self) -> None:
        self.undo_button = QPushButton("&Undo")
        self.undo_button.setObjectName("undoButton")
        self.undo_button.setToolTip(in_words("Take the last step back (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.pad.undo)
        self.redo_button = QPushButton("Redo")
        self.redo_button.setObjectName("redoButton")
        self.redo_button.setToolTip(in_words("Do the step again (Ctrl+Shift+Z)"))
        self.redo_button.clicked.connect(self.pad.redo)
        self.clear_button = QPushButton("Clear")
        self.clear_button.setObjectName("clearButton")
        self.clear_button.setToolTip("Take all ink away (Delete)")
        self.clear_button.clicked.connect(self.pad.clear)
        add_shortcut(self, QKeySequence.StandardKey.Undo, self.undo_button.click)
        for key in ("Ctrl+Shift+Z", "Ctrl+Y"):  # the system's own is only one of them on Windows
            add_shortcut(self, key, self.redo_button.click)

    def _make_more(self) -> None:
        self.compare_box = QCheckBox("What I drew")
        self.compare_box.setObjectName("compareCheckBox")
        self.compare_box.setToolTip(
            in_words(
                "Show your drawing only shrunk next to what the network sees, and what that would "
                "have been read as (Alt+J)"
            )
        )
        self.compare_box.setShortcut(QKeySequence("Alt+J"))
        self.compare_box.toggled.connect(self._on_compare_box_toggled)
        self.why_button = QToolButton()  # which is narrower
        self.why_button.setObjectName("whyButton")
        self.why_button.setText("Wh&y?")
        self.why_button.setToolTip(
            "Show which ink speaks for what was read, and how it would be read without it"
        )
        self.why_button.clicked.connect(self.why_requested)
        self.teach_button = QToolButton()
        self.teach_button.setObjectName("teachButton")
        self.teach_button.setText("It is a …")
        self.teach_button.setToolTip(TEACH_TIP)
        self.teach_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.teach_button)
        for digit in range(10):
            menu.addAction(f"&{digit}").setData(digit)
        menu.triggered.connect(self._on_teach_menu_triggered)
        give_menu(self.teach_button, menu)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(label("Draw", "title"))
        head.addStretch()
        head.addWidget(self.brush_slider)
        head.addWidget(self.eraser_button)
        head.addWidget(self.menu_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(UNIT)
        for button in (self.undo_button, self.redo_button, self.clear_button):
            buttons.addWidget(button, 1)
        options = QHBoxLayout()
        options.setSpacing(UNIT)
        options.addWidget(self.compare_box)
        options.addStretch()
        options.addWidget(self.why_button)
        options.addWidget(self.teach_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT + 4, UNIT * 2, UNIT + 4)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(SquarePlace(self.pad), 100)  # as large as it can be, before the rest
        layout.addLayout(buttons)
        layout.addWidget(self.answer, 1)
        layout.addWidget(self._confidence)
        layout.addLayout(self._lay_out_scores())
        layout.addLayout(options)
        layout.addStretch(1)

    def _lay_out_scores(self) -> QVBoxLayout:
        """Scores, two lines, and the note's button."""
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(self._comparison)
        lines.addWidget(self._learning)
        below = QHBoxLayout()
        below.setSpacing(UNIT // 2)
        below.addLayout(lines, 1)
        below.addWidget(self.note_button)
        column = QVBoxLayout()
        column.setSpacing(UNIT // 2)
        column.addWidget(self.bars)
        column.addLayout(below)
        return column

    # What it shows

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for part in (self.pad, self.answer, self.bars):
            part.set_theme(theme)

    def show_model(self, output_activation: str, classes: ClassNames = DIGITS) -> None:
        """Say what the scores of the network in use mean; teach it only if it reads digits."""
        self._classes = classes
        self.pad.show_classes(classes)
        self.teach_button.setToolTip(TEACH_TIP if classes.are_digits else NO_DIGITS_TIP)
        self.teach_button.setEnabled(self.can_teach)
        self.note_button.setVisible(output_activation == "sigmoid")

    @property
    def _number(self) -> int:
        """Which of the digits that were read is shown."""
        return min(self.pad.chosen, len(self.reading.predictions) - 1)

    @property
    def digit_ink(self) -> Ink:
        """The drawing of the digit that is shown, alone where several are on the pad."""
        inks = side_by_side(self.pad.ink)
        return inks[min(self.pad.chosen, len(inks) - 1)]

    @property
    def toast_bottom(self) -> int:
        """Where an answer ends that lies over the panel: above what can be pressed, in pixels."""
        return min(self.why_button.y(), self.teach_button.y()) - UNIT // 2

    @property
    def prediction(self) -> Prediction:
        """What the digit that is shown was read as."""
        return self.reading.predictions[self._number]

    @Slot(object)
    def show_reading(self, reading: Reading) -> None:
        """Show what is on the pad was read as."""
        self.reading = reading
        self.read.emit(reading)
        if self.pad.is_empty:
            self.forget_learning()
        self._show_number()

    @Slot()
    def _show_number(self) -> None:
        """Show one of the digits that were read: there may be several."""
        reading, count = self.reading, len(self.reading.predictions)
        self.preview.show_image(reading.images[self._number])
        self.answer.show_steps(self._number, count)
        self.answer.number.show_predictions(reading.predictions, self._number)
        self._show_prediction(self.prediction)
        self._show_comparison()
        self.teach_button.setEnabled(self.can_teach)
        self.why_button.setEnabled(self.prediction.label is not None)
        is_drawn = not isinstance(self.pad.content, Picture)
        name = "What is drawn on the pad" if is_drawn else "What is on the pad"
        image = reading.images[self._number]
        self.digit_shown.emit(WhySubject(image, name, is_drawn=is_drawn))

    def _show_prediction(self, prediction: Prediction) -> None:
        """Show the digit's score, or why there is none, and the ten bars."""
        self.bars.show_prediction(prediction)
        self._confidence.setText(confidence_words(prediction))

    def _show_comparison(self) -> None:
        content = self.pad.content
        is_one = len(self.reading.predictions) == 1 and not isinstance(content, Picture)
        is_shown = self.compare_box.isChecked() and is_one
        self.answer.show_drawn(is_shown=is_shown)
        shrunk = self.reading.shrunk
        self.shrunk_preview.show_image(NOTHING_READ.images[0] if shrunk is None else shrunk)
        read = self.reading.shrunk_prediction
        if isinstance(content, Picture):
            self._comparison.setText(content.note)
        elif not is_shown or shrunk is None or read.label is None:
            self._comparison.setText("")
        elif not read.accepted:
            self._comparison.setText("Without centring: not read with confidence")
        elif read.label == self.prediction.label:
            self._comparison.setText(f"Without centring: also read as {read.text}")
        else:
            self._comparison.setText(f"Without centring: misread as {read.text}")

    def show_learning(self, reading: WatchedReading) -> None:
        """Add what a network that is being trained reads on the pad after one more epoch."""
        classes = self._learnt_classes
        self._learnt = [*self._learnt, reading][-EPOCHS_SHOWN:]
        shown = self._learnt if classes.are_digits else self._learnt[-NAMES_SHOWN:]
        best = [max(range(10), key=one.scores.__getitem__) for one in shown]
        steps = [classes.short(label) for label in best]
        self._learning.setText(f"The new network: {' → '.join(steps)}")

    def begin_learning(self, classes: ClassNames) -> None:
        """Start with a network that learns to read these classes."""
        self._learnt_classes = classes
        self.forget_learning()

    @Slot()
    def forget_learning(self) -> None:
        """Start again with what `show_learning` shows."""
        self._learnt = []
        self._learning.setText("")

    # What is done with it

    @property
    def can_teach(self) -> bool:
        """Whether there is a drawing that could be kept as a digit."""
        is_of_digits = self._classes.are_digits
        return is_of_digits and bool(self.pad.ink) and not isinstance(self.pad.content, Picture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a digit's key as what the drawing is meant to be."""
        text = event.text()
        if len(text) == 1 and text in "0123456789" and self.can_teach:
            self.teach_requested.emit(int(text))
        else:
            super().keyPressEvent(event)

    @Slot(QAction)
    def _on_teach_menu_triggered(self, action: QAction) -> None:
        if self.can_teach:  # a picture may have come onto the pad while the menu was open
            self.teach_requested.emit(action.data())

    @Slot(int)
    def _on_brush_slider_value_changed(self, value: int) -> None:
        self.pad.set_brush(value / BRUSH_STEPS)

    @Slot(bool)
    def _on_compare_box_toggled(self, _is_checked: bool) -> None:
        self._show_comparison()

    @Slot()
    def _on_note_button_clicked(self) -> None:
        place = self.note_button.mapToGlobal(self.note_button.rect().bottomLeft())
        QToolTip.showText(place, SIGMOID_NOTE, self.note_button)

    @Slot(int)
    def _on_answer_stepped(self, way: int) -> None:
        last = len(self.reading.predictions) - 1
        self.pad.choose(min(max(self._number + way, 0), last))

    @Slot()
    def _on_pad_history_changed(self) -> None:
        self.undo_button.setEnabled(self.pad.can_undo)
        self.redo_button.setEnabled(self.pad.can_redo)
        self.clear_button.setEnabled(not self.pad.is_empty)
