"""The demo plays the real window to its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from mnist_desktop.demo import play_demo
from mnist_desktop.paths import AppPaths
from mnist_desktop.runs.store import RunStore


def test_the_demo_trains_draws_reads_and_leaves_no_run(
    qapp: QApplication, paths: AppPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DESKTOP_DATA", "sample")
    result = play_demo(tmp_path / "out", paths)
    assert result["test_accuracy"] > 0.85
    assert result["prediction"] in {"3", "?"}
    assert len(result["screenshots"]) == 6
    for shot in result["screenshots"]:
        with Image.open(shot) as picture:
            assert picture.size == (1280, 800)
            assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 50
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["test_accuracy"] == result["test_accuracy"]
    assert RunStore(paths.runs).runs() == []
