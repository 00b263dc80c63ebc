"""What is checked in the code exercises of lesson 04."""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from plantedu.exercises.comparing import expect, formed, same

LOWEST, STEEPEST = "the rate at the lowest loss", "the steepest point"
NEIGHBOURS, EQUALS = "neighbouring points only", "equal losses count as falling"


def _rates(points: int) -> np.ndarray:
    return 10.0 ** np.linspace(-6, 0, points)


def _read(rates: np.ndarray, lengths: np.ndarray) -> float:
    """The rate that the rule reads, given the lengths."""
    end = int(lengths.argmax())
    third = lengths[end] / 3
    return float(rates[end - lengths[end] + int(third) + int(third / 2)])


def _slow_lengths(losses: np.ndarray, *, strict: bool = True) -> np.ndarray:
    """Longest falling subsequence that ends at each point: every subsequence is tried."""
    found = np.ones(len(losses), dtype=int)
    for size in range(2, len(losses) + 1):
        for points in combinations(range(len(losses)), size):
            steps = np.diff(losses[list(points)])
            if (steps < 0).all() if strict else (steps <= 0).all():
                found[points[-1]] = size
    return found


def _runs(losses: np.ndarray) -> np.ndarray:
    """Longest falling run of neighbours that ends at each point."""
    found = np.ones(len(losses), dtype=int)
    for k in range(1, len(losses)):
        found[k] = found[k - 1] + 1 if losses[k] < losses[k - 1] else 1
    return found


def _greedy(losses: np.ndarray) -> np.ndarray:
    """From each start, whatever is lower than the last one is taken at once."""
    found = np.ones(len(losses), dtype=int)
    for start in range(len(losses)):
        last, length = losses[start], 1
        for k in range(start + 1, len(losses)):
            if losses[k] < last:
                last, length = losses[k], length + 1
                found[k] = max(found[k], length)
    return found


def _like(rates: np.ndarray, losses: np.ndarray, *, slow: bool = True) -> dict[str, float]:
    """What the wrong versions read."""
    like = {
        NEIGHBOURS: _read(rates, _runs(losses)),
        "the first falling step is taken at once": _read(rates, _greedy(losses)),
        LOWEST: float(rates[losses.argmin()]),
        STEEPEST: float(rates[np.diff(losses).argmin()]),
    }
    return like | ({EQUALS: _read(rates, _slow_lengths(losses, strict=False))} if slow else {})


def one_valley(f: Callable) -> None:
    """flat, then falling by 1 at each of nine points, then rising"""
    losses = np.array([9.0] * 4 + [8, 7, 6, 5, 4, 3, 2, 1, 0.5] + [3, 8, 20])
    rates = _rates(len(losses))
    known = float(rates[6])  # length 10, end 12, start 2, third 10/3: 2 + 3 + 1
    like = _like(rates, losses, slow=False)
    like = {name: rate for name, rate in like.items() if name in (LOWEST, STEEPEST)}
    like |= {EQUALS: float(rates[12 - 13 + 4 + 2])}
    same(
        f(rates, losses),
        known,
        of="losses 9 9 9 9 8 7 6 5 4 3 2 1 .5 3 8 20",
        mistakes={name: rate for name, rate in like.items() if rate != known},
        tolerance=1e-9,
    )


def _read_check(f: Callable, losses: list[float], *, only: tuple[str, ...]) -> None:
    curve = np.array(losses)
    rates = _rates(len(curve))
    known = _read(rates, _slow_lengths(curve))
    like = {k: v for k, v in _like(rates, curve).items() if v != known and k in only}
    same(
        f(rates, curve),
        known,
        of=f"losses {' '.join(f'{one:g}' for one in curve)}",
        mistakes=like,
        tolerance=1e-9,
    )


def a_bump_in_the_valley(f: Callable) -> None:
    """a bump of noise does not cut the valley in two, and an early dip does not swallow it"""
    _read_check(f, [12, 8, 7, 6, 6.5, 5, 4, 3, 2, 8, 9], only=(NEIGHBOURS, LOWEST, STEEPEST))
    greedy = "the first falling step is taken at once"
    _read_check(f, [9, 1.5, 8, 7, 1, 6, 5, 4, 3, 2, 9, 9], only=(greedy, LOWEST, STEEPEST))


def flat_stretches(f: Callable) -> None:
    """a flat start is no valley"""
    _read_check(f, [5, 5, 5, 5, 5, 5, 4, 3, 2, 6, 7], only=(EQUALS, LOWEST, STEEPEST))


def slow_valley(f: Callable) -> None:
    """noisy curves agree with trying every subsequence"""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        curve = np.concatenate([[6, 6.2], np.linspace(6, 2, 7), [3, 7]]) + rng.normal(size=11)
        rates = _rates(len(curve))
        known = _read(rates, _slow_lengths(curve))
        same(f(rates, curve), known, of=f"a noisy valley (seed {seed})", tolerance=1e-9)


