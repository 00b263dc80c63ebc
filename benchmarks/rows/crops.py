"""Batched crops with parameters of their own, beside torchvision image by image, and kornia.

All three draw a window of 40 to 100 % of the area for each image, resize it to 40 px and mirror
every second one; then the same with a factor of light. The gate compares what comes out: mean and
spread of the pixels over many draws. torchvision's v2 transforms draw one set of parameters for a
whole batch, so for parameters of its own each image goes through by itself.
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.measuring import Found, Row, in_turns, ratio_of, spread, use_threads
from plantedu.data.crops import CropSpec, crop_each
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world

SIZE, SCALE, LIGHT = 40, (0.4, 1.0), 0.2
BATCH, IMAGE = 256, 64
KINDS = ("window and mirror", "window, mirror and light")


def ours(images: Tensor, kind: str) -> Callable[[], Tensor]:
    """What a step of a classifier does; the crops of SwAV are made the same way."""
    light = LIGHT if kind == KINDS[1] else 0.0
    spec = CropSpec(large_size=SIZE, large_scale=SCALE, rotation_deg=0, gain=light, offset=0.0)
    generator = torch.Generator().manual_seed(0)
    return lambda: crop_each(images, spec, generator)


def torchvision(images: Tensor, kind: str) -> Callable[[], Tensor]:
    """v2, one image after the other."""
    from torchvision.transforms import v2

    steps = [v2.RandomResizedCrop(SIZE, scale=SCALE, ratio=(1.0, 1.0)), v2.RandomHorizontalFlip()]
    steps.append(v2.ToDtype(torch.float32, scale=True))
    if kind == KINDS[1]:
        steps.append(v2.ColorJitter(brightness=LIGHT))
    whole = v2.Compose(steps)
    return lambda: torch.stack([whole(image) for image in images])


def kornia(images: Tensor, kind: str) -> Callable[[], Tensor]:
    """Batched, parameters of each image its own."""
    from kornia import augmentation as K

    steps = [
        K.RandomResizedCrop((SIZE, SIZE), scale=SCALE, ratio=(1.0, 1.0), p=1.0),
        K.RandomHorizontalFlip(p=0.5),
    ]
    if kind == KINDS[1]:
        steps.append(K.ColorJitter(brightness=LIGHT, p=1.0))  # the kind that multiplies
    whole = K.AugmentationSequential(*steps, same_on_batch=False)
    return lambda: whole(images.float() / 255)


SIDES = {"ours": ours, "torchvision, one by one": torchvision, "kornia": kornia}


def moments(crops: Callable[[], Tensor], draws: int) -> Tensor:
    """Mean and standard deviation of each band over all draws, "6"."""
    drawn = torch.cat([crops() for _ in range(draws)])
    return torch.cat([drawn.mean((0, 2, 3)), drawn.std((0, 2, 3))])


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more["threads"] = use_threads(options.threads)
    torch.manual_seed(0)
    images = torch.from_numpy(render(world("field"), range(BATCH), size=IMAGE).x1)
    for kind in KINDS:
        arms = {name: make(images, kind) for name, make in SIDES.items()}
        drawn = {name: moments(arm, 4 if options.quick else 12) for name, arm in arms.items()}
        for name in list(arms)[1:]:
            off = (drawn["ours"] / drawn[name] - 1).abs().max()
            found.check(f"{kind}: mean and spread of the bands against {name}", float(off), 0.03)
        seconds = in_turns(arms, options.repeats, warm=2)
        for name, taken in seconds.items():
            found.figure(f"{kind}: {name}", spread(taken).inverse(BATCH), "images/s")
        paces = {name: [1 / t for t in taken] for name, taken in seconds.items()}
        one, other = "torchvision, one by one", "kornia"
        found.ratio(f"{kind}: ours / torchvision", ratio_of(paces["ours"], paces[one]), at_least=3)
        found.ratio(f"{kind}: ours / kornia", ratio_of(paces["ours"], paces[other]), at_least=1)
    found.notes.append(
        "torchvision filters when it shrinks a window (antialias); ours halves the image first "
        "where the narrowest window keeps twice the pixels, and kornia does not filter at all."
    )
    return found


ROW = Row(
    name="crops",
    title="crops, images/s, each with parameters of its own",
    against="torchvision v2 image by image; kornia",
    measure=measure,
    measures=("plantedu/data/crops.py",),
    packages=("torchvision", "kornia"),
    repeats=15,
)

if __name__ == "__main__":
    ROW.run()
