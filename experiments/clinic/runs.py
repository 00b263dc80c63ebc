"""The trainings that the clinic records, each with one logger: what it saw, and the step.

Source: the bump recipe of Lesson: 03_bump; modular addition as in Power et al. 2022,
arXiv:2201.02177 [power2022].
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.crops import CropSpec, crop_each
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.worlds import World, world
from plantedu.models.classifier import LabelledCrops, PairClassifier
from plantedu.models.encoders import make_encoder
from plantedu.topics.bump.evaluation_callback import AdderExam, ClassifierExam, SwavExam
from plantedu.topics.bump.interventions import Change, FrozenStatistics, restarted, switched
from plantedu.topics.bump.modular_training import Examiner, split_sums, start_adders
from plantedu.topics.bump.results.grokking import Adding
from plantedu.topics.bump.training_logger import TrainingLogger
from plantedu.training.fit import State, fit, one_cycle
from plantedu.training.initial_weights import load_start
from plantedu.training.linear_probe import Target
from plantedu.training.online_probes import shrunk
from plantedu.training.pair_source import PairSource, WorldSource, open_source, plants_of_step
from plantedu.training.pretrain import crops_of, make_objective, make_optimizer
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.evaluation_batch import Ruler, make_pack

EARLIEST, LATEST = 0.35, 0.70  # of the run: where a change may come
PLANTS = 32  # plants of the frozen pack
PROBED = 96  # plants of the probe, and as many held out
LOOK = 10  # steps between two evaluations
PASS = partial(torch.from_numpy)


@dataclass(frozen=True)
class Order:
    """One run to train."""

    family: str
    cause: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.family}-{self.cause}-{self.seed}"

    def drawn(self) -> np.random.Generator:
        """Draws of this run: its variant and the step of its change."""
        return numpy_generator_for(self.seed, f"clinic/{self.family}/{self.cause}")


def swav(order: Order, folder: Path) -> tuple[dict[str, np.ndarray], int]:
    """Train a SwAV run; what its logger saw, and the step of the change."""
    draw = order.drawn()
    stays = order.family == "plateau"
    escapes = order.cause == "escape" or stays
    steps = 380 if escapes else 320
    at = int(draw.integers(round(EARLIEST * steps), round(LATEST * steps)))
    change = Change(order.cause, at) if order.cause not in ("nothing", "escape") else None
    recipe = Recipe(
        start="shipped:collapse-0" if escapes else "shipped:cross-0",
        prototypes=64 if escapes else 256,
        batch=32 if escapes else 16,
        queue_length=512 if order.cause == "queue_switch" else 0,
        queue_start=at / steps,
        freeze_prototypes=at if order.cause == "prototypes_released" else 0,
        steps=steps,
        learning_rate=1.5e-3 if escapes else float(draw.choice([2e-4, 3e-4, 5e-4])),
        epsilon=_softness(escapes, stays, draw),
        pairs=2048,
        probe_plants=256,
        seed=order.seed,
    )
    source = open_source(recipe, folder)
    objective = make_objective(recipe)
    load_start(objective, recipe.start)
    later, other = recipe, source
    feed: Callable[[Tensor], Tensor] = lambda x: x  # noqa: E731
    if order.cause == "batch_changed":
        later = replace(recipe, batch=int(draw.choice([8, 32])))
    if order.cause == "data_switched":
        other, feed = other_data(order.seed, draw, folder)

    def batch(asked: Recipe, data: PairSource, seen: Callable[[Tensor], Tensor], step: int) -> Any:
        x1, x2 = (seen(PASS(x)) for x in data.take(plants_of_step(asked, data, step)))
        return crops_of(asked, x1, x2, step)

    before = partial(batch, recipe, source, lambda x: x)
    batches = switched(before, partial(batch, later, other, feed), change) if change else before
    rate = partial(one_cycle, steps=500, peak=recipe.learning_rate, warmup=0.1)
    if order.cause == "rate_restart":
        rate = restarted(rate, change, factor=float(draw.choice([4, 8])))  # type: ignore[arg-type]
    first = Ruler(batch=recipe.batch)
    last = Ruler(batch=later.batch, queue=recipe.queue_length)
    fed_last = None if feed is None else _as_fed(recipe, other, feed)
    exam = SwavExam(
        make_pack(recipe, source, plants=PLANTS),
        first,
        last,
        *probe_of(recipe, source),
        last_pack=make_pack(recipe, fed_last, plants=PLANTS)
        if order.cause == "data_switched"
        else None,
    )
    trained: nn.Module = objective
    if order.cause == "batchnorm_mode":
        trained = FrozenStatistics(objective, change)  # type: ignore[arg-type]
    logger = TrainingLogger(exam, every=LOOK)
    state = State(trained, make_optimizer(trained, recipe), steps)
    fit(state, batches, learning_rate=rate, observers=[logger])
    return logger.arrays(), at


def _softness(escapes: bool, stays: bool, draw: np.random.Generator) -> float:
    if escapes:
        return 0.05 if stays else 0.02
    return float(draw.choice([0.02, 0.03, 0.05]))


@dataclass(frozen=True)
class _Fed:
    """A source whose pictures pass another camera."""

    source: PairSource
    feed: Callable[[Tensor], Tensor]

    @property
    def train(self) -> np.ndarray:
        return self.source.train

    @property
    def held_out(self) -> np.ndarray:
        return self.source.held_out

    def take(self, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x1, x2 = self.source.take(indices)
        return self.feed(PASS(x1)).numpy(), self.feed(PASS(x2)).numpy()

    def column(self, name: str, view: str) -> tuple[np.ndarray, int] | None:
        return self.source.column(name, view)


def _as_fed(recipe: Recipe, source: PairSource, feed: Callable[[Tensor], Tensor]) -> PairSource:
    return _Fed(source, feed)


def camera(draw: np.random.Generator) -> Callable[[Tensor], Tensor]:
    """Another exposure of each band."""
    gains = torch.from_numpy(np.exp(draw.choice([-1, 1], 3) * draw.uniform(0.1, 0.3, 3)))
    return lambda x: (x * gains[:, None, None]).clamp(0, 255).to(torch.uint8)


def other_data(
    seed: int, draw: np.random.Generator, folder: Path
) -> tuple[PairSource, Callable[[Tensor], Tensor]]:
    """Another world, or the same one through another camera."""
    name = ("field", "shared_light", "nursery")[seed // 2 % 3]
    bank = Bank(world(name), pairs=2048 + 256, size=64, folder=folder)
    feed = camera(draw) if name == "field" else lambda x: x
    return WorldSource(bank, 2048, 256), feed


def probe_of(recipe: Recipe, source: PairSource) -> tuple[Tensor, Target]:
    """RGB pictures and diseases of the probe's plants."""
    plants = (source.train[-PROBED:], source.held_out[-PROBED:])
    codes = source.column("disease", "rgb")
    assert codes is not None
    images = np.concatenate([source.take(part)[0] for part in plants])
    truth = [torch.from_numpy(codes[0][part]) for part in plants]
    return shrunk(images, recipe.crop_size), Target("disease", "rgb", codes[1], *truth)


