"""Which sensor can be fooled, of which network, and from which radius on?

    robust(r) = share of fresh plants that no picture tried within radius r has misnamed

for {RGB, RGN, both by themselves, both by one change of red and green} x {SwAV on pairs, SwAV on
RGB alone, supervised, random init} x r. All but the supervised network are encoders with a linear
head on [h1, h2]; *late* is the baseline of two one-sensor heads whose probabilities are averaged.
The null of every share is the same share under random noise of the same size. Radius 0 is clean
accuracy, and the best constant answer is chance.

An attack gives an upper bound of robustness: a better one may find more. Whether this one can be
trusted at all is asked by alarms (topics/attacks/diagnostics.py) and active tests
(topics/attacks/active_tests.py).

Source: Croce & Hein 2020, arXiv:2003.01690 [croce2020]; Carlini et al. 2019, arXiv:1902.06705
[carlini2019]. Lesson: 08_attacks.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived, settings_of, with_tuples
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attacks.names import RADII_255, WHERE
from plantedu.topics.attacks.results.robustness_chart import robust_chart
from plantedu.zoo.recipes import ARMS, READS

Progress = Callable[[str], None]
LATE = "late fusion"
FUSED = tuple(name for name, arm in ARMS.items() if arm == "SwAV cross")


@dataclass(frozen=True)
class Settings:
    """What is attacked, and how hard.

    Attributes:
        networks: Networks of the line-up.
        where: Attacked sensors: rgb, rgn, both (each by itself), shared (one change for both).
        late: Whether the late fusion of each SwAV cross network is attacked too.
        plants: Fresh plants.
        radii_255: Radii in grey levels, rising.
        norm: linf, l2 or l2_pair.
        steps: Slopes of APGD at each radius.
        ring: Plants on which the alarms of each arm are counted; 0 for none.
        seed: Draws starts and noise.
    """

    networks: tuple[str, ...] = tuple(ARMS)
    where: tuple[str, ...] = WHERE
    late: bool = True
    plants: int = 64
    radii_255: tuple[float, ...] = RADII_255
    norm: str = "linf"
    steps: int = 12
    ring: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.networks, ARMS), (self.where, WHERE)):
            strange = [word for word in given if word not in known]
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(self.plants >= 2, f"plants must be 2 or more, got {self.plants}.")
        require(self.steps >= 2, f"steps must be 2 or more, got {self.steps}.")


@dataclass(frozen=True)
class Cell:
    """One arm, one choice of sensors, one radius.

    Attributes:
        seeds: Robust share of each network of the arm.
        evidence: Their mean; the interval is over plants, the null is noise of the same size.
    """

    arm: str
    where: str
    radius_255: float
    seeds: tuple[float, ...]
    evidence: Evidence


@dataclass(frozen=True)
class Half:
    """Radius in grey levels that breaks half of what an arm gets right; None: none did."""

    arm: str
    where: str
    radius_255: float | None


@dataclass(frozen=True)
class Rung:
    """An alarm of one arm, rung or not."""

    arm: str
    name: str
    rings: bool
    says: str


@dataclass(frozen=True)
class RobustnessResult:
    """The whole report."""

    settings: Settings
    chance: float
    cells: tuple[Cell, ...]
    halves: tuple[Half, ...]
    alarms: tuple[Rung, ...]

    def of(self, arm: str, where: str, radius_255: float) -> Cell:
        """One of the cells; radius 0 is clean."""
        key = (arm, where, radius_255)
        return next(c for c in self.cells if (c.arm, c.where, c.radius_255) == key)

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms in their order."""
        return tuple(dict.fromkeys(cell.arm for cell in self.cells))

    def as_json(self) -> dict[str, Any]:
        """Plain values; `RobustnessResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "RobustnessResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Robust share against radius, a panel for each choice of sensors; noise in grey."""
        rows = [(c.arm, c.where, c.radius_255, c.seeds, c.evidence) for c in self.cells]
        return robust_chart(rows, chance=self.chance, dark=dark)


