"""Is the attack itself any good? Active tests on our own networks, for every way of attacking.

For each plant a hyperplane is put into the network's features so that one picture on the border of
the ball, and none of those drawn inside it, is adversarial (topics/attacks/positive_control.py). An
attack that does not find it has failed, whatever it says about robustness. The null is what random
pictures on the border find. A deliberately broken attack, which walks down the slope, stands
beside: a test that everybody passes tests nothing.

Source: Zimmermann et al. 2022, arXiv:2206.13991 [zimmermann2022]. Lesson: 08_attacks.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attacks.names import NORMS, WHERE
from plantedu.topics.method import Context, Method
from plantedu.zoo.recipes import ARMS

TESTED = ("fgsm", "pgd", "apgd")
BROKEN = "walks down"


@dataclass(frozen=True)
class Settings:
    """What is tested.

    Attributes:
        network: A network of the line-up.
        where: Choices of attacked sensors.
        norms: Norms.
        plants: Fresh plants, each with a picture planted for it.
        radius_255: Radius in grey levels.
        steps: Slopes of PGD and APGD.
        seed: Draws what is planted.
    """

    network: str = "cross-0"
    where: tuple[str, ...] = WHERE
    norms: tuple[str, ...] = ("linf", "l2")
    plants: int = 32
    radius_255: float = 8.0
    steps: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in (((self.network,), ARMS), (self.where, WHERE), (self.norms, NORMS)):
            strange = [word for word in given if word not in known]
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")


@dataclass(frozen=True)
class ActiveResult:
    """Share found of what was surely there, by attack, over all sensors and norms."""

    settings: Settings
    found: dict[str, Evidence]

    def as_json(self) -> dict[str, Any]:
        """Plain values; `ActiveResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ActiveResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share found by each attack, noise as a grey tick."""
        return forest_chart(list(self.found.items()), unit="share found", zero=True, dark=dark)


def active(
    settings: Settings,
    *,
    bank_folder: Any,
    check: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda said: None,
) -> ActiveResult:
    """Plant adversarial pictures, and look for them.

    Args:
        settings: What is tested.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        told: Told what is being tested.

    Raises:
        PlantEduError: where nothing can be planted, as with a radius too small.
    """
    from plantedu.topics.attacks.family import make
    from plantedu.topics.attacks.positive_control import Backwards, found
    from plantedu.topics.attacks.threat_model import LEVELS, Budget
    from plantedu.training.seeding import generator_for
    from plantedu.zoo.model_zoo import Lineup, Plot

    plot = Plot(bank_folder)
    plants = plot.fresh(settings.plants)
    views, features = plot.views(plants), Lineup(plot).features(settings.network)
    attacks = {n: make(n, steps=0 if n == "fgsm" else settings.steps) for n in TESTED}
    attacks |= {BROKEN: Backwards(), "noise": make("noise")}
    seen: dict[str, list[np.ndarray]] = {name: [] for name in attacks}
    for where in settings.where:
        for norm in settings.norms:
            told(f"{where}, {norm}")
            budget = Budget.on(where, settings.radius_255 / LEVELS, norm=norm)
            for name, attack in attacks.items():
                generator = generator_for(settings.seed, f"planted {where} {norm}")
                one = found(attack, features, views, budget, generator=generator, check=check)
                seen[name].append(one.reached)
    noise = float(np.mean(seen["noise"]))
    told_ = {name: np.mean(seen[name], axis=0) for name in (*TESTED, BROKEN)}
    return ActiveResult(settings, {name: _evidence(name, x, noise) for name, x in told_.items()})


def _evidence(name: str, per_plant: np.ndarray, noise: float) -> Evidence:
    question = f"Which share of the adversarial pictures that are surely there does {name} find?"
    return mean_over_plants(question, per_plant, noise, "random pictures on the border")


def _run(asked: Settings, context: Context) -> ActiveResult:
    return active(asked, bank_folder=context.bank, check=context.check, told=context.progress)


def tell(result: ActiveResult) -> None:
    """Print a result."""
    for name, e in result.found.items():
        print(f"{name:<12} finds {e.value:.3f}   noise {e.null:.3f}   n = {e.n}")


METHOD = Method(Settings, _run, tell)
