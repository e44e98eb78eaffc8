"""Why a digit is read as it is: its ink in colours, a sentence, similar digits, and an eraser."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.digits.dataset import SIDE
from mnist_desktop.formats import percent
from mnist_desktop.inference.explanation import Explanation, SimilarDigits
from mnist_desktop.inference.predictor import NO_INK, Prediction, no_ink
from mnist_desktop.ui.pages.erasable_digit import NO_HEAT, ErasableDigit, HeatScale
from mnist_desktop.ui.parts.digit_browser import SimilarStrip, similar_words
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import keep_place
from mnist_desktop.ui.parts.prediction_views import ProbabilityBars, confidence_words
from mnist_desktop.ui.parts.read_label import ReadLabel
from mnist_desktop.ui.parts.shortcuts import add_shortcut, in_words
from mnist_desktop.ui.parts.theme import UNIT, Theme, label
from mnist_desktop.ui.parts.why_subject import NOTHING, WhySubject
from mnist_desktop.workers.prediction import ImageReading

COLUMN = 208  # pixels that the scores need at least
LEAST_SCALE, MOST_SCALE = 8, 28  # pixels of the screen for one of the digit
ASKED = 3  # digits to choose from: the best two, and what it is
SIMILAR_SIDE = 36  # pixels
UNDO = QKeySequence.StandardKey.Undo
REST_MS = 200  # without a stroke, before similar digits are looked for: that takes as long
EMPTY = "Draw on the pad to see why it is read as it is."
ERASED = "There is no ink left; undo what was erased."
REJECTED = "The scores of what is not one digit mean nothing, so there is nothing to explain."
DRAWN = "Scores of the pixels alone, without the pen's path."


@guarded
class WhyView(QWidget):
    """Explains how a digit is read, and lets the user erase ink to try it out.

    Signals
    -------
    back_requested()
        The user has seen enough.
    reading_requested(object)
        What this image, ndarray (28, 28), is read as is wanted.
    explanation_requested(object)
        What speaks for that is wanted.
    similar_requested(object)
        The training digits most like this image are wanted.
    """

    back_requested = Signal()
    reading_requested = Signal(object)
    explanation_requested = Signal(object)
    similar_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("whyView")
        self.setAccessibleName("Why it is read so")
        self._subject = NOTHING
        self._first: Prediction | None = None  # of the subject with all its ink
        self._now = NO_INK
        self._explanation: Explanation | None = None
        self._digits: tuple[int, ...] = ()  # that can be asked about
        self._asked: int | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.ask_for_similar)
        self._make_head()
        self._make_digit()
        self._make_scores()
        self._lay_out()
        add_shortcut(self, "Alt+Left", self.back_requested.emit)
        add_shortcut(
            self, "Esc", self.back_requested.emit, Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        self._show()

    # The view's parts

    def _make_head(self) -> None:
        self.back_button = QPushButton("Back")
        self.back_button.setObjectName("whyBackButton")
        self.back_button.setIcon(icon("back"))
        self.back_button.setToolTip(
            in_words("Back to the page that was here (Esc, or Alt+← from anywhere)")
        )
        self.back_button.clicked.connect(self.back_requested)
        self._title = FixedLines("title", 1)
        self._title.setObjectName("whyTitleLabel")
        self._name = FixedLines("muted", 1)
        self._name.setObjectName("whySubjectLabel")
        self._sentence = FixedLines("strong", 2)
        self._sentence.setObjectName("whySentenceLabel")
        self.asked = QButtonGroup(self)
        for number in range(ASKED):
            button = QToolButton()
            button.setObjectName(f"whyFor{number + 1}")
            button.setCheckable(True)
            button.setToolTip("Colour the ink by what speaks for this digit and against it")
            keep_place(button)
            self.asked.addButton(button, number)
        self.asked.buttonClicked.connect(self._on_asked_button_clicked)

    def _make_digit(self) -> None:
        self.digit = ErasableDigit()
        self.digit.changed.connect(self._on_digit_changed)
        self.digit.settled.connect(self._on_digit_settled)
        self.scale = HeatScale()
        self.undo_button = QPushButton("Undo")
        self.undo_button.setObjectName("whyUndoButton")
        self.undo_button.setIcon(icon("undo"))
        self.undo_button.setToolTip(in_words("Bring back what was erased last (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.digit.undo)
        self.reset_button = QPushButton("Reset")
        self.reset_button.setObjectName("whyResetButton")
        self.reset_button.setIcon(icon("reset"))
        self.reset_button.setToolTip("Bring back all ink that was erased")
        self.reset_button.clicked.connect(self.digit.reset)

    def _make_scores(self) -> None:
        self._number = ReadLabel()  # of one width, whatever is read
        self._number.setObjectName("whyNumberLabel")
        self._confidence = FixedLines("muted", 3)
        self._confidence.setObjectName("whyConfidenceLabel")
        self._confidence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.bars = ProbabilityBars()
        self.bars.setObjectName("whyBars")
        self._changes = [FixedLines("muted", 1) for _ in range(ASKED)]
        for number, line in enumerate(self._changes):
            line.setObjectName(f"whyChange{number + 1}")
        self._note = FixedLines("field", 2)
        self._note.setObjectName("whyNoteLabel")
        self._similar_name = label(similar_words(DIGITS), "field")
        self.similar = SimilarStrip(SIMILAR_SIDE)
        self.similar.setObjectName("whySimilar")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(UNIT)
        head.addWidget(self.back_button)
        head.addSpacing(UNIT)
        head.addWidget(self._title, 1)
        best, second, known = self.asked.buttons()
        for button in (known, best, second):  # what is not always there has its place in front
            head.addWidget(button)
        tools = QHBoxLayout()
        tools.setSpacing(UNIT)
        hint = FixedLines("field", 1)
        hint.setText("Drag to erase ink")
        hint.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        tools.addWidget(hint, 1)
        tools.addWidget(self.undo_button)
        tools.addWidget(self.reset_button)
        left = QVBoxLayout()
        left.setSpacing(UNIT)
        for part in (self.digit, self.scale):
            left.addWidget(part)
        left.addLayout(tools)
        left.addStretch()
        body = QHBoxLayout()
        body.setSpacing(UNIT * 2)
        body.addLayout(left)
        body.addLayout(self._lay_out_scores(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT * 2, UNIT, UNIT * 2, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._name)
        layout.addWidget(self._sentence)
        layout.addLayout(body, 1)

    def _lay_out_scores(self) -> QVBoxLayout:
        reading = QHBoxLayout()
        reading.setSpacing(UNIT * 2)
        reading.addWidget(self._number, 2)
        reading.addWidget(self._confidence, 5)
        right = QVBoxLayout()
        right.setSpacing(UNIT)
        right.addLayout(reading)
        right.addWidget(self.bars)
        for line in self._changes:
            right.addWidget(line)
        right.addWidget(self._note)
        right.addSpacing(UNIT)
        right.addWidget(self._similar_name)
        right.addWidget(self.similar)
        right.addStretch()
        return right

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the digit as large as there is room, each pixel of it a whole number of ours."""
        super().resizeEvent(event)
        lines = (self.back_button, self._name, self._sentence, self.scale, self.undo_button)
        others = sum(part.sizeHint().height() for part in lines) + UNIT * 8
        room = min(self.width() - COLUMN - UNIT * 6, self.height() - others)
        side = SIDE * min(max(room // SIDE, LEAST_SCALE), MOST_SCALE)
        self.digit.setFixedSize(side, side)
        self.scale.setFixedWidth(side)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        for part in (self.digit, self.scale, self.bars, self.similar):
            part.set_theme(theme)

    # What it shows

    def show_subject(self, subject: WhySubject, *, at_once: bool = True) -> None:
        """Explain another digit.

        Parameters
        ----------
        subject : WhySubject
            The digit.
        at_once : bool, optional
            Whether to look for similar digits now, and not once there was no other for a while.
        """
        self._subject = subject
        nothing = no_ink(self._classes)
        self._first, self._explanation = None, None
        self._digits, self._asked = (), None
        self.digit.show_digit(subject.image)
        self.similar.show_digits(None)
        self._rest.stop()
        if subject.image.any():
            self._ask_again()
            if at_once:
                self.ask_for_similar()
            else:
                self._rest.start()
        else:
            self._now = nothing
        self._show()

    @Slot()
    def read_again(self) -> None:
        """Explain the same digit, with all its ink, as another network reads it."""
        self.show_subject(self._subject)

    @Slot()
    def ask_for_similar(self) -> None:
        """Ask for the digits most like the one that is explained."""
        if self._subject.image.any():
            self.similar_requested.emit(self._subject.image)

    @property
    def _classes(self) -> ClassNames:
        """What the network in use reads."""
        return (self._first or self._now).classes

    def _ask_again(self) -> None:
        self.reading_requested.emit(self.digit.image)
        self.explanation_requested.emit(self.digit.image)

    @Slot(object)
    def show_reading(self, reading: ImageReading) -> None:
        """Show what an image was read as, if it still is the one that is shown."""
        if reading.image is self._subject.image:
            self._first = reading.prediction
            self._offer_digits(reading.prediction)
        if reading.image is self.digit.image:
            self._now = reading.prediction
            self._show()

    def _offer_digits(self, prediction: Prediction) -> None:
        """Let the user choose between the best two digits and what it is."""
        if prediction.label is None or not prediction.is_digit:
            return
        best, known = prediction.best_two, self._subject.label
        if self._subject.classes != prediction.classes:
            known = None  # another network's label says nothing to this one
        self._digits = best if known is None or known in best else (*best, known)
        if self._asked not in self._digits:
            self._asked = best[0]

    @Slot(object)
    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show what speaks for the reading of an image, if it still is the one that is shown."""
        if explanation is not None and explanation.image is self.digit.image:
            self._explanation = explanation
            self._show()

    @Slot(object)
    def show_similar(self, similar: SimilarDigits) -> None:
        """Show the digits most like an image, if it still is the one that is explained."""
        if similar.image is self._subject.image:
            self._similar_name.setText(similar_words(similar.classes))
            self.similar.show_digits(similar)

    def _show(self) -> None:
        """Bring everything into agreement with what is known by now."""
        self._title.setText(_title(self._first))
        self._name.setText(_name(self._subject))
        self._note.setText(DRAWN if self._subject.is_drawn else "")
        for number, button in enumerate(self.asked.buttons()):
            is_offered = number < len(self._digits)
            button.setVisible(is_offered)
            name = self._classes.short(self._digits[number]) if is_offered else "0"
            button.setText(f"for {name}")
            button.setChecked(is_offered and self._digits[number] == self._asked)
        self._number.show_prediction(self._now)
        self._confidence.setText(confidence_words(self._now))
        self.bars.show_prediction(self._now)
        for number, line in enumerate(self._changes):
            line.setText(self._change(number))
        buttons = (self.undo_button, self.reset_button)
        if not self.digit.can_undo and any(one.hasFocus() for one in buttons):
            self.digit.setFocus(Qt.FocusReason.OtherFocusReason)  # else it would leave the view
        for one in buttons:
            one.setEnabled(self.digit.can_undo)
        self._show_colours()

    def _change(self, number: int) -> str:
        """Say how the score of a digit has changed since ink was erased."""
        if number >= len(self._digits) or self._first is None or not self._now.is_digit:
            return ""
        digit = self._digits[number]
        name = self._classes.of(digit)
        before = percent(self._first.probabilities[digit], 1)
        if self.digit.image is self._subject.image:
            return f"{name}: {before}"
        return f"{name}: {before} → {percent(self._now.probabilities[digit], 1)}"

    def _show_colours(self) -> None:
        """Colour the ink, and say what counts most; what is rejected has nothing of it."""
        asked, explanation, now = self._asked, self._explanation, self._now
        self.scale.show_name("" if asked is None else self._classes.short(asked))
        if asked is not None and explanation is not None and now.is_digit and now.label is not None:
            self.digit.show_heat(explanation.heat[asked], explanation.part(asked))
            self._sentence.setText(explanation.sentence(asked))
            return
        self.digit.show_heat(*NO_HEAT)
        if not now.is_digit:
            self._sentence.setText(REJECTED)
        elif not self.digit.image.any():
            self._sentence.setText(ERASED if self.digit.can_undo else EMPTY)
        else:
            self._sentence.setText("")

    # What is done with it

    @Slot(QAbstractButton)
    def _on_asked_button_clicked(self, button: QAbstractButton) -> None:
        self._asked = self._digits[self.asked.id(button)]
        self._show()

    @Slot()
    def _on_digit_changed(self) -> None:
        """Read what is left, at each move of the eraser."""
        self.reading_requested.emit(self.digit.image)

    @Slot()
    def _on_digit_settled(self) -> None:
        self.explanation_requested.emit(self.digit.image)
        self._show()

    def event(self, event: QEvent) -> bool:
        """Take Ctrl+Z for what was erased here, before the pad takes it."""
        is_asking = event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and is_asking and event.matches(UNDO):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo on Ctrl+Z."""
        if event.matches(UNDO):
            self.digit.undo()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Look for nothing that nobody sees."""
        super().hideEvent(event)
        self._rest.stop()


def _title(first: Prediction | None) -> str:
    if first is None or first.label is None:
        return "Why?"
    if first.accepted:
        return f"Why is it read as {first.text}?"
    best, second = (first.classes.of(one) for one in first.best_two)
    return f"Why {best} or {second}?" if first.is_digit else "Why is it not read?"


def _name(subject: WhySubject) -> str:
    if subject.label is None:
        return subject.name
    return f"{subject.name}, {subject.classes.one(subject.label)}"
