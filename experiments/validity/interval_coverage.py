"""How often does each interval of the course hold the truth? -> lessons/results/11_coverage.json

    python -m experiments.validity.interval_coverage       # about four minutes of one core

Shares are exact: the chance of each count, summed over counts whose interval holds p. Everything
else is simulated, `DRAWS` tables a cell, so that a cell is known within .01. The percentile
bootstrap, the interval of the first version, stands beside each (for shares in its limit of many
resamples, which is exact too). Level of the calibration verdict: learners who mean what they say.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats

from plantedu.statistics.brier import reliability
from plantedu.statistics.evidence import t_interval
from plantedu.statistics.intervals import (
    Interval,
    count_interval,
    difference_interval,
    mean_interval,
    r2_parts,
    share_interval,
)

RESULT = Path(__file__).parents[2] / "lessons" / "results" / "11_coverage.json"
COMMAND = "python -m experiments.validity.interval_coverage"
DRAWS, LEARNERS, RESAMPLES = 2000, 400, 199
PLANTS = tuple(range(12, 97, 4))
SHARES = np.round(np.arange(0.5, 0.9901, 0.01), 2)
FEW = (8, 12, 24, 48)
Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
NUMBERS: dict[str, tuple[Draw, float, str]] = {
    "normal": (lambda r, size: r.normal(size=size), 0.0, "normal"),
    "exponential": (lambda r, size: r.exponential(size=size), 1.0, "skewed"),
    "gamma of shape 2": (lambda r, size: r.gamma(2, size=size), 2.0, "skewed"),
    "lognormal, sigma .5": (lambda r, size: r.lognormal(0, 0.5, size), np.exp(0.125), "skewed"),
    "uniform": (lambda r, size: r.random(size), 0.5, "bounded"),
    "beta(.5, .5)": (lambda r, size: r.beta(0.5, 0.5, size), 0.5, "bounded"),
    "beta(5, 1)": (lambda r, size: r.beta(5, 1, size), 5 / 6, "bounded"),
    "beta(2, 8)": (lambda r, size: r.beta(2, 8, size), 0.2, "bounded"),
    "half zeros": (lambda r, size: r.random(size) * (r.random(size) < 0.5), 0.25, "bounded"),
    "lognormal, sigma 1": (lambda r, size: r.lognormal(0, 1, size), np.exp(0.5), "long tail"),
    "t of 3": (lambda r, size: r.standard_t(3, size), 0.0, "long tail"),
}


def rng_of(*words: object) -> np.random.Generator:
    return np.random.default_rng([11, *(sum(map(ord, str(word))) for word in words)])


def held(tables: np.ndarray, truth: float, interval: Callable[[np.ndarray], Interval]) -> float:
    ends = np.array([interval(one) for one in tables])
    return float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean())


def percentile(tables: np.ndarray, truth: float, rng: np.random.Generator) -> float:
    """Coverage of the percentile bootstrap on some of the tables."""
    some, n = tables[: DRAWS // 2], tables.shape[1]
    inside = 0
    for one in some:
        means = one[rng.integers(0, n, (RESAMPLES, n))].mean(1)
        low, high = np.quantile(means, [0.025, 0.975])
        inside += low <= truth <= high
    return inside / len(some)


def summary(cells: dict[str, float]) -> dict[str, Any]:
    """Mean, worst cell and the share of cells from .93 to .97."""
    values = np.array(list(cells.values()))
    names = list(cells)
    return {
        "mean": float(values.mean()),
        "least": float(values.min()),
        "least at": names[int(values.argmin())],
        "most": float(values.max()),
        "most at": names[int(values.argmax())],
        "from .93 to .97": float(((values >= 0.93 - 1e-9) & (values <= 0.97 + 1e-9)).mean()),
        "below .93": float((values < 0.93 - 1e-9).mean()),
        "cells": len(values),
    }


def exact_shares() -> dict[str, Any]:
    """Coverage of shares by four intervals."""

    def library(method: str) -> Callable[[int, int], Interval]:
        def ends(k: int, n: int) -> Interval:
            found = scipy.stats.binomtest(k, n).proportion_ci(0.95, method=method)
            return float(found.low), float(found.high)

        return ends

    def bootstrap(k: int, n: int) -> Interval:
        low, high = scipy.stats.binom.ppf([0.025, 0.975], n, k / n) / n
        return float(low), float(high)

    methods = {
        "mid-p": count_interval,
        "Wilson": library("wilson"),
        "Clopper-Pearson": library("exact"),
        "percentile bootstrap": bootstrap,
    }
    shares = {}
    for name, interval in methods.items():
        cells = {}
        for n in PLANTS:
            counts = np.arange(n + 1)
            ends = np.array([interval(int(k), n) for k in counts])
            chance = scipy.stats.binom.pmf(counts[:, None], n, SHARES)
            inside = (ends[:, :1] <= SHARES + 1e-12) & (ends[:, 1:] >= SHARES - 1e-12)
            for p, value in zip(SHARES, (chance * inside).sum(0), strict=True):
                cells[f"n {n}, p {p:.2f}"] = float(value)
        shares[name] = summary(cells) | {"n 24, p .98": cells["n 24, p 0.98"],
                                       "n 48, p .98": cells["n 48, p 0.98"]}  # fmt: skip
    return shares


def means() -> dict[str, Any]:
    """Coverage of means of few: ours, Student's, the percentile bootstrap."""
    cells: dict[str, dict[str, dict[str, float]]] = {}
    for name, (draw, truth, kind) in NUMBERS.items():
        for n in FEW:
            rng = rng_of(name, n)
            tables = draw(rng, (DRAWS, n))
            ours = share_interval if kind == "bounded" else mean_interval
            found = {
                "ours": held(tables, truth, ours),
                "Student's": held(tables, truth, lambda x: t_interval(x) or (0.0, 0.0)),
                "percentile bootstrap": percentile(tables, truth, rng),
            }
            for method, value in found.items():
                place = cells.setdefault(method, {}).setdefault(kind, {})
                place[f"{name}, n {n}"] = value
    return {
        method: {kind: summary(one) | {"by cell": one} for kind, one in kinds.items()}
        for method, kinds in cells.items()
    }


