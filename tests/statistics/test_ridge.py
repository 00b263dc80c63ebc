"""One decomposition gives what scikit-learn finds one target and one penalty at a time."""

import numpy as np
import pytest
import torch
from sklearn.covariance import EmpiricalCovariance
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from plantedu.errors import PlantEduError
from plantedu.statistics.ridge import PENALTIES, RidgePath, Wanted

SHAPES = [(60, 12), (40, 90)]  # more plants than features, and fewer


def narrow(plants, dim, seed=0):
    """Features whose directions are of very different width, as an embedding's are."""
    rng = np.random.default_rng(seed)
    widths = np.logspace(0, -2, dim)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return rng.normal(size=(plants, dim)) * widths @ turn


def answers(path, reader, features):
    weights, constants = reader
    return (path.turned(torch.from_numpy(features)) @ weights + constants).numpy()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_number_is_read_as_ridgecv_reads_it(shape):
    """Slow twin: scikit-learn's RidgeCV over the same penalties, a target at a time."""
    plants, dim = shape
    x = narrow(2 * plants, dim)
    rng = np.random.default_rng(1)
    narrowest = np.linalg.svd(x - x.mean(0))[2][min(dim, plants) // 2]
    y = np.stack([100 * x @ narrowest, x[:, 0], np.zeros(2 * plants)], 1)
    y += 0.3 * rng.normal(size=y.shape)
    path = RidgePath(torch.from_numpy(x[:plants]))
    wanted = [Wanted(torch.from_numpy(y[:plants, k : k + 1])) for k in range(3)]
    penalties = (PENALTIES * path.parts.squares[-1]).numpy()
    for k, reader in enumerate(path.fit(wanted)):
        twin = RidgeCV(penalties).fit(x[:plants], y[:plants, k])
        found = answers(path, reader, x[plants:])[:, 0]
        assert np.allclose(found, twin.predict(x[plants:]), atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_left_out_errors_are_those_of_leaving_plants_out(shape):
    """Slow twin: fit without a plant, plant by plant."""
    x = narrow(*shape)
    y = x[:, 0] + 0.1 * np.random.default_rng(2).normal(size=len(x))
    path = RidgePath(torch.from_numpy(x))
    aims = torch.from_numpy(y - y.mean())[:, None]
    penalties = PENALTIES * path.parts.squares[-1]
    losses = path.parts.left_out(aims, path.parts.coordinates(aims), penalties)[:, 0]
    for k in (4, 12, 20):
        twin = Ridge(float(PENALTIES[k] * path.parts.squares[-1]), solver="svd")
        left = cross_val_predict(twin, x, y, cv=LeaveOneOut())
        assert float(losses[k]) == pytest.approx(((y - left) ** 2).mean(), rel=1e-5)


class Fixed(EmpiricalCovariance):
    """The within-class covariance plus a penalty, for scikit-learn's discriminants."""

    def __init__(self, penalty=0.0):
        super().__init__()
        self.penalty = penalty

    def fit(self, X, y=None):
        x = X - X.mean(0)
        self.covariance_ = x.T @ x / len(x) + self.penalty * np.eye(x.shape[1])
        return self


@pytest.mark.parametrize("shape", SHAPES)
def test_a_category_is_read_by_penalised_discriminants(shape, monkeypatch):
    """Slow twin: scikit-learn's discriminant analysis with the same covariance."""
    plants, dim = shape
    x = narrow(plants, dim)
    codes = np.arange(plants) % 3
    x[:, 0] += codes == 1
    x[:, 1] -= codes == 2
    share = 1e-3
    monkeypatch.setattr(
        "plantedu.statistics.ridge.PENALTIES", torch.tensor([share], dtype=torch.float64)
    )
    path = RidgePath(torch.from_numpy(x))
    (reader,) = path.fit([Wanted.of_category(torch.from_numpy(codes), 3)])
    penalty = share * float(path.parts.squares[-1]) / plants
    # scikit-learn weighs class covariances by share, each around its own mean: W, plus the penalty
    twin = LinearDiscriminantAnalysis(solver="lsqr", covariance_estimator=Fixed(penalty))
    twin.fit(x, codes)
    found, expected = answers(path, reader, x), twin.decision_function(x)
    found, expected = (k - k.mean(1, keepdims=True) for k in (found, expected))  # softmax's freedom
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_class_between_two_others_is_found():
    """One-hot answers never name the middle one of three; discriminants and logistic do."""
    rng = np.random.default_rng(3)
    codes = np.repeat([0, 1, 2], 80)
    x = rng.normal(size=(240, 5))
    x[:, 0] = codes + 0.1 * rng.normal(size=240)
    path = RidgePath(torch.from_numpy(x))
    aims = Wanted.of_category(torch.from_numpy(codes), 3)
    (reader,), columns = path.fit([aims]), path.fit([Wanted(aims.columns)])
    assert (answers(path, reader, x).argmax(1) == codes).mean() > 0.98
    assert LogisticRegression(C=100).fit(x, codes).score(x, codes) > 0.98
    assert (answers(path, next(columns), x).argmax(1) == codes).mean() < 0.9


def test_targets_do_not_depend_on_who_shares_the_decomposition():
    x = torch.from_numpy(narrow(50, 20))
    path = RidgePath(x)
    one, other = Wanted(x[:, :1].clone()), Wanted.of_category(torch.arange(50) % 2, 2)
    together = list(path.fit([one, other]))
    for reader, alone in zip(together, (*path.fit([one]), *path.fit([other])), strict=True):
        for mine, theirs in zip(reader, alone, strict=True):
            torch.testing.assert_close(mine, theirs)


def test_features_that_do_not_vary_are_refused():
    for value in (0.0, 0.1, 1e12):
        with pytest.raises(PlantEduError, match="features of all 20 training plants are the same"):
            RidgePath(torch.full((20, 7), value))
