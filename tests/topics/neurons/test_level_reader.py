"""A reader of levels: ridge by hand, nothing in noise, refusals."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.level_reader import PENALTIES, level_reader


def rows(n, dim, seed):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, dim)))


def test_it_is_ridge_regression_on_plus_and_minus_one_at_one_of_its_penalties():
    x, levels = rows(60, 5, 0), torch.arange(60) % 2
    x[:, 2] += 2 * levels
    found = level_reader(x, levels)
    scaled = ((x - x.mean(0)) / x.std(0, correction=0)).numpy()
    y = 2.0 * levels.numpy() - 1
    own = []
    for penalty in PENALTIES:  # plain leave-one-out for each penalty, a loop over plants
        left = []
        for k in range(60):
            kept = np.arange(60) != k
            centre = scaled[kept].mean(0), y[kept].mean()
            a = scaled[kept] - centre[0]
            w = np.linalg.solve(a.T @ a + penalty * np.eye(5), a.T @ (y[kept] - centre[1]))
            left.append(float(((scaled[k] - centre[0]) @ w + centre[1] - y[k]) ** 2))
        own.append(np.mean(left))
    penalty = PENALTIES[int(np.argmin(own))]
    w = np.linalg.solve(scaled.T @ scaled + penalty * np.eye(5), scaled.T @ (y - y.mean()))
    ours = (found.directions[0] / 2).numpy() * x.std(0, correction=0).numpy()
    assert np.allclose(ours, w, rtol=0.05, atol=0.01)
    assert float((found(x) == levels).double().mean()) > 0.8


def test_three_levels_are_named_and_noise_is_not():
    levels = torch.arange(300) % 3
    x = rows(300, 20, 1)
    x[:, 0] += 4 * (levels == 1)
    x[:, 1] += 4 * (levels == 2)
    found = level_reader(x, levels)
    assert found.directions.shape == (2, 20)
    assert float((found(x) == levels).double().mean()) > 0.9
    again = rows(3000, 20, 2)
    noise = level_reader(again[:300], levels)
    said = noise(again[300:])
    right = float((said == torch.arange(2700) % 3).double().mean())
    assert abs(right - 1 / 3) < 0.04  # four standard errors of a share of 2,700


def test_units_that_are_dead_or_huge_do_no_harm():
    x, levels = rows(40, 4, 3), torch.arange(40) % 2
    x[:, 1] = 5.0
    x[:, 0] = 1e6 * (levels + 0.01 * x[:, 0])
    assert float((level_reader(x, levels)(x) == levels).double().mean()) == 1


@pytest.mark.parametrize(
    ("x", "levels", "said"),
    [
        (rows(8, 2, 0) * float("nan"), torch.arange(8) % 2, "finite"),
        (rows(8, 2, 0) * 0, torch.arange(8) % 2, "same of every plant"),
        (rows(8, 2, 0), torch.zeros(8), "two levels or more; got one"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(x, levels, said):
    with pytest.raises(PlantEduError, match=said):
        level_reader(x, levels)
