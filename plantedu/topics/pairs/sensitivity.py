"""Which camera sees which factor? Change one factor, keep the plant, measure both pictures.

    c_s(f) = mean over plants, bands and pixels of |x_s(do f = high) - x_s(do f = low)|, in 1/255

Beside it stand two nulls. Setting a factor to the value that it has must change nothing. And two
shots of one scene differ by camera noise alone: for noise of standard deviation sigma,
E|n - n'| = 2 sigma / sqrt(pi). A factor counts as seen where some value moves by more than one
level: every other draw is kept, so whatever moves was moved by the factor.

It answers for the range of the factor and for these plants; a change too small for 8 bits is
called unseen.

Source: Pearl 2009, Causality (the do-operator) [pearl2009]. Lesson: 01_pairs.
"""

import numpy as np

from plantedu.charts.palette import NAMES
from plantedu.data.renderer.factors import FACTORS, SENSORS, Factor, factor
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.pairs.results.sensitivity import (
    Effect,
    SensitivityResult,
    Settings,
    change,
    noise_floor,
)


def ends(f: Factor) -> tuple[float | str, float | str]:
    """Lowest and highest value of a number, first and last level of a category."""
    return (f.levels[0], f.levels[-1]) if f.levels else (f.low, f.high)


def sensitivity(settings: Settings, context: Context | None = None) -> SensitivityResult:
    """Measure what each factor does to each sensor's picture.

    Args:
        settings: Of which plants, and which factors.
        context: Hears of each factor that is done; may stop.
    """
    context = context or Context()
    place, indices = world(settings.world, settings.world_seed), np.arange(settings.plants)
    chosen = [factor(name) for name in settings.factors] or list(FACTORS)
    drawn = draw_factors(place, indices)
    effects = []
    for done, f in enumerate(chosen, 1):
        context.check()
        low, high = (render(place, indices, size=settings.size, do={f.name: x}) for x in ends(f))
        for sensor in SENSORS:
            floor = noise_floor(drawn[f"noise_{sensor}"]).mean()
            moved = change(low, high, sensor)
            effects.append(_effect(f, sensor, moved, float(floor)))
        context.step(done, len(chosen))
    return SensitivityResult(settings, tuple(effects))


def _effect(f: Factor, sensor: str, moved: np.ndarray, floor: float) -> Effect:
    per_plant = moved.reshape(len(moved), -1).mean(1)
    evidence = Evidence(
        question=f"How much does {f.name}, from end to end, change the {NAMES[sensor]} picture?",
        value=float(per_plant.mean()),
        null=floor,
        control="another shot of camera noise",
        n=len(moved),
        interval=mean_interval(per_plant),
        truth=float(sensor in f.sees),
    )
    return Effect(f.name, sensor, evidence, float(moved.max()))


def tell(result: SensitivityResult) -> None:
    """Print a result."""
    print(result.table().round(2).to_string(index=False))
    print(f"Agrees with what was planted in {result.grade:.0%} of factors and sensors.")


METHOD = Method(Settings, sensitivity, tell)
