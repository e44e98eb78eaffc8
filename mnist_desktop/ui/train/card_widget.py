"""A layer card on the screen, and the two rows between which the cards lie."""

from __future__ import annotations

import functools
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QToolButton, QWidget

from mnist_desktop import formats
from mnist_desktop.networks.card_kinds import CARD_KINDS
from mnist_desktop.networks.layer_cards import LayerCard
from mnist_desktop.networks.layer_check import CheckedLayer, LayerProblem
from mnist_desktop.networks.layer_words import sides
from mnist_desktop.networks.repairs import Repair
from mnist_desktop.ui.parts.fixed_lines import FixedLines
from mnist_desktop.ui.parts.fonts import strong
from mnist_desktop.ui.parts.guarded import guarded
from mnist_desktop.ui.parts.icons import draw_icon, icon
from mnist_desktop.ui.parts.shortcuts import in_words
from mnist_desktop.ui.parts.theme import LIGHT, Theme
from mnist_desktop.ui.train.card_layout import (
    BETWEEN,
    EDGE,
    GAP,
    GRIP,
    places_of,
    sizes_of,
    usual_title_width,
)
from mnist_desktop.ui.train.fields import set_look
from mnist_desktop.ui.train.setting_fields import ValueBox, make_field

RADIUS = 6
UNKNOWN = formats.NOT_MEASURED
START, VERTICALLY = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter


def facts_of(found: CheckedLayer, *, is_on: bool = True) -> str:
    """Say what a layer gives and costs, such as ``"24×24×16 · 416 parameters"``."""
    if found.output_shape is None:
        return UNKNOWN
    shape = found.output_shape
    words = [sides(shape) if len(shape) > 1 else formats.count(shape[0], "value")]
    if not is_on:
        words = ["Off", f"{words[0]} passes it unchanged"]
    if found.parameters:
        words.append(formats.count(found.parameters, "parameter"))
    if found.cost:
        words.append(formats.count(found.cost, "multiplication"))
    return " · ".join(words)


def name_repair(button: QPushButton, repair: Repair) -> None:
    """Have a button say which change of the layers it makes."""
    words = repair.sentence
    text = words[:1].upper() + words[1:]
    if text != button.text():
        button.setText(text)
        button.setToolTip(f"{text}: then this layer fits")


