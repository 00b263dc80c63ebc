"""Ridge: a slow twin by normal equations, noise is not read, what x holds of y is."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.predictivity import RidgePredictivity


def slow_ridge(x, y, folds, lambdas):
    missed = whole = 0.0
    part = np.arange(len(x)) % folds
    for k in range(folds):
        inside, outside = part != k, part == k
        mx, my = x[inside].mean(0), y[inside].mean(0)
        a, b = x[inside] - mx, y[inside] - my
        top = np.linalg.eigvalsh(a.T @ a)[-1]

        def fit(share, a=a, b=b, top=top):
            return np.linalg.solve(a.T @ a + share * top * np.eye(a.shape[1]), a.T)

        def gcv(share, a=a, b=b, fit=fit):
            hat = a @ fit(share)
            return ((b - hat @ b) ** 2).sum() / (len(a) - 1 - np.trace(hat)) ** 2

        best = min(lambdas, key=gcv)
        said = (x[outside] - mx) @ (fit(best) @ b)
        missed += ((y[outside] - my - said) ** 2).sum()
        whole += ((y[outside] - my) ** 2).sum()
    return 1 - missed / whole


def test_equals_its_slow_twin(noise):
    x = noise(0, 40, 6)
    y = x @ noise(1, 6, 4) + 2 * noise(2, 40, 4)
    how = RidgePredictivity()
    centred = [(one - one.mean(0)).numpy() for one in (x, y)]
    wanted = slow_ridge(*centred, how.folds, how.lambdas)
    assert how(x, y).value == pytest.approx(wanted, abs=1e-9)


def test_a_planted_share_is_read(noise):
    x = noise(0, 400, 5)
    y = x @ noise(1, 5, 5)
    y = y / y.std(0) + noise(2, 400, 5)  # half of the variance of each column
    assert RidgePredictivity()(x, y).value == pytest.approx(0.5, abs=0.06)


def test_noise_is_not_read_even_with_more_columns_than_plants(noise):
    found = RidgePredictivity()(noise(0, 60, 200), noise(1, 60, 50)).value
    assert -0.4 < found < 0.05


def test_x_reads_what_it_holds_and_no_more(noise):
    x = noise(0, 200, 6)
    part = x[:, :2]
    assert RidgePredictivity()(x, part).value > 0.99
    assert RidgePredictivity()(part, x).value == pytest.approx(1 / 3, abs=0.06)


def test_too_few_plants_and_bad_knobs_are_said(noise):
    with pytest.raises(PlantEduError, match="5 folds need 10 plants; got 8"):
        RidgePredictivity()(noise(0, 8, 2), noise(1, 8, 2))
    with pytest.raises(PlantEduError, match="2 folds or more"):
        RidgePredictivity(folds=1)
    with pytest.raises(PlantEduError, match="above 0"):
        RidgePredictivity(lambdas=(0.0,))
