"""Networks of seventy kinds, opened as users open them: every label is the one Keras gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from network_kinds import EIGHT_BITS, NOT_AS_LITERT, differences, kinds, set_weights, write

from mnist_desktop.digits.dataset import Dataset


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
        endings = [".tflite"] if name in EIGHT_BITS else [".keras", ".h5", ".tflite"]
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
