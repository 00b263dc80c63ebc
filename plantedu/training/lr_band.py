"""Learning rates found over several seeds, each rule beside what it says of a flat curve.

A finder's curve is one draw: other weights, other batches, another curve. So each rule's answer is
a geometric mean over seeds with an interval, next to its null: the same rule on curves that have
the same noise from batch to batch and no slope at all.

Source: Smith 2015 [smith2015]. Lesson: 04_family.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from plantedu.errors import require
from plantedu.evidence import Evidence
from plantedu.training.lr_finder import LrCurve, ramp, switches_inside
from plantedu.training.lr_rules import RULES, batch_noise, on_flat_curves
from plantedu.training.randomness import numpy_generator_for
from plantedu.training.recipe import Recipe


@dataclass(frozen=True)
class LrBand:
    """One curve per seed; `found[rule]` compares its answers with those on flat curves.

    Attributes:
        seeds: Seed of each curve.
        curves: In the order of `seeds`.
        found: Geometric mean of each rule over the seeds, its interval, and its null.
        flat: 2.5th and 97.5th percentile of each rule's answers on flat curves.
        switches: What changes inside the ramp, (iteration, name).
    """

    seeds: tuple[int, ...]
    curves: tuple[LrCurve, ...]
    found: dict[str, Evidence]
    flat: dict[str, tuple[float, float]]
    switches: tuple[tuple[int, str], ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def find_band(
    recipe: Recipe,
    curve_of: Callable[[Recipe], LrCurve],
    *,
    seeds: int = 5,
    iterations: int = 100,
    start: float = 1e-7,
    end: float = 10.0,
    first_step: int = 0,
) -> LrBand:
    """A curve for each of several seeds, and every rule's answer beside its null.

    Args:
        recipe: Knobs; the k-th curve has its seed plus k.
        curve_of: Runs the finder for a recipe; see `pretraining_curve`.
        seeds: How many curves.
        iterations, start, end: The ramp that `curve_of` uses.
        first_step: Steps that the objective had done before.

    Raises:
        PlantEduError: without a seed, or where a curve cannot be read.
    """
    require(seeds >= 1, f"The finder needs a seed or more, got {seeds}.")
    recipes = [replace(recipe, seed=recipe.seed + k) for k in range(seeds)]
    curves = tuple(curve_of(one) for one in recipes)
    whole = np.array(
        [ramp(k, start=start, end=end, iterations=iterations) for k in range(iterations)]
    )
    null = on_flat_curves(
        whole,
        level=float(np.mean([curve.losses[0] for curve in curves])),
        noise=float(np.mean([batch_noise(np.array(curve.losses)) for curve in curves])),
        generator=numpy_generator_for(recipe.seed, "flat learning-rate curves"),
    )
    return LrBand(
        tuple(one.seed for one in recipes),
        curves,
        {rule: _evidence(rule, curves, null[rule]) for rule in RULES},
        {rule: tuple(np.quantile(null[rule], (0.025, 0.975)).tolist()) for rule in RULES},
        switches_inside(recipe, iterations, first_step=first_step),
    )


def _evidence(rule: str, curves: Sequence[LrCurve], null: np.ndarray) -> Evidence:
    """Geometric mean over seeds, its t interval in the logarithm, and the same on flat curves."""
    logs = np.log([curve.suggestions[rule] for curve in curves])
    half = 0.0
    if len(logs) > 1:
        half = float(stats.t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / math.sqrt(len(logs)))
    mean = float(logs.mean())
    return Evidence(
        question=f"Which learning rate does {rule} read off the finder's curve?",
        value=math.exp(mean),
        null=math.exp(float(np.log(null).mean())),
        control="the same rule on flat curves with the same noise",
        n=len(curves),
        seeds=len(curves),
        interval=(math.exp(mean - half), math.exp(mean + half)) if len(logs) > 1 else None,
    )
