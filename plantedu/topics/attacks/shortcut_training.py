"""A planted shortcut: in the RGN picture alone a mark goes with disease, and lesions are small.

    x1 = render(do(mark = absent)).x1,      x2 = render(plant).x2

`strength` is the correlation of the mark with being diseased; at 0 the mark is assigned at random,
and a network trained there is the twin without a shortcut. The task is healthy or diseased. A
network of both sensors is trained from scratch on whole pictures, which takes seconds.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]. Lesson: 08_attacks.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import require
from plantedu.models.classifier import LabelledCrops, PairClassifier
from plantedu.models.encoders import make_encoder
from plantedu.training.fit import Observer, Record, State, fit, one_cycle
from plantedu.training.online_probes import shrunk
from plantedu.training.seeding import numpy_generator_for

SIZE, SIDE = 64, 40  # pixels of the pictures, and of what the network sees
CORNER = 8  # pixels a side that hold the mark, in the lower right corner
CLASSES = ("healthy", "diseased")
_FAINT = (("lesion_count", 4, 6), ("lesion_size", 2.0, 2.4), ("severity", 0.0, 0.3))


def shortcut_world(strength: float, seed: int = 0) -> World:
    """Faint lesions, and a mark that goes with disease."""
    return World("one_mark", seed, ranges=_FAINT, decoy_strength=strength)


def shortcut_views(world: World, plants: np.ndarray, *, mark: str = "") -> Tensor:
    """Pairs whose RGN picture alone can have a mark, uint8, "2 plants 3 64 64".

    Args:
        world: See `shortcut_world`.
        plants: Indices.
        mark: "present" or "absent" sets it by do(); "" leaves it as drawn.
    """
    bare = render(world, plants, size=SIZE, do={"mark": "absent"})
    second = (
        bare
        if mark == "absent"
        else render(world, plants, size=SIZE, do={"mark": mark} if mark else None)
    )
    return torch.from_numpy(np.stack([bare.x1, second.x2]))


def diseased(world: World, plants: np.ndarray) -> Tensor:
    """1 for a diseased plant, 0 for a healthy one."""
    return torch.from_numpy((draw_factors(world, plants)["disease"] > 0).astype(np.int64))


class _Checked(Observer):
    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check

    def on_step(self, state: State, record: Record) -> None:
        self.check()


def train_with_shortcut(
    strength: float,
    *,
    plants: int = 512,
    steps: int = 120,
    batch: int = 32,
    learning_rate: float = 5e-3,
    seed: int = 0,
    check: Callable[[], None] = lambda: None,
) -> PairClassifier:
    """A classifier of both sensors, trained where the mark has this strength.

    Args:
        strength: Correlation of mark and disease.
        plants: How many are trained on, 0, 1, ...
        steps, batch, learning_rate: AdamW, one cycle.
        seed: Start, and order of the plants.
        check: Called after each step; may raise to stop.

    Raises:
        PlantEduError: for fewer plants than a batch.
    """
    require(plants >= batch, f"plants must be {batch} or more, a batch; got {plants}.")
    world, rows = shortcut_world(strength), np.arange(plants)
    views = torch.stack([shrunk(x.numpy(), SIDE) for x in shortcut_views(world, rows)])
    labels = diseased(world, rows)
    encoder = make_encoder("res2next_tiny", seed=seed, side=SIDE)
    model = PairClassifier(encoder, classes=2, sensors="both", seed=seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)

    def batch_of(step: int) -> LabelledCrops:
        epoch, place = divmod(step, plants // batch)
        order = numpy_generator_for(seed, "order", epoch).permutation(plants)
        chosen = torch.from_numpy(order[place * batch : (place + 1) * batch])
        targets = torch.nn.functional.one_hot(labels[chosen], 2).float()
        return LabelledCrops(views[:, chosen], targets, labels[chosen])

    rate = partial(one_cycle, steps=steps, peak=learning_rate, warmup=0.25)
    state = State(model, optimizer, steps)
    fit(state, batch_of, learning_rate=rate, observers=[_Checked(check)])
    return model.eval()
