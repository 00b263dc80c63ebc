"""What is checked in the code exercises of lesson 12."""

from collections.abc import Callable

import numpy as np

from plantedu.exercises.comparing import same


def all_of_them(f: Callable) -> None:
    """four pictures of two classes that all follow: 1"""
    wanted = np.array([1, 0, 1, 0])
    wrong = {"turned round": -1.0}
    same(f(wanted.copy(), 1 - wanted, wanted), 1.0, of="four that all follow", mistakes=wrong)


def with_seams(f: Callable) -> None:
    """ten pictures of three classes, some of which the exchange itself disturbs"""
    other, own, wanted = ten()
    wrong = {
        "the seam is left in": 0.6,
        "any difference counts": 0.8,
        "signs dropped": 0.5,
        "turned round": -0.3,
        "of those that moved": 0.6 * 10 / 8 - 0.3 * 10 / 8,
    }
    same(f(other, own, wanted), 0.3, of="ten pictures, six and three", mistakes=wrong)


def only_the_seam(f: Callable) -> None:
    """a network that any foreign piece disturbs, whoever gave it: 0"""
    wanted = np.array([0, 1, 2, 0, 1, 2])
    called = np.array([0, 1, 2, 0, 0, 0])
    wrong = {"the seam is left in": 4 / 6}
    same(f(called, called.copy(), wanted), 0.0, of="six with the same names twice", mistakes=wrong)


def ten() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names with a piece of another class, of the own one, and the class that is wanted."""
    other = np.array([0, 0, 1, 1, 2, 2, 1, 2, 0, 1])
    own = np.array([0, 1, 1, 2, 1, 1, 0, 0, 1, 2])
    wanted = np.array([0, 0, 1, 1, 2, 2, 0, 1, 2, 0])
    return other, own, wanted


def three_by_hand(f: Callable) -> None:
    """three cues and four shuffles: .2, .6 and 1"""
    right, shuffled = by_hand()
    wrong = {
        "each cue alone": np.array([0.2, 0.2, 0.6]),
        "zero is possible": np.array([0.0, 0.5, 1.0]),
        "ties left out": np.array([0.2, 0.4, 1.0]),
        "the mean of the cues": np.array([0.2, 0.2, 0.8]),
        "turned round": np.array([1.0, 0.6, 0.2]),
        "one p for all": np.array([0.2, 0.2, 0.2]),
    }
    same(
        f(right, shuffled),
        np.array([0.2, 0.6, 1.0]),
        of="three cues, four shuffles",
        mistakes=wrong,
    )


def beside_loops(f: Callable) -> None:
    """twelve cues and 99 shuffles, beside a slow count"""
    rng = np.random.default_rng(12)
    right, shuffled = rng.normal(0.6, 0.1, 12), rng.normal(0.5, 0.05, (99, 12))
    same(f(right, shuffled), slowly(right, shuffled), of="twelve cues, 99 shuffles")


def by_hand() -> tuple[np.ndarray, np.ndarray]:
    """How well three cues name the class, and after each of four shuffles."""
    shuffled = [[0.5, 0.6, 0.4], [0.7, 0.5, 0.5], [0.5, 0.5, 0.8], [0.6, 0.6, 0.6]]
    return np.array([0.9, 0.7, 0.55]), np.array(shuffled)


def slowly(right: np.ndarray, shuffled: np.ndarray) -> np.ndarray:
    """p of each cue, a cue and a shuffle at a time."""
    found = []
    for one in right:
        reached = 0
        for row in shuffled:
            reached += max(row) >= one
        found.append((1 + reached) / (1 + len(shuffled)))
    return np.array(found)
