"""The layers of a network as a list of cards, of which only those in sight are made."""

from __future__ import annotations

import itertools
from bisect import bisect_right

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from mnist_desktop.networks.card_kinds import OUTPUTS
from mnist_desktop.networks.layer_check import input_shape_of
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.theme import LIGHT, UNIT, Theme
from mnist_desktop.ui.train.card_drag import CardDrag
from mnist_desktop.ui.train.card_layout import places_of, sizes_of
from mnist_desktop.ui.train.card_widget import CardWidget, LayerRow, facts_of
from mnist_desktop.ui.train.layer_document import Cards, LayerDocument
from mnist_desktop.ui.train.layer_keys import step_on_card
from mnist_desktop.ui.train.output_card import OutputCard

GAP = UNIT // 2  # between two cards
BEYOND = 240  # pixels above and below what can be seen, in which cards are made beforehand
SPARE = 4  # cards of a kind that are kept for the next one


@guarded
class CardList(QScrollArea):
    """Shows the cards of a document between the image and the ten outputs, and changes them.

    Parameters
    ----------
    document : LayerDocument
        What is edited.
    """

    def __init__(self, document: LayerDocument) -> None:
        super().__init__()
        self.setObjectName("layerCards")
        self.setAccessibleName("Layers")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that the cards keep their width when there are more of them.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._document = document
        self._theme = LIGHT
        self._cards: Cards = ()  # that are shown
        self._tops: list[int] = []  # of the rows: the image, the cards, the outputs, and the end
        self._made: dict[int, CardWidget] = {}  # by index
        self._spare: list[CardWidget] = []
        self._tab_order: list[CardWidget] = []
        self._is_busy = False
        self._selected = -1
        self._content = QWidget()
        self.setWidget(self._content)
        self.image_row = LayerRow(self._content, "28×28 pixels")
        self.image_row.setObjectName("imageRow")
        self.output_row = OutputCard(self._content)
        self.output_row.activation_chosen.connect(document.choose_output)
        self.output_row.repair_requested.connect(self._on_row_repair_requested)
        self.drag = CardDrag(self, self._content)
        self.drag.moved.connect(document.move)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll_bar_value_changed)
        document.changed.connect(self._on_document_changed)
        document.selection_changed.connect(self._on_document_selection_changed)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.drag.set_theme(theme)
        for row in (self.image_row, self.output_row, *self._made.values(), *self._spare):
            row.set_theme(theme)

    def widget_of(self, index: int) -> CardWidget:
        """Return the card with this index, scrolled into sight."""
        self.bring_into_sight(index)
        return self._made[index]

    def focus_selected(self) -> None:
        """Give the focus to the card that is edited, or to the list if there is none."""
        index = self._document.selected
        part = self.widget_of(index) if index >= 0 else self
        part.setFocus(Qt.FocusReason.OtherFocusReason)

    def bring_into_sight(self, index: int) -> None:
        """Scroll as little as shows a card."""
        bar, room = self.verticalScrollBar(), self.viewport().height()
        top, bottom = self._tops[index + 1] - UNIT, self._tops[index + 2] + UNIT
        value = min(max(bar.value(), bottom - room), top)
        bar.setValue(value)
        self._fill()

    def gap_at(self, y: int) -> tuple[int, int]:
        """Return between which cards a height of the content lies.

        Returns
        -------
        index : int
            Before which card; their number for behind the last one.
        place : int
            The height of the gap's middle.
        """
        tops = self._tops[1 : len(self._cards) + 2]
        middles = [(one + other) // 2 for one, other in itertools.pairwise(tops)]
        index = bisect_right(middles, y)
        return index, tops[index] - GAP // 2

    def focus_outputs(self) -> None:
        """Scroll to the outputs, and give them the focus."""
        self._document.select(-1)
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self.output_row.choice.setFocus(Qt.FocusReason.OtherFocusReason)

    # How it shows them

    def _show(self) -> None:
        """Show the document as it is, with as few changes as will do."""
        self.drag.cancel()
        was_on_card = self._focus_on_cards() is not None
        self._is_busy = True
        is_shorter = len(self._document.cards) < len(self._cards)
        self._follow(self._document.cards)
        self._measure()
        self._fill()
        self._show_ends()
        self._is_busy = False
        if self._selected != self._document.selected:
            self._show_selected(scrolls=not is_shorter)
        if was_on_card and self._focus_on_cards() is None:
            self.focus_selected()

    def _focus_on_cards(self) -> QWidget | None:
        """Return what has the focus among the cards; also while another window is in front."""
        focus = self.window().focusWidget()
        return focus if focus is not None and self._content.isAncestorOf(focus) else None

    def _follow(self, cards: Cards) -> None:
        """Give each card that is made its new index, and put those away that are no longer."""
        old, self._cards = self._cards, cards
        made, self._made = self._made, {}
        where = _new_places(old, cards)
        left = {}
        for index, widget in made.items():
            place = where.get(index)
            if place is None:
                left[index] = widget
            else:
                self._made[place] = widget
        for index, widget in left.items():
            is_same_kind = index < len(cards) and cards[index].kind == widget.kind
            if len(old) == len(cards) and is_same_kind and index not in self._made:
                self._made[index] = widget  # its settings were changed
            else:
                self._put_away(widget)

    def _put_away(self, widget: CardWidget) -> None:
        if self._is_in_use(widget):
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # or Qt would scroll to the next one
        widget.hide()
        if sum(one.kind == widget.kind for one in self._spare) < SPARE:
            self._spare.append(widget)
        else:
            widget.deleteLater()

    def _measure(self) -> None:
        """Say where each row begins, and how high all of them are."""
        width, font = self.viewport().width(), self.font()
        kinds = (*(card.kind for card in self._cards), OUTPUTS.word)
        heights = [
            sizes_of(font).end_height,
            *(places_of(kind, width, font).height for kind in kinds),
        ]
        self._tops = list(itertools.accumulate((one + GAP for one in heights), initial=0))
        self._content.resize(width, self._tops[-1])
        self.image_row.setGeometry(0, 0, width, heights[0])
        self.output_row.setGeometry(0, self._tops[-2], width, heights[-1])
        for index, widget in self._made.items():
            self._place(index, widget)

    def _place(self, index: int, widget: CardWidget) -> None:
        top, bottom = self._tops[index + 1], self._tops[index + 2] - GAP
        widget.setGeometry(0, top, self.viewport().width(), bottom - top)

    def _fill(self) -> None:
        """Make the cards that can be seen, or nearly, and show what each of them is."""
        first = self.verticalScrollBar().value() - BEYOND
        last = first + self.viewport().height() + 2 * BEYOND
        begin = max(bisect_right(self._tops, first) - 2, 0)
        end = min(bisect_right(self._tops, last) - 1, len(self._cards))
        wanted = range(begin, end)
        for index in [one for one in self._made if one not in wanted]:
            if not self._is_in_use(self._made[index]):
                self._put_away(self._made.pop(index))
        checked = self._document.checked
        for index in sorted({*self._made, *wanted}):
            is_new = index not in self._made
            widget = self._take(index) if is_new else self._made[index]
            widget.show_card(index, self._cards[index])
            problem = checked.problem
            is_here = problem is not None and problem.index == index
            widget.show_found(checked.layers[index], problem if is_here else None)
            widget.set_selected(is_selected=index == self._document.selected)
            if is_new:
                widget.show()
        self._order_tabs()

    def _is_in_use(self, widget: CardWidget) -> bool:
        focus = self._focus_on_cards()
        return focus is widget or (focus is not None and widget.isAncestorOf(focus))

    def _take(self, index: int) -> CardWidget:
        kind = self._cards[index].kind
        widget = next((one for one in self._spare if one.kind == kind), None)
        if widget is None:
            widget = self._make(kind)
        else:
            self._spare.remove(widget)
        self._made[index] = widget
        self._place(index, widget)
        return widget

    def _make(self, kind: str) -> CardWidget:
        widget = CardWidget(self._content, kind)
        widget.set_theme(self._theme)
        document = self._document
        widget.changed.connect(self._on_card_changed)
        widget.settled.connect(document.settle)
        widget.misfitted.connect(self._on_card_misfitted)
        widget.switched.connect(self._on_card_switched)
        widget.duplicate_requested.connect(document.duplicate)
        widget.remove_requested.connect(document.remove)
        widget.repair_requested.connect(self._on_row_repair_requested)
        widget.grabbed.connect(self._on_card_grabbed)
        widget.dragged.connect(self.drag.go_on)
        widget.dropped.connect(self.drag.drop)
        return widget

    @Slot(str)
    def _on_card_misfitted(self, words: str) -> None:
        self._document.note_draft("card", words)

    def _show_ends(self) -> None:
        checked, problem = self._document.checked, self._document.checked.problem
        given = f"Given as {sides(input_shape_of(self._cards))}"
        self.image_row.show_facts(given, None)
        is_here = problem is not None and problem.index == len(self._cards)
        facts = facts_of(checked.layers[-1])
        self.output_row.show_facts(facts, problem if is_here else None)
        self.output_row.choice.show_value(self._document.output_activation)

    def _show_selected(self, *, scrolls: bool) -> None:
        self._selected = self._document.selected
        for index, widget in self._made.items():
            widget.set_selected(is_selected=index == self._selected)
        if scrolls and self._selected >= 0:
            self.bring_into_sight(self._selected)

    def _order_tabs(self) -> None:
        """Have the Tab key go from card to card in their order, whenever each was made."""
        ordered = [self._made[index] for index in sorted(self._made)]
        if ordered == self._tab_order:
            return
        self._tab_order = ordered
        stops = [
            part for card in ordered for part in (card, *card.fields.values(), card.repair_button)
        ]
        last = (self.output_row.choice, self.output_row.repair_button)
        for one, other in itertools.pairwise([self, *stops, *last]):
            QWidget.setTabOrder(one, other)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the cards in the new width."""
        super().resizeEvent(event)
        self._measure()
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """Place the cards for larger or smaller text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()
            self._fill()

    # What is done with them

    @Slot()
    def _on_document_changed(self) -> None:
        self._show()

    @Slot(int)
    def _on_document_selection_changed(self, index: int) -> None:
        """Show another card as the one that is edited; one that was pressed stays where it is."""
        widget = self._made.get(index)
        self._show_selected(scrolls=widget is None or not self._is_in_use(widget))

    @Slot(int)
    def _on_scroll_bar_value_changed(self, _value: int) -> None:
        if not self._is_busy:
            self._fill()

    @Slot(int, object)
    def _on_card_changed(self, index: int, settings: dict[str, object]) -> None:
        self._document.change(index, **settings)

    @Slot(int, bool)
    def _on_card_switched(self, index: int, is_on: bool) -> None:
        self._document.switch(index, is_on=is_on)

    @Slot()
    def _on_row_repair_requested(self) -> None:
        problem = self._document.checked.problem
        if problem is not None and problem.repairs:
            self._document.repair(problem.repairs[0])

    @Slot(int, object)
    def _on_card_grabbed(self, index: int, place: QPoint) -> None:
        self._document.select(index)
        self.drag.take(self._made[index], index, place)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Edit the card that the focus goes to."""
        if self._is_busy or now is None or not self._content.isAncestorOf(now):
            return
        card: QWidget | None = now
        while card is not None and card.parentWidget() is not self._content:
            card = card.parentWidget()
        if isinstance(card, CardWidget):
            self._document.settle()
            self._document.select(card.index)
        elif card is self.output_row:
            self._document.select(-1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Edit no card once something beside them is pressed; Qt follows the content's size."""
        if watched is self._content and event.type() == QEvent.Type.MouseButtonPress:
            self._document.select(-1)
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from card to card, and into one."""
        focus = QApplication.focusWidget()
        is_on_card = focus is self or isinstance(focus, CardWidget)
        step = step_on_card(event) if is_on_card else ""
        if step == "enter" and isinstance(focus, CardWidget):
            self._enter(focus)
        elif step in ("previous", "next", "first", "last"):
            self._go(step)
        else:
            event.ignore()

    def _enter(self, card: CardWidget) -> None:
        """Go to the first setting of a card."""
        for field in card.fields.values():
            field.setFocus(Qt.FocusReason.TabFocusReason)
            return

    def _go(self, step: str) -> None:
        last, index = len(self._cards) - 1, self._document.selected
        to = {"previous": max(index - 1, 0), "next": min(index + 1, last), "first": 0, "last": last}
        if last >= 0:
            self._document.select(to[step])
            self.focus_selected()


def _new_places(old: Cards, new: Cards) -> dict[int, int]:
    """Say which index each of the old cards has among the new ones, as far as it is still there."""
    shortest = min(len(old), len(new))
    begin = 0
    while begin < shortest and old[begin] is new[begin]:
        begin += 1
    same = 0
    while same < shortest - begin and old[-1 - same] is new[-1 - same]:
        same += 1
    where = {index: index for index in range(begin)}
    where |= {len(old) - 1 - back: len(new) - 1 - back for back in range(same)}
    free: dict[int, list[int]] = {}
    for index in range(begin, len(new) - same):
        free.setdefault(id(new[index]), []).append(index)
    for index in range(begin, len(old) - same):
        places = free.get(id(old[index]))
        if places:
            where[index] = places.pop(0)
    return where
