"""Networks of seventy kinds, opened as users open them, read as their own frameworks read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from network_kinds import (
    EIGHT_BITS,
    NOT_AS_LITERT,
    count_differences,
    differences,
    kinds,
    set_weights,
    write,
)
from numpy.typing import NDArray

from mnist_desktop.digits.dataset import Dataset, Images
from mnist_desktop.digits.labels import best_labels
from mnist_desktop.foreign.open_foreign import open_foreign
from mnist_desktop.inference.pixel_scale import ZERO_TO_ONE
from tests.made_networks import ONNX_KINDS


@pytest.mark.timeout(3000)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_networks_of_seventy_kinds_read_as_keras_reads(dataset: Dataset, tmp_path: Path) -> None:
    images = dataset.test.images
    makers = kinds()
    assert len(makers) >= 70
    wrong, tied = {}, {}
    for name, make in makers.items():
        model = make()
        set_weights(model)
        endings = [".tflite"] if name in EIGHT_BITS else [".keras", ".h5", ".json", ".tflite"]
        if name in NOT_AS_LITERT:
            endings.remove(".tflite")
        for ending in endings:
            path = tmp_path / f"network{ending}"
            write(name, model, path, images)
            different, same = differences(name, model, path, images)
            print(f"{name}{ending}: {len(images):,} labels, {different} differ, {same} tied")
            if different:
                wrong[name + ending] = different
            if same:
                tied[name + ending] = same
    print(f"{len(makers)} kinds; differing: {wrong or 'none'}; equal but for rounding: {tied}")
    assert wrong == {}


@pytest.mark.timeout(3000)
def test_graphs_of_onnx_read_as_their_own_runtime_reads(dataset: Dataset, tmp_path: Path) -> None:
    wrong = {}
    for make in ONNX_KINDS:
        path = tmp_path / "network.onnx"
        path.write_bytes(make().model().SerializeToString())
        images = dataset.test.images
        labels = best_labels(open_foreign(path).scores(images, ZERO_TO_ONE))
        different, same = count_differences(labels, onnx_outputs(path, images))
        print(f"{make.__name__}: {len(images):,} labels, {different} differ, {same} tied")
        if different:
            wrong[make.__name__] = different
    assert wrong == {}


def onnx_outputs(path: Path, images: Images) -> NDArray[np.float32]:
    """Outputs as ONNX defines them, with no operator made another for speed."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options)
    given = session.get_inputs()[0]
    pixels = ZERO_TO_ONE.inputs(images, tuple(given.shape[1:]))
    size = 1 if given.shape[0] == 1 else 500
    parts = [pixels[start : start + size] for start in range(0, len(pixels), size)]
    return np.concatenate([session.run(None, {given.name: one})[0] for one in parts])
