"""One vector a picture from what a layer gives, wherever it keeps its channels.

    maps "batch channels height width"    mean over height and width        (ResNet, ConvNeXt)
    maps "batch height width channels"    the same                          (Swin)
    tokens "batch tokens dim"             mean over the tokens of places    (ViT)

Which axis holds the channels follows from their number where it is known, else by the picture being
square. Where neither decides, channels come first.

Lesson: 06_similarity.
"""

from math import isqrt

import torch
from torch import Tensor

from plantedu.errors import PlantEduError


def pooled(output: object, *, channels: int | None = None, prefix: int = 0) -> Tensor:
    """Features "batch channels" of a layer's output.

    Args:
        output: "batch channels", or as above.
        channels: How many channels the layer has, where that is known.
        prefix: Tokens in front that stand for no place (a class token, registers).

    Raises:
        PlantEduError: for an output that is no tensor of two to four dimensions.
    """
    if not isinstance(output, Tensor) or not 2 <= output.ndim <= 4:
        raise PlantEduError(
            f"This layer gives {_said(output)}; need a tensor "
            '"batch dim", "batch tokens dim" or "batch channels height width". Choose another '
            "layer."
        )
    if output.ndim == 3:
        return output[:, prefix:].mean(1)
    return channels_first(output, channels).flatten(2).mean(2) if output.ndim == 4 else output


def prefix_tokens(tokens: int, known: int | None = None) -> int:
    """How many tokens in front stand for no place: as the network says, else what is left over
    from a square grid of places, if that is one (a class token).

    Args:
        tokens: How many there are in all.
        known: What the network says; ignored where the layer has fewer (they were cut off).
    """
    if known and isqrt(tokens - known) ** 2 == tokens - known:
        return known
    whole, less = isqrt(tokens) ** 2 == tokens, isqrt(max(tokens - 1, 0)) ** 2 == tokens - 1
    return int(less and not whole and tokens > 1)


def _said(output: object) -> str:
    if isinstance(output, tuple | list):
        return f"a {type(output).__name__} of {len(output)} parts"
    return str(getattr(output, "shape", type(output).__name__))


def channels_first(maps: Tensor, channels: int | None = None) -> Tensor:
    """Maps as "batch channels height width".

    Args:
        maps: Four dimensions, channels second or last.
        channels: How many there are, where that is known.
    """
    _, second, third, last = maps.shape
    fits = (second == channels, last == channels)
    if fits[0] == fits[1]:  # unknown, neither, or both: a square picture tells
        fits = (third == last, second == third)
    return torch.movedim(maps, 3, 1) if fits == (False, True) else maps