def robustness(
    settings: Settings,
    *,
    bank_folder: Any,
    check: Callable[[], None] = lambda: None,
    told: Progress = lambda said: None,
) -> RobustnessResult:
    """Attack every network on every choice of sensors.

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
    curves: dict[tuple[str, str], list[Any]] = {}
    rung: list[Rung] = []
    for arm, name, reads in arms(settings):
        model = lineup.namer(name, reads)
        for where in settings.where:
            told(f"{name} ({arm}), {where}")
            found = _curve(model, views, labels, where, settings, check)
            curves.setdefault((arm, where), []).append(found)
        if settings.ring and arm not in {one.arm for one in rung}:
            told(f"alarms of {arm}")
            few = slice(None, settings.ring)
            rung += _rung(arm, model, views[:, few], labels[few], curves, settings, check)
    return summarised(settings, labels.numpy(), curves, rung)


def summarised(
    settings: Settings,
    labels: np.ndarray,
    curves: Mapping[tuple[str, str], Sequence[Any]],
    rung: Sequence[Rung] = (),
) -> RobustnessResult:
    """The report of curves that have been made.

    Args:
        settings: How they were made.
        labels: Classes of the plants.
        curves: Curves of each network, by arm and attacked sensors.
        rung: Alarms.
    """
    chance = float(np.bincount(labels).max() / len(labels))
    cells = [cell for key, found in curves.items() for cell in _cells(*key, found)]
    halves = [_half(*key, found) for key, found in curves.items()]
    return RobustnessResult(settings, chance, tuple(cells), tuple(halves), tuple(rung))


def arms(settings: Settings) -> list[tuple[str, str, str]]:
    """Arm, network and reading of everything that is attacked."""
    found = [(ARMS[name], name, READS[0]) for name in settings.networks]
    if settings.late:
        found += [(LATE, name, READS[1]) for name in settings.networks if name in FUSED]
    return found


def _curve(model: Any, views: Any, labels: Any, where: str, settings: Settings, check: Any) -> Any:
    from plantedu.topics.attacks.apgd import APGD
    from plantedu.topics.attacks.criteria import Margin
    from plantedu.topics.attacks.robustness_curve import curve
    from plantedu.topics.attacks.threat_model import Budget
    from plantedu.training.seeding import generator_for

    return curve(
        APGD(steps=settings.steps),
        model,
        views,
        lambda rows: Margin(labels[rows]),
        Budget.on(where, 1.0, norm=settings.norm),
        settings.radii_255,
        generator=generator_for(settings.seed, f"attack {where}"),
        check=check,
    )


def _rung(
    arm: str, model: Any, views: Any, labels: Any, curves: Any, settings: Settings, check: Any
) -> list[Rung]:
    """Alarms of a network at about the radius that breaks half of its plants."""
    from plantedu.topics.attacks.criteria import Margin
    from plantedu.topics.attacks.diagnostics import alarms
    from plantedu.topics.attacks.threat_model import LEVELS, Budget
    from plantedu.training.seeding import generator_for

    where = "both" if "both" in settings.where else settings.where[0]
    half = _half(arm, where, curves[arm, where]).radius_255 or settings.radii_255[-1]
    found = alarms(
        model,
        views,
        Margin(labels),
        Budget.on(where, max(half, 2.0) / LEVELS, norm=settings.norm),
        generator=generator_for(settings.seed, "alarms"),
        steps=settings.steps,
        tries=60,
        check=check,
    )
    return [Rung(arm, one.name, one.rings, one.says) for one in found]


def _cells(arm: str, where: str, curves: Sequence[Any]) -> list[Cell]:
    """Every radius of an arm; radius 0 is clean, and its own null."""
    found = []
    for place, radius in enumerate((0.0, *curves[0].radii_255)):
        standing = np.stack([one.robust(radius) for one in curves])
        noise = np.stack(
            [one.under_noise(place - 1) if place else standing[k] for k, one in enumerate(curves)]
        )
        per_plant = standing.mean(0)
        evidence = mean_over_plants(
            f"Which share of plants does {arm} classify correctly at radius {radius:g}/255, "
            f"attacked: {where}?",
            per_plant,
            float(noise.mean()),
            "random noise of the same size",
            seeds=len(curves),
        )
        seeds = tuple(float(one) for one in standing.mean(1))
        found.append(Cell(arm, where, radius, seeds, evidence))
    return found


def _half(arm: str, where: str, curves: Sequence[Any]) -> Half:
    """Median smallest radius of the plants that were classified correctly."""
    first = np.concatenate([one.first[one.first > 0] for one in curves])
    middle = float(np.quantile(first, 0.5, method="lower")) if len(first) else float("inf")
    return Half(arm, where, middle if np.isfinite(middle) else None)


@dataclass(frozen=True)
class Options(Settings):
    """Attack every network on every choice of sensors.

    Attributes:
        json: Print the result as one JSON object on the last line.
    """

    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the request is the settings; one step for each curve."""
    from plantedu.store.paths import home

    asked = with_tuples(work.run.request)
    settings = Settings(**asked)
    steps = [0, len(arms(settings)) * len(settings.where)]

    def told(said: str) -> None:
        if not said.startswith("alarms"):
            steps[0] += 1
            work.store.set_step(work.run.id, steps[0] - 1, steps[1])

    found = robustness(settings, bank_folder=home() / "bank", check=work.check, told=told)
    return found.as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu attacks robustness [--networks ...] [--where ...] [--json]`."""
    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu attacks robustness")
    settings = settings_of(options, Settings)
    result = robustness(
        settings, bank_folder=home() / "bank", told=lambda said: print(said, flush=True)
    )
    tell(result)
    if options.json:
        print(json.dumps(result.as_json()))
    return 0


def tell(result: RobustnessResult) -> None:
    """Print a result."""
    radii = (0.0, *result.settings.radii_255)
    print(f"{'robust share at radius':<34}" + "".join(f"{r:>14g}" for r in radii))
    for where in result.settings.where:
        for arm in result.arms:
            told = [result.of(arm, where, r).evidence for r in radii]
            line = "".join(f"  {e.value:5.2f} ({e.null:4.2f})" for e in told)
            print(f"{where:<8}{arm:<26}{line}")
    for one in result.alarms:
        print(f"{'ALARM  ' if one.rings else 'quiet  '}{one.arm:<16}{one.name:<24}{one.says}")
    print(result.cells[0].evidence.caption() + f"; chance {result.chance:.2f}")