@guarded
class LayerRow(QWidget):
    """A row with a title and a line on what it gives; where the network cannot be, it says why.

    Parameters
    ----------
    parent : QWidget
        In which it lies.
    title : str
        What the row is.

    Signals
    -------
    repair_requested()
        The first change that helps is wanted.
    """

    repair_requested = Signal()

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.title = title
        self.is_wrong = self.is_selected = False
        self._theme = LIGHT
        self._lines = 1
        self.facts = FixedLines("muted", self._lines)
        self.facts.setParent(self)
        self.facts.setObjectName("layerFacts")
        self.facts.setAlignment(START | VERTICALLY)
        self.repair_button = QPushButton("", self)
        self.repair_button.setObjectName("cardRepairButton")
        self.repair_button.setProperty("link", "tight")
        self.repair_button.clicked.connect(self.repair_requested)
        self.repair_button.hide()

    def set_theme(self, theme: Theme) -> None:
        """Wear the theme's colours."""
        self._theme = theme
        self.update()

    def show_facts(self, text: str, problem: LayerProblem | None) -> None:
        """Say what the row gives, or what is wrong with it and what helps."""
        is_wrong = problem is not None
        text = problem.sentence if problem is not None else text
        if is_wrong != self.is_wrong:
            self.is_wrong = is_wrong
            set_look(self.facts, role="problem" if is_wrong else "muted")
            self.update()
        if text != self.facts.text():
            self.facts.setText(text)
            self.setAccessibleDescription(text)
        repairs = problem.repairs if problem is not None else ()
        self.repair_button.setVisible(bool(repairs))
        if repairs:
            name_repair(self.repair_button, repairs[0])
        self._place_facts()

    def facts_place(self) -> QRect:
        """Where the line on what it gives lies."""
        sizes = sizes_of(self.font())
        left = sizes.title_left + usual_title_width(self.font())
        top = EDGE + (sizes.control - sizes.line) // 2
        return QRect(left, top, self.width() - EDGE - left, sizes.line)

    def _place_facts(self) -> None:
        place = QRect(self.facts_place())  # the one that is changed here
        if not self.repair_button.isHidden():
            self.repair_button.ensurePolished()
            size = self.repair_button.sizeHint()
            width = min(size.width(), place.width() * 2 // 3)
            top = place.center().y() - size.height() // 2
            self.repair_button.setGeometry(place.right() + 1 - width, top, width, size.height())
            place.setRight(self.repair_button.x() - GAP)
        lines = place.height() // sizes_of(self.font()).line
        if lines != self._lines:
            self._lines = lines
            self.facts.reserve(lines)
        self.facts.setGeometry(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        super().resizeEvent(event)
        self._place_facts()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the row's title."""
        painter = QPainter(self)
        self.paint_title(painter, self._theme.text)

    def paint_frame(self, painter: QPainter, *, is_on: bool = True) -> None:
        """Paint the frame of a card, which tells whether it is wrong, selected or off."""
        theme = self._theme
        color = theme.wrong if self.is_wrong else theme.accent if self.is_selected else theme.line
        width = 2 if self.is_wrong or self.is_selected else 1
        pen = QPen(QColor(color), width)
        if not is_on and not self.is_wrong:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.window if is_on else theme.surface))
        half = width / 2
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), RADIUS, RADIUS
        )

    def paint_title(self, painter: QPainter, color: str) -> None:
        """Paint the title where all titles begin."""
        sizes = sizes_of(self.font())
        painter.setFont(strong(self.font()))
        painter.setPen(QColor(color))
        place = QRect(sizes.title_left, EDGE, self.width(), sizes.control)
        painter.drawText(place, START | VERTICALLY, self.title)


