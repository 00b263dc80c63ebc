"""Does what fools one network fool another, and what fools one sensor the other?

    value = share of plants that network B classifies correctly when clean, and wrongly in pictures
    made
            against network A

The pairs are attacked through A until the last step, also where A is fooled sooner, since a larger
loss travels further. On the diagonal A is attacked itself. Null: noise of the same size on B.

Between recipes: the mean over networks A of one recipe and other networks B of another, or of the
same. The unit is the network. Both its sides are samples: the interval is Student's over networks A
(each a mean over B) or over networks B, whichever is wider. Robustness differs between recipes, so
read it beside how far each falls to its own attack (`robustness`).

Between sensors: a change is found through a head that reads one sensor; its red and green are then
added to the other sensor's picture, whose own head is asked. Blue and near infrared stay behind:
the two files have no band in common there.

Source: Papernot et al. 2016, arXiv:1605.07277 [papernot2016]. Lesson: 08_attacks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.data.renderer.factors import SENSORS
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence, mean_over_plants, t_interval
from plantedu.topics.attacks.names import NORMS, WHERE
from plantedu.topics.attacks.results.transfer_chart import transfer_chart
from plantedu.topics.method import Context, Method
from plantedu.zoo.recipes import ARMS, RECIPES, recipe_of

MANY = 8  # networks; above, the chart shows their recipes


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how hard.

    Attributes:
        networks: Networks RECIPE-SEED: cross, rgb_only, supervised_both, random.
        where: Attacked sensors.
        sensors: Network whose one-sensor heads are asked about each other's changes.
        plants: Fresh plants.
        radius_255: Radius in grey levels.
        norm: linf, l2 or l2_pair.
        steps: Slopes of APGD.
        seed: Draws starts and noise.
    """

    networks: tuple[str, ...] = tuple(ARMS)
    where: str = "both"
    sensors: str = "cross-0"
    plants: int = 48
    radius_255: float = 6.0
    norm: str = "linf"
    steps: int = 12
    seed: int = 0

    def __post_init__(self) -> None:
        strange = [word for word in self.networks if recipe_of(word) is None]
        require(not strange, f"Unknown: {strange}; name RECIPE-SEED of {', '.join(RECIPES)}.")
        require(len(set(self.networks)) == len(self.networks), "A network is named twice.")
        for given, known in ((self.where, WHERE), (self.norm, NORMS)):
            require(given in known, f"One of {', '.join(known)} is meant; got {given!r}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")


@dataclass(frozen=True)
class Pass:
    """What was made against one network, or through one sensor's head, seen by another."""

    made_on: str
    seen_by: str
    evidence: Evidence


@dataclass(frozen=True)
class Between:
    """From networks of one recipe to other networks, of another recipe or the same.

    Attributes:
        made_on, seen_by: Recipes.
        evidence: n counts the networks whose means the interval is taken over.
    """

    made_on: str
    seen_by: str
    evidence: Evidence


@dataclass(frozen=True)
class TransferResult:
    """Between networks, between recipes, and between sensors."""

    settings: Settings
    networks: tuple[Pass, ...]
    sensors: tuple[Pass, ...]

    @property
    def recipes(self) -> tuple[Between, ...]:
        """Every recipe with two networks or more against every other, and against itself."""
        return between_recipes(self.networks)

    def of(self, made_on: str, seen_by: str) -> Evidence:
        """One of the numbers between networks."""
        found = (p for p in self.networks if (p.made_on, p.seen_by) == (made_on, seen_by))
        return next(found).evidence

    def as_json(self) -> dict[str, Any]:
        """Plain values; `TransferResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "TransferResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share fooled, a row for the network attacked and a column for the one that is asked."""
        table = self.networks if len(self.settings.networks) <= MANY else self.recipes
        rows = [(p.made_on, p.seen_by, p.evidence) for p in table]
        return transfer_chart(rows, dark=dark, unit="plants" if table is self.networks else "seeds")


def transfer(
    settings: Settings,
    *,
    bank_folder: Any,
    check: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda said: None,
) -> TransferResult:
    """Attack each network, and show the pictures to all.

    Args:
        settings: What, and how hard.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        told: Told what is being attacked.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    from plantedu.zoo.model_zoo import Lineup, Plot

    plot = Plot(bank_folder)
    lineup, plants = Lineup(plot), plot.fresh(settings.plants)
    views, labels = plot.views(plants), plot.labels(plants)
    models = {name: lineup.namer(name) for name in settings.networks}
    noise = _attacked(
        "noise", models[settings.networks[0]], views, labels, settings.where, settings, check
    )
    found = []
    for made_on, model in models.items():
        told(made_on)
        new = _attacked("apgd", model, views, labels, settings.where, settings, check)
        for seen_by, other in models.items():
            arms = f"{made_on}, seen by {seen_by}"
            told_ = [_right(other, x, labels) for x in (views, new, noise)]
            found.append(Pass(made_on, seen_by, _evidence(arms, *told_)))
    heads = {sensor: lineup.namer(settings.sensors, sensor) for sensor in SENSORS}
    between = _between(heads, views, labels, settings, check)
    return TransferResult(settings, tuple(found), tuple(between))


def between_recipes(passes: Sequence[Pass]) -> tuple[Between, ...]:
    """Means over networks, without any network's own diagonal."""
    grouped: dict[tuple[str, str], list[Pass]] = {}
    for one in passes:
        if one.made_on != one.seen_by:
            recipes = (str(recipe_of(one.made_on)), str(recipe_of(one.seen_by)))
            grouped.setdefault(recipes, []).append(one)
    return tuple(Between(*recipes, _over_networks(recipes, of)) for recipes, of in grouped.items())


