"""Which of a file's arrays are images and which labels, and of what split, by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mnist_desktop.digits.usual_forms import ImageForm, image_form, label_count
from mnist_desktop.errors import DataFileError

Header = tuple[tuple[int, ...], np.dtype[Any]]  # shape and type of an array
ALL = "all"  # the split of what is not divided
_SPLITS = {
    "train": ("training", "train", "tr"),
    "test": ("testing", "test", "t10k", "te", "eval"),
    "validation": ("validation", "valid", "val", "dev"),
}
_IMAGES = (
    "x",
    "images",
    "image",
    "imgs",
    "img",
    "data",
    "digits",
    "pixels",
    "features",
    "inputs",
    "fea",
    "patterns",
)
_LABELS = (
    "y",
    "labels",
    "label",
    "targets",
    "target",
    "classes",
    "class",
    "digit",
    "outputs",
    "t",
    "gnd",
)

# Names of data sets, with which those of their files begin.
_FAMILIES = (
    r"(emnist(digits|mnist|letters|balanced|byclass|bymerge)?|[qk]?mnist|fashion(mnist)?|usps)"
)


def name_parts(name: str) -> tuple[str, str] | None:
    """Tell split and part of an array from its name.

    Returns
    -------
    tuple of str or None
        ``"train"``, ``"test"``, ``"validation"`` or ``"all"``, and ``"images"`` or ``"labels"``.
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    plain = re.sub(rf"^{_FAMILIES}|idx[0-9]?(ubyte|int)?|(mnist|set)$", "", plain)
    for split, words in {**_SPLITS, ALL: ("",)}.items():
        for word in words:
            before, found, after = plain.partition(word) if word else ("", "", plain)
            if word and not found:
                continue
            rest = before + after
            if rest in _IMAGES:
                return split, "images"
            if rest in _LABELS:
                return split, "labels"
    return None


def pair_arrays(headers: Mapping[str, Header], path: Path) -> dict[str, tuple[str, str]]:
    """Find images and their labels among named arrays, by their names or else by their shapes.

    Parameters
    ----------
    headers : mapping
        Of each array's name to its shape and type.
    path : Path
        The file, for messages.

    Returns
    -------
    dict
        Of ``"train"`` and ``"test"``, or ``"all"``, to the names of images and labels.

    Raises
    ------
    DataFileError
        If no images with labels are there.
    """
    parts: dict[tuple[str, str], str] = {}
    for name in headers:
        if (found := name_parts(name)) is not None:
            parts.setdefault(found, name)
    pairs = {}
    for split in ("train", "test", "validation", ALL):
        images, labels = (parts.get((split, part)) for part in ("images", "labels"))
        if images and labels:
            pairs[split] = (images, labels)
        elif split in ("train", "test") and (images or labels):
            missing = {"images": "x", "labels": "y"}["labels" if images else "images"]
            raise DataFileError(
                f"{path} holds {images or labels} but holds no {missing}_{split}; "
                "x_train, y_train, x_test and y_test are needed."
            )
    if "train" in pairs:
        test = pairs.get("test") or pairs.get("validation")
        return {"train": pairs["train"], **({"test": test} if test else {})}
    if ALL in pairs:
        return {ALL: pairs[ALL]}
    return _paired_by_shape(headers, path)


def _paired_by_shape(headers: Mapping[str, Header], path: Path) -> dict[str, tuple[str, str]]:
    """Pair arrays without telling names, such as arr_0 and arr_1, in the order of the file."""
    # A network's weights have such shapes, too, but are fractions, and counted by the last axis.
    images = {
        name: form
        for name, header in headers.items()
        if (form := _as_images(header, name)) and not form.is_last
    }
    labels = {
        name: count
        for name, header in headers.items()
        if name not in images
        and not (header[1].kind == "f" and len(header[0]) == 1)
        and (count := _as_labels(header, name))
    }
    pairs = []
    for name, form in images.items():
        fitting = [other for other, count in labels.items() if count == form.count]
        if fitting:
            labels.pop(fitting[0])
            pairs.append((form.count, name, fitting[0]))
    if len(pairs) == 1:
        return {ALL: pairs[0][1:]}
    if len(pairs) == 2:
        large, small = sorted(pairs, key=lambda pair: -pair[0])
        return {"train": large[1:], "test": small[1:]}
    held = ", ".join(list(headers)[:8]) or "nothing"
    raise DataFileError(
        f"{path} holds no x_train, y_train, x_test and y_test, nor other images with their labels "
        f"(it holds {held}); save both under these names."
    )


def _as_images(header: Header, name: str) -> ImageForm | None:
    try:
        return image_form(*header, name)
    except DataFileError:
        return None


def _as_labels(header: Header, name: str) -> int:
    try:
        return label_count(*header, name)
    except DataFileError:
        return 0
