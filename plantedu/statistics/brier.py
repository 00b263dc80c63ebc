"""How good is a forecaster? Reliability, resolution, uncertainty: Brier's score taken apart.

Brier's score has one definition here: the squares summed over all options, 0 to 2
(`choice_score`). Of "is my answer right?" both options err alike, and half of it is (c - o)^2,
which is what comes apart.

A forecast is a confidence c_i that one's own answer is right; o_i is 1 if it was, else 0. With the
n forecasts in bins k, of n_k forecasts each, mean confidence c_k and share right o_k:

    brier / 2   = 1/n sum (c_i - o_i)^2
    reliability = 1/n sum n_k (c_k - o_k)^2            how far words are from shares; 0 is best
    resolution  = 1/n sum n_k (o_k - o)^2 - within     how well one tells easy from hard; more is
                                                       better
    uncertainty = o (1 - o)                            what always saying the base rate o scores
    within      = 1/n sum ((c_i - c_k)^2 - 2 (c_i - c_k)(o_i - o_k))

    brier / 2 = reliability - resolution + uncertainty,    exactly

Murphy's three parts add up only if all forecasts of a bin are equal; `within` is what bins hide,
counted into the resolution as Stephenson and others do. With few forecasts reliability comes out
too large, even for a perfectly calibrated forecaster: hence the band of `expected_reliability`,
in which answers are drawn from the stated confidences.

Whether she is over- or underconfident is tested against her own words. If they are meant, the
number of right answers S is a sum of unequal coins, a Poisson-binomial, and

    overconfident    P(S <= right) <= .025              underconfident    P(S >= right) <= .025

exactly, whatever she said and however few the answers are. (A bootstrap of c - o, which stood here
before, called .58 of the calibrated learners underconfident who said 95 % ten times: most of them
are right ten times of ten, and ten equal numbers have no spread.) The interval of mean confidence
less share right turns the same test round: all her log odds move by one number, and those shifts
that the test lets stand give its ends.

Answers to one question by several people are one unit (`units`): they sit before the same trap.

Source: Murphy 1973 [murphy1973]; Stephenson et al. 2008 [stephenson2008]; the band: Broecker and
Smith 2007 [brocker2007]; Poisson-binomial: Hong 2013 [hong2013]. Lesson: 11_report.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import Interval, share_interval

EDGES = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)  # few bins: courses have dozens of forecasts
COIN = 0.25  # what .5 scores, whatever happens
DRAWS = 999
TAIL = 0.025  # of the exact test, each way
MIXED = 0.01  # of the test by draws for who is too sure here and not sure enough there
FEWEST = 10  # questions below which nothing is said about calibration, and no interval is given


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
        units: Questions that they are about.
        brier: Half of it: mean of (c - o)^2, 0 to 1.
        reliability, resolution, uncertainty: Its parts.
        base_rate: o, the share that came true.
        said: Mean confidence.
        expected_reliability: What a forecaster who means what she says gets with so few forecasts.
        p: Chance that her reliability comes out as large, by draws.
        p_over, p_under: Chance of as few, and of as many right answers, if her words are meant.
        bins: The diagram, from low to high confidence; empty bins are left out.
        against_coin: That less that of a coin, with its interval over questions.
        overconfidence: Mean confidence less the share right, with the interval of the exact test.
            Neither has an interval below `FEWEST` questions.
    """

    n: int
    units: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    base_rate: float
    said: float
    expected_reliability: float
    p: float
    p_over: float
    p_under: float
    bins: tuple[Bin, ...]
    against_coin: Evidence
    overconfidence: Evidence

    @property
    def verdict(self) -> str:
        """Overconfident, underconfident, now this and now that, not told apart, or too few."""
        if self.units < FEWEST:
            return f"too few to say: {self.units} of {FEWEST} answers"
        if self.p_over <= TAIL:
            return "overconfident"
        if self.p_under <= TAIL:
            return "underconfident"
        mixed = "too sure of some answers and not sure enough of others"
        return mixed if self.p <= MIXED else "not told apart from calibrated"


def calibration_error(confidence: np.ndarray, right: np.ndarray, *, bins: int = 15) -> float:
    """Expected calibration error, sum over bins of n_k / n |o_k - c_k|, in [0, 1].

    Args:
        confidence: Of the answer given, "n".
        right: Whether it was right, "n".
        bins: Equal bins of the confidence; each holds its upper end.
    """
    place = np.clip(np.ceil(confidence * bins).astype(int), 1, bins) - 1
    gaps = np.bincount(place, right.astype(np.float64) - confidence, minlength=bins)
    return float(np.abs(gaps).sum()) / len(confidence)


