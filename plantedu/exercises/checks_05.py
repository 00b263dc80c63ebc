"""What is checked in the code exercises of lesson 05."""

from collections.abc import Callable
from itertools import permutations

import numpy as np

from plantedu.exercises.comparing import expect, same

Direction = Callable[[np.ndarray, float], np.ndarray]


def one_step(f: Callable) -> None:
    """with the exact direction, one step lands on the picture"""
    noise, picture = np.array([[0.5, -1.0]]), np.array([[0.2, 0.6]])
    same(
        f(lambda x, t: noise - picture, noise, 1),
        picture,
        of="the direction noise - picture, one step",
        mistakes={
            "the step goes away from the picture": 2 * noise - picture,
            "one step too many": noise - 2 * (noise - picture),
        },
    )


def asked_times(f: Callable) -> None:
    """the network is asked at 1, .75, .5 and .25 in four steps"""
    asked: list[float] = []

    def remembers(x: np.ndarray, t: float) -> np.ndarray:
        asked.append(float(t))
        return np.zeros_like(x)

    f(remembers, np.zeros(1), 4)
    times = np.array(asked)
    like = {
        "t runs from 0 to 1": [np.arange(4) / 4, np.arange(1, 5) / 4],
        "asked at the end of the step": [np.array([0.75, 0.5, 0.25, 0.0])],
        "one step too many": [np.arange(4, -1, -1) / 4, np.linspace(1, 0, 5), np.linspace(1, 0, 4)],
    }
    near = [
        name
        for name, wrong in like.items()
        if any(len(one) == len(times) and np.allclose(one, times) for one in wrong)
    ]
    expect(
        len(times) == 4 and np.allclose(times, [1, 0.75, 0.5, 0.25]),
        f"In four steps the network is asked at 1, .75, .5, .25; it was asked at "
        f"{', '.join(f'{t:.3g}' for t in times)}.",
        mistake=near[0] if near else "",
    )


def _walk(direction: Direction, noise: np.ndarray, steps: int, wrong: str = "") -> np.ndarray:
    """The formula, number by number; `wrong` names a wrong version."""
    x = [float(one) for one in noise.ravel()]
    for k in range(steps + (wrong == "one step too many")):
        t, length = 1 - k / steps, 1 / steps
        time = {"t runs from 0 to 1": 1 - t, "asked at the end of the step": t - length}.get(
            wrong, t
        )
        slope = direction(np.array(x).reshape(noise.shape), time).ravel()
        length *= -1 if wrong == "the step goes away from the picture" else 1
        start = noise.ravel() if wrong == "every step starts from the noise" else x
        x = [float(start[j]) - length * float(slope[j]) for j in range(len(x))]
    return np.array(x).reshape(noise.shape)


def slow_walk(f: Callable) -> None:
    """a direction that depends on x and t agrees with plain loops"""

    def direction(x: np.ndarray, t: float) -> np.ndarray:
        return (0.5 + t) * x + t**2

    noise = np.array([[1.0, -0.5, 0.3]])
    names = (
        *("the step goes away from the picture", "t runs from 0 to 1"),
        *("asked at the end of the step", "one step too many", "every step starts from the noise"),
    )
    same(
        f(direction, noise, 3),
        _walk(direction, noise, 3),
        of="the direction (.5 + t) x + t^2, three steps",
        mistakes={name: _walk(direction, noise, 3, name) for name in names},
    )


def _share(readings: np.ndarray, wrong: str = "") -> float:
    """The formula, number by number; `wrong` names a wrong version."""
    rows = [[float(one) for one in row] for row in readings]
    if wrong == "rows and columns are exchanged":
        rows = [list(column) for column in zip(*rows, strict=True)]
    less = 0 if wrong == "variances divide by n" else 1

    def variance(values: list[float]) -> float:
        middle = sum(values) / len(values)
        return sum((one - middle) ** 2 for one in values) / (len(values) - less)

    root = 0.5 if wrong == "standard deviations" else 1.0
    within = sum(variance(row) for row in rows) / len(rows)
    between = variance([sum(row) / len(row) for row in rows])
    if wrong != "means scatter by themselves":
        between -= within / len(rows[0])
    within, between = within**root, max(between, 0.0) ** root if root < 1 else between
    share = between / (between + within)
    return max(share, 0.0) if wrong == "cut off at 0" else share


WRONG_SHARES = (
    *("means scatter by themselves", "variances divide by n", "standard deviations"),
    *("rows and columns are exchanged", "cut off at 0"),
)


