"""What a linear probe reads of the disease after equal wall time: ours, lightly, fastai.

Same planted pairs, same encoder (res2next_tiny, fresh), same probe (linear, 512 labelled plants,
scored on 512 others, features of both pictures), same cores. The clock runs while a side trains and
stands still while an encoder is copied for the probe.

    ours      the course's recipe; its schedule ends with the clock
    lightly   its documented example: SwaVTransform, DataLoader, one pass a crop, 512 prototypes,
              Adam at 1e-3; both pictures of a plant as single images, since it knows no pairs
    fastai    the published pipeline: self_supervised's SWAV callback, kornia's augmentations,
              batch 32, 3,000 prototypes, a queue of 2,048 from half time on, RGB alone
    as ours   lightly's model and loss, fed with our crops of pairs and our schedule

Crops have 40 and 24 px for everybody, as pictures have 64. Our settings were chosen on planted
worlds of another seed, those of the peers are their own; "as ours" says what settings are worth.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.measuring import Found, Row, spread, use_threads
from plantedu.models.encoders import make_encoder
from plantedu.store.paths import bank_folder
from plantedu.training.fit import Observer, Record, State, StopRun, fit, one_cycle
from plantedu.training.linear_probe import read_off
from plantedu.training.online_probes import features_of, shrunk
from plantedu.training.pair_source import PairSource, open_source, probe_targets
from plantedu.training.pretrain import crops_of_step, make_objective, make_optimizer, probe_images
from plantedu.training.recipe import Recipe

SECONDS, MARKS = 45.0, (1 / 3, 2 / 3, 1.0)
LARGE, SMALL, COUNTS = 40, 24, (2, 6)
WORKERS = 2


@dataclass
class Clock:
    """Wall time of a training; copies of the encoder at its marks, while it stands still."""

    seconds: float
    marks: Sequence[float]
    copies: list[nn.Module] = field(default_factory=list)
    steps: int = 0
    _began: float = 0.0
    _stood: float = 0.0

    def start(self) -> None:
        self._began = time.perf_counter()

    @property
    def share(self) -> float:
        """How much of the time is over, 0 to 1."""
        return min(1.0, (time.perf_counter() - self._began - self._stood) / self.seconds)

    def tick(self, encoder: nn.Module) -> bool:
        """After each step: copy the encoder if a mark is passed; whether the time is over."""
        share, began = self.share, time.perf_counter()
        self.steps += 1
        while len(self.copies) < len(self.marks) and share >= self.marks[len(self.copies)]:
            self.copies.append(deepcopy(encoder))
        self._stood += time.perf_counter() - began
        return len(self.copies) == len(self.marks)


class Ticking(Observer):
    """The clock as an observer of our loop."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def on_step(self, state: State, record: Record) -> None:
        if record.step and self.clock.tick(state.objective.encoder):  # type: ignore[arg-type]
            raise StopRun("cancel")


def rate(clock: Clock, recipe: Recipe) -> float:
    """The recipe's one cycle, by the clock instead of steps."""
    many = 10_000
    step = min(many - 1, int(clock.share * many))
    return one_cycle(step, steps=many, peak=recipe.learning_rate, warmup=recipe.warmup)


def ours(recipe: Recipe, source: PairSource, clock: Clock) -> None:
    """The course's loop."""
    objective = make_objective(recipe)
    state = State(objective, make_optimizer(objective, recipe), recipe.steps)
    clock.start()
    fit(
        state,
        lambda step: crops_of_step(recipe, source, "cpu", step),
        learning_rate=lambda step: rate(clock, recipe),
        observers=[Ticking(clock)],
    )


