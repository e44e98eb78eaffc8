"""The gallery of every page: a grid of digits, and the one that is open large next to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mnist_desktop.digits.class_names import DIGITS, ClassNames
from mnist_desktop.formats import percent
from mnist_desktop.inference.explanation import NEIGHBOURS, SimilarDigits
from mnist_desktop.inference.predictor import NO_INK, Prediction
from mnist_desktop.ui.parts.digit_list import DigitList
from mnist_desktop.ui.parts.digit_model import LETTERS, DigitModel, ShownDigit
from mnist_desktop.ui.parts.disputed_mark import paint_disputed_mark
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.fonts import STRONG
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.places import in_the_middle
from mnist_desktop.ui.parts.prediction_views import ProbabilityBars, digit_image
from mnist_desktop.ui.parts.shortcuts import add_shortcut
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme, label
from mnist_desktop.ui.parts.why_subject import WhySubject

WIDTH = 224  # pixels at least, of the column of the open digit
LARGE = 28 * 5
LARGE_INSIDE = 8  # pixels by which its mark lies further inside: nothing can be painted beside it
SMALL = 32
EXAMPLES = 7, 1  # the labels that the legend explains the captions with
SIMILAR_LETTERS = 5  # of a class's name, under a picture
NOTHING_OPEN = "Click {} {}, or press Return, to see it large here."


def similar_words(classes: ClassNames) -> str:
    """What stands above the most similar training digits or images."""
    return f"Most similar training {classes.noun}s"


@guarded
class DigitBrowser(QWidget):
    """A `DigitList` under a line that explains it, and beside it the digit that is open.

    The room for the open digit is always there: the grid stays as it is when one is opened or
    closed.

    Parameters
    ----------
    gallery : DigitModel
        What is shown.
    count_name : str
        Object name of the label that counts the digits.
    legend : str
        What the captions mean where no network has read the digits; of ``{}`` becomes digit or
        image.
    multiple : bool, optional
        Whether several digits can be selected.
    count_lines : int, optional
        How many lines are reserved for what counts the digits.

    Attributes
    ----------
    list : DigitList
        The grid.
    detail : DigitDetail
        The open digit.
    count : FixedLines
        Counts the digits, and says what they are.

    Signals
    -------
    similar_requested(object)
        The training digits most like this image, ndarray (28, 28), are wanted.
    pad_requested(object)
        This image, ndarray (28, 28), is to be shown on the drawing pad.
    why_requested(object)
        Why this `WhySubject` is read as it is, is to be shown.
    """

    similar_requested = Signal(object)
    pad_requested = Signal(object)
    why_requested = Signal(object)

    def __init__(
        self,
        gallery: DigitModel,
        count_name: str,
        legend: str,
        *,
        multiple: bool = False,
        count_lines: int = 1,
    ) -> None:
        super().__init__()
        self.list = DigitList(gallery)
        if multiple:
            self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.detail = DigitDetail()
        self.count = FixedLines("muted", count_lines)
        self.count.setObjectName(count_name)
        self._legend = Legend(legend)
        self.list.digit_chosen.connect(self._on_list_digit_chosen)
        self.list.clicked.connect(self._on_list_clicked)
        self.list.activated.connect(self._on_list_activated)
        self.detail.pad_requested.connect(self.pad_requested)
        self.detail.why_requested.connect(self.why_requested)
        self.detail.close_requested.connect(self.close_detail)
        add_shortcut(self, "Esc", self.close_detail, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QScrollArea()
        column.setObjectName("digitColumn")
        column.setWidget(self.detail)
        column.setWidgetResizable(True)
        column.setFrameShape(QFrame.Shape.NoFrame)
        column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Not one that wraps: its height would depend on its width, and Qt's layouts then take the
        # room of what stands above it.
        self._nothing_open = hint = FixedLines("muted", 3)
        hint.setText(NOTHING_OPEN.format(DIGITS.article, DIGITS.noun))
        hint.setObjectName("nothingOpenLabel")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QStackedWidget()
        self._column.setProperty("card", True)
        # As high as there is room: what is open asks for none, which would move all that is above.
        self._column.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self._fit_column()
        self._column.addWidget(in_the_middle(hint))
        self._column.addWidget(column)
        body = QHBoxLayout()
        body.setSpacing(UNIT)
        body.addWidget(self.list, 1)
        body.addWidget(self._column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(UNIT // 2)
        layout.addWidget(self.count)
        layout.addLayout(body, 1)
        layout.addSpacing(UNIT // 2)
        layout.addWidget(self._legend)

    def _fit_column(self) -> None:
        """Make the column as wide as its longest line, whatever is open."""
        longest = self.fontMetrics().horizontalAdvance(similar_words(DIGITS)) + UNIT * 5
        self._column.setFixedWidth(max(WIDTH, longest))

    def changeEvent(self, event: QEvent) -> None:
        """Fit the column to the size of the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_column()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self.list.set_theme(theme)
        self.detail.set_theme(theme)
        self._legend.set_theme(theme)

    def explain_readings(
        self, *, are_read: bool, classes: ClassNames = DIGITS, are_disputed: bool = False
    ) -> None:
        """Say in the legend what captions mean that a network has read, or none, and marks."""
        self._legend.show_readings(are_read=are_read, classes=classes, are_disputed=are_disputed)
        self._nothing_open.setText(NOTHING_OPEN.format(classes.article, classes.noun))
        self.detail.similar_name.setText(similar_words(classes))

    @property
    def is_open(self) -> bool:
        """Whether a digit is opened large."""
        return self._column.currentIndex() == 1

    @Slot(object)
    def show_similar(self, similar: SimilarDigits) -> None:
        """Show the digits most like an image, if it still is the one that is open."""
        if self.detail.shown is not None and similar.image is self.detail.shown.image:
            self.detail.similar.show_digits(similar)

    @Slot()
    def close_detail(self) -> None:
        """Close the open digit; it stays selected."""
        self._column.setCurrentIndex(0)
        self.list.setFocus()

    @Slot(QModelIndex)
    def _on_list_clicked(self, index: QModelIndex) -> None:
        """Open the digit that was clicked, unless the click has taken it out of the selection."""
        if self.list.selectionModel().isSelected(index):
            self._on_list_activated(index)

    @Slot(QModelIndex)
    def _on_list_activated(self, index: QModelIndex) -> None:
        if not self.is_open:  # otherwise it follows already
            self._open(self.list.gallery.digit(index.row()))

    @Slot(object)
    def _on_list_digit_chosen(self, shown: ShownDigit | None) -> None:
        """Follow the arrow keys while a digit is open."""
        if shown is None:
            self._column.setCurrentIndex(0)
        elif self.is_open:
            self._open(shown)

    def _open(self, shown: ShownDigit) -> None:
        self.detail.show_digit(shown, self.list.gallery.note_lines)
        self._column.setCurrentIndex(1)
        self.similar_requested.emit(shown.image)


