"""The permutation null: exact ranks, right under the null, all cells as one by one."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.similarity.family import MEASURES, measure
from plantedu.topics.similarity.permutation import Null, permutation_null


def null_of(how, x, y, seed=0, shuffles=19):
    generator = torch.Generator().manual_seed(seed)
    sides = [how.prepare(x)], [how.prepare(y)]
    return permutation_null(how, *sides, generator=generator, shuffles=shuffles)


@pytest.mark.parametrize("how", MEASURES, ids=lambda how: how.name)
def test_every_shuffle_is_the_measure_of_shuffled_plants(how, noise):
    x, y = noise(0, 24, 3), noise(1, 24, 4)
    null = null_of(how, x, y)
    generator = torch.Generator().manual_seed(0)
    for k in range(3):
        order = torch.randperm(24, generator=generator)
        assert null.shuffled[k, 0, 0] == pytest.approx(how(x, y[order]).value, abs=1e-5)
    assert null.values[0, 0] == pytest.approx(how(x, y).value, abs=1e-12)


def test_p_counts_ties_and_itself():
    shuffled = np.linspace(0, 0.9, 19)[:, None, None]
    assert Null(np.array([[0.5]]), shuffled, False).p[0, 0] == pytest.approx(10 / 20)
    assert Null(np.array([[0.5]]), shuffled, True).p[0, 0] == pytest.approx(12 / 20)
    assert Null(np.array([[2.0]]), shuffled, False).p[0, 0] == pytest.approx(1 / 20)
    assert Null(np.array([[0.5]]), np.full((19, 1, 1), 0.5), False).p[0, 0] == 1


@pytest.mark.parametrize("name", ["cka", "nbs", "knn", "svcca", "ridge"])
def test_related_sets_are_told_from_chance(noise, name):
    x = noise(0, 60, 6)
    null = null_of(measure(name), x, x + 0.5 * noise(1, 60, 6))
    assert null.p[0, 0] == pytest.approx(0.05)
    assert null.values[0, 0] > null.level[0, 0] > null.mean[0, 0]


@pytest.mark.parametrize("how", MEASURES, ids=lambda how: how.name)
def test_independent_sets_are_called_related_about_one_time_in_five_at_a_fifth(how, noise):
    """Sixty null repeats at .2: 12 expected, sd 3.1. The committed check has 1,000 at .05."""
    found = []
    for k in range(60):
        x, y = noise(2 * k, 24, 3), noise(2 * k + 1, 24, 4)
        found.append(null_of(how, x, y, seed=k).p[0, 0] <= 0.2)
    assert 3 <= sum(found) <= 22


def test_cells_at_once_are_cells_one_by_one(noise):
    how = measure("cka")
    sides = [how.prepare(noise(k, 24, 4)) for k in range(5)]
    args = {"shuffles": 19}
    whole = permutation_null(how, sides[:2], sides[2:], generator=torch.Generator(), **args)
    one = permutation_null(how, sides[1:2], sides[3:4], generator=torch.Generator(), **args)
    assert whole.shuffled[:, 1, 1] == pytest.approx(one.shuffled[:, 0, 0], abs=1e-6)


def test_a_stop_is_heard_and_too_few_shuffles_are_said(noise):
    how = measure("cka")
    side = [how.prepare(noise(0, 24, 3))]

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        permutation_null(how, side, side, generator=torch.Generator(), check=stop)
    with pytest.raises(PlantEduError, match="19 shuffles or more; got 9"):
        permutation_null(how, side, side, generator=torch.Generator(), shuffles=9)
