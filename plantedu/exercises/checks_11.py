"""What is checked in the code exercises of lesson 11."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from plantedu.exercises.comparing import expect, formed, same

RESAMPLES = 2000


def ten_at_ninety(f: Callable) -> None:
    """ten answers with 90 % each, six of them right: .09, 0 and .24"""
    got = f(np.full(10, 0.9), np.repeat([1.0, 0.0], [6, 4]), np.zeros(10, dtype=int))
    wrong = {
        "absolute gaps": (0.3, 0.0, 0.24),
        "sums": (0.9, 0.0, 0.24),
        "no bins": (0.33, 0.0, 0.24),
        "divided by n - 1": (0.09, 0.0, 0.24 * 10 / 9),
    }
    same(got, (0.09, 0.0, 0.24), of="ten answers with 90 %, six right, one bin", mistakes=wrong)


def adds_up(f: Callable) -> None:
    """reliability - resolution + uncertainty is the Brier score, with unequal words in a bin"""
    c, o, of = forecasts()
    known = parts_slowly(c, o, of)
    got = f(c, o, of)
    formed(got, known, of="60 forecasts in 4 bins")
    rel, res, unc = (float(one) for one in got)
    brier = float(((c - o) ** 2).mean())
    bare = known[1] + _within(c, o, of)
    wrong = {
        "spread within bins left out": (known[0], bare, known[2]),
        "spread within bins the wrong way": (known[0], bare + _within(c, o, of), known[2]),
        "bins weigh alike": parts_slowly(c, o, of, alike=True),
        "around the mean word": parts_slowly(c, o, of, middle=float(c.mean())),
        "resolution turned round": (known[0], -known[1], known[2]),
        "absolute gaps": (parts_slowly(c, o, of, size=True)[0], *known[1:]),
        "sums": (60 * known[0], 60 * known[1], known[2]),
        "no bins": (brier, *known[1:]),
        "divided by n - 1": (*known[:2], known[2] * 60 / 59),
    }
    text = (
        f"60 forecasts, half of Brier's score {brier:.4f} (yours add up to {rel - res + unc:.4f})"
    )
    same(got, known, of=text, mistakes=wrong)


def always_the_base_rate(f: Callable) -> None:
    """who always says the base rate is reliable, and resolves nothing"""
    got = f(np.full(10, 0.7), np.repeat([1.0, 0.0], [7, 3]), np.full(10, 5))
    same(got, (0.0, 0.0, 0.21), of="ten answers with 70 %, seven right, all in bin 5")


def forecasts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sixty confidences, outcomes and bins; no two words of a bin are equal."""
    rng = np.random.default_rng(21)
    c = rng.beta(4, 2, 60)
    o = (rng.random(60) < 0.3 + 0.45 * c).astype(float)
    return c, o, np.digitize(c, [0.4, 0.6, 0.8])


def parts_slowly(
    c: np.ndarray,
    o: np.ndarray,
    of: np.ndarray,
    *,
    alike: bool = False,
    middle: float | None = None,
    size: bool = False,
) -> tuple[float, float, float]:
    """Reliability, resolution and uncertainty, one forecast at a time, with parts changed."""
    n, base = len(c), sum(o) / len(o)
    centre = base if middle is None else middle
    reliability = resolution = 0.0
    for k in sorted(set(of.tolist())):
        inside = [i for i in range(n) if of[i] == k]
        said, right = (sum(v[i] for i in inside) / len(inside) for v in (c, o))
        weight = 1 / len(set(of.tolist())) if alike else len(inside) / n
        reliability += weight * (abs(said - right) if size else (said - right) ** 2)
        resolution += weight * (right - centre) ** 2
    within = _within(c, o, of)
    return float(reliability), float(resolution - within), float(base * (1 - base))


def _within(c: np.ndarray, o: np.ndarray, of: np.ndarray) -> float:
    """What bins hide: Brier's score less that of each bin's mean word."""
    means = np.array([c[of == k].mean() for k in of])
    return float(((c - o) ** 2).mean() - ((means - o) ** 2).mean())


def one_picture_each(f: Callable) -> None:
    """twenty plants with one picture each, at a level of .7"""
    each = plants_of_one()
    low, high = _interval(f, each, np.arange(20))
    known = np.quantile(drawn(each, many=20_000), [0.15, 0.85])
    share = (high - low) / float(np.ptp(known))
    fine = 0.85 < share < 1.15 and abs(low - known[0]) < 0.15 * float(np.ptp(known))
    expect(
        fine,
        f"The interval goes from {_words(known)}; yours from {_words((low, high))}.",
        mistake="" if fine else _named(f, share),
    )


def _named(f: Callable, share: float) -> str:
    """What the width of an interval looks like, as a share of the right one."""
    if share < 0.01:
        return "pictures within plants" if _width_of_even_plants(f) > 0.01 else "without repeats"
    widths = {name: float(np.ptp(ends)) for name, ends in ends_by_way().items()}
    right = widths.pop("right")
    near = [name for name, width in widths.items() if abs(share * right / width - 1) < 0.12]
    return near[0].partition(",")[0] if near else ""


def copies_add_nothing(f: Callable) -> None:
    """six equal pictures of each plant leave the interval as it is"""
    share = _share_of_copies(f)
    like = ""
    if 0.3 < share < 0.5:
        singly = _width_of_even_plants(f) > 0.01
        like = "pictures drawn" if singly else "as many plants as pictures"
    expect(
        abs(share - 1) < 0.2,
        f"With each picture six times the interval is {share:.2f} times as wide as with each once. "
        "The plants are as many as before.",
        mistake=like,
    )