class Legend(QLabel):
    """One line in the colours of the captions that says how to read them.

    Parameters
    ----------
    unread : str
        What a caption means where no network has read the digits.
    """

    def __init__(self, unread: str) -> None:
        super().__init__()
        self.setObjectName("digitLegend")
        self.setTextFormat(Qt.TextFormat.RichText)
        self._unread = unread
        self._are_read = self._are_disputed = False
        self._classes = DIGITS
        self._theme = LIGHT
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self._show()

    def show_readings(self, *, are_read: bool, classes: ClassNames, are_disputed: bool) -> None:
        """Explain captions with readings, or those without, and the mark of disputed labels."""
        self._are_read, self._classes, self._are_disputed = are_read, classes, are_disputed
        self._show()

    def _show(self) -> None:
        theme, classes = self._theme, self._classes
        right, wrong = classes.short(EXAMPLES[0], LETTERS), classes.short(EXAMPLES[1], LETTERS)
        misread = "a 7, read as 1" if classes.are_digits else "misread"
        unread = self._unread.format(classes.noun)
        text = f'<span style="{STRONG}; color:{theme.text}">{right}</span>&nbsp; {unread}'
        if self._are_read:
            text = (
                f'<span style="{STRONG}; color:{theme.text}">{right}</span>&nbsp; read correctly '
                f'&nbsp;&nbsp; <span style="{STRONG}; color:{theme.right}">{right} '
                f'<span style="color:{theme.muted}">→</span> '
                f'<span style="color:{theme.wrong}">{wrong}</span></span>&nbsp; {misread}'
            )
        if self._are_disputed:
            mark = f"{STRONG}; background-color:{theme.inverse}; color:{theme.on_inverse}"
            text += f' &nbsp;&nbsp; <span style="{mark}">&nbsp;?&nbsp;</span>&nbsp; label disputed'
        self.setText(f'<span style="color:{theme.muted}">{text}</span>')


