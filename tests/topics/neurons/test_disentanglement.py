"""DCI and MIG: 1 on a permutation of the factors, less on a rotation; the lasso is sklearn's."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget, binned
from plantedu.topics.neurons.disentanglement import dci, disentangled, lasso, mig
from plantedu.topics.neurons.information import mutual_information

N = 400


@pytest.fixture(scope="module")
def planted():
    """Four independent factors, their permutation with two idle units, and a rotation."""
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(N, 4))
    asked = [DiscreteTarget(name, factors[:, k]) for k, name in enumerate("abcd")]
    order = np.concatenate([factors[:, [2, 0, 3, 1]], np.zeros((N, 1)), rng.normal(size=(N, 1))], 1)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    return asked, order, factors @ turn


def test_a_permutation_is_disentangled_and_a_rotation_is_not(planted):
    asked, order, rotated = planted
    one = dci(order, asked, generator=np.random.default_rng(1))
    assert one.disentanglement == pytest.approx(1, abs=0.02)
    assert one.completeness == pytest.approx(1, abs=0.02)
    assert one.importance[:4].argmax(axis=0).tolist() == [1, 3, 0, 2]
    two = dci(rotated, asked, generator=np.random.default_rng(1))
    assert two.disentanglement < 0.5
    assert one.informativeness.min() > 0.98
    assert two.informativeness.min() > 0.98  # all is there, in other axes


def test_d_and_c_by_hand():
    d, c = disentangled(np.array([[1.0, 1], [2, 0]]))
    # units: shared over two (0) with half of the weight, pure (1) with the other half
    assert d == pytest.approx(0.5)
    first = -(1 / 3 * np.log2(1 / 3) + 2 / 3 * np.log2(2 / 3))
    assert c == pytest.approx(3 / 4 * (1 - first) + 1 / 4)
    assert np.isnan(disentangled(np.zeros((2, 2)))[0])


def test_the_gap_on_a_known_code(planted):
    asked, order, _ = planted
    bins = [binned(order[:, [k]], 8)[:, 0] for k in range(4)]
    table = np.array([[mutual_information(u, one.codes(8)) for one in asked] for u in bins])
    entropy = np.full(4, np.log(8))
    assert mig(table, entropy) > 0.9
    twice = np.concatenate([table, table])  # two units of one meaning: redundant, and no gap
    assert mig(twice, entropy) == pytest.approx(0)
    assert mig(np.array([[1.0], [0.25]]), np.array([2.0])) == pytest.approx(0.375)


def test_the_lasso_solves_what_sklearn_solves():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(2)
    x = rng.normal(size=(80, 6))
    y = x @ np.array([1.0, -2, 0, 0, 0.5, 0])[:, None] + 0.1 * rng.normal(size=(80, 1))
    found = lasso(x, y, 0.1, steps=500)[:, 0]
    there = linear_model.Lasso(alpha=0.1, fit_intercept=False, tol=1e-10).fit(x, y[:, 0]).coef_
    assert found == pytest.approx(there, abs=1e-6)
    both = lasso(x, np.concatenate([y, y], 1), np.array([0.1, 99.0]), steps=500)
    assert both[:, 0] == pytest.approx(there, abs=1e-6)
    assert (both[:, 1] == 0).all()


def test_categories_and_factors_that_show_on_some_plants(planted):
    rng = np.random.default_rng(3)
    klass, size = rng.integers(0, 3, N), rng.normal(size=N)
    units = np.stack([klass == 0, klass == 1, klass == 2, size * (klass > 0)], 1).astype(float)
    asked = [
        DiscreteTarget("class", klass, levels=3),
        DiscreteTarget("size", size, shown=klass > 0),
    ]
    found = dci(units, asked, generator=rng)
    assert found.disentanglement > 0.9
    assert found.informativeness.min() > 0.95


def test_too_little_is_refused():
    one = [DiscreteTarget("a", np.arange(16.0))]
    with pytest.raises(PlantEduError, match="32 plants or more; got 16"):
        dci(np.ones((16, 2)), one, generator=np.random.default_rng(0))
    with pytest.raises(PlantEduError, match="two units"):
        mig(np.ones((1, 2)), np.ones(2))
