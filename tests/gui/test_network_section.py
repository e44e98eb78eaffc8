"""The report shows of which layers the network in use consists, whichever that is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made_up import make_up
from pages import (
    LEFT,
    action,
    begin,
    list_runs,
    says,
    settle,
    turn_to,
    written,
)
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from windows import services_of

from mnist_desktop.digits.class_names import DIGITS
from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.networks.presets import preset
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.model_ref import ModelRef
from mnist_desktop.ui.main_window import MainWindow
from mnist_desktop.ui.pages.network_section import NetworkSection
from mnist_desktop.workers.plans import FoundPlan


def section_of(window: MainWindow) -> NetworkSection:
    return window.tabs.report_view.network


def words_of(window: MainWindow) -> str:
    return says(section_of(window), "networkWordsLabel")


def drawn_texts(window: MainWindow) -> list[str]:
    """What is written in the diagram."""
    section = section_of(window)
    assert section.figure.isVisible()
    (axes,) = section.figure.axes
    return [text.get_text() for text in axes.texts]


@pytest.fixture
def reported(qtbot: QtBot, window: MainWindow, sample: Dataset, paths: AppPaths) -> MainWindow:
    """A window with the report of a run, whose network is the bundled one."""
    run = make_up(paths.runs, "Poor", sample, 40)
    shutil.copyfile(bundled_reader.keras_file(), run.folder / "model.keras")
    begin(qtbot, window)
    list_runs(qtbot, window)
    window.tabs.use_model(ModelRef(run.record.id))
    turn_to(qtbot, window, window.tabs.report_view)
    return window


def test_the_report_of_a_run_shows_its_layers(qtbot: QtBot, reported: MainWindow) -> None:
    figure, found = section_of(reported).figure, drawn_texts(reported)

    assert found.count("Convolution") == 6
    assert "131,072 parameters" in found
    assert "653,652 parameters, 30,438,144 multiplications for each image" in found
    assert figure.accessibleDescription().startswith(
        "Input: 28×28×1. Convolution 3×3 (2 side by side): 26×26×32, 288 parameters"
    )
    assert "Sheets behind each other are feature maps" in words_of(reported)

    high = figure.height()
    services_of(reported).theme.set_mode("dark")
    reported.resize(1900, 900)
    qtbot.waitUntil(lambda: figure.height() < high)  # fewer rows
    settle(qtbot, reported)
    texts, dark = figure.axes[0].texts, services_of(reported).theme.theme.figure
    assert min(text.get_fontsize() for text in texts) == 8  # nothing is shrunk
    assert {text.get_color() for text in texts} == {dark.text, dark.muted}


def test_a_button_goes_down_to_the_network(reported: MainWindow) -> None:
    report = reported.tabs.report_view
    page = report.currentWidget()
    assert isinstance(page, QScrollArea)

    QTest.mouseClick(report.network_button, LEFT)

    top = section_of(reported).mapTo(page.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < 20


def test_nothing_moves_when_the_diagram_comes(reported: MainWindow) -> None:
    report, section = reported.tabs.report_view, section_of(reported)

    def tops() -> list[QPoint]:
        QApplication.processEvents()
        parts: list[QWidget] = [report.table, report.figure, section, section.menu]
        return [one.mapTo(report, QPoint(0, 0)) for one in parts]

    before = tops()
    section.begin("network")
    assert tops() == before
    section.show_found(FoundPlan(ModelRef("x"), None, "Nobody knows. " * 20), DIGITS)
    assert tops() == before
    section.show_found(FoundPlan(ModelRef("x"), preset("dense-10", (), "softmax")), DIGITS)
    assert tops() == before


def test_the_diagram_is_saved_as_it_is_on_paper(
    qtbot: QtBot, reported: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []
    output = tmp_path / "net.svg"

    def ask(_parent: object, _title: str, place: str, _filters: str) -> tuple[str, str]:
        proposed.append(Path(place).name)
        return str(output), "Vector graphics (*.svg)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    services_of(reported).theme.set_mode("dark")
    action(section_of(reported).menu, "Save picture …").trigger()

    written(qtbot, reported, output)
    assert proposed == ["Poor-network.png"]
    text = output.read_text(encoding="utf-8")
    assert ">131,072 parameters</text>" in text
    assert "fill: #ffffff" in text


def test_what_is_no_run_shows_its_layers_too_or_says_why_not(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, sample: Dataset, paths: AppPaths
) -> None:
    damaged = make_up(paths.runs, "Damaged", sample, 3)
    begin(qtbot, window)
    list_runs(qtbot, window)
    turn_to(qtbot, window, window.tabs.report_view)
    assert drawn_texts(window).count("2 of these side by side") == 1  # the bundled reader

    keras, litert = tmp_path / "mine.keras", tmp_path / "mine.tflite"
    shutil.copyfile(bundled_reader.keras_file(), keras)
    shutil.copyfile(bundled_reader.litert_file(), litert)
    for model, reason in (
        (ModelRef(file=litert), "There is no diagram of this network. mine.tflite does not say"),
        (ModelRef(damaged.record.id), "There is no diagram of this network. model.keras cannot"),
    ):
        window.tabs.use_model(model)
        settle(qtbot, window)
        assert words_of(window).startswith(reason)
        assert not section_of(window).figure.isVisible()
        qtbot.waitUntil(lambda: section_of(window).height() < 200)  # nothing is kept free for it
        assert not section_of(window).menu.isEnabled()

    window.tabs.use_model(ModelRef(file=keras))
    report = window.tabs.report_view
    qtbot.waitUntil(lambda: report.currentIndex() == 0)
    QApplication.processEvents()
    (button,) = (one for one in report.findChildren(QPushButton) if "Measure" in one.text())
    place = button.mapTo(report, QPoint(0, 0))
    settle(qtbot, window)
    assert button.mapTo(report, QPoint(0, 0)) == place
    assert window.tabs.report_view.currentIndex() == 0  # it has read no digit
    assert drawn_texts(window).count("Convolution") == 6
    assert section_of(window).menu.isEnabled()
