"""Small networks that follow one of two cues, in a fresh world of their own.

They see the same rendered pairs. The labels of one follow the lesions, those of the other a mark
that is assigned at random; a third is never trained. What each uses is what do() says: used if
taking a cue away changes a quarter of the names, or more.

Source: Adebayo et al. 2022, arXiv:2212.04629 (models that rely on a planted cue, and models that do
not) [adebayo2022]. Lesson: 09_attribution.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.networks import AWAY
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.results.names import BASELINES, CUES
from plantedu.topics.attribution.targets import ClassLead
from plantedu.topics.attribution.truth import batch_of, changed, effects

SIZE, TRAIN, ASKED, POOL = 40, 256, 16, 96
STEPS, BATCH, RATE = 180, 32, 5e-3
USED, HAS_CUE = 0.25, 1
PLAIN = (("lesion_count", 8, 12), ("lesion_size", 2.8, 3.6), ("severity", 0.5, 1.0))


class Small(nn.Module):
    """Two convolutions over both pictures, and a head on each channel's mean and maximum."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Sequential(
            nn.Conv2d(6, 12, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(12, 16, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(32, 2)

    def forward(self, views: Tensor) -> Tensor:
        """Logits, "batch 2", of "2 batch 3 height width"."""
        h = self.seen(torch.cat([*views], 1) - 0.3)
        return self.head(torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1))


@dataclass(frozen=True, eq=False)
class Field:
    """A world with its networks and the plants that maps are made of.

    Attributes:
        networks: What is explained, by the cue that labels followed; "neither" is not trained.
        batch: Fresh plants with both cues.
        without: The same after do(cue away).
        masks: Pixels of each cue.
        plain: Maps that know no network.
    """

    networks: dict[str, ClassLead]
    batch: PairBatch
    without: dict[str, PairBatch]
    masks: dict[str, np.ndarray]
    plain: dict[str, np.ndarray]

    def used(self, network: str, cue: str) -> bool:
        """What do() says."""
        scored = self.networks[network]
        moved = effects(scored, self.batch, self.without[cue], HAS_CUE).moved
        return bool(moved.mean() >= USED)


@lru_cache(maxsize=2)
def field_of(seed: int) -> Field:
    """A fresh world, trained on and rendered."""
    world = World("two_cues", seed, ranges=PLAIN)
    pairs = render(world, np.arange(TRAIN), size=SIZE)
    seen, has = batch_of(pairs), draw_factors(world, np.arange(TRAIN))
    labels = {"lesions": has["disease"] > 0, "mark": has["mark"] > 0}
    networks = {cue: trained(torch.stack(seen.both), labels[cue], seed) for cue in CUES}
    networks["neither"] = trained(torch.stack(seen.both), labels["mark"], seed, steps=0)

    pool = np.arange(TRAIN, TRAIN + POOL)
    has = draw_factors(world, pool)
    asked = pool[(has["disease"] > 0) & (has["mark"] == 1)][: ASKED + 4]
    whole = render(world, asked, size=SIZE)
    after = {cue: batch_of(render(world, asked, size=SIZE, do=AWAY[cue])) for cue in CUES}
    batch = batch_of(whole)
    masks = {"lesions": np.stack([whole.lesions1, whole.lesions2])}
    masks["mark"] = changed(batch, after["mark"])
    shown = np.all([m.any((0, 2, 3)) for m in masks.values()], 0).nonzero()[0][:ASKED]
    views = torch.stack(batch.both).double().numpy()
    leaf = np.stack([whole.leaf1, whole.leaf2])
    plain = {name: baseline(name, views, leaf)[:, shown] for name in BASELINES}
    return Field(
        networks,
        _of(batch, shown),
        {cue: _of(x, shown) for cue, x in after.items()},
        {cue: m[:, shown] for cue, m in masks.items()},
        plain,
    )


def trained(views: Tensor, has: np.ndarray, seed: int, *, steps: int = STEPS) -> ClassLead:
    """A small network whose labels follow a cue; of 0 steps it follows nothing."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = Small()
    labels = torch.from_numpy(has.astype(np.int64))
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(steps):
        rows = torch.randint(views.shape[1], (BATCH,), generator=generator)
        loss = nn.functional.cross_entropy(model(views[:, rows]), labels[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
    return ClassLead(model, ("without", "with")).eval()


def _of(batch: PairBatch, rows: np.ndarray) -> PairBatch:
    """Some of the plants."""
    names = tuple(np.asarray(batch.plants1)[rows].tolist())
    kept = torch.from_numpy(rows)
    return PairBatch(batch.x1[kept], batch.x2[kept], names, names)
