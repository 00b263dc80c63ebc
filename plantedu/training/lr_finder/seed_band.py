"""Learning rates found over several seeds, each rule beside what it says of a flat curve.

A finder's curve is one draw: other weights, other batches, another curve. So each rule's answer is
a geometric mean over seeds with an interval, next to its null: the same rule on curves that have
the same noise from batch to batch and no slope at all.

Source: Smith 2015 [smith2015]. Lesson: 04_family.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
from scipy import stats

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.training.lr_finder.rules import RULES, batch_noise, on_flat_curves
from plantedu.training.lr_finder.sweep import LrCurve, check_ramp, ramp, switches_inside
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import numpy_generator_for


@dataclass(frozen=True)
class Finder:
    """What a finder is asked.

    Attributes:
        recipe: Knobs of the run that a learning rate is sought for; its own rate does not matter.
        seeds: How many curves; the k-th has the recipe's seed plus k.
        iterations: Steps of each ramp.
        lowest: First learning rate.
        highest: Learning rate that the ramp would reach after its last step.
    """

    recipe: Recipe = field(default_factory=Recipe)
    seeds: int = 5
    iterations: int = 100
    lowest: float = 1e-7
    highest: float = 10.0

    def __post_init__(self) -> None:
        check_ramp(self.lowest, self.highest, self.iterations)
        require(1 <= self.seeds <= 100, f"The finder needs 1 to 100 seeds, got {self.seeds}.")

    def place(self, rate: float) -> int:
        """Iteration whose rate is nearest to this one."""
        share = math.log(rate / self.lowest) / math.log(self.highest / self.lowest)
        return min(max(round(share * self.iterations), 0), self.iterations - 1)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `Finder.from_json` reads them back to an equal finder."""
        return asdict(self) | {"recipe": self.recipe.as_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Finder":
        """Read what a run was asked.

        Raises:
            PlantEduError: for a knob that does not exist or is out of range.
        """
        strange = sorted(set(values) - {one.name for one in fields(cls)})
        require(not strange, f"A finder has no knob {strange}.")
        chosen: dict[str, Any] = dict(values)
        chosen["recipe"] = Recipe.from_json(chosen.get("recipe", {}))
        return cls(**chosen)


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
    finder: Finder, curve_of: Callable[[Recipe], LrCurve], *, first_step: int = 0
) -> LrBand:
    """A curve for each seed, and every rule's answer beside its null.

    Args:
        finder: What is asked.
        curve_of: Runs the ramp for a recipe; see `lr_finder.pretraining_curve`.
        first_step: Steps that the objective had done before.

    Raises:
        PlantEduError: where a curve cannot be read.
    """
    recipe = finder.recipe
    recipes = [replace(recipe, seed=recipe.seed + k) for k in range(finder.seeds)]
    curves = tuple(curve_of(one) for one in recipes)
    whole = [
        ramp(k, start=finder.lowest, end=finder.highest, iterations=finder.iterations)
        for k in range(finder.iterations)
    ]
    null = on_flat_curves(
        np.array(whole),
        level=float(np.mean([curve.losses[0] for curve in curves])),
        noise=float(np.mean([batch_noise(np.array(curve.losses)) for curve in curves])),
        generator=numpy_generator_for(recipe.seed, "flat learning-rate curves"),
    )
    return LrBand(
        tuple(one.seed for one in recipes),
        curves,
        {rule: _evidence(rule, curves, null[rule]) for rule in RULES},
        {rule: _middle(null[rule]) for rule in RULES},
        switches_inside(recipe, finder.iterations, first_step=first_step),
    )


def _middle(values: np.ndarray) -> tuple[float, float]:
    """Where the middle 95 % lie."""
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


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
