"""How the pace of training grows or falls with batch, size of the crops, and encoder.

One thing is changed at a time from the default run: 128 pairs of 40 px, res2next_tiny, K = 64, no
queue. A step is loss, backward and update on given crops; the figure is steps a second, and for
comparison images a second. Arms take turns.
"""

import argparse
from collections.abc import Callable

import torch

from benchmarks.measuring import Found, Row, in_turns, spread, use_threads
from plantedu.data.crops import CropSpec, make_crops
from plantedu.models.encoders import make_encoder
from plantedu.models.swav import SwAV
from plantedu.training.pretrain import make_optimizer
from plantedu.training.recipe import Recipe

DEFAULT = {"batch": 128, "crop": 40, "encoder": "res2next_tiny", "queue": 0}
VARIED: dict[str, tuple[object, ...]] = {
    "batch": (16, 32, 64, 128, 256),
    "crop": (24, 40, 64, 96),
    "encoder": ("res2next_tiny", "res2next_small", "res2next50"),
    "queue": (0, 2048),
}


def step_of(batch: int, crop: int, encoder: str, queue: int) -> Callable[[], None]:
    """One training step as a function without arguments."""
    generator = torch.Generator().manual_seed(0)
    shape = (batch, 3, max(64, crop), max(64, crop))
    x1, x2 = (torch.randint(0, 256, shape, generator=generator).byte() for _ in "12")
    crops = make_crops(x1, x2, CropSpec(large_size=crop), generator)
    objective = SwAV(make_encoder(encoder, seed=0), queue_length=queue, seed=0)
    if queue:
        objective.queue.inserted.fill_(queue)
        rows = torch.randn(objective.queue.embeddings.shape, generator=generator)
        objective.queue.embeddings.copy_(torch.nn.functional.normalize(rows, dim=-1))
    optimizer = make_optimizer(objective, Recipe())

    def step() -> None:
        objective.loss(crops).total.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def settings(*, quick: bool) -> dict[str, dict]:
    """Each setting once, by what differs from the default."""
    default = DEFAULT | {"batch": 8} if quick else DEFAULT
    found = {"default": default}
    for knob, values in VARIED.items():
        for value in values[: 2 if quick else None]:
            if value != default[knob]:
                found[f"{knob} {value}"] = default | {knob: value}
    return found


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more |= {"threads": use_threads(options.threads), "default": DEFAULT}
    chosen = settings(quick=options.quick)
    seconds = in_turns({name: step_of(**one) for name, one in chosen.items()}, options.repeats)
    for name, taken in seconds.items():
        found.figure(f"{name}: steps", spread(taken).inverse(), "steps/s")
        images = 2 * chosen[name]["batch"]
        found.figure(f"{name}: images", spread(taken).inverse(images), "images/s")
    return found


ROW = Row(
    name="steps_growth",
    title="pace of training by batch, size and encoder",
    against="the default run's step",
    measure=measure,
    measures=("plantedu/models", "plantedu/data/crops.py"),
    packages=("timm",),
    repeats=5,
)

if __name__ == "__main__":
    ROW.run()