def choice_score(right: bool, confidence: float, *, options: int) -> float:
    """Brier's score over all options of one choice, 0 (sure and right) to 2 (sure and wrong).

    What is left of the confidence is spread evenly over the options that were not chosen:

        sum over options (p - is it the answer)^2

    Args:
        right: Whether the option chosen is the answer.
        confidence: Probability put on it, from 0 to 1.
        options: How many options there are, k >= 2.
    """
    rest = (1 - confidence) / (options - 1)
    if right:
        return (confidence - 1) ** 2 + (options - 1) * rest**2
    return confidence**2 + (rest - 1) ** 2 + (options - 2) * rest**2


def even_score(options: int) -> float:
    """The score of who puts the same probability on each option: the null of every score."""
    return 1 - 1 / options


def reliability(
    confidences: Sequence[float] | np.ndarray,
    right: Sequence[bool] | np.ndarray,
    *,
    units: Sequence[Hashable] | None = None,
    edges: Sequence[float] = EDGES,
    seed: int = 0,
) -> Reliability:
    """Take the score of some forecasts apart.

    Args:
        confidences: c, "forecasts", from 0 to 1.
        right: o, "forecasts", whether each came true.
        units: What question each forecast is about; None: each about one of its own.
        edges: Ends of the bins, rising from 0 to 1; a bin holds its upper end.
        seed: Draws the band.

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
    names = list(range(c.size)) if units is None else list(units)
    require(len(names) == c.size, f"{c.size} forecasts need as many units; got {len(names)}.")
    place = {name: k for k, name in enumerate(dict.fromkeys(names))}
    unit = np.array([place[name] for name in names])
    rng = np.random.default_rng((seed, 11))
    drawn = (rng.random((DRAWS, len(place)))[:, unit] < c).astype(float)
    stated, held = (np.bincount(unit, x) / np.bincount(unit) for x in (c, o))
    p_over, p_under = tails(stated, float(held.sum()))
    rel, res, unc = parts(c, o, of)
    by_chance = _expected(c, drawn, of)
    return Reliability(
        n=c.size,
        units=len(place),
        brier=float(((c - o) ** 2).mean()),
        reliability=rel,
        resolution=res,
        uncertainty=unc,
        base_rate=float(o.mean()),
        said=float(c.mean()),
        expected_reliability=float(by_chance.mean()),
        p=float((1 + (by_chance >= rel - 1e-12).sum()) / (1 + DRAWS)),
        bins=tuple(_bin(c, o, drawn, of == k) for k in np.unique(of)),
        p_over=p_over,
        p_under=p_under,
        against_coin=_against_coin((c - o) ** 2, unit),
        overconfidence=_overconfidence(c, o, stated, float(held.sum())),
    )


def tails(stated: np.ndarray, right: float) -> tuple[float, float]:
    """Chance of as few and of as many right answers, if every confidence is meant.

    Args:
        stated: Confidence of each question, "questions"; the mean over people where several answer.
        right: How many were right, with parts where people differ; parts count against the verdict.
    """
    many = scipy.stats.poisson_binom(stated)
    few, most = np.ceil(right - 1e-9), np.floor(right + 1e-9)
    return min(float(many.cdf(few)), 1.0), min(float(many.sf(most - 1)), 1.0)


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


def _against_coin(each: np.ndarray, unit: np.ndarray) -> Evidence:
    count, interval = np.bincount(unit), None
    if len(count) >= FEWEST:
        low, high = share_interval(np.bincount(unit, each) / count, weights=count)
        interval = (low - COIN, high - COIN)
    return Evidence(
        question="Half of Brier's score less that of a coin",
        value=float(each.mean()) - COIN,
        null=0.0,
        control="a coin, .5 each time",
        n=len(count),
        interval=interval,
    )


def _overconfidence(c: np.ndarray, o: np.ndarray, stated: np.ndarray, right: float) -> Evidence:
    return Evidence(
        question="Mean confidence less the share right",
        value=float(c.mean() - o.mean()),
        null=0.0,
        control="a calibrated forecaster",
        n=len(stated),
        interval=_shifted(stated, right) if len(stated) >= FEWEST else None,
    )


def _shifted(stated: np.ndarray, right: float) -> Interval:
    """Mean confidence less share right over all shifts of her log odds that the test lets stand."""
    odds = scipy.special.logit(stated.clip(1e-6, 1 - 1e-6))

    def end(which: int, reach: float) -> float:
        """The share where the tail falls to `TAIL`, or its bound where it never does."""

        def beyond(shift: float) -> float:
            return tails(scipy.special.expit(odds + shift), right)[which] - TAIL

        if beyond(reach) > 0:
            return 0.0 if reach < 0 else 1.0
        shift = np.asarray(scipy.optimize.brentq(beyond, reach, -reach, xtol=1e-4))
        return float(scipy.special.expit(odds + float(shift)).mean())

    most, least = end(0, 40.0), end(1, -40.0)
    return float(stated.mean()) - most, float(stated.mean()) - least
