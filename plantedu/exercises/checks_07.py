"""What is checked in the code exercises of lesson 07."""

from collections.abc import Callable

import numpy as np

from plantedu.exercises.comparing import expect, formed, same

DRAWS = 300


def known_maps(f: Callable) -> None:
    """a small copy scores 1, a large inversion -1"""
    same(_both(f, 0.1 * np.eye(4))[0], 1.0, of="a copy, a tenth as large", tolerance=1e-9)
    same(_both(f, -3 * np.eye(3))[0], -1.0, of="an inversion, three times as large", tolerance=1e-9)


def copy_and_turn(f: Callable) -> None:
    """a copy beside a turn by 120 degrees, twice as large, in slanted axes"""
    matrix = slanted()
    values, sizes = np.linalg.eigvals(matrix), np.linalg.svd(matrix, compute_uv=False)
    wrong = {
        "singular values": 1.0,
        "as if symmetric": _of(np.linalg.eigvalsh(matrix)),
        "real parts below": float(values.real.sum() / np.abs(values.real).sum()),
        "size of the sum": float(values.real.sum() / abs(values.sum())),
        "every eigenvalue alike": float(np.cos(np.angle(values)).mean()),
        "singular values below": float(values.real.sum() / sizes.sum()),
        "sign lost": 0.2,
    }
    of = "eigenvalues 1 and 2 exp(+-i 120 degrees)"
    same(_both(f, matrix)[0], -0.2, of=of, mistakes=wrong)


def noise_spreads(f: Callable) -> None:
    """scores of random matrices lie around 0, as widely as the circular law says"""
    null = _both(f, np.random.default_rng(1).normal(size=(24, 24)), draws=DRAWS)[1]
    right = abs(_both(f, slanted())[0] + 0.2) < 1e-6
    named = "one random matrix" if abs(null[0]) < 0.5 else "symmetric noise"
    expect(
        float(np.ptp(null)) > 1e-6,
        f"All {DRAWS} scores of random matrices are {null[0]:.3f}.",
        mistake=named if right else "",
    )
    mean, spread = float(null.mean()), float(null.std())
    named = "noise without minus" if mean > 0.15 else ""
    expect(
        abs(mean) < 0.02,
        f"Scores of {DRAWS} random 24 x 24 matrices are {mean:.3f} on average; 0 is expected.",
        mistake="sign lost" if not named and null.min() >= 0 else named,
    )
    expect(
        0.045 < spread < 0.085,
        f"Scores of {DRAWS} random 24 x 24 matrices have the standard deviation {spread:.3f}; the "
        "circular law says 3/(2 * 24) = .0625.",
    )


def noise_knows_no_map(f: Callable) -> None:
    """scores of random matrices do not depend on the map"""
    map_ = np.random.default_rng(2).normal(size=(6, 6))
    first, second = (_both(f, one, draws=20)[1] for one in (map_, map_ @ map_.T))
    expect(
        bool(np.allclose(first, second, atol=1e-9)),
        f"Two maps of one size, and generators of one seed: the first random score is "
        f"{first[0]:.3f} beside the one and {second[0]:.3f} beside the other.",
        mistake="the map shuffled",
    )


def slanted() -> np.ndarray:
    """A turn by 120 degrees of size 2 beside a copy of size 1, in axes that are not orthogonal."""
    c, s = -0.5, np.sqrt(0.75)
    block = np.array([[2 * c, -2 * s, 0], [2 * s, 2 * c, 0], [0, 0, 1]])
    axes = np.array([[1.0, 1, 0], [0, 1, 1], [0, 0, 1]])
    return axes @ block @ np.linalg.inv(axes)


def _of(values: np.ndarray) -> float:
    return float(np.real(values).sum() / np.abs(values).sum())


def _both(f: Callable, matrix: np.ndarray, *, draws: int = 5) -> tuple[float, np.ndarray]:
    got = f(matrix, draws=draws, generator=np.random.default_rng(7))
    size = " x ".join(map(str, matrix.shape))
    formed(got, (0.5, np.full(draws, 0.5)), of=f"a {size} map and {draws} draws")
    return got


def edge_of_noise(f: Callable) -> None:
    """the edge of 40 columns and 400 plants"""
    x = np.random.default_rng(0).normal(size=(400, 40))
    formed(got := f(x), (0.5, 1), of="noise")
    root = np.sqrt(0.1)
    wrong = {
        "gamma upside down": (1 + 1 / root) ** 2,
        "root left out": (1 + 0.1) ** 2,
        "square left out": 1 + root,
        "lower edge": (1 - root) ** 2,
    }
    same(got[0], float((1 + root) ** 2), of="the edge of 40 columns and 400 plants", mistakes=wrong)


def nothing_in_noise(f: Callable) -> None:
    """columns of noise, of very different size and far from 0"""
    _counts(f, planted=0)


def three_are_found(f: Callable) -> None:
    """three planted directions among 30 columns"""
    _counts(f, planted=3)


def _counts(f: Callable, *, planted: int) -> None:
    """The count, with a name where the edge is right and the eigenvalues are not."""
    x = table(planted=planted)
    of = f"{planted} planted directions in 30 columns of 300 plants"
    formed(got := f(x), (0.5, 1), of=of)
    named = abs(float(got[0]) - float((1 + np.sqrt(0.1)) ** 2)) < 1e-6
    same(got[1], planted, of=of, mistakes=lambda: _other_counts(x) if named else {})


def table(*, planted: int) -> np.ndarray:
    """300 plants, 30 columns far from 0, in units from .1 to 10."""
    rng = np.random.default_rng(21)
    x = rng.normal(size=(300, 30))
    if planted:
        x += rng.normal(size=(300, planted)) @ rng.normal(size=(planted, 30))
    return (x + 4) * np.geomspace(0.1, 10, 30)


def _other_counts(x: np.ndarray) -> dict[str, int]:
    n, dim = x.shape
    low, high = ((1 + sign * np.sqrt(dim / n)) ** 2 for sign in (-1, 1))
    right = (x - x.mean(0)) / x.std(0)
    values = np.linalg.eigvalsh(right.T @ right / n)

    def beyond(gram: np.ndarray) -> int:
        return int((np.linalg.eigvalsh(gram) > high).sum())

    return {
        "covariances": beyond(np.cov(x.T)),
        "not centred": beyond((x / x.std(0)).T @ (x / x.std(0)) / n),
        "plants correlated": beyond(np.corrcoef(x)),
        "not divided by n": beyond(right.T @ right),
        "small ones counted": int((values > high).sum() + (values < low).sum()),
    }
