"""Answers where the user looks: a short text at a card, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import icon
from mnist_desktop.ui.parts.theme import UNIT, label

SHOWN_MS = 8_000  # enough to read two lines and to reach a button
MOST_ACTIONS = 2


class Card(Enum):
    """The part of the window that an answer belongs to."""

    TRAIN = auto()
    PAGES = auto()
    DRAW = auto()


@dataclass(frozen=True, eq=False)
class Action:
    """What can be done about an answer: the words of its button, and what that does."""

    text: str
    act: Callable[[], object]


@dataclass(frozen=True, eq=False)
class Answer:
    """What became of something the user did.

    Attributes
    ----------
    text : str
        One sentence, without a full stop.
    card : Card
        Where the user is looking.
    actions : tuple of Action
        What can be done about it, two at most.
    """

    text: str
    card: Card
    actions: tuple[Action, ...] = ()

    def __post_init__(self) -> None:
        if len(self.actions) > MOST_ACTIONS:
            raise ValueError(f"an answer has {MOST_ACTIONS} actions at most")


@guarded
class Toast(QFrame):
    """Shows one answer at a time above a card's lower edge, for a while, over what is there.

    It stays while the mouse is on it or one of its buttons has the focus.

    Parameters
    ----------
    window : QWidget
        Whose cards it is shown at; it owns this widget.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("toast")
        self.setAccessibleName("Answer")
        self._card: QWidget = window
        self._text = label("", "plain", wrap=True)
        self._text.setObjectName("toastLabel")
        self._text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._buttons = [QPushButton() for _ in range(MOST_ACTIONS)]
        self._actions: tuple[Action, ...] = ()
        for number, button in enumerate(self._buttons):
            button.setObjectName(f"toastButton{number + 1}")
            button.setProperty("link", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a press leaves the focus on the pad
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(self._on_button_clicked)
        self._close = QToolButton()
        self._close.setObjectName("toastCloseButton")
        self._close.setProperty("plain", True)
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setIcon(icon("close", QPalette.ColorRole.BrightText))
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message (Escape)")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(UNIT * 2, UNIT // 2, UNIT // 2, UNIT // 2)
        row.setSpacing(UNIT * 2)
        row.addWidget(self._text, 1)
        for button in self._buttons:
            row.addWidget(button)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.hide()

    def show_answer(self, answer: Answer, card: QWidget) -> None:
        """Show an answer at a card, in place of the one before."""
        self._card.removeEventFilter(self)
        self._card = card
        card.installEventFilter(self)
        self._actions = answer.actions
        self._text.setText(answer.text)
        for button, action in zip(self._buttons, answer.actions, strict=False):
            button.setText(action.text)
            button.setAccessibleName(f"{action.text}: {answer.text}")
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(answer.actions))
        self.setAccessibleDescription(answer.text)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, answer.text))

    def _place(self) -> None:
        """Stand above the middle of the card's lower edge, no wider than the card.

        A card with something to press down there names another edge, as ``toast_bottom``.
        """
        card, most = self._card, self._card.width() - UNIT * 2
        width = min(most, self.sizeHint().width())
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        corner = card.mapTo(self._window, QPoint(0, 0))
        left = corner.x() + (card.width() - width) // 2
        bottom = getattr(card, "toast_bottom", card.height() - UNIT)
        self.setGeometry(left, corner.y() + bottom - height, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go where the card goes, and with it."""
        if watched is self._card and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        elif watched is self._card and event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Go, unless somebody is about to press a button."""
        focus = self.window().focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start()
        else:
            self.hide()

    @Slot()
    def _on_button_clicked(self) -> None:
        button = self.sender()
        self.hide()
        if isinstance(button, QPushButton):
            self._actions[self._buttons.index(button)].act()
