"""What is checked in the code exercises of lesson 06."""

from collections.abc import Callable
from itertools import permutations

import numpy as np

from plantedu.exercises.comparing import expect, formed, same


def noise_is_zero(f: Callable) -> None:
    """independent noise with many columns scores about 0"""
    rng = np.random.default_rng(6)
    draws = [(rng.normal(size=(30, 300)), rng.normal(size=(30, 200))) for _ in range(12)]
    mean = float(np.mean([_number(f(x, y), "noise") for x, y in draws]))
    expect(
        abs(mean) < 0.05,
        f"30 plants, 300 and 200 columns of independent noise: {mean:.3f} on average over 12 "
        "draws; debiased CKA is within .05 of 0.",
        mistake="biased" if 0.7 < mean < 1 else "",
    )


def beside_itself_is_one(f: Callable) -> None:
    """a table beside itself, turned and made three times as large, scores 1"""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(12, 5))
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    of = "a table beside itself, turned and three times as large"
    got, size = _number(f(x, 3 * x @ turn), of), float((_u_centred_slowly(x) ** 2).sum())
    divided_otherwise = (9 * size, 9.0, 1 / 9, 1 / (9 * size))
    expect(
        not any(np.isclose(got, one, rtol=1e-6, atol=0) for one in divided_otherwise),
        f"For {of} the answer is 1; got {got:.4g}.",
        mistake="not normalised",
    )
    same(got, 1.0, of=of, tolerance=1e-8)


def shift_is_unseen(f: Callable) -> None:
    """adding the same row to every plant changes nothing"""
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(15, 6)), rng.normal(size=(15, 4))
    y[:, :3] += x[:, :3]
    of = "15 plants"
    before, after = _number(f(x, y), of), _number(f(x + 3, y - 2), of)
    products = [(one @ one.T, np.eye(15) == 0) for one in (x + 3, y - 2)]
    raw = _alignment(*(k for k, _ in products)), _alignment(*(k * off for k, off in products))
    expect(
        abs(before - after) < 1e-6,
        f"With 3 added to every number of x and 2 taken from every number of y, {before:.3f} "
        f"becomes {after:.3f}; it has to stay.",
        mistake="not centred" if np.isclose(after, raw, atol=1e-6).any() else "",
    )


def beside_the_slow_sum(f: Callable) -> None:
    """seven plants, beside the sums written out plant by plant"""
    rng = np.random.default_rng(9)
    x, y = rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    y[:, :2] += x[:, :2]
    known = _alignment(_u_centred_slowly(x), _u_centred_slowly(y))
    wrong = {
        "biased": _otherwise(x, y, zero=False, less=0),
        "ordinary centring": _otherwise(x, y, zero=True, less=0),
        "diagonal comes back": _otherwise(x, y, zero=True, less=2),
    }
    same(f(x, y), known, of="7 plants, 5 and 3 columns", mistakes=wrong)


def _number(got: object, of: str) -> float:
    formed(got, 0.5, of=of)
    return float(got)  # type: ignore[arg-type]


def _alignment(k: np.ndarray, m: np.ndarray) -> float:
    return float((k * m).sum() / np.sqrt((k**2).sum() * (m**2).sum()))


def _u_centred_slowly(x: np.ndarray) -> np.ndarray:
    """Sums over plants other than i and j, one number at a time."""
    n = len(x)
    k = [[float(a @ b) for b in x] for a in x]
    rows = [sum(k[i][m] for m in range(n) if m != i) / (n - 2) for i in range(n)]
    pairs = [k[a][b] for a in range(n) for b in range(n) if a != b]
    whole = sum(pairs) / ((n - 1) * (n - 2))
    found = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                found[i, j] = k[i][j] - rows[i] - rows[j] + whole
    return found


def _otherwise(x: np.ndarray, y: np.ndarray, *, zero: bool, less: int) -> float:
    """CKA with another centring, whose diagonal is not set to 0 at the end."""
    tables = []
    for one in (x, y):
        k, n = one @ one.T, len(one)
        if zero:
            np.fill_diagonal(k, 0)
        rows, size = k.sum(1) / (n - less), (n - 1) * (n - 2) if less else n * n
        tables.append(k - rows[:, None] - rows + k.sum() / size)
    return _alignment(*tables)


