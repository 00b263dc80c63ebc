"""What is checked in the code exercises of lesson 03."""

from collections.abc import Callable

import numpy as np

from plantedu.exercises.comparing import expect, same


def a_step(f: Callable) -> None:
    """a clean step is found at the first step after it, with its size"""
    losses = np.array([3.0] * 12 + [1.0] * 8)
    same(
        f(losses, 4),
        (12, 2.0),
        of="twelve losses of 3 and eight of 1, windows of 4",
        mistakes={"the last step before the fall": (11, 2.0), "t counts windows": (8, 2.0)},
    )


def at_both_ends(f: Callable) -> None:
    """a fall at the last place where both windows fit, and at the first"""
    late = np.array([2.0] * 7 + [0.0] * 3)
    same(
        f(late, 3),
        (7, 2.0),
        of="seven losses of 2 and three of 0, windows of 3",
        mistakes={
            "the last window is left out": (6, 4 / 3),
            "the last step before the fall": (6, 2.0),
            "t counts windows": (4, 2.0),
        },
    )
    early = np.array([2.0] * 3 + [0.0] * 7)
    same(f(early, 3), (3, 2.0), of="three losses of 2 and seven of 0, windows of 3")


def a_rise(f: Callable) -> None:
    """a large rise is no drop"""
    losses = np.array([1.0] * 6 + [0.5] * 6 + [3.0] * 6)
    same(
        f(losses, 3),
        (6, 0.5),
        of="losses of 1, then .5, then 3, six of each, windows of 3",
        mistakes={
            "a rise counts as well": (12, 2.5),
            "the last step before the fall": (5, 0.5),
            "t counts windows": (3, 0.5),
        },
    )


def _slow_drop(losses: np.ndarray, half: int) -> tuple[int, float]:
    """The formula, window by window."""
    drops = {}
    for t in range(half, len(losses) - half + 1):
        before = sum(float(losses[k]) for k in range(t - half, t)) / half
        after = sum(float(losses[k]) for k in range(t, t + half)) / half
        drops[t] = before - after
    best = max(drops, key=lambda t: (drops[t], -t))
    return best, drops[best]


def _noisy(seed: int) -> np.ndarray:
    """Sixty losses that wander, with a fall of 1 at step 35."""
    rng = np.random.default_rng(seed)
    return np.where(np.arange(60) < 35, 4.0, 3.0) + 0.3 * rng.normal(size=60)


def slow_drop(f: Callable) -> None:
    """noisy curves agree with plain loops"""
    for seed in range(3):
        losses = _noisy(seed)
        step, size = _slow_drop(losses, 8)
        near = int(np.diff(losses).argmin()) + 1
        same(
            f(losses, 8),
            (step, size),
            of=f"a noisy curve of 60 losses that falls at step 35 (seed {seed})",
            mistakes={
                "the last step before the fall": (step - 1, size),
                "t counts windows": (step - 8, size),
                "the largest difference of neighbours": (near, losses[near - 1] - losses[near]),
            },
        )


def never_zero(f: Callable) -> None:
    """the smallest p is 1 / (1 + shuffles)"""
    losses = np.arange(40.0)

    def falling(curve: np.ndarray) -> float:
        """How much of the order 0, 1, 2, ... is there: largest for the curve as it was."""
        return float(curve @ np.arange(len(curve)))

    same(
        f(losses, falling, 4, 19, np.random.default_rng(0)),
        0.05,
        of="a curve that is more striking than all of 19 shuffled ones",
        mistakes={"p can be 0": 0.0},
    )


def ties_count(f: Callable) -> None:
    """where all curves are equally striking, p is 1"""
    same(
        f(np.ones(12), lambda curve: 7.0, 3, 9, np.random.default_rng(0)),
        1.0,
        of="a statistic that is 7 for every curve",
        mistakes={"ties do not count": 0.1, "p can be 0": 0.0},
    )


def blocks_stay_whole(f: Callable) -> None:
    """in a shuffled curve every block is whole, occurs once, and has another place"""
    curves: list[np.ndarray] = []

    def remembers(curve: np.ndarray) -> float:
        curves.append(np.array(curve))
        return 0.0

    f(np.arange(40.0), remembers, 4, 15, np.random.default_rng(1))
    expect(len(curves) == 16, f"The statistic was computed {len(curves)} times; it is 1 + 15.")
    starts = [one.reshape(-1, 4)[:, 0] for one in curves]
    whole = all((np.diff(one.reshape(-1, 4), axis=1) == 1).all() for one in curves)
    moved = any(np.any(one != np.arange(0, 40, 4)) for one in starts)
    if not whole:
        inside = all((np.sort(one.reshape(-1, 4), axis=1)[:, 0] % 4 == 0).all() for one in curves)
        still = all((one.reshape(-1, 4).min(1) == np.arange(0, 40, 4)).all() for one in curves)
        first = next(one for one in curves if (np.diff(one.reshape(-1, 4), axis=1) != 1).any())
        expect(
            False,
            "The losses are 0, 1, ..., 39 in blocks of 4; a shuffled curve begins with "
            f"{first[:8].astype(int).tolist()}.",
            mistake="losses are shuffled inside blocks"
            if inside and still
            else "single losses are shuffled",
        )
    expect(moved, "The blocks of every shuffled curve are in their old order.")
    expect(
        all(len(set(one.tolist())) == 10 for one in starts),
        "Of ten blocks some occur twice in a shuffled curve, and some not at all.",
        mistake="blocks are drawn with repeats",
    )


