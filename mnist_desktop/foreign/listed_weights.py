"""Weights of a Keras network in files that list the names of each layer's arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mnist_desktop.foreign.keras_config import Place
from mnist_desktop.foreign.keras_settings import PlanError
from mnist_desktop.formats import count
from mnist_desktop.networks.plan import Array, Shape


@dataclass(frozen=True)
class _Wanted:
    """An array that a layer needs: which one of which place, and its shape; None to skip it."""

    is_fixed: bool
    place: int
    index: int
    shape: Shape | None


def listed_weights(
    read: Callable[[str, Shape], Array], names: Mapping[str, Sequence[str]], places: Sequence[Place]
) -> list[Array]:
    """Read the weights of each layer of a plan from a file that lists their names.

    A network within the network is one layer to the file. It lists what the network learns first,
    and after that all that is fixed.

    Parameters
    ----------
    read : callable
        Reads the array of a name, which must have a shape.
    names : mapping of str to sequence of str
        The names of each layer's arrays, in the file's order.
    places : sequence of Place
        Which weights each layer of the plan needs.

    Returns
    -------
    list of ndarray of float32
        The plan's weights, in its order.

    Raises
    ------
    PlanError
        If a layer has other weights than it needs, or weights belong to none.
    """
    wanted: dict[str, list[_Wanted]] = {}
    for number, place in enumerate(places):
        fixed = [*(not one for one in place.learned), *[True] * place.skipped]
        shapes = [*place.shapes, *[None] * place.skipped]
        wanted.setdefault(place.layer, []).extend(
            _Wanted(is_fixed, number, index, shape)
            for index, (is_fixed, shape) in enumerate(zip(fixed, shapes, strict=True))
        )
    more = [name for name, paths in names.items() if paths and name not in wanted]
    if more:
        raise PlanError(f"has weights {ascii(min(more))[1:-1][:40]} that no layer needs")
    arrays: list[list[Array]] = [[] for _ in places]
    for layer, needed in wanted.items():
        paths = names.get(layer, [])
        if len(paths) != len(needed):
            raise PlanError(
                f"has {count(len(paths), 'array')} of weights for the layer "
                f"{ascii(layer)[1:-1][:40]}, which needs {len(needed)}"
            )
        needed.sort(key=lambda one: (one.is_fixed, one.place, one.index))
        found = {
            (one.place, one.index): read(path, one.shape)
            for path, one in zip(paths, needed, strict=True)
            if one.shape is not None
        }
        for number, index in sorted(found):
            arrays[number].append(found[number, index])
    return [one for place, own in zip(places, arrays, strict=True) for one in place.to_plan(own)]