def fractions() -> dict[str, Any]:
    """Shares averaged over seeds: every plant has a chance of its own."""
    cells = {}
    for n in (12, 24, 48):
        for p in (0.5, 0.7, 0.9, 0.95, 0.98):
            for seeds in (2, 3, 5):
                for alike in (0.5, 5.0):
                    rng = rng_of("fractions", n, p, seeds, alike)
                    chance = rng.beta(p * alike, (1 - p) * alike, (DRAWS // 4, n))
                    tables = rng.binomial(seeds, chance) / seeds
                    name = f"n {n}, p {p}, {seeds} seeds, plants differ {alike}"
                    cells[name] = held(tables, p, share_interval)
    return summary(cells)


def differences() -> dict[str, Any]:
    """One share less another of the same plants."""
    cells = {}
    for n in (12, 24, 48, 96):
        for up, down in (
            (0.3, 0.1),
            (0.1, 0.1),
            (0.1, 0.0),
            (0.05, 0.05),
            (0.6, 0.05),
            (0.9, 0.02),
        ):
            rng = rng_of("differences", n, up, down)
            tables = rng.choice([1.0, -1.0, 0.0], p=[up, down, 1 - up - down], size=(DRAWS, n))
            cells[f"n {n}, up {up}, down {down}"] = held(tables, up - down, difference_interval)
    return summary(cells)


def r2() -> dict[str, Any]:
    """R2 of a known line, from parts that know their denominator and from those that do not."""
    covered = {}
    for parts in ("ours", "denominator taken for known"):
        cells = {}
        for n in (64, 128, 512):
            for truth in (0.3, 0.8, 0.95):
                for target in ("normal", "exponential"):
                    cells[f"n {n}, R2 {truth}, {target} target"] = _r2(parts, n, truth, target)
        covered[parts] = summary(cells)
    return covered


def _r2(parts: str, n: int, truth: float, target: str) -> float:
    rng = rng_of("r2", n, truth, target)
    inside = 0
    for _ in range(DRAWS // 4):
        signal = rng.normal(size=n) if target == "normal" else rng.exponential(size=n) - 1
        error = (1 - truth) * rng.normal(size=n) ** 2
        y = np.sqrt(truth) * signal + np.sqrt(error) * rng.choice([-1, 1], n)
        total = (y - y.mean()) ** 2
        found = r2_parts(error, total) if parts == "ours" else 1 - error / total.mean()
        low, high = mean_interval(found)
        inside += low <= truth <= high
    return inside / (DRAWS // 4)


def learners() -> Iterator[tuple[str, float]]:
    """Share of learners who mean what they say and are told otherwise."""
    says: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
        "always 95 %": lambda r, n: np.full(n, 0.95),
        "always 50 %": lambda r, n: np.full(n, 0.5),
        "34 to 99 %": lambda r, n: r.uniform(0.34, 0.99, n),
        "55 or 90 %": lambda r, n: r.choice([0.55, 0.9], n),
    }
    for name, said in says.items():
        for n in (10, 20, 30, 40):
            rng, judged = rng_of(name, n), 0
            for _ in range(LEARNERS):
                c = said(rng, n)
                verdict = reliability(c, rng.random(n) < c).verdict
                judged += verdict != "not told apart from calibrated"
            yield f"{name}, {n} answers", judged / LEARNERS


def first_verdict(n: int = 10, said: float = 0.95) -> float:
    """Chance that the first version judged a calibrated learner who always says one thing.

    It took the percentile bootstrap of c - o: over or under where that left 0. Exact, in its limit
    of many resamples.
    """
    level = 0.0
    for right in range(n + 1):
        low, high = said - scipy.stats.binom.ppf([0.975, 0.025], n, right / n) / n
        level += float(scipy.stats.binom.pmf(right, n, said)) * bool(low > 0 or high < 0)
    return level


def main() -> None:
    """Everything, into one file."""
    levels = dict(learners())
    plain = {
        "command": COMMAND,
        "draws": DRAWS,
        "shares": exact_shares(),
        "means": means(),
        "fractions of seeds": fractions(),
        "differences of shares": differences(),
        "R2": r2(),
        "calibrated learners": {
            "n": LEARNERS,
            "most": max(levels.values()),
            "mean": float(np.mean(list(levels.values()))),
            "by kind": levels,
            "first version, always 95 %, 10 answers": first_verdict(),
        },
    }
    RESULT.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
