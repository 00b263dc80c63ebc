"""What every stage of an encoder says of the same pictures, caught by hooks, one vector a picture.

    pixels     the picture itself, averaged over 8 x 8 fields: what no network has touched yet
    stem, ...  the stages that timm names for the network, averaged over places
    h          the pooled feature, which probes and heads read
    z          the projected embedding, unit rows, where a SwAV run has a projector

The average over places forgets where a thing was seen: two layers may differ in what this drops.

Lesson: 06_similarity.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.models.encoders import Encoder
from plantedu.models.pooling import pooled
from plantedu.training.online_probes import evaluating
from plantedu.zoo.encoders import LoadedEncoder

FIELDS = 8


def layer_names(one: LoadedEncoder) -> tuple[str, ...]:
    """The layers of an encoder, from the picture up."""
    stages = tuple(_name(module) for module in _stages(one.encoder))
    return ("pixels", *stages, "h", *(("z",) if one.projector is not None else ()))


def layer_features(
    one: LoadedEncoder, images: Tensor, layers: Sequence[str], *, batch: int = 128
) -> dict[str, Tensor]:
    """Features of the named layers, float32 on the CPU, "plants columns" each.

    Args:
        one: The encoder.
        images: Pictures of one sensor in [0, 1], "plants 3 side side".
        layers: Which layers.
        batch: Pictures per forward pass.

    Raises:
        PlantEduError: for a layer that the encoder does not have; lists those that it has.
    """
    known = layer_names(one)
    for layer in layers:
        require(layer in known, f"{one.name} has no layer {layer!r}. It has: {', '.join(known)}.")
    kept: dict[str, list[Tensor]] = {layer: [] for layer in known}
    hooks = [
        _hook(one.encoder, module, channels, kept[_name(module)])
        for module, channels in _stages(one.encoder).items()
    ]
    device = next(one.encoder.parameters()).device
    try:
        with evaluating(one.encoder):
            for part in images.split(batch):
                kept["pixels"].append(F.adaptive_avg_pool2d(part, FIELDS).flatten(1))
                kept["h"].append(one.encoder(part.to(device)).float().cpu())
    finally:
        for hook in hooks:
            hook.remove()
    if one.projector is not None and "z" in layers:
        with evaluating(one.projector):
            kept["z"] = [F.normalize(one.projector(h.to(device)), dim=1).cpu() for h in kept["h"]]
    return {layer: torch.cat(kept[layer]) for layer in layers}


def _stages(encoder: Encoder) -> dict[str, int | None]:
    """Dotted names of the stages and their channels, as timm lists them; without the last, h."""
    info = getattr(encoder.body, "feature_info", None) or []
    listed = [one for one in info if isinstance(one, dict) and one.get("module")]
    modules = dict(encoder.body.named_modules())
    found = {one["module"]: one.get("num_chs") for one in listed if one["module"] in modules}
    return dict(list(found.items())[:-1])


def _name(module: str) -> str:
    return "stem" if module in ("act1", "stem", "conv_stem", "bn1") else module


def _hook(encoder: Encoder, module: str, channels: int | None, kept: list[Tensor]):
    prefix = int(getattr(encoder.body, "num_prefix_tokens", 0) or 0)

    def keep(_: nn.Module, given: object, output: Tensor) -> None:
        h = pooled(output, channels=channels, prefix=prefix if output.ndim == 3 else 0)
        kept.append(h.detach().float().cpu())

    return dict(encoder.body.named_modules())[module].register_forward_hook(keep)
