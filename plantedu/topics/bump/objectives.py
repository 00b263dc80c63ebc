"""Two rulers: every checkpoint under every objective, on one frozen pack of plants.

    L = H(q) + KL(q || p),        L >= H(q) >= ln(K / N),        N = batch + queue

A logged loss changes when the weights change and when its ruler does: the queue, the batch, the
softness epsilon of the codes. Here the plants and crops are fixed, and one embedding of them is
scored under each ruler. Along a row the ruler is the same, so what moves is the model; down a
column the weights are the same, so what moves is the ruler. Losses of two rows are not comparable.

The null of a loss is that of random-init weights under the same ruler; of a difference between two
checkpoints, the same plants with the sign of each plant's difference dealt at random. The
interval is over plants, for these batches: plants of one batch share its prototypes, so their
losses are not quite independent. Sinkhorn stops after a few rounds, so the floor holds up to what
they leave undone.

Source: Caron et al. 2020, arXiv:2006.09882 [caron2020]. Lesson: 03_bump.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived, settings_of, with_tuples
from plantedu.shipped_files import checkpoints
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.bump.results.objectives_chart import rulers_chart

SHIPPED = checkpoints()
NAMES = ("bump/0350", "bump-0", "bump/0410", "bump/0430", "bump/0450", "bump/0800")
FLIPS = 999
PACK = ("data", "world_seed", "pairs", "image_size", "probe_plants", "pairing", "crop_size")
PACK += ("small_crops", "small_size", "jitter")


@dataclass(frozen=True)
class Reading:
    """One checkpoint under one ruler.

    Attributes:
        ruler: In words.
        checkpoint: Name of its file.
        queue, batch, epsilon: The ruler.
        loss: In nats; its null is random-init weights.
        entropy, divergence: H(q) and KL(q||p), which sum to the loss.
        floor: ln(K/N), or 0.
    """

    ruler: str
    checkpoint: str
    queue: int
    batch: int
    epsilon: float
    loss: Evidence
    entropy: float
    divergence: float
    floor: float


@dataclass(frozen=True)
class Difference:
    """Two checkpoints under one ruler, plant by plant.

    Attributes:
        change: Loss of `after` minus loss of `before`; its null is the 95 % quantile of the same
            with signs dealt at random, without sign.
        p: Share of the dealt ones that are as large.
    """

    ruler: str
    before: str
    after: str
    change: Evidence
    p: float


@dataclass(frozen=True)
class RulersResult:
    """All readings, and the differences of neighbouring checkpoints."""

    readings: tuple[Reading, ...]
    differences: tuple[Difference, ...]

    def of(self, checkpoint: str, queue: int, batch: int | None = None) -> Reading:
        """The first reading of a checkpoint with this queue (and batch)."""
        return next(
            r
            for r in self.readings
            if (r.checkpoint, r.queue) == (checkpoint, queue) and batch in (None, r.batch)
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "RulersResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """A row a ruler, checkpoints along x, floor and random init drawn."""
        return rulers_chart(
            [
                (
                    r.ruler,
                    r.checkpoint,
                    r.loss.value,
                    r.loss.interval or (r.loss.value, r.loss.value),
                    r.entropy,
                    r.loss.null,
                    r.floor,
                )
                for r in self.readings
            ],
            dark=dark,
        )


@dataclass(frozen=True)
class Settings:
    """Which rulers, and on what.

    Attributes:
        queue: Past embeddings per sensor that take part in Sinkhorn; 0 is none. By default none,
            and as many as the first checkpoint's own run has (512 where that has none).
        epsilon: Softness of the codes; 0 for the recipe's own.
        batch: Plants that share out the prototypes together; 0 for the recipe's own.
        plants: Held-out plants in the pack.
        seed: Draws crops, resamples and signs.
    """

    queue: tyro.conf.UseAppendAction[tuple[int, ...]] = ()
    epsilon: tyro.conf.UseAppendAction[tuple[float, ...]] = ()
    batch: tyro.conf.UseAppendAction[tuple[int, ...]] = ()
    plants: int = 256
    seed: int = 0

    def grid(self, *, queue: int, batch: int) -> list[tuple[int, float | None, int]]:
        """(queue, epsilon, batch) of every ruler: all combinations, or our choice of four.

        Args:
            queue, batch: The recipe's own.
        """
        if self.queue or self.epsilon or self.batch:
            found = product(self.queue or (0, queue), self.epsilon or (0.0,), self.batch or (0,))
            return [(q, epsilon or None, b or batch) for q, epsilon, b in found]
        return [(0, None, batch), (queue, None, batch), (0, 0.05, batch), (0, None, 4 * batch)]


def rulers(
    checkpoints: Sequence[tuple[str, Path]], settings: Settings, *, bank_folder: Path
) -> RulersResult:
    """Score checkpoints under rulers.

    Args:
        checkpoints: Name and file of each, in their order.
        settings: Which rulers, and on what.
        bank_folder: Where rendered pairs are kept.

    Raises:
        PlantEduError: without checkpoints; for one that cannot be read, or was made of other
            pictures or crops than the first; for rulers that the pack is too small for.
    """
    from plantedu.training.checkpoints import load_checkpoint
    from plantedu.training.pair_source import open_source
    from plantedu.training.pretrain import objective_from
    from plantedu.training.recipe import Recipe
    from plantedu.zoo.evaluation_batch import Ruler, make_pack
    from plantedu.zoo.random_init import random_init, settled_start

    require(bool(checkpoints), "Name at least one checkpoint to score.")
    snapshots = {name: load_checkpoint(Path(path)) for name, path in checkpoints}
    recipes = {name: Recipe.from_json(meta["recipe"]) for name, (_, meta) in snapshots.items()}
    first = check_alike(recipes)
    own = {"queue": first.queue_length or 512, "batch": first.batch}
    grid = [Ruler(queue=q, epsilon=e, batch=b) for q, e, b in settings.grid(**own)]
    longest = max(ruler.queue for ruler in grid)
    source = open_source(first, bank_folder)
    pack = make_pack(first, source, plants=settings.plants, queue=longest, seed=settings.seed)
    seen = {
        name: pack.seen_by(settled_start(objective_from(one), recipes[name]))
        for name, one in snapshots.items()
    }
    fresh: dict[str, Any] = {}
    for recipe in recipes.values():
        if _sizes(recipe) not in fresh:
            fresh[_sizes(recipe)] = pack.seen_by(random_init(recipe, source))
    readings, differences = [], []
    for ruler in grid:
        scores = {name: one.score(ruler) for name, one in seen.items()}
        for name, score in scores.items():
            null = fresh[_sizes(recipes[name])].score(ruler)
            readings.append(_reading(ruler, name, recipes[name], score, null, settings.seed))
        order = list(scores)
        differences += [
            paired(ruler.name, (a, b), scores[a].loss, scores[b].loss, seed=settings.seed)
            for a, b in pairwise(order)
        ]
    return RulersResult(tuple(readings), tuple(differences))


def check_alike(recipes: Mapping[str, Any]) -> Any:
    """The first recipe, if one pack does for all.

    Raises:
        PlantEduError: for recipes that differ in what they were shown.
    """
    names = list(recipes)
    first = recipes[names[0]]
    for name in names[1:]:
        other = [k for k in PACK if getattr(recipes[name], k) != getattr(first, k)]
        require(
            not other,
            f"{name} was trained on other pictures or crops than {names[0]} ({', '.join(other)} "
            "differ), so one pack cannot score both: score them apart.",
        )
    return first


def _sizes(recipe: Any) -> str:
    """What a random-init objective depends on, as a key."""
    knobs = ("encoder", "prototypes", "projection_dim", "hidden_dim", "temperature")
    return json.dumps([getattr(recipe, k) for k in (*knobs, "epsilon", "sinkhorn_iterations")])


def _reading(ruler: Any, name: str, recipe: Any, score: Any, null: Any, seed: int) -> Reading:
    """One checkpoint under one ruler, with its null."""
    evidence = Evidence(
        question=f"How large is the loss of {name} under the ruler {ruler.name!r}, in nats?",
        value=float(score.loss.mean()),
        null=float(null.loss.mean()),
        control="random-init weights, same ruler",
        n=len(score.loss),
        interval=mean_interval(score.loss),
    )
    return Reading(
        ruler.name,
        name,
        ruler.queue,
        ruler.batch,
        ruler.epsilon or recipe.epsilon,
        evidence,
        float(score.entropy.mean()),
        float(score.divergence.mean()),
        ruler.floor(recipe.prototypes),
    )


def paired(
    ruler: str, names: tuple[str, str], before: np.ndarray, after: np.ndarray, *, seed: int
) -> Difference:
    """The mean difference of the same plants, beside the same with signs dealt at random.

    Args:
        ruler: What it was scored with.
        names: Of the two checkpoints.
        before, after: Loss of each plant, "plants".
        seed: Deals the signs and draws the resamples.
    """
    shift = np.asarray(after) - np.asarray(before)
    generator = np.random.default_rng((seed, 1))
    signs = generator.choice([-1.0, 1.0], size=(FLIPS, len(shift)))
    dealt = np.abs((signs * shift).mean(1))
    value = float(shift.mean())
    evidence = Evidence(
        question=f"By how much did the loss change from {names[0]} to {names[1]} ({ruler})?",
        value=value,
        null=float(np.quantile(dealt, 0.95)),
        control="plants' signs dealt at random: 95 % quantile, without sign",
        n=len(shift),
        interval=mean_interval(shift),
    )
    p = float((1 + (dealt >= abs(value)).sum()) / (1 + FLIPS))
    return Difference(ruler, *names, evidence, p)


def named(names: Sequence[str | Path]) -> list[tuple[str, Path]]:
    """Name and file of shipped checkpoints, or of files."""
    found = []
    for name in names:
        shipped = SHIPPED / f"{name}.safetensors"
        is_name = not str(name).endswith(".safetensors") and shipped.is_file()
        found.append((str(name), shipped) if is_name else (Path(name).stem, Path(name)))
    return found


def job(work: Any) -> dict[str, Any]:
    """The same for a page; the request: "checkpoints" (shipped names) and fields of `Settings`."""
    from plantedu.store.paths import home

    asked = dict(work.run.request)
    names = asked.pop("checkpoints", NAMES)
    inside = all((SHIPPED / f"{name}.safetensors").resolve().is_relative_to(SHIPPED.resolve())
                 for name in names)  # fmt: skip
    require(inside, f"A page can score what ships, not {names}.")
    knobs = with_tuples(asked)
    return rulers(named(names), Settings(**knobs), bank_folder=home() / "bank").as_json()


@dataclass(frozen=True)
class Options(Settings):
    """Every checkpoint under every ruler, on one frozen pack of plants.

    Attributes:
        checkpoints: Files, or names of shipped ones; the bump run's by default.
        json: Print the result as one JSON object on the last line.
    """

    checkpoints: tyro.conf.Positional[tuple[str, ...]] = ()
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu bump objectives [options]`."""
    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump objectives")
    settings = settings_of(options, Settings)
    found = rulers(named(options.checkpoints or NAMES), settings, bank_folder=home() / "bank")
    print(f"{'':<24}{'loss':>7}{'H(q)':>7}{'KL':>7}{'floor':>7}   random init")
    for ruler in dict.fromkeys(r.ruler for r in found.readings):
        print(ruler)
        for r in (r for r in found.readings if r.ruler == ruler):
            print(
                f"  {r.checkpoint:<22}{r.loss.value:7.2f}{r.entropy:7.2f}{r.divergence:7.2f}"
                f"{r.floor:7.2f}{r.loss.null:14.2f}"
            )
    print(found.readings[0].loss.caption())
    if options.json:
        print(json.dumps(found.as_json()))
    return 0
