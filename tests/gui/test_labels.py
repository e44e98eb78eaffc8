"""Digits whose label is disputed are marked and explained; suspicious labels come first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from made_up import make_up
from pages import (
    LEFT,
    begin,
    choose,
    click_digit,
    dialogs,
    list_runs,
    says,
    settle,
    shown,
    turn_to,
)
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from mnist_desktop.digits import splits
from mnist_desktop.digits.dataset import Dataset, Digits, Labels
from mnist_desktop.digits.disputed_labels import DisputedLabel, disputed_labels
from mnist_desktop.digits.splits import make_split
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.evaluation.label_check import LabelCheck
from mnist_desktop.evaluation.readings import Readings
from mnist_desktop.formats import percent
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.label_check_job import CheckedLabels
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.reading_job import SplitReadings
from mnist_desktop.runs.run import Run
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.gallery_view import GalleryView
from mnist_desktop.ui.parts.theme import DARK, LIGHT, Theme, contrast

Role = Qt.ItemDataRole
DISPUTED = list(disputed_labels())


def of_mnist(name: str = "mnist") -> SplitReadings:
    """What the bundled reader made of MNIST's test digits, with empty images in their place."""
    kept = bundled_reader.readings_of_mnist()
    digits = Digits(np.zeros((len(kept), 28, 28), np.uint8), kept.labels)
    dataset = Dataset(digits, digits, name, "here")
    return SplitReadings(BUNDLED, make_split(dataset, "test", 0), kept)


@pytest.fixture
def view(qtbot: QtBot) -> GalleryView:
    """A page of MNIST's test digits as the bundled reader read them."""
    made = GalleryView()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitExposed(made)
    made.show_readings(of_mnist())
    return made


def numbers(view: GalleryView) -> list[int]:
    gallery = view.browser.list.gallery
    return [gallery.digit(row).number for row in range(gallery.rowCount())]


def colours(widget: QWidget, area: QRect) -> set[str]:
    picture = widget.grab(area).toImage()
    points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return {picture.pixelColor(x, y).name() for x, y in points}


# Disputed labels


def test_the_disputed_digits_of_mnist_are_found_and_explained(view: GalleryView) -> None:
    choose(view.kind_box, "Label disputed")
    assert numbers(view) == DISPUTED
    assert says(view, "galleryCountLabel") == "15 of 10,000 test digits"
    digits = view.browser.list
    first = digits.model().index(0, 0)
    score = percent(bundled_reader.readings_of_mnist().scores[947].max(), 1)
    words = f"Test digit 947: an 8, read as 8 ({score}); label disputed: all 5 people saw a 9"
    assert first.data(Role.ToolTipRole) == first.data(Role.AccessibleTextRole) == words
    assert "label disputed" in says(view, "digitLegend")
    QTest.mouseClick(digits.viewport(), LEFT, pos=digits.visualRect(first).center())
    assert says(view, "digitLabelNote") == "Label disputed: all 5 people saw a 9"
    QTest.mouseClick(view.all_button, LEFT)
    assert len(numbers(view)) == 10_000


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_mark_can_be_seen_on_picture_and_page(view: GalleryView, theme: Theme) -> None:
    view.set_theme(theme)
    choose(view.kind_box, "Label disputed")
    digits = view.browser.list
    area = digits.visualRect(digits.model().index(0, 0))
    corner = QRect(area.center().x() + 14, area.top(), 24, 24)
    marked = colours(digits.viewport(), corner)
    assert {theme.inverse, theme.on_inverse, theme.surface} <= marked
    assert contrast(theme.inverse, theme.surface) >= 3  # the ring lies between disc and picture
    assert max(contrast(one, "#000000") for one in (theme.inverse, theme.surface)) >= 3
    assert contrast(theme.on_inverse, theme.inverse) >= 4.5
    click_first = digits.visualRect(digits.model().index(0, 0)).center()
    QTest.mouseClick(digits.viewport(), LEFT, pos=click_first)
    [large] = [one for one in view.findChildren(QWidget) if one.accessibleName() == "The digit"]
    assert large.accessibleDescription() == "Label disputed"
    assert theme.inverse in colours(large, large.rect())


def test_a_mark_moves_nothing_and_others_have_none(view: GalleryView) -> None:
    digits = view.browser.list
    view.choose_indices(of_mnist(), np.array([946, 947]), "two neighbours")
    without, marked = (digits.visualRect(digits.model().index(row, 0)) for row in (0, 1))
    assert (without.top(), without.height()) == (marked.top(), marked.height())
    ink = [colours(digits.viewport(), area) for area in (without, marked)]
    assert [LIGHT.inverse in one for one in ink] == [False, True]
    note = view.browser.detail.findChild(QLabel, "digitLabelNote")
    places = []
    for area in (without, marked):
        QTest.mouseClick(digits.viewport(), LEFT, pos=area.center())
        places.append([one.mapTo(view, QPoint()) for one in (note, view.browser.detail.bars)])
    assert places[0] == places[1]