def the_rest_is_cut(f: Callable) -> None:
    """what is left over at the end is cut off for all curves alike"""
    lengths = []

    def remembers(curve: np.ndarray) -> float:
        lengths.append(len(curve))
        return 0.0

    f(np.arange(14.0), remembers, 4, 3, np.random.default_rng(0))
    longer = [one for one in lengths if one != 12]
    expect(
        not longer,
        "Fourteen losses are three blocks of 4 and a rest of 2; the statistic was computed of "
        f"curves of {', '.join(map(str, lengths))} losses.",
        mistake="the rest is kept in the curve alone" if longer == [14] else "",
    )


def a_drop_is_found(f: Callable) -> None:
    """a drop of many times the noise is found; noise alone is not"""
    rng = np.random.default_rng(5)
    noise = 0.1 * rng.normal(size=200)
    steps = np.where(np.arange(200) < 100, 2.0, 1.0)

    def drop(curve: np.ndarray) -> float:
        return _slow_drop(curve, 60)[1]

    p = f(noise + steps, drop, 10, 39, np.random.default_rng(6))
    expect(p <= 0.1, f"A drop of ten times the noise has p = {p:.2f}; it is .05 or less.")


def _even(scores: np.ndarray) -> np.ndarray:
    """Codes of Sinkhorn's kind, sharp: three rounds at an epsilon of .1."""
    q = np.exp((scores - scores.max()) / 0.1)
    for _ in range(3):
        q = q / q.sum(0) * len(q) / q.shape[1]
        q = q / q.sum(1, keepdims=True)
    return q


def _slow_objectives(
    scores: np.ndarray, queue: np.ndarray, temperature: float
) -> tuple[float, float]:
    """The formula, plant by plant and prototype by prototype."""
    together = _even(np.vstack([scores, queue]))
    losses = []
    for codes in (_even(scores), together):
        total = 0.0
        for q, s in zip(codes[: len(scores)], scores, strict=True):
            parts = [float(np.exp(one / temperature)) for one in s]
            total -= sum(float(w) * np.log(p / sum(parts)) for w, p in zip(q, parts, strict=True))
        losses.append(float(total) / len(scores))
    return losses[0], losses[1]


def _like(scores: np.ndarray, queue: np.ndarray, temperature: float) -> dict[str, object]:
    """What the wrong versions answer."""
    without, with_queue = _slow_objectives(scores, queue, temperature)
    every, n = np.vstack([scores, queue]), len(scores)
    log_p = np.log(_softmax(every / temperature))
    codes = _even(every)
    in_mean = float(-(codes * log_p).sum(1).mean())
    turned = float(-(codes[-n:] * log_p[:n]).sum(1).mean()) if len(queue) >= n else with_queue
    return {
        "the queue's plants are in the mean": (without, in_mean),
        "the queue's codes are kept": (without, turned),
        "the queue never reaches the codes": (without, without),
        "the temperature is left out": _slow_objectives(scores, queue, 1.0),
    }


def _softmax(s: np.ndarray) -> np.ndarray:
    parts = np.exp(s - s.max(1, keepdims=True))
    return parts / parts.sum(1, keepdims=True)


def sharper_with_a_queue(f: Callable) -> None:
    """two plants that look alike: their codes are even alone, and sharp with a queue"""
    scores = np.array([[0.9, 0.1], [0.9, 0.1]])
    queue = np.array([[0.1, 0.9], [0.1, 0.9]])
    known = _slow_objectives(scores, queue, 0.2)
    expect(known[0] > known[1] + 1, "never said")
    same(
        f(scores, queue, _even, 0.2),
        known,
        of="a batch of two plants with scores (.9, .1), and a queue of two with (.1, .9)",
        mistakes=_like(scores, queue, 0.2),
    )


def slow_objectives(f: Callable) -> None:
    """random scores agree with plain loops"""
    rng = np.random.default_rng(8)
    scores, queue = rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (7, 3))
    same(
        f(scores, queue, _even, 0.3),
        _slow_objectives(scores, queue, 0.3),
        of="4 random plants, a queue of 7, three prototypes, temperature .3",
        mistakes=_like(scores, queue, 0.3),
    )


def large_scores(f: Callable) -> None:
    """a small temperature gives a large loss and no infinity"""
    scores, queue = np.array([[1.0, -1.0]]), np.array([[-1.0, 1.0]])
    with np.errstate(all="ignore"):
        got = f(scores, queue, lambda s: np.full(s.shape, 0.5), 0.001)
    expect(
        bool(np.isfinite(got).all()),
        f"The scores are (1, -1), the codes even, the temperature .001: 1,000 nats; got {got}.",
        mistake="exp overflows",
    )
