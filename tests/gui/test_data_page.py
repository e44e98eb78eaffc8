"""The data page: the digits of each split, found by label and index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from keys import claims
from pages import begin, choose, click_digit, says, settle, turn_to
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.dataset import Dataset, Digits
from mnist_desktop.digits.image_import import Picture
from mnist_desktop.digits.picture_ways import AS_THEY_ARE, BY_SIZE, NORMALISED
from mnist_desktop.digits.splits import split_training_digits
from mnist_desktop.runs.dataset_job import looked_at
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.data_view import DataView
from tests.made_digit_files import pictures

DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
SPLITS = {"training": "Training digits", "validation": "Validation digits", "test": "Test digits"}


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow) -> DataView:
    """The page with the sample's digits."""
    begin(qtbot, window)
    turn_to(qtbot, window, window.tabs.data_view)
    return window.tabs.data_view


def found(page: DataView) -> list[int]:
    """Indices of the digits that are listed."""
    gallery = page.browser.list.gallery
    return [gallery.digit(row).number for row in range(gallery.rowCount())]


def test_each_split_is_counted_listed_and_drawn(
    qtbot: QtBot, window: MainWindow, page: DataView, sample: Dataset
) -> None:
    share = window.training_panel.validation.value() / 100
    learnt, held_out = split_training_digits(sample.train, share)
    assert len(held_out)
    for name, digits, places in (
        ("validation", sample.train, held_out),
        ("test", sample.test, np.arange(len(sample.test))),
        ("training", sample.train, learnt),
    ):
        choose(page.split_box, SPLITS[name])
        settle(qtbot, window)
        assert found(page) == list(places)
        assert says(page, "dataCountLabel").startswith(
            f"{len(places):,} of {len(places):,} {name} digits"
        )
        heights = [bar.get_height() for bar in page.figure.axes[0].patches]
        assert heights == np.bincount(digits.labels[places], minlength=10).tolist()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1366, 768)])
def test_all_of_the_usual_notes_is_read_on_the_page(
    window: MainWindow, page: DataView, sample: Dataset, size: tuple[int, int]
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, sample.train.images.shape, dtype=np.uint8)
    path = "/home/somebody/" + 9 * "a long folder/" + "my digits.csv"
    shown = replace(sample, train=Digits(noise, sample.train.labels), name="custom", source=path)
    sentence = "It has no test digits, so 1,234 were taken out (a fifth)."
    window.resize(*size)
    page.show_dataset(looked_at(replace(shown, note=sentence)))
    QApplication.processEvents()
    words = page.findChild(QLabel, "dataWordsLabel")
    assert words.text().endswith(sentence)
    assert "whichever way" in words.text()
    room, wrap = QRect(0, 0, words.width(), 1000), Qt.TextFlag.TextWordWrap
    assert words.fontMetrics().boundingRect(room, wrap, words.text()).height() <= words.height()
    assert path in words.toolTip()


def test_digits_are_found_by_label_and_index(page: DataView, sample: Dataset) -> None:
    choose(page.split_box, "Test digits")
    labels = sample.test.labels

    def search(text: str) -> list[int]:
        page.index_edit.clear()
        QTest.keyClicks(page.index_edit, text)
        return found(page)

    choose(page.label_box, "7")
    assert found(page) == list(np.flatnonzero(labels == 7))
    assert says(page, "dataCountLabel").startswith(f"{(labels == 7).sum()} of 1,000 test digits")
    assert search("100-199") == [at for at in range(100, 200) if labels[at] == 7]
    choose(page.label_box, "any label")
    assert found(page) == list(range(100, 200))
    assert search("421") == [421]
    assert search("7, 990-5000") == [7, *range(990, 1000)]
    assert search("1000") == []
    assert says(page, "dataCountLabel").startswith("0 of 1,000")
    search("1 to 5")
    assert "integers or ranges" in says(page, "dataCountLabel")
    assert search("") == list(range(1000))
    assert says(page, "dataCountLabel").startswith("1,000 of 1,000")


def test_indices_of_training_digits_are_those_of_their_file(
    page: DataView, sample: Dataset
) -> None:
    QTest.keyClicks(page.index_edit, "0-999")
    in_training = found(page)
    choose(page.split_box, "Validation digits")
    assert sorted(in_training + found(page)) == list(range(1000))
    gallery = page.browser.list.gallery
    assert gallery.rowCount()
    for row in range(gallery.rowCount()):
        digit = gallery.digit(row)
        np.testing.assert_array_equal(digit.image, sample.train.images[digit.number])
        assert digit.label == sample.train.labels[digit.number]


def test_a_digit_opens_without_scores_and_goes_to_the_pad(
    qtbot: QtBot, window: MainWindow, page: DataView, sample: Dataset
) -> None:
    choose(page.split_box, "Test digits")
    QTest.keyClicks(page.index_edit, "42")
    click_digit(qtbot, page.browser.list, 0)
    detail = page.browser.detail
    assert detail.isVisible()
    assert says(detail, "digitNameLabel") == "Test digit 42"
    assert says(detail, "digitWordsLabel") == f"A {sample.test.labels[42]}"
    assert not detail.bars.isVisible()
    assert not detail.findChild(QLabel, "digitNumbersLabel").isVisible()
    qtbot.waitUntil(lambda: detail.similar.digits is not None)
    assert window.tabs.gallery_view.browser.detail.similar.digits is None
    page.browser.findChild(QScrollArea, "digitColumn").ensureWidgetVisible(detail.pad_button)
    QTest.mouseClick(detail.pad_button, Qt.MouseButton.LeftButton)
    content = window.draw_panel.pad.content
    assert isinstance(content, Picture)
    np.testing.assert_array_equal(content.digits, sample.test.images[[42]])
    QTest.keyClick(page.browser.list, Qt.Key.Key_Escape)
    assert not detail.isVisible()