def test_other_digits_have_no_disputed_labels_and_say_so(
    qtbot: QtBot, view: GalleryView, sample: Dataset
) -> None:
    choose(view.kind_box, "Label disputed")
    view.show_readings(of_mnist("custom"))
    assert numbers(view) == []
    assert "known of MNIST's test digits only" in says(view, "galleryCountLabel")
    assert "label disputed" not in says(view, "digitLegend")
    row = view.kind_box.findText("Label disputed")
    assert not view.kind_box.model().item(row).isEnabled()  # type: ignore[attr-defined]
    view.show_readings(of_mnist())
    assert view.kind_box.model().item(row).isEnabled()  # type: ignore[attr-defined]
    assert numbers(view) == DISPUTED


# Probably mislabelled


def test_nothing_moves_before_the_labels_are_checked(qtbot: QtBot, view: GalleryView) -> None:
    choose(view.order_box, "Margin")  # the one before it in the box
    before = numbers(view)
    with qtbot.waitSignal(view.label_check_requested) as caught:
        choose(view.order_box, "Probably mislabelled")
    asked = caught.args[0]
    assert numbers(view) == before
    assert "Asking" in says(view, "galleryCountLabel")
    other = Readings(asked.readings.labels, np.eye(10)[(asked.readings.labels + 1) % 10])
    check = LabelCheck((asked.readings, other))
    view.show_label_check(CheckedLabels(asked, check, ("Second",), is_learnt=False))
    assert numbers(view) == check.sort(np.arange(10_000)).tolist() != before
    count = view.browser.count
    assert "this network and 1 other" in count.text()
    assert count.toolTip().endswith("The others: Second.")
    first = view.browser.list.gallery
    place = numbers(view)[0]
    assert first.caption(0).figure == check.figure(place)
    assert first.words(0).endswith(f"; {check.words(place)}")
    QTest.mouseClick(view.direction_button, LEFT)
    assert numbers(view) == check.sort(np.arange(10_000), descending=False).tolist()


def test_an_answer_that_comes_too_late_changes_nothing(view: GalleryView) -> None:
    choose(view.order_box, "Probably mislabelled")
    late = of_mnist("custom")
    check = LabelCheck((late.readings,))
    before = numbers(view)
    view.show_label_check(CheckedLabels(late, check, (), is_learnt=False))
    assert numbers(view) == before
    assert "Asking" in says(view, "galleryCountLabel")


def test_an_answer_that_came_while_another_network_was_chosen_is_kept(
    qtbot: QtBot, view: GalleryView
) -> None:
    with qtbot.waitSignal(view.label_check_requested) as caught:
        choose(view.order_box, "Probably mislabelled")
    asked = caught.args[0]
    check = LabelCheck((asked.readings,))
    view.show_split(asked.split)  # while the other network's are read
    view.show_label_check(CheckedLabels(asked, check, (), is_learnt=False))
    view.show_readings(asked)  # back at the first one, whose digits are not read again
    assert numbers(view) == check.sort(np.arange(10_000)).tolist()


def test_what_the_digits_are_is_told_in_that_order_too(qtbot: QtBot, view: GalleryView) -> None:
    with qtbot.waitSignal(view.label_check_requested) as caught:
        choose(view.order_box, "Probably mislabelled")
    asked = caught.args[0]
    view.show_label_check(CheckedLabels(asked, LabelCheck((asked.readings,)), (), is_learnt=False))
    view.choose_indices(asked, np.array([3, 5, 947]), "misread by both")
    told = says(view, "galleryCountLabel")
    assert told.startswith("3 of 10,000 test digits: misread by both. Checked by this network")


def test_labels_that_could_not_be_checked_leave_the_digits_as_they_were(view: GalleryView) -> None:
    choose(view.order_box, "Probably mislabelled")
    view.give_up_label_check()
    assert view.order_box.currentText() == "Index"
    assert says(view, "galleryCountLabel") == "10,000 of 10,000 test digits"
    choose(view.kind_box, "Wrong")
    assert 0 < len(numbers(view)) < 100


