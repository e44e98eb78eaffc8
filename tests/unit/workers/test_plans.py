"""Layers are read on a thread; of several networks that wait, the last one counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.presets import preset
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.network_plan import PlanRequest
from mnist_desktop.runs.store import RunStore
from mnist_desktop.workers import plans as module
from mnist_desktop.workers.plans import FoundPlan, PlanController


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[PlanController]:
    made = PlanController(RunStore(tmp_path))
    yield made
    made.close()
    assert not any(thread.isRunning() for thread in made.findChildren(QThread))


def test_the_layers_are_found_on_another_thread(qtbot: QtBot, controller: PlanController) -> None:
    with qtbot.waitSignal(controller.found) as blocker:
        controller.request(BUNDLED)

    (found,) = blocker.args
    assert (found.model, found.reason) == (BUNDLED, "")
    assert found.plan.parameters == 653_652


def test_why_there_are_none_is_told(qtbot: QtBot, controller: PlanController) -> None:
    with qtbot.waitSignal(controller.found) as blocker:
        controller.request(ModelRef("no-run"))

    (found,) = blocker.args
    assert found.plan is None
    assert "no-run" in found.reason


def test_of_several_that_wait_the_last_one_is_read(
    qtbot: QtBot, controller: PlanController, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def read(_request: PlanRequest, **_more: object) -> NetworkPlan:
        gate.wait()
        return preset("dense-10", (), "softmax")

    monkeypatch.setattr(module, "find_plan", read)
    found: list[FoundPlan] = []
    controller.found.connect(found.append)
    for name in ("first", "second", "third"):
        controller.request(ModelRef(name))
    gate.set()
    qtbot.waitUntil(lambda: not controller.is_busy)

    assert [one.model.run_id for one in found] == ["first", "third"]
