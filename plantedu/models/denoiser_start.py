"""How a denoiser begins with another one: of patches of another side, or to learn detail upon it.

Lesson: 05_generation.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from plantedu.errors import require
from plantedu.models.denoiser import SENSORS, Denoiser

KINDS, SIZES = ("sensors", "prediction", "output", "low"), ("side", "fold", "scale")
DETAIL = "detail."  # how its weights begin


def adopt(new: Denoiser, other: Denoiser) -> None:
    """Begin where another one draws: its network, and its slots that this one has too.

    Where the other folds another number of pixels, its first layer is resized to see means over
    them, and its last to put out each number at every pixel of its share: this network then puts
    out what the other does, enlarged. The skip past it is this side's own.

    Raises:
        PlantEduError: if the networks differ inside, or in what they are trained to put out.
    """
    alike = all(getattr(new, name) == getattr(other, name) for name in KINDS)
    require(
        alike and new.side * other.fold == other.side * new.fold,
        "A denoiser begins with one of its own sensors, prediction and output, with as many "
        f"places inside: {other.side} px by {other.fold} are not {new.side} px by {new.fold}.",
    )
    mine, theirs = new.body, other.drawing()
    weights = dict(theirs.unet.state_dict())
    if new.fold != other.fold or new.scale != other.scale:
        _resize(weights, new, other)
    same = {n: t.shape for n, t in mine.unet.state_dict().items()} == {
        n: t.shape for n, t in weights.items()
    }
    require(same, "A denoiser begins with one of its own widths.")
    mine.unet.load_state_dict(weights)
    for name, slot in mine.slots.items():
        if name in theirs.slots:
            slot.adopt(theirs.slots[name])  # type: ignore[operator]
    if mine.joint is not None and theirs.joint is not None:
        mine.joint.load_state_dict(theirs.joint.state_dict())
    if new.average is not None:
        new.average.module.load_state_dict(mine.state_dict())


def take(new: Denoiser, other: Denoiser) -> None:
    """Be another denoiser but for the detail.

    Raises:
        PlantEduError: if the two differ in anything else, or there is no detail to train.
    """
    theirs = {n: t for n, t in other.drawing().state_dict().items() if not n.startswith(DETAIL)}
    mine = {n: t.shape for n, t in new.body.state_dict().items() if not n.startswith(DETAIL)}
    alike = all(getattr(new, name) == getattr(other, name) for name in (*KINDS, *SIZES))
    require(
        new.body.detail is not None and alike and mine == {n: t.shape for n, t in theirs.items()},
        "Detail is trained upon a denoiser of the same recipe in all else: its side, fold, scale, "
        "conditions and widths.",
    )
    for part in (new.body, new.drawing()):
        part.load_state_dict(theirs, strict=False)
    new.mean.copy_(other.mean)
    new.std.copy_(other.std)


def _resize(weights: dict[str, Tensor], to: Denoiser, of: Denoiser) -> None:
    """Bring a U-Net's first and last layer from one fold and scale to another, in place."""
    overlap = shared(of.fold, to.fold)  # of each pixel of the one with each of the other
    whole = overlap.sum(0)
    means, copies = overlap / overlap.sum(1, keepdim=True), overlap / whole
    bands = SENSORS[of.sensors] * (1 + of.low)
    first, last = weights["conv_in.weight"], weights["conv_out.weight"]
    seen, beside = first[:, : bands * of.fold**2], first[:, bands * of.fold**2 :]
    seen = seen.unflatten(1, (bands, of.fold, of.fold)) * (of.scale / to.scale)
    seen = torch.einsum("obklxy,ki,lj->obijxy", seen, means, means).flatten(1, 3)
    weights["conv_in.weight"] = torch.cat([seen, beside], 1)
    grown = to.scale / of.scale
    for name, tensor in (("weight", last), ("bias", weights["conv_out.bias"])):
        drawn = tensor.unflatten(0, (-1, of.fold, of.fold)) * grown
        drawn = torch.einsum("bkl...,ki,lj->bij...", drawn, copies, copies)
        weights[f"conv_out.{name}"] = drawn.flatten(0, 2)


def shared(few: int, many: int) -> Float[Tensor, "few many"]:
    """How much of one unit each of `few` equal parts shares with each of `many`."""
    starts, others = torch.arange(few)[:, None] / few, torch.arange(many) / many
    ends = torch.minimum(starts + 1 / few, others + 1 / many)
    return (ends - torch.maximum(starts, others)).clamp_min(0)
