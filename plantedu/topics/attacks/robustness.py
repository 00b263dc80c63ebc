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

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.attack import Check
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.diagnostics import alarms
from plantedu.topics.attacks.results.robustness import Cell, Half, RobustnessResult, Rung, Settings
from plantedu.topics.attacks.robustness_curve import Curve, curve
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for
from plantedu.zoo import model_zoo
from plantedu.zoo.recipes import ARMS, READS

LATE = "late fusion"
FUSED = tuple(name for name, arm in ARMS.items() if arm == "SwAV cross")


def robustness(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> RobustnessResult:
    """Attack every network on every choice of sensors.

    Args:
        settings: What, and how hard.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        progress: Called with what is being attacked.
        step: Called with the number of curves done, and of how many.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    plot = model_zoo.Plot(bank_folder)
    zoo, plants = model_zoo.ModelZoo(plot), plot.fresh(settings.plants)
    views, labels = plot.views(plants), plot.labels(plants)
    curves: dict[tuple[str, str], list[Curve]] = {}
    rung: list[Rung] = []
    attacked = arms(settings)
    of = len(attacked) * len(settings.where)
    for arm, name, reads in attacked:
        model = zoo.namer(name, reads)
        for where in settings.where:
            progress(f"{name} ({arm}), {where}")
            step(sum(map(len, curves.values())), of)
            found = _curve(model, views, labels, where, settings, check)
            curves.setdefault((arm, where), []).append(found)
        if settings.ring and arm not in {one.arm for one in rung}:
            progress(f"alarms of {arm}")
            few = slice(None, settings.ring)
            rung += _rung(arm, model, views[:, few], labels[few], curves, settings, check)
    return summarised(settings, labels.numpy(), curves, rung)


def summarised(
    settings: Settings,
    labels: np.ndarray,
    curves: Mapping[tuple[str, str], Sequence[Curve]],
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


def _curve(
    model: nn.Module, views: Tensor, labels: Tensor, where: str, settings: Settings, check: Check
) -> Curve:
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
    arm: str,
    model: nn.Module,
    views: Tensor,
    labels: Tensor,
    curves: Mapping[tuple[str, str], Sequence[Curve]],
    settings: Settings,
    check: Check,
) -> list[Rung]:
    """Alarms of a network at about the radius that breaks half of its plants."""
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


def _cells(arm: str, where: str, curves: Sequence[Curve]) -> list[Cell]:
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


def _half(arm: str, where: str, curves: Sequence[Curve]) -> Half:
    """Median smallest radius of the plants that were classified correctly."""
    first = np.concatenate([one.first[one.first > 0] for one in curves])
    middle = float(np.quantile(first, 0.5, method="lower")) if len(first) else float("inf")
    return Half(arm, where, middle if np.isfinite(middle) else None)


def _run(asked: Settings, context: Context) -> RobustnessResult:
    how = {"check": context.check, "progress": context.progress, "step": context.step}
    return robustness(asked, bank_folder=context.bank, **how)


def tell(result: RobustnessResult) -> None:
    """Print a result."""
    radii = (0.0, *result.settings.radii_255)
    print(f"{'robust share at radius':<34}" + "".join(f"{r:>14g}" for r in radii))
    for where in result.settings.where:
        for arm in result.arms:
            shares = [result.of(arm, where, r).evidence for r in radii]
            line = "".join(f"  {e.value:5.2f} ({e.null:4.2f})" for e in shares)
            print(f"{where:<8}{arm:<26}{line}")
    for one in result.alarms:
        print(f"{'ALARM  ' if one.rings else 'quiet  '}{one.arm:<16}{one.name:<24}{one.says}")
    print(result.cells[0].evidence.caption() + f"; chance {result.chance:.2f}")


METHOD = Method(Settings, _run, tell)
