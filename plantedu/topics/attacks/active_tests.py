"""Is the attack itself any good? Active tests on our own networks, for every way of attacking.

For each plant a hyperplane is put into the network's features so that one picture on the border of
the ball, and none of those drawn inside it, is adversarial (topics/attacks/positive_control.py). An
attack that does not find it has failed, whatever it says about robustness. The null is what random
pictures on the border find. A deliberately broken attack, which walks down the slope, stands
beside: a test that everybody passes tests nothing.

Source: Zimmermann et al. 2022, arXiv:2206.13991 [zimmermann2022]. Lesson: 08_attacks.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.positive_control import Backwards, found
from plantedu.topics.attacks.results.active_tests import ActiveResult, Settings
from plantedu.topics.attacks.threat_model import LEVELS, Budget
from plantedu.topics.method import Context, Method
from plantedu.training.seeding import generator_for
from plantedu.zoo import model_zoo

TESTED = ("fgsm", "pgd", "apgd")
BROKEN = "walks down"


def active(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
) -> ActiveResult:
    """Plant adversarial pictures, and look for them.

    Args:
        settings: What is tested.
        bank_folder: Where rendered pairs are kept.
        check: Called between passes; may raise to stop.
        progress: Called with what is being tested.

    Raises:
        PlantEduError: where nothing can be planted, as with a radius too small.
    """
    plot = model_zoo.Plot(bank_folder)
    plants = plot.fresh(settings.plants)
    views, features = plot.views(plants), model_zoo.ModelZoo(plot).features(settings.network)
    attacks = {n: make(n, steps=0 if n == "fgsm" else settings.steps) for n in TESTED}
    attacks |= {BROKEN: Backwards(), "noise": make("noise")}
    seen: dict[str, list[np.ndarray]] = {name: [] for name in attacks}
    for where in settings.where:
        for norm in settings.norms:
            progress(f"{where}, {norm}")
            budget = Budget.on(where, settings.radius_255 / LEVELS, norm=norm)
            for name, attack in attacks.items():
                generator = generator_for(settings.seed, f"planted {where} {norm}")
                one = found(attack, features, views, budget, generator=generator, check=check)
                seen[name].append(one.reached)
    noise = float(np.mean(seen["noise"]))
    shares = {name: np.mean(seen[name], axis=0) for name in (*TESTED, BROKEN)}
    return ActiveResult(settings, {name: _evidence(name, x, noise) for name, x in shares.items()})


def _evidence(name: str, per_plant: np.ndarray, noise: float) -> Evidence:
    question = f"Which share of the adversarial pictures that are surely there does {name} find?"
    return mean_over_plants(question, per_plant, noise, "random pictures on the border")


def _run(asked: Settings, context: Context) -> ActiveResult:
    how = {"check": context.check, "progress": context.progress}
    return active(asked, bank_folder=context.bank, **how)


def tell(result: ActiveResult) -> None:
    """Print a result."""
    for name, e in result.found.items():
        print(f"{name:<12} finds {e.value:.3f}   noise {e.null:.3f}   n = {e.n}")


METHOD = Method(Settings, _run, tell)