def smallest_p(f: Callable) -> None:
    """a relation that no shuffle reaches has p = 1 / (1 + shuffles)"""
    x = np.arange(30.0)[:, None]
    got = f(_covariance, x, x**2, shuffles=19, generator=np.random.default_rng(1))
    same(got, 1 / 20, of="30 plants that rise together, 19 shuffles", mistakes={"p of zero": 0.0})


def ties_count(f: Callable) -> None:
    """a statistic that is the same for every order has p = 1"""
    y = np.arange(12.0)[:, None]
    got = f(lambda a, b: 3.0, y, y.copy(), shuffles=19, generator=np.random.default_rng(2))
    none = _number(got, "a statistic that is always 3") == 0  # ties left out, and no 1 either
    wrong = {"ties left out": 0.0 if none else 1 / 20, "1 above alone": 20 / 19}
    same(got, 1.0, of="a statistic that is always 3, 19 shuffles", mistakes=wrong)


def plants_stay_whole(f: Callable) -> None:
    """every shuffle holds all plants once, whole, and in an order of its own"""
    own, seen = tuple(range(25)), _pairings(f, seed=0)
    drawn = [one for one in seen if one != own]
    expect(
        None not in drawn,
        "The statistic was shown a row whose numbers come from several plants.",
        mistake="plants torn apart",
    )
    expect(
        all(sorted(one) == list(own) for one in drawn if one),
        "In one of the shuffles some plants stand twice and others not at all.",
        mistake="with repeats",
    )
    expect(
        bool(drawn),
        "In every call of the statistic each plant stood beside itself.",
        mistake="both sides shuffled" if len(seen) > 1 else "",
    )
    many = len(set(drawn))
    expect(
        many == len(drawn) == 40,
        f"40 shuffles of 25 plants: the statistic saw {len(drawn)}, of {many} different orders.",
        mistake="drawn once" if many == 1 else "",
    )


def generator_decides(f: Callable) -> None:
    """the orders come from the generator that was given"""
    first, again, other = (_pairings(f, seed=seed) for seed in (0, 0, 1))
    expect(
        first == again,
        "Two generators of one seed gave different orders, so nobody can repeat your p.",
        mistake="another generator",
    )
    expect(
        first != other or len(set(first)) <= 2,
        "Generators of two seeds gave the same orders.",
        mistake="another generator",
    )


def beside_all_orders(f: Callable) -> None:
    """five plants, beside all of their 120 orders"""
    x, y = np.array([[0.0], [1], [2], [4], [8]]), np.array([[1.0], [6], [9], [4], [0]])
    value = _covariance(x, y)
    every = np.array([_covariance(x, y[list(order)]) for order in permutations(range(5))])
    got = f(_covariance, x, y, shuffles=4000, generator=np.random.default_rng(4))
    known, p = float((every >= value - 1e-9).mean()), _number(got, "five plants")
    less, far = (every <= value + 1e-9).mean(), (np.abs(every) >= abs(value) - 1e-9).mean()
    like = "counts the less alike" if abs(p - less) < 0.03 else ""
    like = "two sides" if abs(p - far) < 0.03 else like
    expect(
        abs(p - known) < 0.03,
        f"Of all 120 orders of five plants {known:.3f} look at least as alike as their own; your "
        f"p with 4,000 shuffles is {p:.3f}.",
        mistake=like,
    )


