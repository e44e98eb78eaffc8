"""What ten labels stand for, how that is worded, and how a dataset is known by it."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_desktop.digits import class_names
from mnist_desktop.digits.class_names import DIGITS, LONGEST, ClassNames, find_classes
from mnist_desktop.paths import resource
from tests.made_classes import COAT, NAMES, SHIRT
from tests.made_digit_files import idx_bytes

CLOTHES = ClassNames(NAMES)
KNOWN = json.loads(resource("digits", "class-names.json").read_text(encoding="utf-8"))
MIXED = np.arange(200, dtype=np.uint8) % 10


def with_name(name: object) -> tuple[object, ...]:
    return (name, *NAMES[1:])


@pytest.mark.parametrize(
    "names",
    [
        NAMES[:9],
        (*NAMES, "Hat"),
        with_name("Trouser"),  # twice
        with_name(""),
        with_name(7),
        with_name("x" * (LONGEST + 1)),
        with_name("<b>Hat</b>"),
        with_name("Hat & coat"),
        with_name("=1+1"),
        with_name("a\nb"),
        with_name("a\u202eb"),
        with_name(" Hat"),
        list(NAMES),
    ],
)
def test_what_are_no_ten_names_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="class"):
        ClassNames(names)


def test_digits_are_worded_as_digits_and_classes_by_their_names() -> None:
    assert [DIGITS.of(8), DIGITS.one(8), DIGITS.all_of(8)] == ["8", "an 8", "all 8s"]
    assert (DIGITS.noun, DIGITS.kind, DIGITS.kinds, DIGITS.title) == (
        "digit",
        "digit",
        "digits",
        "",
    )
    assert [CLOTHES.of(COAT), CLOTHES.one(COAT)] == ["Coat", "Coat"]
    assert CLOTHES.all_of(SHIRT) == "the class Shirt"
    assert (CLOTHES.noun, CLOTHES.kind, CLOTHES.kinds) == ("image", "class", "classes")
    assert CLOTHES.title == "Fashion-MNIST"
    assert DIGITS.are_digits
    assert not CLOTHES.are_digits


@pytest.mark.parametrize("most", range(1, LONGEST))
def test_shortened_names_differ_and_are_no_longer_than_asked(most: int) -> None:
    for names in (NAMES, tuple(KNOWN["Kuzushiji-MNIST"]["classes"])):
        short = ClassNames(names).shortened(most)

        assert len(set(short)) == 10
        assert max(map(len, short)) <= most


def test_a_long_name_is_shortened_to_its_first_word() -> None:
    assert CLOTHES.shortened(8)[0] == "T-shirt"
    assert CLOTHES.short(9) == "Ankle"
    assert CLOTHES.short(2, 6) == "Pullo."
    same = ClassNames(tuple(f"Sandals {letter}" for letter in "abcdefghij"))
    assert same.shortened(6) == DIGITS.names


@pytest.mark.parametrize("title", KNOWN)
def test_what_is_known_of_a_dataset_is_well_formed(title: str) -> None:
    one = KNOWN[title]
    assert ClassNames(tuple(one["classes"])).title == title
    assert all(len(bytes.fromhex(md5)) == 16 for md5 in one["md5_of_labels"])
    assert one["first_labels"] == "" or len(one["first_labels"]) >= 40
    assert set(one["first_labels"]) <= set("0123456789")


def test_clothes_are_known_by_their_first_labels(tmp_path: Path) -> None:
    first = [int(label) for label in KNOWN["Fashion-MNIST"]["first_labels"]]
    labels = np.array([*first, *MIXED], np.uint8)

    assert find_classes(tmp_path / "data.npz", labels) == CLOTHES
    assert find_classes(tmp_path / "data.npz", labels[1:]) == DIGITS


@pytest.mark.parametrize("chosen", ["", "t10k-images-idx3-ubyte.gz"])
def test_a_dataset_is_known_by_the_published_checksum_of_its_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    file = tmp_path / "t10k-labels-idx1-ubyte.gz"
    file.write_bytes(gzip.compress(idx_bytes(MIXED)))
    assert find_classes(tmp_path / chosen, MIXED) == DIGITS

    md5 = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    kmnist = {**KNOWN["Kuzushiji-MNIST"], "md5_of_labels": [md5]}
    monkeypatch.setattr(class_names, "_known", lambda: {"Kuzushiji-MNIST": kmnist})

    assert find_classes(tmp_path / chosen, MIXED).names == tuple(kmnist["classes"])
    assert find_classes(tmp_path / "mnist.npz", MIXED) == DIGITS  # another file beside it


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("fashion-mnist_train.csv", "Fashion-MNIST"),
        ("FashionMNIST/raw", "Fashion-MNIST"),
        ("kmnist-train.npz", "Kuzushiji-MNIST"),
        ("mnist.npz", ""),
        ("emnist-digits.mat", ""),
    ],
)
def test_a_dataset_is_known_by_the_names_of_its_files(
    tmp_path: Path, name: str, title: str
) -> None:
    assert find_classes(tmp_path / name, MIXED).title == title