def _over_networks(recipes: tuple[str, str], of: Sequence[Pass]) -> Evidence:
    sides = []
    for name in ("made_on", "seen_by"):
        networks = dict.fromkeys(getattr(one, name) for one in of)
        means = [
            np.mean([one.evidence.value for one in of if getattr(one, name) == network])
            for network in networks
        ]
        ends = t_interval(np.array(means))
        sides.append((ends[1] - ends[0] if ends else 0.0, len(means), ends))
    _, counted, ends = max(sides, key=lambda side: side[0])
    interval = (max(ends[0], 0.0), min(ends[1], 1.0)) if ends else None
    return Evidence(
        question=f"Which share is misnamed by {recipes[1]} in pictures made on {recipes[0]}?",
        value=float(np.mean([one.evidence.value for one in of])),
        null=float(np.mean([one.evidence.null for one in of])),
        control="random noise of the same size",
        n=counted,
        seeds=counted,
        interval=interval,
    )


def _attacked(
    name: str, model: Any, views: Any, labels: Any, where: str, settings: Settings, check: Any
) -> Any:
    """Attacked pictures, uint8."""
    import torch

    from plantedu.topics.attacks.criteria import Margin
    from plantedu.topics.attacks.family import make
    from plantedu.topics.attacks.threat_model import LEVELS, Budget
    from plantedu.training.seeding import generator_for

    attack = make(name, steps=settings.steps if name == "apgd" else 1, thorough=True)
    found = attack(
        model,
        views,
        Margin(labels),
        Budget.on(where, settings.radius_255 / LEVELS, norm=settings.norm),
        generator=generator_for(settings.seed, f"{name} {where}"),
        check=check,
    )
    return torch.from_numpy(found.views)


def _right(model: Any, views: Any, labels: Any) -> np.ndarray:
    """Which plants a network classifies correctly."""
    import torch

    with torch.no_grad():
        parts = [model(part.float() / 255).argmax(1) for part in views.split(64, dim=1)]
    return (torch.cat(parts) == labels).numpy()


def _between(
    heads: Mapping[str, Any], views: Any, labels: Any, settings: Settings, check: Any
) -> list[Pass]:
    """Red and green of a change found through one sensor, added to the other's picture."""
    found = []
    for made_on in SENSORS:
        own, other = SENSORS.index(made_on), 1 - SENSORS.index(made_on)
        seen = [views]
        for name in ("apgd", "noise"):
            new = _attacked(name, heads[made_on], views, labels, made_on, settings, check)
            moved = new[own].int() - views[own].int()
            moved[:, 2] = 0
            carried = views.clone()
            carried[other] = (views[other].int() + moved).clamp(0, 255).byte()
            seen.append(carried)
        seen_by = SENSORS[other]
        right = [_right(heads[seen_by], x, labels) for x in seen]
        words = f"{made_on}, red and green added to {seen_by}"
        found.append(Pass(made_on, seen_by, _evidence(words, *right)))
    return found


def _evidence(words: str, clean: np.ndarray, attacked: np.ndarray, noisy: np.ndarray) -> Evidence:
    """Share of the plants classified correctly when clean that are not any more."""
    kept = clean.nonzero()[0]
    require(len(kept) >= 2, f"{words}: fewer than two plants are classified correctly when clean.")
    fooled = (~attacked[kept]).astype(np.float64)
    question = f"Which share of plants is misnamed in pictures made on {words}?"
    null = float((~noisy[kept]).mean())
    return mean_over_plants(question, fooled, null, "random noise of the same size")


def _run(asked: Settings, context: Context) -> TransferResult:
    return transfer(asked, bank_folder=context.bank, check=context.check, told=context.progress)


def tell(result: TransferResult) -> None:
    """Print a result."""
    for one in (*result.networks, *result.recipes, *result.sensors):
        e = one.evidence
        print(
            f"made on {one.made_on:<18} seen by {one.seen_by:<18}{e.value:6.2f}"
            f"   noise {e.null:5.2f}   n = {e.n}"
        )


METHOD = Method(Settings, _run, tell)
