"""Which digits are in use: the sample, all of MNIST, and one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from program import DATA, Start

from mnist_desktop.digits.dataset import Dataset

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def own(tmp_path: Path, sample: Dataset) -> Path:
    """A file of digits as Keras keeps them: the sample, each digit shifted by a pixel."""
    path = tmp_path / "own.npz"
    arrays = {}
    for name, digits in (("train", sample.train), ("test", sample.test)):
        arrays[f"x_{name}"] = np.roll(digits.images, 1, axis=2)
        arrays[f"y_{name}"] = digits.labels
    np.savez_compressed(path, **arrays)
    return path


def test_a_file_of_digits_chosen_and_learnt_from(start: Start, own: Path) -> None:
    program = start()
    program.wait_says("Digits: MNIST sample")
    program.go("Data")
    program.click("Choose a file …")
    program.answer_file(own)
    program.wait_says("Digits of your own")
    program.train("Single layer", 1)
    assert program.wait_kept()["dataset"]["name"] == "custom"


def test_digits_on_white_paper_are_turned_before_they_are_learnt_from(
    start: Start, tmp_path: Path, sample: Dataset
) -> None:
    path = tmp_path / "white-paper.npz"
    np.savez(path, x=255 - sample.test.images, y=sample.test.labels)
    program = start()
    program.wait_says("Digits: MNIST sample")
    program.go("Data")
    program.click("Choose a file …")
    program.answer_file(path)
    program.wait_says("inverted")
    program.click("turnButton")
    program.wait_says("They are used inverted")
    program.train("Single layer", 1)
    assert program.wait_kept()["test_accuracy"] > 0.5


def test_a_file_that_holds_no_digits_is_told(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(3))
    program = start()
    program.wait_says("Digits: MNIST sample")
    program.go("Data")
    program.click("Choose a file …")
    program.answer_file(path)
    program.find("errorDialog")
    program.press("Return")
    program.wait_until("the dialog to go", lambda s: s.named("errorDialog") is None)
    assert "MNIST sample" in program.text("datasetStatusLabel")


def test_digits_found_by_split_label_and_index(start: Start) -> None:
    program = start()
    program.wait_says("Digits: MNIST sample")
    program.go("Data")
    program.wait_says("training digits")
    program.pick("dataSplitComboBox", "Test digits")
    program.wait_says("1,000 of 1,000 test digits")
    program.pick("labelComboBox", "7")
    rows = program.wait_until("sevens", lambda s: 0 < s.get("DigitList", "rows") < 300)
    assert rows
    program.pick("labelComboBox", "any label")
    program.fill("indexEdit", "100-199")
    program.wait_until("a hundred", lambda s: s.get("DigitList", "rows") == 100)
    program.click_at(program.find("DigitList")["cells"][0])
    program.wait_says("Test digit 100")
    program.wait_until("the figure", lambda s: s.get("FigureHolder", "axes"))


def test_without_mnist_and_without_a_network_the_sample_is_used(start: Start) -> None:
    program = start(MNIST_DESKTOP_DATA="")
    program.wait_says("Digits: MNIST", 120)
    program.wait_until("an end of the search", lambda s: "looking" not in str(s.texts()))
    program.go("Data")
    program.find("Choose a file …")


@pytest.mark.skipif(not DATA, reason="MNIST_DESKTOP_DATA names no MNIST")
def test_a_folder_of_all_of_mnist_chosen(start: Start) -> None:
    program = start()
    program.wait_says("Digits: MNIST sample")
    program.go("Data")
    program.click("Choose a folder …")
    program.answer_file(Path(DATA))
    program.wait_says("All of MNIST, verified byte for byte", 120)
    program.wait_says("60,000")
