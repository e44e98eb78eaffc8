"""Whatever goes wrong becomes one sentence that says what helps."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from mnist_desktop.errors import (
    OTHER_HOME,
    InvalidInputError,
    LowMemoryError,
    MnistDesktopError,
    StorageError,
    as_reported,
    drive_is_gone,
    reason,
    way_on,
)


def failure(number: int) -> OSError:
    return OSError(number, os.strerror(number), "Z:/runs")


@pytest.mark.parametrize(
    ("number", "helps"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EROFS, "allow the program to write"),
        (errno.EACCES, "allow the program to write"),
        (errno.ESTALE, "connect that again"),
        (errno.ENOENT, "connect that again"),
        (errno.EIO, "connect that again"),
        (errno.EINVAL, OTHER_HOME),
    ],
)
def test_each_failure_of_a_disk_has_its_way_on(number: int, helps: str) -> None:
    assert helps in way_on(failure(number), OTHER_HOME)


def test_a_path_that_is_too_long_is_not_taken_for_a_lost_drive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Windows finds no folder of more than 247 characters."""
    path = "C:\\" + "x" * 250
    missing = OSError(errno.ENOENT, "No such file or directory", path)
    monkeypatch.setattr(os, "name", "posix")
    assert "connect that again" in way_on(missing, OTHER_HOME)
    assert "shorter" in way_on(failure(errno.ENAMETOOLONG), OTHER_HOME)
    monkeypatch.setattr(os, "name", "nt")
    assert "shorter" in way_on(missing, OTHER_HOME)
    short = OSError(errno.ENOENT, "No such file or directory", "D:\\runs")
    assert "connect that again" in way_on(short, OTHER_HOME)


def test_windows_own_numbers_of_a_lost_share_are_known() -> None:
    error = failure(errno.EINVAL)
    assert not drive_is_gone(error)
    error.winerror = 64  # type: ignore[attr-defined]  # the network name was deleted
    assert drive_is_gone(error)


def test_memory_that_numpy_does_not_get_is_told() -> None:
    with pytest.raises(MemoryError) as caught:
        np.empty(2**55)
    assert isinstance(as_reported(caught.value), LowMemoryError)
    assert "close other programs" in str(as_reported(caught.value))


def test_memory_that_tensorflow_does_not_get_is_told() -> None:
    import tensorflow as tf

    with pytest.raises(tf.errors.ResourceExhaustedError) as caught:
        tf.zeros((10**7, 10**7))
    assert isinstance(as_reported(caught.value), LowMemoryError)


def test_a_lost_drive_is_told_with_its_file() -> None:
    told = as_reported(failure(errno.ESTALE))
    assert isinstance(told, StorageError)
    assert "Z:/runs cannot be reached any more" in str(told)


def test_what_is_told_already_stays_and_a_bug_is_named() -> None:
    known = InvalidInputError("That cannot be used.")
    assert as_reported(known) is known
    told = as_reported(ZeroDivisionError("a bug"))
    assert type(told) is MnistDesktopError
    assert "ZeroDivisionError: a bug" in str(told)


def test_an_error_without_words_has_a_reason() -> None:
    assert reason(OSError()) == "OSError"
    assert reason(OSError(None, "half written")) == "half written"
