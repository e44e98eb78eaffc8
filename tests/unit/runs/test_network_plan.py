"""Of which layers a network consists is read from its own file, whichever network it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mnist_desktop.errors import ModelFileError, RunNotFoundError
from mnist_desktop.evaluation import bundled_reader
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.runs.model_ref import BUNDLED, ModelRef
from mnist_desktop.runs.network_plan import PlanRequest, find_plan, plan_of_run
from mnist_desktop.runs.run import Run
from mnist_desktop.runs.store import RunStore
from mnist_desktop.training.architectures import plan_of
from tests.made_networks import as_pytorch_writes


def found(model: ModelRef, root: Path = Path("nowhere")) -> NetworkPlan:
    request = PlanRequest(model, RunStore(root))
    return find_plan(request, on_progress=lambda _: None, should_stop=lambda: False)


def test_the_layers_of_a_run_are_those_that_were_trained(kept: Run) -> None:
    planned = plan_of(kept.record.config)

    plan = found(ModelRef(kept.record.id), kept.folder.parent)

    assert [(one.kind, one.weights, one.output_shape, one.cost) for one in plan.layers] == [
        (one.kind, one.weights, one.output_shape, one.cost) for one in planned.layers
    ]
    assert plan.parameters == kept.record.parameters


def test_the_layers_are_those_of_the_file_whatever_the_settings_say(
    kept: Run, tmp_path: Path
) -> None:
    """Another version of the program may have trained it, with a preset that has changed since."""
    folder = tmp_path / kept.record.id
    shutil.copytree(kept.folder, folder)
    shutil.copyfile(bundled_reader.keras_file(), folder / "model.keras")

    assert plan_of_run(Run(kept.record, folder)).parameters == found(BUNDLED).parameters


def test_the_bundled_reader_is_two_networks_whose_outputs_are_averaged() -> None:
    plan = found(BUNDLED)

    bodies = [one.body for one in plan.layers if one.body is not None]
    assert len(bodies) == 2
    assert plan.layers[2].kind == "Average"


def test_the_layers_of_a_file_are_read_without_reading_a_digit(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(as_pytorch_writes().model().SerializeToString())

    kinds = [one.kind for one in found(ModelRef(file=path)).layers]

    assert kinds.count("Conv2D") == 2
    assert kinds[-1] != "Softmax"  # which only reading appends


def test_a_litert_file_does_not_say(kept: Run) -> None:
    with pytest.raises(ModelFileError, match=r"^model\.tflite does not say which layers"):
        found(ModelRef(file=kept.folder / "model.tflite"))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError):
        found(ModelRef("no-run"), tmp_path)
    with pytest.raises(ModelFileError, match="cannot be read"):
        found(ModelRef(file=tmp_path / "no.keras"))