def uneven_plants(f: Callable) -> None:
    """six plants with one picture near 0, six plants with nine pictures near 2"""
    rng = np.random.default_rng(35)
    plants = np.concatenate([np.arange(6), np.repeat(np.arange(6) * 7 + 50, 9)])
    values = np.where(plants < 6, 0, 2) + 0.2 * rng.normal(size=len(plants))
    low, high = _interval(f, values, plants)
    weigh = (low + high) / 2 > 1.5 and abs(_share_of_copies(f) - 1) < 0.2
    expect(
        abs((low + high) / 2 - 1) < 0.3,
        f"The mean over these plants is 1; your interval goes from {_words((low, high))}.",
        mistake="pictures weigh" if weigh else "",
    )


def generator_decides(f: Callable) -> None:
    """the draws come from the generator that was given"""
    each, plants = plants_of_one(), np.arange(20)
    first, again, other, longer = (
        _interval(f, each, plants, resamples=many, seed=seed)
        for seed, many in ((1, 200), (1, 200), (2, 200), (1, 220))
    )
    draws = first != longer or first != again
    expect(
        first == again and first != other,
        f"Two generators of one seed gave {_words(first)} and {_words(again)}, one of another seed "
        f"{_words(other)}.",
        mistake="another generator" if draws else "",
    )


def _words(interval: Sequence[float] | np.ndarray) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def _interval(
    f: Callable,
    values: np.ndarray,
    plants: np.ndarray,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    got = f(values, plants, resamples=resamples, level=0.7, generator=rng)
    formed(got, (0.1, 0.2), of=f"{len(values)} pictures")
    return float(got[0]), float(got[1])


def _share_of_copies(f: Callable) -> float:
    """Width with every picture six times, as a share of the width with each once."""
    each = plants_of_one()
    once = float(np.ptp(_interval(f, each, np.arange(20))))
    often = float(np.ptp(_interval(f, np.repeat(each, 6), np.repeat(np.arange(20), 6))))
    return often / once if once > 1e-6 else 1.0


def _width_of_even_plants(f: Callable) -> float:
    """Width where pictures differ and the plants' means do not: 0 over plants."""
    values, plants = np.tile([-1.0, 1.0, -2.0, 2.0], 10), np.repeat(np.arange(10), 4)
    return float(np.ptp(_interval(f, values, plants)))


def plants_of_one() -> np.ndarray:
    """Twenty numbers, one a plant."""
    return np.random.default_rng(31).normal(size=20)


def drawn(each: np.ndarray, *, many: int) -> np.ndarray:
    """Means of resamples."""
    return np.random.default_rng(33).choice(each, (many, len(each))).mean(1)


def ends_by_way() -> dict[str, np.ndarray]:
    """The interval of `plants_of_one` by ways to draw and to cut that people take."""
    each, rng = plants_of_one(), np.random.default_rng(34)
    means = drawn(each, many=20_000)
    once = [each[np.unique(rng.integers(0, 20, 20))].mean() for _ in range(RESAMPLES)]
    return {
        "right": np.quantile(means, [0.15, 0.85]),
        "tails of 1 - level each": np.quantile(means, [0.3, 0.7]),
        "the level is not used": np.quantile(means, [0.025, 0.975]),
        "twice is once": np.quantile(once, [0.15, 0.85]),
        "twice is once, and other tails": np.quantile(once, [0.3, 0.7]),
        "spread of the plants": np.quantile(each, [0.15, 0.85]),
    }


def two_coins(f: Callable) -> None:
    """two coins, one right: .75 for as few, .75 for as many"""
    wrong = {"own count left out": (0.25, 0.25), "one less the other": (0.75, 0.25)}
    same(f(np.array([0.5, 0.5]), 1), (0.75, 0.75), of="two coins, one right", mistakes=wrong)


def sure_and_right(f: Callable) -> None:
    """ten answers with 95 %, all right, are no sign of anything"""
    got = f(np.full(10, 0.95), 10)
    same(got, (1.0, 0.95**10), of="ten answers with 95 %, ten right", tolerance=1e-9)


def beside_all_outcomes(f: Callable) -> None:
    """eight unequal confidences, beside all 256 outcomes"""
    said = np.array([0.95, 0.9, 0.99, 0.8, 0.3, 0.2, 0.35, 0.25])
    for right in (3, 6):
        few, many = tails_slowly(said, right)
        least, most = tails_slowly(np.full(8, said.mean()), right)
        same_as = {
            "one coin for all": (least, most),
            "own count left out": (1 - many, 1 - few),
            "one less the other": (few, 1 - few),
            "few and many swapped": (many, few),
            "both doubled": (min(2 * few, 1.0), min(2 * many, 1.0)),
        }
        same(f(said, right), (few, many), of=f"8 confidences, {right} right", mistakes=same_as)


def tails_slowly(said: np.ndarray, right: int) -> tuple[float, float]:
    """Chance of as few and of as many right answers, over every outcome there is."""
    few = many = 0.0
    for outcome in product([0, 1], repeat=len(said)):
        chance = float(np.prod([c if o else 1 - c for c, o in zip(said, outcome, strict=True)]))
        few += chance * (sum(outcome) <= right)
        many += chance * (sum(outcome) >= right)
    return few, many
