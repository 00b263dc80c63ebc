"""Wrong versions of lesson 07's functions, by the name under which a check must know them."""

import numpy as np
import pytest

from plantedu.exercises import check
from plantedu.exercises.lesson_07 import copying_score, directions_above_noise
from plantedu.topics.spectrum import score as package
from plantedu.topics.spectrum.marchenko_pastur import correlation_values, marchenko_pastur


def _of(values):
    return float(np.real(values).sum() / np.abs(values).sum())


def _scored(score, noise=lambda rng, matrix: rng.normal(size=matrix.shape)):
    """The exercise with another score, or another noise."""

    def wrong(matrix, *, draws, generator):
        return score(matrix), np.array([score(noise(generator, matrix)) for _ in range(draws)])

    return wrong


def right(a):
    return _of(np.linalg.eigvals(a))


def real_parts_below(a):
    values = np.linalg.eigvals(a)
    return float(values.real.sum() / np.abs(values.real).sum())


def size_of_the_sum(a):
    values = np.linalg.eigvals(a)
    return float(values.real.sum() / abs(values.sum()))


def every_eigenvalue_alike(a):
    values = np.linalg.eigvals(a)
    return float((values.real / np.abs(values)).mean())


def singular_values_below(a):
    return float(np.trace(a) / np.linalg.svd(a, compute_uv=False).sum())


def sign_lost(a):
    values = np.linalg.eigvals(a)
    return float(abs(values.sum()) / np.abs(values).sum())


def one_random_matrix(matrix, *, draws, generator):
    return right(matrix), np.full(draws, right(generator.normal(size=matrix.shape)))


def null_without_sign(matrix, *, draws, generator):
    null = [abs(right(generator.normal(size=matrix.shape))) for _ in range(draws)]
    return right(matrix), np.array(null)


def _gram(rng, matrix):
    a = rng.normal(size=matrix.shape)
    return a @ a.T


def _shuffled(rng, matrix):
    return rng.permutation(matrix.ravel()).reshape(matrix.shape)


def _edges(edge):
    def wrong(x):
        z = (x - x.mean(0)) / x.std(0)
        values = np.linalg.eigvalsh(z.T @ z / len(x))
        found = float(edge(x.shape[1] / x.shape[0]))
        return found, int((values > found).sum())

    return wrong


def _counted(values_of):
    def wrong(x):
        edge = float((1 + np.sqrt(x.shape[1] / x.shape[0])) ** 2)
        return edge, int((values_of(x) > edge).sum())

    return wrong


def _not_centred(x):
    z = x / x.std(0)
    return np.linalg.eigvalsh(z.T @ z / len(x))


def _not_divided(x):
    z = (x - x.mean(0)) / x.std(0)
    return np.linalg.eigvalsh(z.T @ z)


def small_ones_counted(x):
    root = np.sqrt(x.shape[1] / x.shape[0])
    values = np.linalg.eigvalsh(np.corrcoef(x.T))
    outside = (values > (1 + root) ** 2) | (values < (1 - root) ** 2)
    return float((1 + root) ** 2), int(outside.sum())


WRONG = {
    "07.6": {
        "singular values": _scored(lambda a: _of(np.linalg.svd(a, compute_uv=False))),
        "as if symmetric": _scored(lambda a: _of(np.linalg.eigvalsh(a))),
        "real parts below": _scored(real_parts_below),
        "size of the sum": _scored(size_of_the_sum),
        "every eigenvalue alike": _scored(every_eigenvalue_alike),
        "singular values below": _scored(singular_values_below),
        "sign lost": _scored(sign_lost),
        "one random matrix": one_random_matrix,
        "symmetric noise": _scored(right, _gram),
        "noise without minus": _scored(right, lambda rng, matrix: rng.random(matrix.shape)),
        "the map shuffled": _scored(right, _shuffled),
    },
    "07.7": {
        "gamma upside down": _edges(lambda gamma: (1 + np.sqrt(1 / gamma)) ** 2),
        "root left out": _edges(lambda gamma: (1 + gamma) ** 2),
        "square left out": _edges(lambda gamma: 1 + np.sqrt(gamma)),
        "lower edge": _edges(lambda gamma: (1 - np.sqrt(gamma)) ** 2),
        "covariances": _counted(lambda x: np.linalg.eigvalsh(np.cov(x.T))),
        "not centred": _counted(_not_centred),
        "plants correlated": _counted(lambda x: np.linalg.eigvalsh(np.corrcoef(x))),
        "not divided by n": _counted(_not_divided),
        "small ones counted": small_ones_counted,
    },
}
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(
    ("key", "name", "wrong"), [*EVERY, ("07.6", "sign lost", null_without_sign)]
)
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def test_the_score_is_the_package_s():
    matrix = np.random.default_rng(0).normal(size=(9, 9)) + np.eye(9)
    found, null = copying_score(matrix, draws=4, generator=np.random.default_rng(1))
    noise = np.random.default_rng(1).normal(size=(4, 9, 9))
    assert found == pytest.approx(package.read(matrix).score, abs=1e-12)
    assert null == pytest.approx(package.copying_scores(noise)[0], abs=1e-12)


def test_directions_are_the_package_s():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(90, 12)) + 2 * rng.normal(size=(90, 1)) * np.arange(12)
    edge, count = directions_above_noise(x)
    assert edge == pytest.approx(marchenko_pastur(12, 90)[1], abs=1e-12)
    assert count == int((correlation_values(x) > edge).sum()) >= 1
