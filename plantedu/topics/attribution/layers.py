"""Layers that Grad-CAM can explain: those whose output still has rows and columns.

Lesson: 09_attribution.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attribution.pair import Batch
from plantedu.topics.attribution.targets import Scored


def spatial_layers(scored: Scored, pair: Batch) -> dict[str, tuple[int, int]]:
    """Rows and columns of every stage that has two or more of each.

    Args:
        scored: A network of pairs, see `scores.py`.
        pair: Pictures of the size that it is asked about.
    """
    found: dict[str, tuple[int, int]] = {}

    def hook(name: str):
        def keep(_: nn.Module, given: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim == 4 and min(output.shape[2:]) > 1:
                found[name] = (int(output.shape[2]), int(output.shape[3]))

        return keep

    hooks = [part.register_forward_hook(hook(name)) for name, part in scored.stages().items()]
    try:
        with torch.no_grad():
            scored(*pair.rows(slice(0, 1)).both)
    finally:
        for one in hooks:
            one.remove()
    return found


def layer_of(scored: Scored, name: str, pair: Batch) -> nn.Module:
    """The stage of that name.

    Raises:
        PlantEduError: for one that is not there, or has no spatial extent; says which fit.
    """
    fitting = spatial_layers(scored, pair)
    known = ", ".join(f"{one} ({rows} x {columns})" for one, (rows, columns) in fitting.items())
    require(
        name in fitting,
        f"Grad-CAM needs a layer with rows and columns; {name!r} is none. These fit: {known}.",
    )
    return scored.stages()[name]
