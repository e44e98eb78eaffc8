"""The card of augmentation: set with mouse and keys, and seen on a digit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pages import says
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDoubleSpinBox, QSlider, QWidget
from pytestqt.qtbot import QtBot
from test_fits import cut, overlapping
from windows import services_of

from mnist_desktop.training.architectures import ARCHITECTURES
from mnist_desktop.training.augmentation import CHANGES, OFF, STANDARD, Augmentation
from mnist_desktop.training.augmentation_preview import PreviewRequest, preview_augmentation
from mnist_desktop.training.engine import load_keras
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.parts.focus import FocusRing
from mnist_desktop.ui.train.augmentation_card import LOADING, AugmentationCard

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def card(qtbot: QtBot, window: MainWindow) -> Iterator[AugmentationCard]:
    """The card, opened from the second face of the form as a user does."""
    window.training_panel.show_config(ARCHITECTURES["cnn-accurate"].recipe)
    yield open_card(qtbot, window)
    for one in window.findChildren(AugmentationCard):
        one.reject()


def open_card(qtbot: QtBot, window: MainWindow) -> AugmentationCard:
    form = window.training_panel.form
    if form.more.augmentation.isHidden() or not form.more.augmentation.isVisible():
        window.training_panel.form.more_button.click()
    form.more.augmentation.click()
    found = window.findChildren(AugmentationCard)[-1]
    qtbot.waitUntil(found.isVisible)
    return found


def slider(card: AugmentationCard, name: str) -> QSlider:
    return card.findChild(QSlider, f"{name}Slider")


def box(card: AugmentationCard, name: str) -> QDoubleSpinBox:
    return card.findChild(QDoubleSpinBox, f"{name}SpinBox")


def retype(field: QDoubleSpinBox, text: str) -> None:
    field.setFocus()
    field.lineEdit().selectAll()
    QTest.keyClicks(field.lineEdit(), text)


def wait_for_digits(qtbot: QtBot, card: AugmentationCard) -> None:
    qtbot.waitUntil(lambda: card.preview.images is not None, timeout=60_000)


def wait_for_quiet(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not services_of(window).previews.is_busy, timeout=60_000)


def test_the_button_says_what_is_set_and_the_card_begins_with_it(
    card: AugmentationCard, window: MainWindow
) -> None:
    assert window.training_panel.form.more.augmentation.text() == "Standard …"
    assert card.augmentation == STANDARD
    assert box(card, "shift").text() == "2 px"
    assert box(card, "rotate").text() == "8°"
    assert box(card, "scale").text() == "8%"
    assert (slider(card, "shift").value(), slider(card, "noise").value()) == (4, 0)


def test_amounts_are_set_with_mouse_and_keys(
    qtbot: QtBot, card: AugmentationCard, window: MainWindow
) -> None:
    panel = window.training_panel
    slider(card, "elastic").setFocus()
    for _ in range(3):
        QTest.keyClick(slider(card, "elastic"), Qt.Key.Key_Right)
    assert box(card, "elastic").text() == "0.3 px"
    retype(box(card, "noise"), "5")
    assert slider(card, "noise").value() == 5
    handle = slider(card, "erase")
    QTest.mouseClick(handle, LEFT, pos=QPoint(handle.width() - 2, handle.height() // 2))
    assert 0 < card.augmentation.erase <= 4
    QTest.mouseClick(card.ok_button, LEFT)
    qtbot.waitUntil(lambda: not card.isVisible())
    expected = Augmentation(2, 8, 0.08, 0, 0.3, 0, 0.05, 2)
    assert panel.config().augment == expected
    assert panel.form.more.augmentation.text() == "6 changes …"
    assert says(panel, "settingsChangedLabel") == "1 setting changed"
    panel.form.more.back_button.click()
    QTest.mouseClick(panel.form.reset_button, LEFT)
    assert panel.config().augment == STANDARD
    assert panel.form.more.augmentation.text() == "Standard …"


def test_standard_and_off_set_all_and_cancel_sets_nothing(
    qtbot: QtBot, card: AugmentationCard, window: MainWindow
) -> None:
    QTest.mouseClick(card.off_button, LEFT)
    assert card.augmentation == OFF
    assert {slider(card, name).value() for name in CHANGES} == {0}
    QTest.mouseClick(card.standard_button, LEFT)
    assert card.augmentation == STANDARD
    QTest.mouseClick(card.off_button, LEFT)
    QTest.keyClick(card, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(AugmentationCard))
    assert window.training_panel.config().augment == STANDARD


def test_a_number_that_no_slider_has_stays_until_it_is_changed(
    qtbot: QtBot, window: MainWindow
) -> None:
    augmentation = Augmentation(shift=1.2345678, noise=0.0123)
    recipe = ARCHITECTURES["cnn"].recipe.changed(augment=augmentation)
    window.training_panel.show_config(recipe)
    card = open_card(qtbot, window)
    retype(box(card, "erase"), "4")
    QTest.keyClick(card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(AugmentationCard))
    expected = Augmentation(shift=1.2345678, noise=0.0123, erase=4)
    assert window.training_panel.config().augment == expected


def test_what_is_out_of_range_is_told_and_cannot_be_accepted(card: AugmentationCard) -> None:
    retype(box(card, "rotate"), "200")
    assert card.warning.text() == "Rotate: From 0 to 180°"
    assert not card.ok_button.isEnabled()
    assert box(card, "rotate").property("problem")
    retype(box(card, "rotate"), "90")
    assert card.ok_button.isEnabled()
    assert "a 6 becomes a 9" in card.warning.text()
    retype(box(card, "rotate"), "8")
    assert card.warning.text() == ""


def test_nothing_moves_and_nothing_is_cut(
    qtbot: QtBot, card: AugmentationCard, window: MainWindow
) -> None:
    def places() -> dict[str, QRect]:
        QApplication.processEvents()
        named = [one for one in card.findChildren(QWidget) if one.objectName()]
        return {one.objectName(): QRect(one.mapTo(card, QPoint()), one.size()) for one in named}

    assert card.width() <= 1024 - 100
    assert card.height() <= 700 - 60
    before = places()
    assert "augmentationPreview" in before
    for row in CHANGES:
        slider(card, row).setValue(slider(card, row).maximum())
        assert places() == before
    retype(box(card, "rotate"), "nonsense " * 9)
    assert places() == before
    card.preview.show_words("A long text that needs more room than there is. " * 30)
    assert places() == before
    wait_for_quiet(qtbot, window)
    assert [*cut(card), *overlapping(card)] == []


def test_a_ring_shows_where_the_focus_is_while_keys_are_used(
    qtbot: QtBot, card: AugmentationCard
) -> None:
    handle, ring = card.windowHandle(), card.findChild(FocusRing)
    assert not ring.isVisible()
    reached = set()
    for _ in range(40):
        QTest.keyClick(handle, Qt.Key.Key_Tab)
        QApplication.processEvents()
        now = card.focusWidget()
        reached.add(now.objectName())
        assert ring.isVisible()
        assert ring.geometry().contains(QRect(now.mapTo(card, QPoint()), now.size()))
    assert {"shiftSlider", "eraseSpinBox", "shuffleButton", "offButton"} < reached


def test_everything_has_a_tooltip_and_a_name(card: AugmentationCard) -> None:
    for kind in (QSlider, QDoubleSpinBox, QAbstractButton):
        for one in card.findChildren(kind):
            if one.isVisible() and not one.objectName().startswith("qt_"):
                assert one.toolTip(), one.objectName()
                assert one.accessibleName() or one.text(), one.objectName()


def test_the_preview_is_what_training_does_and_follows(
    qtbot: QtBot, card: AugmentationCard, window: MainWindow
) -> None:
    assert card.preview.words in (LOADING, "")
    wait_for_digits(qtbot, card)
    wait_for_quiet(qtbot, window)
    load_keras()
    image = card._digits.images[0]

    def expected(augmentation: Augmentation, seed: int = 1) -> np.ndarray:  # type: ignore[type-arg]
        return preview_augmentation(
            PreviewRequest(image, augmentation, seed),
            on_progress=lambda _: None,
            should_stop=lambda: False,
        )

    np.testing.assert_array_equal(card.preview.images, expected(STANDARD))
    painted = card.preview.grab().toImage()
    assert len({painted.pixelColor(x, y).red() for x in range(0, 250, 3) for y in (40, 130)}) > 5
    for amount in range(1, 15):  # faster than they are made: the last one is shown in the end
        slider(card, "erase").setValue(amount)
    wait_for_quiet(qtbot, window)
    erased = Augmentation(2, 8, 0.08, erase=14)
    np.testing.assert_array_equal(card.preview.images, expected(erased))
    QTest.mouseClick(card.shuffle_button, LEFT)
    wait_for_quiet(qtbot, window)
    np.testing.assert_array_equal(card.preview.images, expected(erased, 2))
    QTest.mouseClick(card.off_button, LEFT)
    wait_for_quiet(qtbot, window)
    assert {one.tobytes() for one in card.preview.images} == {image.tobytes()}
    QTest.mouseClick(card.another_button, LEFT)
    wait_for_quiet(qtbot, window)
    assert {one.tobytes() for one in card.preview.images} != {image.tobytes()}
