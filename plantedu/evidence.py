"""Evidence: no number without its null.

Every method answers one question with a frozen `Evidence` (or several of them in its own frozen
result). A chart draws `null` beside `value`; there is no way to make an `Evidence` without one.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import scipy

from plantedu.errors import require
from plantedu.intervals import Kind, checked, plants_interval


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One measured number beside the same number under a stated control.

    Attributes:
        question: What the number answers, in one sentence.
        value: The measured number.
        null: The same quantity under the control.
        control: What the control is ("shuffled labels", "random-init encoder", ...).
        n: Independent units (plants, not images) that the number rests on.
        seeds: Independent runs or draws; 1 is shown as "1 seed".
        interval: Low and high end, at `level`; None where only one unit was measured.
        level: Coverage that the interval states.
        truth: What is really there, where the world is planted; None elsewhere.
    """

    question: str
    value: float
    null: float
    control: str
    n: int
    seeds: int = 1
    interval: tuple[float, float] | None = None
    level: float = 0.95
    truth: float | None = None

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.null) and bool(self.control.strip()),
            f"Evidence for {self.question!r} has no null: give the same quantity under a control.",
        )
        require(self.n >= 1, f"Evidence for {self.question!r} rests on n={self.n} units; need 1.")

    def caption(self) -> str:
        """How n, seeds and control are written under every figure."""
        seeds = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        return f"n = {self.n}, {seeds}; null: {self.control}"

    def as_json(self) -> dict[str, object]:
        """The fields as plain values, for `--json` and for committed results."""
        return asdict(self)


def mean_over_plants(
    question: str,
    per_plant: np.ndarray,
    null: float,
    control: str,
    *,
    seeds: int = 1,
    kind: Kind | None = None,
) -> Evidence:
    """The mean of one number a plant, with the interval that fits its kind.

    Args:
        question: What the number answers.
        per_plant: One number per plant, "plants".
        null: The same quantity under the control.
        control: What the control is.
        seeds: Independent runs behind each plant's number.
        kind: "share", "difference" (of two shares of the same plants) or "mean". None looks:
            zeros and ones, or multiples of 1 / seeds from 0 to 1, are shares; all else is a mean.
    """
    values = np.asarray(per_plant, dtype=np.float64)
    return Evidence(
        question=question,
        value=float(values.mean()),
        null=null,
        control=control,
        n=len(values),
        seeds=seeds,
        interval=plants_interval(values, seeds=seeds, kind=kind),
    )


def bootstrap_interval(
    per_plant: np.ndarray,
    *,
    generator: np.random.Generator,
    level: float = 0.95,
    resamples: int = 999,
) -> tuple[float, float]:
    """Percentile interval of the mean; too narrow for few plants and for shares near 0 or 1.

    It stands here to be examined, and until its last callers have moved to the ones above.

    Args:
        per_plant: One number per plant, "plants".
        generator: Draws the resamples.
        level: Coverage of the interval, in (0, 1).
        resamples: How many resamples.

    Raises:
        PlantEduError: with fewer than two plants, or with numbers that are not finite.

    Source: Efron & Tibshirani 1993, via scipy.stats.bootstrap [efron1993].
    """
    values = checked(per_plant)
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    found = scipy.stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        confidence_level=level,
        method="percentile",
        rng=generator,
    ).confidence_interval
    return float(found.low), float(found.high)


def t_interval(
    values: Sequence[float] | np.ndarray, *, level: float = 0.95
) -> tuple[float, float] | None:
    """Student's interval of the mean of a few independent runs; None where there is but one.

    A bootstrap over three runs can only repeat their range: it is too narrow.

    Args:
        values: One number a run.
        level: Coverage of the interval, in (0, 1).
    """
    found = np.asarray(values, dtype=np.float64)
    if found.size < 2:
        return None
    half = scipy.stats.t.ppf((1 + level) / 2, found.size - 1) * scipy.stats.sem(found)
    return float(found.mean() - half), float(found.mean() + half)