def test_an_open_digit_stays_open_when_an_answer_comes_that_is_no_longer_wanted(
    qtbot: QtBot, view: GalleryView
) -> None:
    with qtbot.waitSignal(view.label_check_requested) as caught:
        choose(view.order_box, "Probably mislabelled")
    asked = caught.args[0]
    choose(view.order_box, "Index")
    click_digit(qtbot, view.browser.list, 3)
    view.show_label_check(CheckedLabels(asked, LabelCheck((asked.readings,)), (), is_learnt=False))
    assert view.browser.is_open
    assert view.browser.detail.shown.number == 3


def test_digits_of_another_split_are_not_sorted_by_the_labels_of_the_one_before(
    qtbot: QtBot, view: GalleryView, sample: Dataset
) -> None:
    with qtbot.waitSignal(view.label_check_requested) as caught:
        choose(view.order_box, "Probably mislabelled")
    mnist = caught.args[0]
    check = LabelCheck((mnist.readings,))
    view.show_label_check(CheckedLabels(mnist, check, (), is_learnt=False))
    labels = sample.test.labels
    fewer = SplitReadings(
        BUNDLED, make_split(sample, "test", 0), Readings(labels, np.eye(10)[labels])
    )
    view.show_readings(fewer)
    assert numbers(view) == list(range(1000))
    assert view.browser.list.gallery.caption(0).figure == "100.0%"


def test_kept_runs_are_asked_which_labels_are_wrong(
    qtbot: QtBot, window: MainWindow, sample: Dataset, paths: AppPaths
) -> None:
    """One run misreads the first forty digits and another the first ten, with the same labels."""
    poor = make_up(paths.runs, "Poor", sample, 40)
    better = make_up(paths.runs, "Better", sample, 10)
    begin(qtbot, window)
    list_runs(qtbot, window)
    window.tabs.use_model(ModelRef(poor.record.id))
    view = window.tabs.gallery_view
    turn_to(qtbot, window, view)
    choose(view.order_box, "Probably mislabelled")
    settle(qtbot, window)
    assert "this network and 1 other" in says(view, "galleryCountLabel")
    check = LabelCheck(
        tuple(Readings(sample.test.labels, run.test_scores()[0]) for run in (poor, better))
    )
    assert shown(window) == check.sort(np.arange(1000)).tolist()
    assert sorted(shown(window)[:10]) == list(range(10))
    click_digit(qtbot, view.browser.list, 0)
    likelier = (sample.test.labels[shown(window)[0]] + 1) % 10
    assert says(view, "digitLabelNote") == f"2 of 2 networks read {likelier}"
    assert dialogs(window) == []


def test_the_labels_of_training_digits_are_checked_with_a_word_of_warning(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    choose(window.tabs.confusion_view.split_box, "Training digits")
    settle(qtbot, window)
    view = window.tabs.gallery_view
    turn_to(qtbot, window, view)
    choose(view.order_box, "Probably mislabelled")
    settle(qtbot, window)
    assert "It has learnt these digits" in says(view, "galleryCountLabel")


# The report


@pytest.fixture
def disputes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sample's test digits have two disputed labels, which MNIST's alone have in truth."""

    def find(_name: str, labels: Labels) -> Mapping[int, DisputedLabel]:
        return {
            at: DisputedLabel(int(labels[at]), (int(labels[at]) + 1) % 10, 1, 4, 0)
            for at in (3, 800)
        }

    monkeypatch.setattr(splits, "find_disputed", find)
    return [3, 800]


def test_the_report_gives_the_accuracy_without_disputed_labels_and_shows_them(
    qtbot: QtBot, window: MainWindow, sample: Dataset, paths: AppPaths, disputes: list[int]
) -> None:
    run = make_up(paths.runs, "Poor", sample, 40)  # digit 3 is misread, and 800 is not
    begin(qtbot, window)
    list_runs(qtbot, window)
    window.tabs.use_model(ModelRef(run.record.id))
    report = window.tabs.report_view
    turn_to(qtbot, window, report)
    words = "without the 2 digits whose label people dispute (Northcutt et al., 2021)"
    line = report.findChild(QLabel, "disputedLabel")
    assert line.text() == f"{percent(959 / 998)} {words}"
    assert "Five people were shown" in line.toolTip()
    QTest.mouseClick(report.disputed_button, LEFT)
    assert window.tabs.gallery_view.isVisible()
    settle(qtbot, window)
    assert shown(window) == disputes


def test_the_report_of_other_digits_says_nothing_of_disputed_labels(
    qtbot: QtBot, window: MainWindow, kept: Run
) -> None:
    begin(qtbot, window, kept)
    report = window.tabs.report_view
    turn_to(qtbot, window, report)
    assert report.findChild(QLabel, "disputedLabel").text() == ""
    assert not report.disputed_button.isVisible()
