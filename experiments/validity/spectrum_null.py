"""How often the tests of lesson 07 cry wolf, and how often its interval holds the truth.

    uv run python -m experiments.validity.spectrum_null  # -> lessons/results/07_type1.json

Every permutation test runs on data without the thing it looks for, again and again; a test at .05
should reject about .05 of them. 200 repeats as the course promises (which by luck alone lie outside
[.03, .07] one time in five, for an exact test), and 2,000 for a sharper look. Coverage: a planted
rotation whose S is known, read off fresh plants.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from plantedu.topics.spectrum.map_scores import fitted, scores_of
from plantedu.topics.spectrum.marchenko_pastur import parallel_analysis
from plantedu.topics.spectrum.nulls import p_value, shuffled
from plantedu.topics.spectrum.planted import looks, planted
from plantedu.topics.spectrum.score import copying_score
from plantedu.topics.spectrum.transition import agreement, sensor_stable, transition

RESULT = Path(__file__).parents[2] / "lessons" / "results" / "07_type1.json"
LEVEL, SHUFFLES, REPEATS = 0.05, 99, (200, 2000)
PLANTS, DIM = 64, 12


def independent(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of features that have nothing to do with each other, with decaying spectra."""
    one, other = (looks(PLANTS, DIM, generator=draw, count=1)[0] for _ in range(2))
    return one, other


def by_map(draw: np.random.Generator) -> dict[str, float]:
    """p of S and of R2 on held-out plants."""
    x, y = independent(draw)
    own = fitted((x, y), independent(draw))
    shuffles = shuffled(own.ridge, y, own.held_out, generator=draw, draws=SHUFFLES)
    return {"S": p_value(own.score, shuffles.scores), "R2": p_value(own.r2, shuffles.r2)}


def by_transition(draw: np.random.Generator) -> dict[str, float]:
    """p of the agreement of codes and of S of the prototype transition."""
    q, p = (np.exp(2 * one) for one in independent(draw))
    q, p = q / q.sum(1, keepdims=True), p / p.sum(1, keepdims=True)
    orders = [draw.permutation(PLANTS) for _ in range(SHUFFLES)]

    def score(rows: np.ndarray) -> float:
        return copying_score(sensor_stable(transition(q, rows)))

    return {
        "agreement of codes": p_value(
            float(agreement(q, p).mean()),
            np.array([agreement(q, p[order]).mean() for order in orders]),
        ),
        "S of the transition": p_value(score(p), np.array([score(p[o]) for o in orders])),
    }


def by_columns(draw: np.random.Generator) -> dict[str, float]:
    """p of the first eigenvalue in parallel analysis of independent columns."""
    x = draw.standard_t(5, size=(PLANTS, DIM))
    return {"parallel analysis": parallel_analysis(x, generator=draw, shuffles=SHUFFLES).p}


def by_overlap(draw: np.random.Generator) -> dict[str, float]:
    """p of the overlap of directions, sensor by sensor, of plants that share none."""
    frames = [
        np.linalg.qr(draw.normal(size=(PLANTS, DIM, 3)))[0].transpose(0, 2, 1) for _ in range(2)
    ]

    def overlap(order: np.ndarray) -> float:
        return float(((frames[0] @ frames[1][order].transpose(0, 2, 1)) ** 2).sum((1, 2)).mean())

    null = np.array([overlap(draw.permutation(PLANTS)) for _ in range(SHUFFLES)])
    return {"overlap of directions": p_value(overlap(np.arange(PLANTS)), null)}


TESTS: tuple[Callable[[np.random.Generator], dict[str, float]], ...] = (
    by_map,
    by_transition,
    by_columns,
    by_overlap,
)


def type_one() -> dict[str, dict[str, float]]:
    """Share of rejections at .05, by test and number of repeats."""
    found: dict[str, list[float]] = {}
    for test in TESTS:
        for repeat in range(max(REPEATS)):
            for name, p in test(np.random.default_rng((repeat, 11))).items():
                found.setdefault(name, []).append(p)
        print(test.__name__, {k: round(np.mean(np.array(v) <= LEVEL), 4) for k, v in found.items()})
    return {
        name: {str(n): float(np.mean(np.array(p[:n]) <= LEVEL)) for n in REPEATS}
        for name, p in found.items()
    }


def coverage(repeats: int = 200) -> dict[str, float]:
    """How often the interval of S holds the S of a planted rotation, and its mean width."""
    held, widths = [], []
    for repeat in range(repeats):
        draw = np.random.default_rng((repeat, 13))
        head = planted("rotate", 16, generator=draw)
        x, _, other = looks(512, 16, generator=draw)
        own = fitted((x, other @ head.matrix), (x, other @ head.matrix))
        low, high = scores_of(own, (own, own), resamples=99, generator=draw)[0].interval or (0, 0)
        held.append(low <= head.score <= high)
        widths.append(high - low)
    return {
        "value": float(np.mean(held)),
        "null": 0.95,
        "n": repeats,
        "seeds": repeats,
        "width": float(np.mean(widths)),
        "truth": 0.5,
    }


def main() -> None:
    began = time.perf_counter()
    found = {
        "command": "uv run python -m experiments.validity.spectrum_null",
        "level": LEVEL,
        "plants": PLANTS,
        "dim": DIM,
        "shuffles": SHUFFLES,
        "tests": type_one(),
        "coverage": coverage(),
        "seconds": round(time.perf_counter() - began, 1),
    }
    rates = [one["200"] for one in found["tests"].values()]
    found["lowest"], found["highest"] = min(rates), max(rates)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