@guarded
class CardWidget(LayerRow):
    """Shows one layer card, with its settings; it belongs to a kind, and any card of it.

    Signals
    -------
    changed(int, object)
        Settings of the card with this index are to have other values: a dict, by name.
    settled()
        The user is done with a setting.
    misfitted(str)
        What is typed into a setting cannot be used, for this reason; empty once it can.
    switched(int, bool)
        The card is to be part of the network, or not.
    duplicate_requested(int), remove_requested(int)
        What its buttons stand for.
    grabbed(int, object)
        The card is pressed at this QPoint of it, and may be dragged from there.
    dragged(object), dropped()
        The mouse is at this QPoint of the screen, and let go.
    """

    changed = Signal(int, object)
    settled = Signal()
    misfitted = Signal(str)
    switched = Signal(int, bool)
    duplicate_requested = Signal(int)
    remove_requested = Signal(int)
    grabbed = Signal(int, object)
    dragged = Signal(object)
    dropped = Signal()

    def __init__(self, parent: QWidget, kind: str) -> None:
        about = CARD_KINDS[kind]
        super().__init__(parent, about.title)
        self.setObjectName("layerCard")
        self.kind, self.index = kind, -1
        self.card: LayerCard | None = None
        self._facts_text = self._misfit = ""
        self._problem: LayerProblem | None = None
        self.setToolTip(about.sentence)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fields = {one.name: make_field(about, one, self) for one in about.settings}
        for name, field in self.fields.items():
            field.chosen.connect(functools.partial(self._on_field_chosen, name))
            field.settled.connect(self.settled)
            if isinstance(field, ValueBox):
                field.refused.connect(self._on_field_refused)
        self.switch = QCheckBox(self)
        self.switch.setObjectName("layerSwitch")
        self.switch.setToolTip("Whether it is part of the network (Space)")
        self.switch.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.switch.clicked.connect(lambda is_on: self.switched.emit(self.index, is_on))
        self.duplicate_button = self._button(
            "duplicate",
            "Put another one like it behind it (Ctrl+Shift+D)",
            self.duplicate_requested,
        )
        self.remove_button = self._button("delete", "Remove it (Delete)", self.remove_requested)

    def _button(self, name: str, tip: str, signal: Any) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{name}LayerButton")
        button.setProperty("plain", True)
        button.setIcon(icon(name))
        button.setToolTip(in_words(tip))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: signal.emit(self.index))
        return button

    # What it shows

    def show_card(self, index: int, card: LayerCard) -> None:
        """Show a card of its kind, which has this index in the network."""
        if index != self.index:
            self.index = index
            self._name_parts()
            self.update()
        if card is not self.card:
            was_on = self.card is None or self.card.is_on
            self.card = card
            for name, field in self.fields.items():
                field.show_value(card.settings[name])
            self.switch.setChecked(card.is_on)
            if card.is_on != was_on:
                self.update()

    def show_found(self, found: CheckedLayer, problem: LayerProblem | None) -> None:
        """Say what the card gives, or why it cannot be where it is."""
        is_on = self.card is None or self.card.is_on
        self._facts_text, self._problem = facts_of(found, is_on=is_on), problem
        self._show_facts()

    def set_selected(self, *, is_selected: bool) -> None:
        """Look like the card that is edited, or not."""
        if is_selected != self.is_selected:
            self.is_selected = is_selected
            self.update()

    def _show_facts(self) -> None:
        wrong = self._problem
        if self._misfit:
            wrong = LayerProblem(self.index, "", self._misfit)
        self.show_facts(self._facts_text, wrong)

    def _name_parts(self) -> None:
        name = f"Layer {self.index + 1}: {self.title}"
        self.setAccessibleName(name)
        self.switch.setAccessibleName(f"{name} is part of the network")
        self.duplicate_button.setAccessibleName(f"Duplicate layer {self.index + 1}")
        self.remove_button.setAccessibleName(f"Remove layer {self.index + 1}")

    def facts_place(self) -> QRect:
        """Where the line on what it gives lies."""
        return places_of(self.kind, self.width(), self.font()).facts

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        super().resizeEvent(event)
        places, sizes = places_of(self.kind, self.width(), self.font()), sizes_of(self.font())
        for field, place in zip(self.fields.values(), places.fields, strict=True):
            field.setGeometry(place)
        self.switch.setGeometry(EDGE + GRIP, EDGE, sizes.mark, sizes.control)
        right = self.width() - EDGE + 1
        for button in (self.remove_button, self.duplicate_button):
            right -= sizes.control
            button.setGeometry(right, EDGE, sizes.control, sizes.control)
            right -= BETWEEN

    def changeEvent(self, event: QEvent) -> None:
        """Place the parts for larger or smaller text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.resizeEvent(QResizeEvent(self.size(), self.size()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card behind its fields, with its number, its title and their names."""
        painter = QPainter(self)
        theme, sizes = self._theme, sizes_of(self.font())
        is_on = self.card is None or self.card.is_on
        self.paint_frame(painter, is_on=is_on)
        color = theme.text if is_on else theme.faint
        self.paint_title(painter, color)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.muted if is_on else theme.faint))
        left = EDGE + GRIP + sizes.mark + BETWEEN
        number = QRect(left, EDGE, sizes.number, sizes.control)
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | VERTICALLY, str(self.index + 1))
        places = places_of(self.kind, self.width(), self.font())
        for name, place in zip(self.fields, places.labels, strict=True):
            if place.width():
                painter.drawText(place, START | VERTICALLY, name)
        top = EDGE + (sizes.control - GRIP) / 2
        draw_icon(painter, "grip", QRectF(BETWEEN, top, GRIP, GRIP), theme.faint)

    # What is done with it

    def _on_field_chosen(self, name: str, value: object) -> None:
        self.changed.emit(self.index, {name: value})

    @Slot(str)
    def _on_field_refused(self, words: str) -> None:
        self._misfit = words[:1].upper() + words[1:]
        self._show_facts()
        self.misfitted.emit(self._misfit)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the card."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.grabbed.emit(self.index, event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the card along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the card."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.dropped.emit()
