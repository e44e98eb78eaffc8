from __future__ import annotations

from typing import Any

import pytest

from mnist_desktop.networks.layer_words import activation_of, layer_details, layer_name, sides
from mnist_desktop.networks.layers import ATTENTIONS, MERGES, SHAPES
from mnist_desktop.networks.plan import InnerLayer, LayerPlan


def layer(kind: str, **settings: Any) -> LayerPlan:
    return LayerPlan(kind, kind.lower(), settings, (), (0,), (10,))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Conv2D", "Convolution"),
        ("MaxPooling2D", "Max pooling"),
        ("GlobalAveragePooling1D", "Global average pooling"),
        ("BatchNormalization", "Batch norm"),
        ("RMSNormalization", "RMS norm"),
        ("LSTM", "LSTM"),
        ("LeakyReLU", "leaky ReLU"),
        ("GaussianNoise", "Gaussian noise"),
        ("MultiHeadAttention", "Multi-head attention"),
    ],
)
def test_layers_are_called_as_people_call_them(kind: str, name: str) -> None:
    assert layer_name(layer(kind)) == name


@pytest.mark.parametrize("kind", [*SHAPES, *MERGES, *ATTENTIONS])
def test_every_layer_has_a_name_without_the_marks_of_code(kind: str) -> None:
    name = layer_name(layer(kind, activation="hard_sigmoid"))

    assert name.replace(" ", "").replace("-", "").isalpha()
    assert len(name) < 24


@pytest.mark.parametrize(
    ("one", "details"),
    [
        (layer("Conv2D", kernel_size=(5, 5), strides=(1, 1), padding="valid"), "5×5"),
        (layer("Conv2D", kernel_size=(3, 3), strides=(2, 2), padding="same"),
         "3×3, stride 2, padded"),
        (layer("Conv2D", kernel_size=(3, 1), strides=(2, 1), dilation_rate=(1, 3)),
         "3×1, stride 2×1, dilated 1×3"),
        (layer("Conv1D", kernel_size=4, strides=1, padding="causal"), "4, padded"),
        (layer("MaxPooling2D"), "2×2"),
        (layer("MaxPooling2D", pool_size=(2, 2), strides=None), "2×2"),
        (layer("AveragePooling2D", pool_size=(3, 3), strides=(3, 3)), "3×3"),
        (layer("AveragePooling2D", pool_size=(3, 3), strides=(1, 1)), "3×3, stride 1"),
        (layer("MaxPooling1D", pool_size=3, strides=2), "3, stride 2"),
        (layer("Dropout", rate=0.25), "0.25"),
        (layer("UpSampling2D", size=(2, 3)), "2×3"),
        (layer("ZeroPadding2D", padding=((1, 1), (1, 1))), ""),
        (layer("MultiHeadAttention", num_heads=1), "1 head"),
        (layer("Bidirectional", layer=InnerLayer("GRU", {"units": 3})), "GRU"),
        (layer("Dense", units=10, activation="relu"), ""),
    ],
)  # fmt: skip
def test_settings_are_said_in_few_words(one: LayerPlan, details: str) -> None:
    assert layer_details(one) == details


def test_only_activations_that_do_something_are_told() -> None:
    assert activation_of(layer("Dense", activation="relu")) == "ReLU"
    assert activation_of(layer("Conv2D", activation=InnerLayer("LeakyReLU", {}))) == "leaky ReLU"
    assert activation_of(layer("Dense", activation="linear")) == ""
    assert activation_of(layer("Dense")) == ""
    assert activation_of(layer("LSTM", activation="tanh")) == ""  # inside of it


def test_shapes_are_written_with_crosses() -> None:
    assert [sides((24, 24, 16)), sides((1024,)), sides(3)] == ["24×24×16", "1,024", "3"]