class DigitDetail(QWidget):
    """One digit large: what it is, what it was read as, and which digits are like it.

    Signals
    -------
    pad_requested(object)
        This image, ndarray (28, 28), is to be shown on the drawing pad.
    why_requested(object)
        Why this `WhySubject` is read as it is, is to be shown.
    close_requested()
        The user has seen enough of it.
    """

    pad_requested = Signal(object)
    why_requested = Signal(object)
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("digitDetail")
        self.shown: ShownDigit | None = None
        self._name = label("", "field")
        self._name.setObjectName("digitNameLabel")
        close = QToolButton()
        close.setProperty("plain", True)
        close.setIcon(icon("close"))
        close.setAccessibleName("Close")
        close.setToolTip("Close this digit (Esc)")
        close.clicked.connect(self.close_requested)
        self._picture = _LargeDigit()
        self._words = FixedLines("title", 2)
        self._words.setObjectName("digitWordsLabel")
        self._numbers = label("", "field", wrap=True)
        self._numbers.setObjectName("digitNumbersLabel")
        self._label_note = FixedLines("field", 0)
        self._label_note.setObjectName("digitLabelNote")
        self.bars = ProbabilityBars()
        self.similar_name = label(similar_words(DIGITS), "field")
        self.similar = SimilarStrip()
        self.pad_button = QPushButton("Se&nd to the pad")
        self.pad_button.setObjectName("sendToPadButton")
        self.pad_button.setToolTip("Show this digit on the drawing pad and read it there")
        self.pad_button.clicked.connect(self._on_pad_button_clicked)
        self.why_button = QPushButton("Why?")
        self.why_button.setObjectName("digitWhyButton")
        self.why_button.setToolTip("Show which ink speaks for the digit it is read as")
        self.why_button.clicked.connect(self._on_why_button_clicked)
        actions = QHBoxLayout()
        actions.setSpacing(UNIT)
        actions.addWidget(self.why_button)
        actions.addWidget(self.pad_button, 1)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(UNIT, UNIT // 2, UNIT, UNIT)
        layout.setSpacing(UNIT)
        layout.addLayout(head)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._words)
        layout.addLayout(actions)  # in sight also where the window is low
        layout.addWidget(self._label_note)
        layout.addWidget(self.bars)
        layout.addWidget(self._numbers)
        layout.addWidget(self.similar_name)
        layout.addWidget(self.similar)
        layout.addStretch()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._picture.set_theme(theme)
        self.bars.set_theme(theme)
        self.similar.set_theme(theme)

    def show_digit(self, shown: ShownDigit, note_lines: int) -> None:
        """Show a digit; that many lines are left to what is said of its label."""
        self.shown = shown
        self._name.setText(shown.name)
        self._picture.show_image(shown.image, is_disputed=shown.is_disputed)
        self._words.setText(_describe(shown))
        self._numbers.setVisible(bool(shown.scores))
        self._numbers.setText(f"Loss {shown.loss:.4f}, margin {percent(shown.margin, 1)}")
        self._label_note.reserve(note_lines)
        self._label_note.setVisible(note_lines > 0)
        self._label_note.setText(shown.label_note)
        self.bars.setVisible(bool(shown.scores))
        self.bars.show_prediction(
            Prediction(shown.predicted, True, shown.scores, classes=shown.classes)
            if shown.scores
            else NO_INK
        )
        self.similar.show_digits(None)

    @Slot()
    def _on_pad_button_clicked(self) -> None:
        if self.shown is not None:
            self.pad_requested.emit(self.shown.image)

    @Slot()
    def _on_why_button_clicked(self) -> None:
        shown = self.shown
        if shown is not None:
            self.why_requested.emit(
                WhySubject(shown.image, shown.name, shown.label, classes=shown.classes)
            )


