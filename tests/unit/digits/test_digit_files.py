"""What people have is read, or refused by what it is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits.dataset import Dataset
from mnist_desktop.digits.dataset_file import read_dataset
from mnist_desktop.errors import DataFileError
from tests.made_digit_files import READ, REFUSED


@pytest.mark.parametrize("kind", READ)
def test_a_file_of_digits_is_read(tmp_path: Path, sample: Dataset, kind: str) -> None:
    chosen = READ[kind](tmp_path, sample.test.take(np.arange(0, 1000, 5)))

    found = read_dataset(chosen)

    for digits in (found.train, found.test):
        assert np.bincount(digits.labels, minlength=10).min() > 0
        assert digits.images.max() == 255
        assert digits.images[:, 0, 0].max() < 128


@pytest.mark.parametrize("kind", REFUSED)
def test_another_file_is_refused_by_what_it_is(tmp_path: Path, sample: Dataset, kind: str) -> None:
    make, said = REFUSED[kind]
    chosen = make(tmp_path, sample.test.take(np.arange(0, 1000, 5)))

    with pytest.raises(DataFileError, match=re.escape(said)) as caught:
        read_dataset(chosen)

    assert str(chosen) in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
