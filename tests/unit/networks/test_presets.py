"""The plans of this program's own networks, and what Keras makes of them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from mnist_desktop.networks.keras_network import build_network
from mnist_desktop.networks.plan import NetworkPlan
from mnist_desktop.networks.presets import PRESETS, digit_check, preset
from mnist_desktop.training.engine import load_keras

# SHA-256 of the weights that seed 1 gives each network. With others, a run could not be done again.
FRESH = {
    "dense-10": "fe213d54767d307beec61edd29b4248d2ab7dde620145575a0091fce9f4b1d36",
    "dense-100": "7ac31cad1d95040c07e2cb6eb83d9356188d70d3a487e7ec381ed1d04d04d71c",
    "flatten-dense-100": "7ac31cad1d95040c07e2cb6eb83d9356188d70d3a487e7ec381ed1d04d04d71c",
    "dense-50-50": "493113bc198d563067f3152427ca1f2f9c5b549a3685f39be7d604232e9b4772",
    "mlp": "39fb452912ab4ad78268b2e7070f817431252085edacbb4b8aee074d9649d37c",
    "cnn-fast": "5aa1b3d0cb8089c3727f4f75eddda11e8530795c4fa958294ae68dbed1d11d8f",
    "cnn": "179614e6c58d7b1b63a73713ae9cb50c37acb8bc3882950a8740d72a8db26c65",
    "cnn-accurate": "4e53eae0a23eb13f379fd066580070249d3fb00d5222ef37c07ae6f5d6f35adf",
    "cnn-best": "1072f49aafe859b4755747e0946952357871586c3629a43679702a72d78bd31d",
    "cnn-small": "6b32b95c4d47839d58b4f8dc54e5eac275bd97c64504ac93d2e975d45a74cc48",
    "cnn-compact": "7de5eac31392eac973e45bbbf86c2535dd9d8a352b767f1723be7d253c03bdb8",
    "reader": "6f17f906e2f3099cf2d5098801bf34d3060ef37cf4e9497d7e576a4b223f100f",
    "digit check": "3746355a8a728b361d83d76ca14cbcbe58d79f5bd0913a643f042daaef8c5abc",
}


def plan_of(name: str) -> NetworkPlan:
    return digit_check() if name == "digit check" else preset(name, (128, 64), "softmax")


def built(name: str) -> Any:
    """Build a network as a training with seed 1 does."""
    load_keras()
    import keras

    keras.utils.set_random_seed(1)
    return build_network(plan_of(name))


def test_each_preset_has_its_weights_recorded() -> None:
    assert set(FRESH) == {*PRESETS, "digit check"}


@pytest.mark.parametrize("name", FRESH)
def test_the_same_seed_gives_the_same_weights_as_ever(name: str) -> None:
    digest = hashlib.sha256()
    for weights in built(name).get_weights():
        digest.update(np.asarray(weights, "<f4").tobytes())
    assert digest.hexdigest() == FRESH[name]


@pytest.mark.parametrize("name", FRESH)
def test_a_plan_tells_shapes_and_weights_as_keras_does(name: str) -> None:
    plan, network = plan_of(name), built(name)
    assert plan.parameters == network.count_params()
    shapes = [one.output_shape for one in plan.layers]
    assert shapes == [layer.output.shape[1:] for layer in network.layers]
    assert [one.weights for one in plan.layers] == [
        tuple(tuple(weight.shape) for weight in layer.weights) for layer in network.layers
    ]


def test_layers_are_called_as_keras_calls_the_first_of_a_kind() -> None:
    network = built("cnn")
    assert [layer.name for layer in network.layers] == [
        "conv2d",
        "max_pooling2d",
        "conv2d_1",
        "max_pooling2d_1",
        "dropout",
        "flatten",
        "dense",
        "dropout_1",
        "scores",
    ]
    assert (network.name, network.inputs[0].name) == ("cnn", "pixels")
    assert built("cnn-fast").layers[3].name == "re_lu"


def test_the_cost_is_that_of_products_with_weights() -> None:
    assert plan_of("dense-10").cost == 784 * 10
    assert plan_of("mlp").cost == 784 * 128 + 128 * 64 + 64 * 10
    convolutions = 26**2 * 32 * 9 + 11**2 * 64 * 9 * 32
    assert plan_of("cnn").cost == convolutions + 1600 * 96 + 96 * 10
