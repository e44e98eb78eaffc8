"""Which edition of the program this is, and what differs by it."""

from __future__ import annotations

import sys

import pytest

from mnist_desktop import edition
from mnist_desktop.digits.download import DatasetRequest
from mnist_desktop.digits.find_dataset import SAMPLE, find_dataset
from mnist_desktop.paths import AppPaths


def test_the_full_program_has_tensorflow_and_does_not_import_it_to_know() -> None:
    loaded = "tensorflow" in sys.modules
    assert edition.can_train()
    assert edition.title() == "MNIST Desktop"
    assert edition.command() == "mnist-desktop"
    assert ("tensorflow" in sys.modules) == loaded


def test_without_tensorflow_it_is_the_reader(as_reader: None) -> None:
    assert not edition.can_train()
    assert edition.title() == "MNIST Desktop Reader"
    assert edition.command() == "mnist-desktop-reader"


def test_both_see_the_same_runs_and_remember_their_windows_apart(
    paths: AppPaths, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("as_reader")
    own = AppPaths.from_environment()
    assert (own.runs, own.my_digits, own.digits) == (paths.runs, paths.my_digits, paths.digits)
    assert own.settings_file != paths.settings_file
    assert own.start_mark != paths.start_mark
    assert own.logs != paths.logs


def test_both_share_the_system_s_folder_of_data(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv("MNIST_DESKTOP_HOME")
    full = AppPaths.from_environment()
    request.getfixturevalue("as_reader")
    own = AppPaths.from_environment()
    assert own.data == full.data
    assert own.settings.name == "MNIST Desktop Reader"
    assert own.settings.parent == full.settings.parent


def test_the_reader_says_that_it_downloads_nothing(as_reader: None, paths: AppPaths) -> None:
    found = find_dataset(
        DatasetRequest(paths.digits), on_progress=lambda _: None, should_stop=lambda: False
    )
    assert found.name == SAMPLE
    assert found.note.startswith("Downloading MNIST is left out of MNIST Desktop Reader;")
