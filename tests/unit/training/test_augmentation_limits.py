"""A setting that makes digits mean something else is warned of, with the reason."""

from __future__ import annotations

import itertools

import pytest

from mnist_desktop.training.augmentation import (
    CHANGES,
    OFF,
    STANDARD,
    Augmentation,
    parse_augmentation,
)
from mnist_desktop.training.augmentation_limits import (
    LEAST_READ,
    READ,
    REASONS,
    augmentation_warning,
    read_fraction,
)


@pytest.mark.parametrize("augmentation", [OFF, STANDARD], ids=["none", "standard"])
def test_usual_settings_are_not_warned_of(augmentation: Augmentation) -> None:
    assert augmentation_warning(augmentation) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rotate=45", ""),
        ("rotate=50", "Rotate 50° is too much: a 6 becomes a 9"),
        ("rotate=180", "reads about 55%"),
        ("shift=5.5", ""),
        ("shift=6", "Shift 6 pixels is too much: digits leave the image"),
        ("elastic=4", "strokes tear"),
        ("noise=0.15", "Noise 15% is too much"),
        ("erase=12", "what is erased"),
        ("scale=0.5", ""),
        ("shear=60", ""),
        ("stroke=1", ""),
        ("shift=3 rotate=15 scale=0.15 shear=15 elastic=2 stroke=0.4 noise=0.1 erase=8", "fewer"),
        ("shift=2 rotate=12 scale=0.1 shear=12 elastic=1.5 stroke=0.3 noise=0.05 erase=6", ""),
    ],
)
def test_what_can_no_longer_be_read_is_warned_of(text: str, words: str) -> None:
    found = augmentation_warning(parse_augmentation(text))
    assert words in found
    assert bool(words) == bool(found)
    assert not found or found.endswith(".")


def test_the_worst_comes_first() -> None:
    found = augmentation_warning(Augmentation(rotate=60, shift=14, erase=10))
    assert found.index("Shift") < found.index("Rotate") < found.index("Erase")
    assert found.count("too much") == 3


def test_every_change_was_measured_over_its_range() -> None:
    assert list(READ) == list(CHANGES)
    for name, change in CHANGES.items():
        assert max(READ[name]) == change.most
        assert list(READ[name]) == sorted(READ[name])
        fractions = [read_fraction(name, change.most * step / 100) for step in range(101)]
        assert (min(fractions) < LEAST_READ) == (name in REASONS)
        rising = [later - before for before, later in itertools.pairwise(fractions)]
        assert max(rising) < 0.001  # what was measured by chance
