"""Augmentation as Keras code: layers that come before a network's own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from mnist_desktop.training.augmentation import Augmentation, written

# Keras's own layers, with places for the amount; each goes equally far either way.
_KERAS: Mapping[str, str] = {
    "shift": 'layers.RandomTranslation({0} / 28, {0} / 28, fill_mode="constant")',
    "rotate": 'layers.RandomRotation({} / 360, fill_mode="constant")',
    "scale": 'layers.RandomZoom({}, fill_mode="constant")',
}
# For the others, Keras has no layer that does the same to each digit by itself.
_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "shear": (
        "slanted",
        '''
        def slanted(images, degrees, seed):
            """Shear each digit by its own angle, about the middle of the image."""
            most = degrees / 180 * np.pi
            slant = ops.tan(random.uniform((ops.shape(images)[0],), -most, most, seed=seed))
            one, zero = ops.ones_like(slant), ops.zeros_like(slant)
            # The pixel (x, y) is read from (x + slant * (y - 13.5), y).
            maps = ops.stack(
                [one, slant, -13.5 * slant, zero, one, zero, zero, zero], axis=1
            )
            return ops.image.affine_transform(images, maps, fill_mode="constant")
        ''',
    ),
    "elastic": (
        "bent",
        '''
        def bent(images, pixels, seed):
            """Displace each point by its own amount, smoothly (Simard and others, 2003)."""
            shape = (ops.shape(images)[0], 5, 5, 2)
            points = random.uniform(shape, -pixels, pixels, seed=seed)
            moves = ops.image.resize(points, (28, 28), interpolation="bicubic")
            moves = ops.transpose(moves, (0, 3, 1, 2))
            here = np.mgrid[:28, :28].astype("float32")

            def read(image_and_moves):
                image, move = image_and_moves
                return ops.image.map_coordinates(image, here + move, order=1)

            return ops.vectorized_map(read, (images[..., 0], moves))[..., None]
        ''',
    ),
    "stroke": (
        "with_another_pen",
        '''
        def with_another_pen(images, amount, seed):
            """Make the strokes of each digit thicker or thinner."""
            amount = random.uniform((ops.shape(images)[0], 1, 1, 1), -amount, amount, seed=seed)
            thick = ops.max_pool(images, 3, 1, "same")
            thin = -ops.max_pool(-images, 3, 1, "same")
            images += ops.relu(amount) * (thick - images) + ops.relu(-amount) * (thin - images)
            return images
        ''',
    ),
    "noise": (
        "noisy",
        '''
        def noisy(images, most, seed):
            """Add to each pixel; how much, on average, differs from digit to digit."""
            deviation = random.uniform((ops.shape(images)[0], 1, 1, 1), 0, most, seed=seed)
            noise = random.normal(ops.shape(images), seed=seed)
            return ops.clip(images + deviation * noise, 0, 1)
        ''',
    ),
    "erase": (
        "with_a_square_erased",
        '''
        def with_a_square_erased(images, most, seed):
            """Blank a square of a random size and place (Zhong and others, 2020)."""
            shape = (ops.shape(images)[0], 1, 1, 1)
            side = random.uniform(shape, 0, most, seed=seed)
            left = random.uniform(shape, seed=seed) * (28 - side)
            top = random.uniform(shape, seed=seed) * (28 - side)
            x = ops.arange(28, dtype="float32")[None, None, :, None] + 0.5
            y = ops.arange(28, dtype="float32")[None, :, None, None] + 0.5
            inside = (x > left) & (x < left + side) & (y > top) & (y < top + side)
            return ops.where(inside, 0.0, images)
        ''',
    ),
}


def augmentation_layers(augmentation: Augmentation) -> tuple[str, ...]:
    """Write the calls of the layers that change digits; they do nothing in a trained network.

    Parameters
    ----------
    augmentation : Augmentation
        How far the changes go at most.

    Returns
    -------
    tuple of str
        Such as ``"layers.RandomZoom(0.08, fill_mode="constant")"``; ``"Augmentation()"`` is the
        class that `augmentation_functions` writes.
    """
    used = _used(augmentation)
    calls = [layer.format(used[name]) for name, layer in _KERAS.items() if name in used]
    own = ["Augmentation()"] if _FUNCTIONS.keys() & used else []
    return (*calls, *own)


def augmentation_functions(augmentation: Augmentation) -> tuple[str, ...]:
    """Write the changes for which Keras has no layer, and a layer that makes them.

    Parameters
    ----------
    augmentation : Augmentation
        How far the changes go at most.

    Returns
    -------
    tuple of str
        Lines of Python, which need ``keras``, ``layers`` and ``np`` to be imported; none if Keras
        has a layer for each of them.
    """
    used = _used(augmentation)
    own = [name for name in _FUNCTIONS if name in used]
    if not own:
        return ()
    lines = ["from keras import ops, random", "", ""]
    for name in own:
        lines += [*textwrap.dedent(_FUNCTIONS[name][1]).strip().splitlines(), "", ""]
    calls = [f"images = {_FUNCTIONS[name][0]}(images, {used[name]}, self.seed)" for name in own]
    layer = f'''
        class Augmentation(layers.Layer):
            """Changes digits, but only while the network learns."""

            def __init__(self):
                super().__init__()
                self.seed = random.SeedGenerator()

            def call(self, images, training=False):
                if training:
{textwrap.indent(chr(10).join(calls), " " * 20)}
                return images
        '''
    return (*lines, *textwrap.dedent(layer).strip().splitlines())


def _used(augmentation: Augmentation) -> dict[str, str]:
    return {name: written(amount) for name, amount in augmentation.amounts.items() if amount}