def _check_share(f: Callable, readings: np.ndarray, of: str) -> None:
    known = _share(readings)
    like = {name: _share(readings, name) for name in WRONG_SHARES}
    like = {name: one for name, one in like.items() if abs(one - known) > 1e-6}
    same(f(readings), known, of=of, mistakes=like)


def all_within(f: Callable) -> None:
    """samples that agree exactly are settled by 1"""
    _check_share(
        f,
        np.array([[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]]),
        "two conditions whose samples are all 1, and all 4",
    )


def by_hand(f: Callable) -> None:
    """three conditions with two samples each, by hand"""
    # W = mean(2, 2, 8) = 4; means 1, 5, 8 with variance 37/3; B = 37/3 - 2 = 31/3; 31/43
    readings = np.array([[0.0, 2.0], [4.0, 6.0], [6.0, 10.0]])
    _check_share(f, readings, "samples (0, 2), (4, 6) and (6, 10)")


def noise_is_zero(f: Callable) -> None:
    """readings that no condition settles give 0 on average, now and then a little less"""
    rng = np.random.default_rng(6)
    tables = [rng.normal(size=(30, 4)) for _ in range(40)]
    shares = np.array([f(one) for one in tables])
    mean = float(shares.mean())
    like = {name: float(np.mean([_share(t, name) for t in tables])) for name in WRONG_SHARES}
    near = [name for name, one in like.items() if abs(one - mean) < 1e-6 and abs(one) > 0.02]
    expect(
        abs(mean) < 0.03,
        f"Forty tables of noise, 30 conditions with 4 samples: settled by {mean:.3f} on average; "
        "it is 0.",
        mistake=near[0] if len(near) == 1 else "",
    )
    expect(bool((shares < 0).any()), "Of forty shares of noise none is below 0.")


def slow_share(f: Callable) -> None:
    """random readings agree with plain loops"""
    rng = np.random.default_rng(7)
    readings = rng.normal(size=(6, 1)) + rng.normal(size=(6, 3))
    _check_share(f, readings, "6 conditions with 3 random samples")


def _mrr(similarity: np.ndarray, wrong: str = "") -> float:
    """Every order of the ties is written out; `wrong` names a wrong version."""
    s = similarity.T if wrong == "sources look for queries" else similarity
    s = -s if wrong == "the smallest similarity is the best" else s
    found, ranks = [], []
    for i, row in enumerate(s.tolist()):
        before = sum(one > row[i] for one in row)
        tied = [j for j, one in enumerate(row) if one == row[i]]
        places = [order.index(i) for order in permutations(tied)]
        if wrong in ("ties are won", "ties are lost"):
            places = [0 if wrong == "ties are won" else len(tied) - 1]
        found.append(sum(1 / (before + place + 1) for place in places) / len(places))
        ranks.append(before + 1 + sum(places) / len(places))
    return len(ranks) / sum(ranks) if wrong == "one over the mean rank" else sum(found) / len(found)


WRONG_RANKS = (
    *("ties are won", "ties are lost", "one over the mean rank"),
    *("the smallest similarity is the best", "sources look for queries"),
)


def _check_mrr(f: Callable, similarity: list[list[float]], of: str) -> None:
    given = np.array(similarity)
    known = _mrr(given)
    like = {name: _mrr(given, name) for name in WRONG_RANKS}
    like = {name: one for name, one in like.items() if abs(one - known) > 1e-6}
    same(f(given), known, of=of, mistakes=like)


def found_first(f: Callable) -> None:
    """who always finds the source has an MRR of 1"""
    table = [[0.9, 0.1, 0.2], [0.3, 0.8, 0.1], [0.0, 0.5, 0.7]]
    _check_mrr(f, table, "three queries that find their sources")


def second_and_fourth(f: Callable) -> None:
    """ranks 1, 2, 4 and 1"""
    table = [[0.9, 0.1, 0.2, 0.3], [0.8, 0.7, 0.1, 0.2], [0.9, 0.8, 0.1, 0.7], [0.1, 0.2, 0.3, 0.6]]
    _check_mrr(f, table, "four queries whose sources have the ranks 1, 2, 4 and 1")


def all_equal(f: Callable) -> None:
    """who finds all sources alike is as good as chance"""
    _check_mrr(f, [[0.5] * 4] * 4, "four queries that find all sources equally similar")


def slow_mrr(f: Callable) -> None:
    """random similarities with many ties agree with plain loops"""
    table = np.random.default_rng(9).integers(0, 4, (6, 6)) / 4
    _check_mrr(f, table.tolist(), "six queries, similarities of 0, .25, .5 and .75")