def _describe(shown: ShownDigit) -> str:
    digit = shown.classes.one(shown.label)
    digit = f"{digit[:1].upper()}{digit[1:]}"
    if shown.predicted is None:
        return digit
    score = percent(max(shown.scores), 1)
    if shown.is_wrong:
        return f"✗ {digit}, read as {shown.classes.of(shown.predicted)} with {score}"
    return f"✓ {digit}, read correctly with {score}"


@guarded
class _LargeDigit(QWidget):
    """One image, each pixel a square; marked where its label is disputed."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(LARGE, LARGE)
        self.setAccessibleName("The digit")
        self._image: NDArray[np.uint8] = np.zeros((28, 28), np.uint8)
        self._is_disputed = False
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_image(self, image: NDArray[np.uint8], *, is_disputed: bool) -> None:
        """Show grey values (28, 28)."""
        self._image, self._is_disputed = image, is_disputed
        self.setAccessibleDescription("Label disputed" if is_disputed else "")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(self.rect(), digit_image(self._image))
        if self._is_disputed:
            inside = self.rect().adjusted(0, LARGE_INSIDE, -LARGE_INSIDE, 0)
            paint_disputed_mark(painter, inside, self._theme)
        painter.end()


@guarded
class SimilarStrip(QWidget):
    """The digits most like one, side by side with their labels.

    Parameters
    ----------
    side : int, optional
        Of each picture, in pixels.
    """

    def __init__(self, side: int = SMALL) -> None:
        super().__init__()
        self._side = side
        self._note = ""
        self.setAccessibleName(similar_words(DIGITS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self.digits: SimilarDigits | None = None

    def sizeHint(self) -> QSize:
        """A row of pictures and a line of text."""
        return QSize(NEIGHBOURS * (self._side + 6), self._side + 20)

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_digits(self, digits: SimilarDigits | None) -> None:
        """Show digits; None while they are looked for."""
        self.digits = digits
        self._note = ""
        labels = [] if digits is None else [digits.classes.of(one) for one in digits.labels]
        self.setAccessibleDescription(", ".join(labels))
        self.update()

    def show_note(self, note: str) -> None:
        """Say why there are no digits."""
        self.digits, self._note = None, note
        self.setAccessibleDescription(note)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pictures, and their labels below."""
        painter, side = QPainter(self), self._side
        if self.digits is None:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect(), Qt.TextFlag.TextWordWrap, self._note)
            painter.end()
            return
        painter.setPen(QColor(self._theme.text))
        names = self.digits.classes.shortened(SIMILAR_LETTERS)
        for number, (image, digit) in enumerate(
            zip(self.digits.images, self.digits.labels, strict=True)
        ):
            place = QRectF(number * (side + 6), 0, side, side)
            painter.drawImage(place, digit_image(image))
            below = QRectF(place.left(), side + 2, side, 18)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, names[digit])
        painter.end()
