"""Boxes to choose from whose entries say what the labels of a dataset stand for."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QComboBox

from mnist_desktop.digits.class_names import ClassNames
from mnist_desktop.digits.splits import SPLITS


def name_splits(box: QComboBox, classes: ClassNames) -> None:
    """Call the splits, each an entry's data, test digits or test images."""
    name_entries(box, {split: f"{text} {classes.noun}s" for split, text in SPLITS.items()})


def name_labels(box: QComboBox, classes: ClassNames) -> None:
    """Name the ten labels, which follow the first entry."""
    fit = QComboBox.SizeAdjustPolicy
    box.setSizeAdjustPolicy(
        fit.AdjustToContentsOnFirstShow if classes.are_digits else fit.AdjustToContents
    )
    for label in range(len(classes.names)):
        _name(box, label + 1, classes.listed(label))


def name_entries(box: QComboBox, names: Mapping[str, str]) -> None:
    """Name entries by their data."""
    for row in range(box.count()):
        _name(box, row, names[box.itemData(row)])


def _name(box: QComboBox, row: int, text: str) -> None:
    if box.itemText(row) != text:  # else all that is around it would be laid out again
        box.setItemText(row, text)
