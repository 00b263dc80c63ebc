"""Wrong versions of lesson 06's functions, by the name under which a check must know them."""

import numpy as np
import pytest
import torch

from plantedu.exercises import check
from plantedu.exercises.lesson_06 import debiased_cka, knn_jaccard, permutation_p
from plantedu.statistics.cka import debiased_cka as package_cka
from plantedu.topics.similarity.neighbourhood import KnnJaccard
from plantedu.topics.similarity.permutation import Null


def _alignment(k, m):
    return (k * m).sum() / np.sqrt((k**2).sum() * (m**2).sum())


def _centred(x):
    k, n = x @ x.T, len(x)
    np.fill_diagonal(k, 0)
    rows = k.sum(1) / (n - 2)
    k = k - rows[:, None] - rows + k.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(k, 0)
    return k


def biased(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return _alignment(x @ x.T, y @ y.T)


def biased_by_features(x, y):
    """Kornblith's form: no table of plants anywhere, and the same number as `biased`."""
    x, y = x - x.mean(0), y - y.mean(0)
    return (np.linalg.norm(y.T @ x) ** 2) / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def ordinary_centring(x, y):
    tables = []
    for one in (x, y):
        k = one @ one.T
        np.fill_diagonal(k, 0)
        tables.append(k - k.mean(0) - k.mean(1, keepdims=True) + k.mean())
    return _alignment(*tables)


def diagonal_comes_back(x, y):
    tables = []
    for one in (x, y):
        k, n = one @ one.T, len(one)
        np.fill_diagonal(k, 0)
        rows = k.sum(1) / (n - 2)
        tables.append(k - rows[:, None] - rows + k.sum() / ((n - 1) * (n - 2)))
    return _alignment(*tables)


def not_centred(x, y):
    tables = [x @ x.T, y @ y.T]
    for k in tables:
        np.fill_diagonal(k, 0)
    return _alignment(*tables)


def no_root(x, y):
    k, m = _centred(x), _centred(y)
    return (k * m).sum() / ((k**2).sum() * (m**2).sum())


def divided_by_one_side(x, y):
    k, m = _centred(x), _centred(y)
    return (k * m).sum() / (k**2).sum()


def no_one_anywhere(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, y[generator.permutation(len(y))]) for _ in range(shuffles)]
    return np.mean(np.array(null) >= value)


def larger_only(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, y[generator.permutation(len(y))]) for _ in range(shuffles)]
    return (1 + (np.array(null) > value).sum()) / (1 + shuffles)


def one_above_alone(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, y[generator.permutation(len(y))]) for _ in range(shuffles)]
    return (1 + (np.array(null) >= value).sum()) / shuffles


def less_alike(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, y[generator.permutation(len(y))]) for _ in range(shuffles)]
    return (1 + (np.array(null) <= value).sum()) / (1 + shuffles)


def two_sides(statistic, x, y, *, shuffles, generator):
    value = abs(statistic(x, y))
    null = [abs(statistic(x, y[generator.permutation(len(y))])) for _ in range(shuffles)]
    return (1 + (np.array(null) >= value).sum()) / (1 + shuffles)


def columns_by_themselves(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, generator.permuted(y, axis=0)) for _ in range(shuffles)]
    return (1 + (np.array(null) >= value).sum()) / (1 + shuffles)


def bootstrapped(statistic, x, y, *, shuffles, generator):
    value = statistic(x, y)
    null = [statistic(x, y[generator.integers(0, len(y), len(y))]) for _ in range(shuffles)]
    return (1 + (np.array(null) >= value).sum()) / (1 + shuffles)


def both_sides(statistic, x, y, *, shuffles, generator):
    value, passed = statistic(x, y), 0
    for _ in range(shuffles):
        order = generator.permutation(len(y))
        passed += statistic(x[order], y[order]) >= value
    return (1 + passed) / (1 + shuffles)


def drawn_once(statistic, x, y, *, shuffles, generator):
    value, order = statistic(x, y), generator.permutation(len(y))
    null = [statistic(x, y[order]) for _ in range(shuffles)]
    return (1 + (np.array(null) >= value).sum()) / (1 + shuffles)


def seeded_inside(statistic, x, y, *, shuffles, generator):
    rng = np.random.default_rng(0)
    return permutation_p(statistic, x, y, shuffles=shuffles, generator=rng)


def not_seeded(statistic, x, y, *, shuffles, generator):
    rng = np.random.default_rng()
    return permutation_p(statistic, x, y, shuffles=shuffles, generator=rng)