def test_validation_digits_are_those_that_the_next_training_will_hold_out(
    window: MainWindow, page: DataView, sample: Dataset
) -> None:
    choose(page.split_box, "Validation digits")
    for percent in (20, 0):
        window.training_panel.validation.setValue(percent)
        _, held_out = split_training_digits(sample.train, percent / 100)
        assert found(page) == list(held_out)
        assert says(page, "dataCountLabel").startswith(f"{len(held_out):,} of ")
    assert window.training_panel.config().validation_share == 0
    choose(page.split_box, "Training digits")
    assert len(found(page)) == len(sample.train)


def test_digits_that_fit_better_another_way_are_offered_and_turned(
    qtbot: QtBot, window: MainWindow, page: DataView, sample: Dataset, tmp_path: Path
) -> None:
    data = services_of(window).data
    places = [child.geometry() for child in page.findChildren(QWidget, options=DIRECT)]
    assert not page.turn_button.isVisible()
    np.savez(tmp_path / "x.npz", x=255 - sample.test.images, y=sample.test.labels)

    with qtbot.waitSignal(data.finished, timeout=30_000):
        data.choose(str(tmp_path / "x.npz"))
    assert "inverted" in says(page, "dataWordsLabel")
    assert page.turn_button.isVisible()
    assert [child.geometry() for child in page.findChildren(QWidget, options=DIRECT)] == places
    with qtbot.waitSignal(data.finished, timeout=30_000):
        QTest.mouseClick(page.turn_button, Qt.MouseButton.LeftButton)

    assert not page.turn_button.isVisible()
    assert "They are used inverted." in says(page, "dataWordsLabel")
    assert data.dataset is not None
    assert data.dataset.train.images[:, 0].max() == 0


def entry(page: DataView, way: str) -> QAction:
    """The entry of the menu of ways to take pictures."""
    return next(one for one in page.pictures_button.menu().actions() if one.data() == way)


def taken_as(page: DataView) -> str:
    """The way that has the tick in that menu."""
    (ticked,) = [one.data() for one in page.pictures_button.menu().actions() if one.isChecked()]
    return str(ticked)


def test_pictures_are_taken_as_the_user_says(
    qtbot: QtBot, window: MainWindow, page: DataView, sample: Dataset, tmp_path: Path
) -> None:
    data = services_of(window).data
    places = [child.geometry() for child in page.findChildren(QWidget, options=DIRECT)]
    assert not page.pictures_button.isVisible()
    images = np.roll(sample.test.images[::4], 4, axis=2)
    pictures("{}")(tmp_path, Digits(images, sample.test.labels[::4]))

    def take(way: str) -> Dataset:
        with qtbot.waitSignal(data.finished, timeout=30_000):
            entry(page, way).trigger()
        assert taken_as(page) == way
        assert data.dataset is not None
        return data.dataset

    with qtbot.waitSignal(data.finished, timeout=30_000):
        data.choose(str(tmp_path))
    assert page.pictures_button.isVisible()
    assert taken_as(page) == BY_SIZE
    assert data.dataset is not None
    taken = data.dataset
    np.testing.assert_array_equal(take(AS_THEY_ARE).train.images, taken.train.images)
    normalised = take(NORMALISED)
    assert "Its pictures were normalised." in says(page, "dataWordsLabel")
    assert not np.array_equal(normalised.train.images, taken.train.images)
    assert [child.geometry() for child in page.findChildren(QWidget, options=DIRECT)] == places
    assert claims(window)["Alt+P"] == ["&Pictures"]

    with qtbot.waitSignal(data.finished, timeout=30_000):
        data.choose("sample")
    assert not page.pictures_button.isVisible()


def test_a_way_in_which_the_pictures_cannot_be_read_is_not_kept(
    qtbot: QtBot, window: MainWindow, page: DataView, sample: Dataset, tmp_path: Path
) -> None:
    data = services_of(window).data
    blank = np.full((250, 28, 28), 9, np.uint8)  # there is no digit to be brought anywhere
    pictures("{}")(tmp_path, Digits(blank, sample.test.labels[::4]))
    with qtbot.waitSignal(data.finished, timeout=30_000):
        data.choose(str(tmp_path))

    with qtbot.waitSignal(data.finished, timeout=30_000):
        entry(page, AS_THEY_ARE).trigger()

    with qtbot.waitSignals([data.failed, data.finished], timeout=30_000):
        entry(page, NORMALISED).trigger()

    assert taken_as(page) == AS_THEY_ARE


def test_where_the_sample_comes_from_is_told_in_full(qtbot: QtBot, window: MainWindow) -> None:
    begin(qtbot, window)
    turn_to(qtbot, window, window.tabs.data_view)
    assert "Source: the 5,000 digits that come with the program." in says(window, "dataWordsLabel")