def _rows(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    """Two classes: the answer is class 0 with this confidence, and right or not."""
    confidence = np.array([one for one, _ in pairs])
    labels = np.array([0 if right else 1 for _, right in pairs])
    return np.stack([confidence, 1 - confidence], 1), labels


def _gaps(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> list[tuple[int, float]]:
    """Rows of each bin, and right minus confidence there, row by row."""
    rows: dict[int, list[tuple[float, float]]] = {}
    for p, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
        confidence = max(p)
        b = next(b for b in range(1, bins + 1) if confidence <= b / bins + 1e-12)
        rows.setdefault(b, []).append((float(p.index(confidence) == label), confidence))
    return [
        (len(there), sum(r - c for r, c in there) / len(there)) for _, there in sorted(rows.items())
    ]


def _slow_error(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> float:
    gaps = _gaps(probabilities, labels, bins)
    return sum(n / len(labels) * abs(gap) for n, gap in gaps)


def _wrong_errors(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> dict[str, float]:
    """What the wrong versions answer."""
    gaps = _gaps(probabilities, labels, bins)
    n, confidence = len(labels), probabilities.max(1)
    right = probabilities.argmax(1) == labels
    middle = (np.ceil(confidence * bins) - 0.5) / bins
    at_label = probabilities[np.arange(n), labels]
    of_label = np.stack([at_label, 1 - at_label], 1)
    places = np.ceil(at_label * bins)
    by_label = [
        (places == b).mean() * abs(right[places == b].mean() - of_label[places == b, 0].mean())
        for b in set(places)
    ]
    middles = [
        (middle == m).mean() * abs(right[middle == m].mean() - m) for m in sorted(set(middle))
    ]
    return {
        "each row by itself": float(np.abs(right - confidence).mean()),
        "gaps cancel": abs(sum(k * gap for k, gap in gaps)) / n,
        "every bin weighs the same": float(np.mean([abs(gap) for _, gap in gaps])),
        "the probability of the label": float(sum(by_label)),
        "the middle of the bin": float(sum(middles)),
    }


def _check_error(f: Callable, rows: list[tuple[float, bool]], bins: int, of: str) -> None:
    given = _rows(rows)
    known = _slow_error(*given, bins)
    like = {k: v for k, v in _wrong_errors(*given, bins).items() if abs(v - known) > 1e-6}
    got = f(*given, bins)
    formed(got, known, of=of)
    signed = like.get("gaps cancel", known)
    if got == signed or abs(abs(got) - signed) < 1e-9:  # with either sign
        like["gaps cancel"] = got
    same(got, known, of=of, mistakes=like)


def one_bin(f: Callable) -> None:
    """ten rows with a confidence of .8, of which eight are right, have no error"""
    rows = [(0.8, k < 8) for k in range(10)]
    _check_error(f, rows, 10, "ten rows with a confidence of .8, eight of them right")


def two_bins_of_different_size(f: Callable) -> None:
    """too sure in a large bin, not sure enough in a small one"""
    rows = [(0.96, k < 3) for k in range(6)] + [(0.62, True)] * 2
    _check_error(f, rows, 5, "six rows with .96, half right, and two with .62, both right; 5 bins")


def confidence_of_one(f: Callable) -> None:
    """a confidence of exactly 1 is in the last bin"""
    probabilities, labels = _rows([(1.0, False), (1.0, True), (0.9, True), (0.7, False)])
    like = _wrong_errors(probabilities, labels, 4)
    of = "four rows with 1.0 (one of two right), .9 (right) and .7 (wrong), 4 bins"
    like = {name: one for name, one in like.items() if abs(one - 0.4) > 1e-6}
    same(
        f(probabilities, labels, 4),
        0.4,
        of=of,
        mistakes=like | {"a confidence of 1 falls out": 0.2},
    )


def slow_error(f: Callable) -> None:
    """random rows of three classes agree with plain loops"""
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet([1.0, 1.0, 1.0], 60)
    labels = rng.integers(0, 3, 60)
    known = _slow_error(probabilities, labels, 10)
    like = _wrong_errors(probabilities, labels, 10)
    same(f(probabilities, labels, 10), known, of="60 random rows of three classes", mistakes=like)


def all_alike(f: Callable) -> None:
    """where all scores are equal, p is 1"""
    p = f(np.full((4, 3), 0.7), 19, np.random.default_rng(0))
    same(p, 1.0, of="four settings with three equal scores each")


def one_stands_out(f: Callable) -> None:
    """a setting far above the noise has the smallest p that there is"""
    rng = np.random.default_rng(1)
    scores = 0.01 * rng.normal(size=(6, 5))
    scores[2] += 1.0
    same(
        f(scores, 99, np.random.default_rng(2)),
        0.01,
        of="five seeds of one setting far above all others, 99 deals",
        mistakes={"p can be 0": 0.0, "shuffled within settings": 1.0},
    )


def somebody_is_first(f: Callable) -> None:
    """among twenty settings that are alike, the best one is no finding"""
    ps = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        ps.append(f(rng.normal(size=(20, 3)), 99, rng))
    expect(
        float(np.median(ps)) > 0.15,
        "Twelve tables of pure noise, 20 settings with 3 seeds: the median p is "
        f"{np.median(ps):.3f}; it is about .5.",
        mistake="the winner is fixed beforehand",
    )


def one_seed_each(f: Callable) -> None:
    """with one seed a setting there is nothing to compare with, and p is 1"""
    p = f(np.array([[0.1], [0.5], [0.2], [0.9], [0.4], [0.3]]), 199, np.random.default_rng(5))
    expect(
        p == 1,
        "Six settings with one seed each: assigned in any way, the best is the largest of the same "
        f"six scores, so p is 1; got {p:.2f}.",
        mistake="the winner is fixed beforehand" if p < 0.4 else "scores are drawn with repeats",
    )