class Lightly(nn.Module):
    """The model of lightly's example, around the course's encoder."""

    def __init__(self, recipe: Recipe, *, hidden: int, width: int, prototypes: int) -> None:
        from lightly.models.modules import SwaVProjectionHead, SwaVPrototypes

        super().__init__()
        self.backbone = make_encoder(recipe.encoder, seed=recipe.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.projection_head = SwaVProjectionHead(self.backbone.dim, hidden, width)
            self.prototypes = SwaVPrototypes(width, n_prototypes=prototypes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.projection_head(self.backbone(x).flatten(start_dim=1))
        return self.prototypes(nn.functional.normalize(x, dim=1, p=2))


class Pictures(torch.utils.data.Dataset):
    """Both pictures of every training plant as single images, through a transform."""

    def __init__(self, source: PairSource, transform: Callable[[Any], Any]) -> None:
        self.images = np.concatenate(source.take(source.train)).transpose(0, 2, 3, 1)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, k: int) -> Any:
        from PIL import Image

        return self.transform(Image.fromarray(self.images[k]))


def lightly(recipe: Recipe, source: PairSource, clock: Clock) -> None:
    """lightly's documented loop."""
    from lightly.loss import SwaVLoss
    from lightly.transforms.swav_transform import SwaVTransform

    transform = SwaVTransform(crop_sizes=(LARGE, SMALL), crop_counts=COUNTS, normalize=None)
    model = Lightly(recipe, hidden=512, width=128, prototypes=512).train()
    loader = torch.utils.data.DataLoader(
        Pictures(source, transform),
        batch_size=128,
        shuffle=True,
        drop_last=True,
        num_workers=WORKERS,
        persistent_workers=True,
        generator=torch.Generator().manual_seed(recipe.seed),
    )
    criterion = SwaVLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    clock.start()
    for _ in itertools.count():
        for batch in loader:
            model.prototypes.normalize()
            features = [model(x) for x in batch]
            criterion(features[:2], features[2:]).backward()
            optimizer.step()
            optimizer.zero_grad()
            if clock.tick(model.backbone):
                return


def as_ours(recipe: Recipe, source: PairSource, clock: Clock) -> None:
    """lightly's model and loss with our crops, widths, softness and schedule."""
    from lightly.loss import SwaVLoss

    knobs = {"hidden": recipe.hidden_dim, "width": recipe.projection_dim}
    model = Lightly(recipe, prototypes=recipe.prototypes, **knobs).train()
    criterion = SwaVLoss(recipe.temperature, sinkhorn_epsilon=recipe.epsilon)
    optimizer = make_optimizer(model, recipe)
    clock.start()
    for step in itertools.count():
        crops = crops_of_step(recipe, source, "cpu", step)
        for group in optimizer.param_groups:
            group["lr"] = rate(clock, recipe)
        model.prototypes.normalize()
        criterion([model(x) for x in crops.large], []).backward()
        optimizer.step()
        optimizer.zero_grad()
        if clock.tick(model.backbone):
            return


def fastai(recipe: Recipe, source: PairSource, clock: Clock) -> None:
    """The published pipeline, scaled to 64 px; its schedule and queue go by the clock."""
    from experiments.published.pipeline import learner

    learn = learner(recipe, source, clock, large=LARGE, small=SMALL, counts=COUNTS)
    clock.start()
    learn.fit()


ARMS = {"ours": ours, "lightly": lightly, "fastai": fastai, "as ours": as_ours}


def probed(recipe: Recipe, source: PairSource, encoders: Sequence[nn.Module]) -> list[Any]:
    """Accuracy of the disease probe, and on shuffled labels, of each encoder."""
    targets = [t for t in probe_targets(recipe, source) if t.view == "both"]
    pictures = {
        k: shrunk(np.concatenate(v), LARGE) for k, v in probe_images(recipe, source).items()
    }
    found = []
    for encoder in encoders:
        h = torch.cat([features_of(encoder, images) for images in pictures.values()], 1)
        halves = h.split([len(targets[0].train), len(h) - len(targets[0].train)])
        scores = read_off(*halves, targets, seeds=recipe.probe_seeds, seed=recipe.seed, step=1)
        found.append([scores[f"{kind}/disease/both"][0] for kind in ("probe", "null")])  # type: ignore[index]
    return found


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    found.more["threads"] = use_threads(options.threads)
    seconds = 6.0 if options.quick else SECONDS
    base = Recipe(probe_factors=("disease",), steps=1_000_000)
    if options.quick:
        base = replace(base, pairs=512, probe_plants=256)
    source = open_source(base, bank_folder())
    source.take(np.arange(base.pairs + base.probe_plants))  # rendered before any clock runs
    scores: dict[str, list[list[float]]] = {name: [] for name in ARMS}
    fresh = []
    for seed in range(1 if options.quick else options.repeats):
        recipe = replace(base, seed=seed)
        fresh += probed(recipe, source, [make_encoder(recipe.encoder, seed=seed)])
        order = list(ARMS)[seed % len(ARMS) :] + list(ARMS)[: seed % len(ARMS)]
        for name in order:
            clock = Clock(seconds, MARKS)
            ARMS[name](recipe, source, clock)
            pictures = probed(recipe, source, clock.copies)
            scores[name].append([value for value, _ in pictures])
            key = f"{name}, seed {seed}"
            found.more[key] = {"steps": clock.steps, "probe": pictures, "order": order.index(name)}
            print(key, clock.steps, "steps", pictures, flush=True)
    found.figure("fresh encoder", spread([value for value, _ in fresh]), "accuracy")
    tables = {name: np.array(rows) for name, rows in scores.items()}
    for k, mark in enumerate(MARKS):
        after = f"after {mark * seconds:.0f} s"
        for name, table in tables.items():
            found.figure(f"{after}: {name}", spread(table[:, k].tolist()), "accuracy")
        for peer in list(ARMS)[1:]:
            gain = spread((tables["ours"][:, k] - tables[peer][:, k]).tolist())
            limit = {} if peer == "as ours" else {"at_least": 0.0}
            found.ratio(f"{after}: ours less {peer}", gain, **limit)
    return found


ROW = Row(
    name="quality",
    title="disease probe after equal wall time",
    against="lightly's documented loop; the published fastai pipeline",
    measure=measure,
    measures=(
        "plantedu/models",
        "plantedu/training",
        "plantedu/data",
        "experiments/published/pipeline.py",
    ),
    packages=("lightly", "fastai", "self-supervised", "kornia"),
    repeats=3,
)

if __name__ == "__main__":
    ROW.run()
