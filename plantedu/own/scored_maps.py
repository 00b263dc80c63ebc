"""One's own model as attribution takes networks: scores with stages whose maps have channels first.

Grad-CAM weighs maps of a layer, whichever way the layer keeps them. A `Tap` stands behind the layer
and shows its output as "batch channels rows columns": channels that come last are moved (Swin),
tokens are laid out on their grid, the class token aside (ViT).

Lesson: 09_attribution.
"""

import copy
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.pooling import channels_first, prefix_tokens
from plantedu.own.heads import Scores
from plantedu.topics.attribution.targets import Scored, lead_of


class Tap(nn.Module):
    """A layer, and its output as maps with channels first, where hooks find them."""

    def __init__(self, layer: nn.Module, tokens: int | None) -> None:
        super().__init__()
        self.layer, self.known = layer, tokens
        self.maps = nn.Identity()

    def forward(self, *given: Tensor, **words: Tensor) -> Tensor:
        output = self.layer(*given, **words)
        if not isinstance(output, Tensor) or output.ndim not in (3, 4):
            return output
        if output.ndim == 4:
            first = channels_first(output)
            moved = first is not output
            shown = self.maps(first)
            return shown.movedim(1, 3) if moved else shown
        prefix = prefix_tokens(output.shape[1], self.known)
        places = output[:, prefix:].transpose(1, 2)
        side = isqrt(places.shape[2])
        if side * side != places.shape[2]:
            return output
        shown = self.maps(places.unflatten(2, (side, side)))
        return torch.cat([output[:, :prefix], shown.flatten(2).transpose(1, 2)], 1)

    def __getattr__(self, name: str):  # whatever else the network asks of its layer
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("layer"), name)


class OwnScores(Scored):
    """By how much each score of a model leads the mean of the others.

    Attributes:
        layer: The stage that Grad-CAM explains; "" for none.
    """

    def __init__(self, scores: Scores, names: tuple[str, ...], layer: str = "") -> None:
        super().__init__()
        self.names, self.outputs, self.layer = names, len(names), layer
        self.scores = tapped(scores, layer) if layer else scores
        self.eval()

    def forward(self, *views: Tensor) -> Tensor:  # type: ignore[override]
        return lead_of(self.scores(*views))

    def stages(self) -> dict[str, nn.Module]:
        if not self.layer:
            return {}
        return {self.layer: self.scores.reader.network.get_submodule(self.layer).maps}  # type: ignore[dict-item]


def tapped(scores: Scores, layer: str) -> Scores:
    """A copy with a `Tap` in the place of a layer.

    Raises:
        PlantEduError: for a layer that is not there.
    """
    same = {id(one): one for one in (*scores.parameters(), *scores.buffers())}
    twin = copy.deepcopy(scores, same)  # other modules, the same weights: they do not change
    network = twin.reader.network
    known = [name for name, _ in network.named_modules() if name]
    if layer not in known:
        first = ", ".join(name for name, _ in network.named_children())
        raise PlantEduError(f"{scores.model.name} has no layer {layer!r}; it begins with: {first}.")
    parent, _, name = layer.rpartition(".")
    inside = network.get_submodule(parent)
    tap = Tap(getattr(inside, name), getattr(network, "num_prefix_tokens", None))
    setattr(inside, name, tap.eval())
    return twin


def map_layer(scores: Scores, views: tuple[Tensor, ...]) -> str:
    """The last stage with rows and columns that the scores depend on: what Grad-CAM explains.

    Behind the last block of a ViT only the class token is read: there its places say nothing.

    Raises:
        PlantEduError: where there is none.
    """
    network = scores.reader.network
    found: dict[str, Tensor] = {}

    def hook(name: str):
        def keep(_: nn.Module, given: object, output: object) -> None:
            if isinstance(output, Tensor) and output.requires_grad and _has_places(network, output):
                output.retain_grad()
                found[name] = output

        return keep

    hooks = [network.get_submodule(name).register_forward_hook(hook(name))
             for name in stage_names(network)]  # fmt: skip
    try:
        with torch.enable_grad():
            x = tuple(view[:1].clone().requires_grad_() for view in views)
            lead_of(scores(*x)).amax(1).sum().backward()
    finally:
        for one in hooks:
            one.remove()
    used = [name for name, out in found.items() if _reaches(network, out.grad)]
    require(
        bool(used),
        f"{scores.model.name} has no layer with rows and columns that its scores depend on: "
        "Grad-CAM has nothing to weigh. Name one, layer=NAME, or choose ig or occlusion.",
    )
    return used[-1]


def stage_names(network: nn.Module) -> list[str]:
    """Stages and blocks of a network, in the order in which they stand."""
    listed: set[Any] = {one.get("module") for one in getattr(network, "feature_info", None) or []
              if isinstance(one, dict)}  # fmt: skip
    outer = [name for name, _ in network.named_modules() if name and name.count(".") <= 1]
    return [name for name in outer if name in listed] or outer


def _has_places(network: nn.Module, output: Tensor) -> bool:
    if output.ndim == 4:
        return min(channels_first(output).shape[2:]) > 1
    if output.ndim != 3:
        return False
    prefix = prefix_tokens(output.shape[1], getattr(network, "num_prefix_tokens", None))
    places = output.shape[1] - prefix
    return places >= 4 and isqrt(places) ** 2 == places


def _reaches(network: nn.Module, slope: Tensor | None) -> bool:
    if slope is None:
        return False
    if slope.ndim == 3:
        known = getattr(network, "num_prefix_tokens", None)
        slope = slope[:, prefix_tokens(slope.shape[1], known) :]
    return bool(slope.abs().max() > 0)
