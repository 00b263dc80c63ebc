"""How good is a forecaster? Reliability, resolution, uncertainty: Brier's score taken apart.

A forecast is a confidence c_i that one's own answer is right; o_i is 1 if it was, else 0. With the
n forecasts in bins k, of n_k forecasts each, mean confidence c_k and share right o_k:

    brier       = 1/n sum (c_i - o_i)^2
    reliability = 1/n sum n_k (c_k - o_k)^2            how far words are from shares; 0 is best
    resolution  = 1/n sum n_k (o_k - o)^2 - within     how well one tells easy from hard; more is
                                                       better
    uncertainty = o (1 - o)                            what always saying the base rate o scores
    within      = 1/n sum ((c_i - c_k)^2 - 2 (c_i - c_k)(o_i - o_k))

    brier = reliability - resolution + uncertainty,    exactly

Murphy's three parts add up only if all forecasts of a bin are equal; `within` is what bins hide,
counted into the resolution as Stephenson and others do. With few forecasts reliability comes out
too large, even for a perfectly calibrated forecaster: hence the band of `expected_reliability`,
in which answers are drawn from the stated confidences.

Source: Murphy 1973 [murphy1973]; Stephenson et al. 2008 [stephenson2008]; the band: Broecker and
Smith 2007 [brocker2007]. Lesson: 11_report.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.errors import require
from plantedu.evidence import Evidence, bootstrap_interval

EDGES = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)  # few bins: courses have dozens of forecasts
COIN = 0.25  # what .5 scores, whatever happens
DRAWS = 999
ALPHA = 0.05
FEWEST = 10  # forecasts below which nothing is said about calibration


@dataclass(frozen=True)
class Bin:
    """Forecasts of about one confidence.

    Attributes:
        count: n_k.
        said: c_k, mean confidence.
        right: o_k, share that came true.
        low, high: Where o_k lies in 19 of 20 draws if the confidences are meant as said.
    """

    count: int
    said: float
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Brier's score and its parts, in the letters of the module.

    Attributes:
        n: Forecasts.
        brier: Mean of (c - o)^2, 0 to 1.
        reliability, resolution, uncertainty: Its parts.
        base_rate: o, the share that came true.
        said: Mean confidence.
        expected_reliability: What a forecaster who means what she says gets with so few forecasts.
        p: Chance that her reliability comes out as large.
        bins: The diagram, from low to high confidence; empty bins are left out.
        against_coin: Brier's score less that of a coin, with its interval over forecasts.
        overconfidence: Mean confidence less the share right, with its interval.
    """

    n: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    base_rate: float
    said: float
    expected_reliability: float
    p: float
    bins: tuple[Bin, ...]
    against_coin: Evidence
    overconfidence: Evidence

    @property
    def verdict(self) -> str:
        """Overconfident, underconfident, now this and now that, not told apart, or too few."""
        if self.n < FEWEST:
            return f"too few to say: {self.n} of {FEWEST} answers"
        low, high = self.overconfidence.interval or (0.0, 0.0)
        if low > 0:
            return "overconfident"
        if high < 0:
            return "underconfident"
        mixed = "too sure of some answers and not sure enough of others"
        return mixed if self.p <= ALPHA else "not told apart from calibrated"


def reliability(
    confidences: Sequence[float] | np.ndarray,
    right: Sequence[bool] | np.ndarray,
    *,
    edges: Sequence[float] = EDGES,
    seed: int = 0,
) -> Reliability:
    """Take the score of some forecasts apart.

    Args:
        confidences: c, "forecasts", from 0 to 1.
        right: o, "forecasts", whether each came true.
        edges: Ends of the bins, rising from 0 to 1; a bin holds its upper end.
        seed: Draws the band and the resamples.

    Raises:
        PlantEduError: for no forecast, another number of outcomes, or a confidence that is no
            probability.
    """
    c, o = np.asarray(confidences, float), np.asarray(right, float)
    require(c.ndim == 1 and c.size >= 1, "There is no forecast yet; commit to one and reveal it.")
    require(c.shape == o.shape, f"{c.size} forecasts need as many outcomes; got {o.size}.")
    require(bool(((c >= 0) & (c <= 1)).all()), "A confidence is a probability from 0 to 1.")
    require(bool(np.isin(o, (0.0, 1.0)).all()), "An outcome is right or wrong, 1 or 0.")
    of = np.clip(np.searchsorted(np.asarray(edges), c, side="left"), 1, len(edges) - 1)
    rng = np.random.default_rng((seed, 11))
    drawn = (rng.random((DRAWS, c.size)) < c).astype(float)
    rel, res, unc = parts(c, o, of)
    by_chance = _expected(c, drawn, of)
    return Reliability(
        n=c.size,
        brier=float(((c - o) ** 2).mean()),
        reliability=rel,
        resolution=res,
        uncertainty=unc,
        base_rate=float(o.mean()),
        said=float(c.mean()),
        expected_reliability=float(by_chance.mean()),
        p=float((1 + (by_chance >= rel - 1e-12).sum()) / (1 + DRAWS)),
        bins=tuple(_bin(c, o, drawn, of == k) for k in np.unique(of)),
        against_coin=_difference((c - o) ** 2 - COIN, "coin", rng),
        overconfidence=_difference(c - o, "calibrated", rng),
    )


def parts(c: np.ndarray, o: np.ndarray, of: np.ndarray) -> tuple[float, float, float]:
    """Reliability, resolution and uncertainty; `of` is the bin of each forecast."""
    reliability = resolution = within = 0.0
    for k in np.unique(of):
        here = of == k
        c_k, o_k, n_k = c[here].mean(), o[here].mean(), here.sum()
        reliability += n_k * (c_k - o_k) ** 2
        resolution += n_k * (o_k - o.mean()) ** 2
        spread = c[here] - c_k
        within += float((spread**2 - 2 * spread * (o[here] - o_k)).sum())
    base = float(o.mean())
    return reliability / c.size, (resolution - within) / c.size, base * (1 - base)


def _expected(c: np.ndarray, drawn: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Reliability of each draw of the answers, "draws"."""
    bins = [of == k for k in np.unique(of)]
    each = [here.sum() * (c[here].mean() - drawn[:, here].mean(1)) ** 2 for here in bins]
    return np.sum(each, axis=0) / c.size


def _bin(c: np.ndarray, o: np.ndarray, drawn: np.ndarray, here: np.ndarray) -> Bin:
    low, high = np.quantile(drawn[:, here].mean(1), (0.025, 0.975))
    return Bin(
        int(here.sum()), float(c[here].mean()), float(o[here].mean()), float(low), float(high)
    )


SAYS = {
    "coin": ("Brier's score less that of a coin", "a coin, .5 each time"),
    "calibrated": ("Mean confidence less the share right", "a calibrated forecaster"),
}


def _difference(each: np.ndarray, against: str, rng: np.random.Generator) -> Evidence:
    question, control = SAYS[against]
    return Evidence(
        question=question,
        value=float(each.mean()),
        null=0.0,
        control=control,
        n=each.size,
        interval=bootstrap_interval(each, generator=rng) if each.size > 1 else None,
    )