def _jaccard(x, y, k, near):
    shared = [len(set(a) & set(b)) for a, b in zip(near(x, k), near(y, k), strict=True)]
    return np.mean([s / (2 * k - s) for s in shared])


def _cosines(table):
    rows = table - table.mean(0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = rows @ rows.T
    np.fill_diagonal(cosine, -np.inf)
    return cosine


def counts_itself(x, y, *, k):
    def near(table, k):
        rows = table - table.mean(0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return np.argsort(-(rows @ rows.T), axis=1)[:, :k]

    return _jaccard(x, y, k, near)


def neighbours_not_centred(x, y, *, k):
    def near(table, k):
        rows = table / np.linalg.norm(table, axis=1, keepdims=True)
        cosine = rows @ rows.T
        np.fill_diagonal(cosine, -np.inf)
        return np.argsort(-cosine, axis=1)[:, :k]

    return _jaccard(x, y, k, near)


def by_inner_product(x, y, *, k):
    def near(table, k):
        products = (table - table.mean(0)) @ (table - table.mean(0)).T
        np.fill_diagonal(products, -np.inf)
        return np.argsort(-products, axis=1)[:, :k]

    return _jaccard(x, y, k, near)


def the_farthest(x, y, *, k):
    def near(table, k):
        cosine = _cosines(table)
        np.fill_diagonal(cosine, np.inf)
        return np.argsort(cosine, axis=1)[:, :k]

    return _jaccard(x, y, k, near)


def divided_by_k(x, y, *, k):
    a, b = (np.argsort(-_cosines(one), axis=1)[:, :k] for one in (x, y))
    return np.mean([len(set(i) & set(j)) / k for i, j in zip(a, b, strict=True)])


WRONG = {
    "06.5": {
        "biased": biased,
        "ordinary centring": ordinary_centring,
        "diagonal comes back": diagonal_comes_back,
        "not centred": not_centred,
        "not normalised": no_root,
    },
    "06.6": {
        "p of zero": no_one_anywhere,
        "ties left out": larger_only,
        "1 above alone": one_above_alone,
        "counts the less alike": less_alike,
        "two sides": two_sides,
        "plants torn apart": columns_by_themselves,
        "with repeats": bootstrapped,
        "both sides shuffled": both_sides,
        "drawn once": drawn_once,
        "another generator": seeded_inside,
    },
    "06.7": {
        "counts itself": counts_itself,
        "not centred": neighbours_not_centred,
        "by inner product": by_inner_product,
        "the farthest": the_farthest,
        "divided by k": divided_by_k,
    },
}
ALSO = (
    ("06.5", "biased", biased_by_features),
    ("06.5", "not normalised", divided_by_one_side),
    ("06.6", "another generator", not_seeded),
)
EVERY = [(key, name, wrong) for key in WRONG for name, wrong in WRONG[key].items()]


@pytest.mark.parametrize(("key", "name", "wrong"), [*EVERY, *ALSO])
def test_a_mistake_is_called_by_its_own_name_and_no_other(key, name, wrong):
    report = check(key, wrong)
    assert report.mistakes == (name,), str(report)


def test_two_mistakes_at_once_are_both_named():
    def larger_and_no_one(statistic, x, y, *, shuffles, generator):
        value = statistic(x, y)
        null = [statistic(x, y[generator.permutation(len(y))]) for _ in range(shuffles)]
        return np.mean(np.array(null) > value)

    assert check("06.6", larger_and_no_one).mistakes == ("p of zero", "ties left out")


def _tables(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 9))
    return x + 1, x[:, :6] + rng.normal(size=(40, 6))


def test_cka_is_the_package_s():
    x, y = _tables(0)
    assert debiased_cka(x, y) == pytest.approx(package_cka(*map(torch.tensor, (x, y))), abs=1e-12)


def test_p_is_the_package_s():
    drawn = []

    def statistic(x, y):
        drawn.append(float((x[:, 0] * y[:, 0]).sum()))
        return drawn[-1]

    p = permutation_p(statistic, *_tables(1), shuffles=99, generator=np.random.default_rng(0))
    value, *null = drawn
    package = Null(np.array([[value]]), np.array(null)[:, None, None], distance=False)
    assert p == pytest.approx(float(package.p.item()), abs=1e-12)


def test_neighbours_are_the_package_s():
    x, y = _tables(2)
    package = KnnJaccard(k=5)(*map(torch.tensor, (x, y))).value
    assert knn_jaccard(x, y, k=5) == pytest.approx(package, abs=1e-12)
