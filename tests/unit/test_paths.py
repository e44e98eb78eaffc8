from __future__ import annotations

import os
import stat
from dataclasses import astuple
from pathlib import Path

import pytest

from mnist_desktop import paths as paths_module
from mnist_desktop.errors import StorageError
from mnist_desktop.paths import AppPaths, is_matplotlib_ours, resource, user_path

# Resources


def test_the_bundled_resources_are_found() -> None:
    for name in ("bundled.tflite", "bundled.keras"):
        assert resource("models", name).is_file()
    assert resource("icons").is_dir()


@pytest.mark.parametrize("installed", [False, True], ids=["source tree", "installed"])
def test_resources_lie_inside_an_installed_package_and_beside_it_in_the_source_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    package = tmp_path / "mnist_desktop"
    (tmp_path / "resources").mkdir()
    (package / "resources" if installed else package).mkdir(parents=True)
    monkeypatch.setattr(paths_module, "PACKAGE_DIR", package)

    root = package if installed else tmp_path
    assert resource("models", "m.tflite") == root / "resources" / "models" / "m.tflite"


# The program's folders


def test_the_programs_home_moves_everything_that_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DESKTOP_HOME", str(tmp_path / "elsewhere"))

    paths = AppPaths.from_environment()

    assert len(set(astuple(paths))) == 4
    for folder in (*astuple(paths), paths.runs, paths.digits, paths.settings_file):
        assert folder.is_relative_to(tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()  # made when first needed


def test_a_relative_home_stays_where_it_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DESKTOP_HOME", "here")
    paths = AppPaths.from_environment()

    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")

    assert paths.data == tmp_path / "here" / "data"
    assert paths.data.is_absolute()


def test_a_home_may_be_written_with_a_tilde(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_DESKTOP_HOME", str(Path("~") / "digits"))

    assert AppPaths.from_environment().data == home / "digits" / "data"


def test_the_home_of_nobody_is_an_ordinary_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DESKTOP_HOME", "~nobody-of-this-name/x")

    assert user_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
    assert AppPaths.from_environment().data == tmp_path / "~nobody-of-this-name" / "x" / "data"


@pytest.mark.parametrize("value", ["", None], ids=["empty", "not set"])
def test_without_a_home_the_systems_folders_are_taken(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MNIST_DESKTOP_HOME")
    if value is not None:
        monkeypatch.setenv("MNIST_DESKTOP_HOME", value)

    for folder in astuple(AppPaths.from_environment()):
        assert "MNIST Desktop" in folder.parts
        assert folder.is_absolute()


def test_checking_makes_the_folders_and_leaves_nothing_in_them(tmp_path: Path) -> None:
    paths = AppPaths(*(tmp_path / "a" / name for name in "bcde"))

    paths.check_writable()
    paths.check_writable()

    for folder in astuple(paths):
        assert folder.is_dir()
        assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has rights of another kind")
def test_what_is_made_is_for_the_user_alone_and_what_was_there_is_left_alone(
    tmp_path: Path,
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o755)
    home = tmp_path / "made" / "home"
    before = os.umask(0)
    try:
        AppPaths(theirs, home / "c", home / "s", home / "l").check_writable()
    finally:
        os.umask(before)
    made = (home.parent, home, home / "c", home / "s", home / "l")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in made] == [0o700] * 5
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("below", [(), ("deeper",)], ids=["a file", "below a file"])
def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, which: int, below: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("in the way")
    folders = [tmp_path / name for name in "abcd"]
    folders[which] = (tmp_path / "file").joinpath(*below)

    with pytest.raises(StorageError, match="set MNIST_DESKTOP_HOME") as caught:
        AppPaths(*folders).check_writable()

    text = str(caught.value)
    assert str(folders[which]) in text
    assert "\n" not in text
    assert text.endswith(".")
    assert "None" not in text
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.skipif(os.name != "nt", reason="other systems have no roaming profiles")
def test_on_windows_nothing_roams_from_computer_to_computer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MNIST_DESKTOP_HOME")
    for folder in astuple(AppPaths.from_environment()):
        assert folder.is_relative_to(Path(os.environ["LOCALAPPDATA"]))


def test_what_windows_protects_in_the_users_profile_only_is_known(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the program's folders are made for the user alone, it makes no difference."""

    def are_exposed(folder: str) -> bool:
        monkeypatch.setenv("MNIST_DESKTOP_HOME", folder)
        return AppPaths.from_environment().are_exposed

    outside, inside = str(tmp_path / "outside"), str(home / "digits")
    assert not are_exposed(outside) or os.name == "nt"
    monkeypatch.setattr(paths_module, "ON_WINDOWS", True)
    assert are_exposed(outside)
    assert not are_exposed(inside)
    assert not are_exposed("")


# Libraries


def test_libraries_are_pointed_to_the_programs_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MPLCONFIGDIR", "KERAS_HOME", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "1")
    monkeypatch.setenv("KERAS_MAX_STEPS_PER_EPOCH", "1")

    AppPaths(*(tmp_path / name for name in "abcd")).prepare_libraries()

    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "b" / "matplotlib")
    assert is_matplotlib_ours()
    monkeypatch.setenv("MPLCONFIGDIR", "theirs")
    assert not is_matplotlib_ours()
    assert os.environ["KERAS_HOME"] == str(tmp_path / "b" / "keras")
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "theirs"  # who debugs may let TensorFlow speak
    assert "KERAS_MAX_EPOCHS" not in os.environ
    assert "KERAS_MAX_STEPS_PER_EPOCH" not in os.environ


def test_tensorflow_is_kept_silent_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MPLCONFIGDIR", "KERAS_HOME", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "before")  # so that it is brought back afterwards
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")

    AppPaths(*(tmp_path / name for name in "abcd")).prepare_libraries()

    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"