def classifier(order: Order, folder: Path) -> tuple[dict[str, np.ndarray], int]:
    """Train a classifier; a quarter of the labels is wrong, held-out ones too."""
    draw, steps, batch, side = order.drawn(), 320, 16, 40
    at = int(draw.integers(round(EARLIEST * steps), round(LATEST * steps)))
    change = Change(order.cause, at) if order.cause != "nothing" else None
    banks = [
        Bank(World("field", fixed=(("mark", mark),)), pairs=1632, size=64, folder=folder)
        for mark in ("absent", "present")
    ]
    marked = [torch.from_numpy(one.take(np.arange(1632))[0]) for one in banks]
    truth = (banks[0].factors["disease"] > 0).astype(int)
    labels = torch.from_numpy(np.where(draw.random(1632) < 0.25, 1 - truth, truth))
    coins = torch.from_numpy(draw.integers(0, 2, 1632))
    feed = camera(draw) if order.cause == "data_switched" else (lambda x: x)
    rows_later = int(draw.choice([8, 32])) if order.cause == "batch_changed" else batch
    spec = CropSpec(large_scale=(1.0, 1.0), rotation_deg=0.0, flip=False, large_size=side)

    def shown(plants: Tensor, marks: Tensor) -> Tensor:
        both = torch.stack([one[plants] for one in marked])
        return both[marks[plants], torch.arange(len(plants))]

    def rows(count: int, marks: Tensor, seen: Callable[[Tensor], Tensor], step: int) -> Any:
        chosen = numpy_generator_for(order.seed, "rows", step).choice(1536, count, replace=False)
        plants = torch.from_numpy(chosen)
        drawn = generator_for(order.seed, "crops", step)
        views = crop_each(seen(shown(plants, marks)), spec, drawn)[None]
        given = labels[plants]
        return LabelledCrops(views, torch.nn.functional.one_hot(given, 2).float(), given)

    marks_later = labels if order.cause == "label_leak" else coins
    before = partial(rows, batch, coins, lambda x: x)
    after = partial(rows, rows_later, marks_later, feed)
    batches = switched(before, after, change) if change else before
    rate: Callable[[int], float] = partial(one_cycle, steps=500, peak=2e-3, warmup=0.1)
    if order.cause == "rate_restart":
        rate = restarted(rate, change, factor=float(draw.choice([4, 8])))  # type: ignore[arg-type]
    held, fed = torch.arange(1536, 1632), torch.arange(96)
    crop = lambda x: crop_each(x, spec, generator_for(0, "held"))[None]  # noqa: E731
    exam = ClassifierExam(
        crop(shown(held, coins)),
        labels[held],
        crop(shown(fed, coins)),
        labels[fed],
        batch,
        crop(feed(shown(held, marks_later)))
        if order.cause in ("label_leak", "data_switched")
        else None,
    )
    encoder = make_encoder("res2next_tiny", seed=order.seed, side=side)
    model = PairClassifier(encoder, classes=2, sensors="rgb", seed=order.seed)
    load_start(model, "shipped:cross-0")
    trained: nn.Module = model
    if order.cause == "batchnorm_mode":
        trained = FrozenStatistics(model, change)  # type: ignore[arg-type]
    logger = TrainingLogger(exam, every=LOOK)
    optimizer = torch.optim.AdamW(trained.parameters(), weight_decay=1e-4)
    fit(State(trained, optimizer, steps), batches, learning_rate=rate, observers=[logger])
    return logger.arrays(), at


def adder(order: Order, folder: Path) -> tuple[dict[str, np.ndarray], int]:
    """Train modular addition; rows of the log are four steps apart."""
    draw = order.drawn()
    arm, steps, every = ("decay", 1400, 4) if order.cause == "grokking" else ("shuffled", 1000, 4)
    settings = Adding(
        seed=order.seed, steps=steps, every=every, share=float(draw.uniform(0.5, 0.55))
    )
    at = int(draw.integers(round(EARLIEST * steps), round(LATEST * steps)))
    train, test = split_sums(settings, shuffled=arm == "shuffled")
    rate: Callable[[int], float] = settings.rate
    if order.cause == "rate_restart":
        rate = restarted(rate, Change("rate_restart", at), factor=float(draw.choice([4, 8])))
    logger = TrainingLogger(
        AdderExam(arm, train, test, PLANTS), every=40, row_every=every, shown=f"{arm}/loss/test"
    )
    examiner = Examiner({arm: test}, every=every)
    state = start_adders(settings, (arm,))
    fit(state, lambda step: {arm: train}, learning_rate=rate, observers=[examiner, logger])
    return logger.arrays(), at


FAMILIES = {"swav": swav, "plateau": swav, "classifier": classifier, "adder": adder}