class _Recorder:
    """A statistic that remembers which plants it was shown beside each other."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y = x, y
        self.pairings: list[tuple[int, ...] | None] = []

    def __call__(self, x: np.ndarray, y: np.ndarray) -> float:
        left, right = _rows_of(x, self.x), _rows_of(y, self.y)
        if left is None or right is None:
            self.pairings.append(None)
        else:
            self.pairings.append(tuple(right[k] for k in np.argsort(left)))
        return float((x[:, 0] * y[:, 0]).sum())


def _pairings(f: Callable, *, seed: int) -> list[tuple[int, ...] | None]:
    """Which plant of y stood beside each of 25 plants of x in each call; None: torn apart."""
    rng = np.random.default_rng(10)
    x, y = rng.normal(size=(25, 3)), rng.normal(size=(25, 4))
    seen = _Recorder(x, y)
    f(seen, x, y, shuffles=40, generator=np.random.default_rng(seed))
    return seen.pairings


def _rows_of(table: np.ndarray, given: np.ndarray) -> list[int] | None:
    """Which row of `given` each row is; None if one of them is none."""
    place = {row.tobytes(): k for k, row in enumerate(given)}
    found = [place[row.tobytes()] for row in table if row.tobytes() in place]
    return found if len(found) == len(given) else None


def _covariance(x: np.ndarray, y: np.ndarray) -> float:
    return float(((x[:, 0] - x[:, 0].mean()) * (y[:, 0] - y[:, 0].mean())).sum())


def unrelated_is_chance(f: Callable) -> None:
    """independent noise shares as many neighbours as chance gives"""
    rng = np.random.default_rng(12)
    draws = [(rng.normal(size=(60, 8)), rng.normal(size=(60, 5))) for _ in range(5)]
    got = float(np.mean([_number(f(x, y, k=3), "noise") for x, y in draws]))
    chance = (9 / 59) / (6 - 9 / 59)
    expect(
        abs(got - chance) < 0.02,
        f"60 plants of independent noise, 3 neighbours each: {got:.3f}; chance gives {chance:.3f}.",
        mistake="counts itself" if 0.15 < got < 0.35 else "",
    )


def neighbours_by_angle(f: Callable) -> None:
    """plants in couples that stand close in angle, the same ones in x and in y"""
    rng = np.random.default_rng(13)
    x, y = (_couples(rng) for _ in range(2))
    got = f(x, y, k=1)
    expect(
        _number(got, "couples") > 0.99,
        "Every plant has a partner at an angle of 1 degree, the same in x and in y, and no other "
        f"nearer than 29: J for k = 1 is 1; got {float(got):.3f}.",
    )


def _couples(rng: np.random.Generator) -> np.ndarray:
    """Twelve couples at even angles, "24 2"; their mean is 0."""
    angle = np.repeat(rng.permutation(12) * 30.0, 2) + np.tile([0.0, 1.0], 12)
    return np.column_stack([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


def beside_the_slow_sets(f: Callable) -> None:
    """thirty plants, beside sets that are filled one plant at a time"""
    x, y = _related(np.random.default_rng(14))
    wrong = {
        "counts itself": _slow_jaccard(x, y, itself=True),
        "not centred": _slow_jaccard(x, y, centred=False),
        "by inner product": _slow_jaccard(x, y, cosine=False),
        "the farthest": _slow_jaccard(x, y, farthest=True),
        "divided by k": _slow_jaccard(x, y, jaccard=False),
    }
    same(f(x, y, k=4), _slow_jaccard(x, y), of="30 plants, k = 4", mistakes=wrong)


def _related(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two related tables whose columns lie far from 0 and whose rows differ in length."""
    x = rng.normal(size=(30, 6)) * rng.uniform(0.3, 3, size=(30, 1))
    return x + 2, x @ rng.normal(size=(6, 5)) + rng.normal(size=(30, 5)) - 3


def _slow_jaccard(
    x: np.ndarray,
    y: np.ndarray,
    *,
    itself: bool = False,
    centred: bool = True,
    cosine: bool = True,
    farthest: bool = False,
    jaccard: bool = True,
) -> float:
    """The measure for k = 4, with steps left out."""
    near = []
    for table in (x, y):
        rows = [row - table.mean(0) * centred for row in table]
        rows = [row / np.sqrt(float(row @ row)) if cosine else row for row in rows]
        near.append([_nearest(rows, i, itself=itself, farthest=farthest) for i in range(len(x))])
    shares = [len(a & b) / (len(a | b) if jaccard else 4) for a, b in zip(*near, strict=True)]
    return sum(shares) / len(shares)


def _nearest(rows: list[np.ndarray], i: int, *, itself: bool, farthest: bool) -> set[int]:
    others = [j for j in range(len(rows)) if itself or j != i]
    others.sort(key=lambda j: float(rows[i] @ rows[j]), reverse=not farthest)
    return set(others[:4])
