"""Data sets that are laid out like MNIST and hold other things than digits."""

from __future__ import annotations

import json
from pathlib import Path

from mnist_desktop.paths import resource


def told_classes(path: Path) -> str:
    """Say what the labels of a known data set stand for, which is told by its file's names.

    Parameters
    ----------
    path : Path
        The file or folder that was chosen.

    Returns
    -------
    str
        A sentence; empty for digits and for what is not known.
    """
    known = json.loads(resource("digits", "class-names.json").read_text(encoding="utf-8"))
    names = [path.name, *(one.name for one in path.glob("*"))] if path.is_dir() else [path.name]
    names.append(path.parent.name)
    for title, one in known.items():
        if any(one["told_by"] in name.lower() for name in names):
            classes = ", ".join(f"{label} {name}" for label, name in enumerate(one["classes"]))
            return f"These are the classes of {title} and no digits: {classes}."
    return ""
