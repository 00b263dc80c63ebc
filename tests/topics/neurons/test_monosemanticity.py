"""Monosemanticity: the closed form is the double loop; its baseline is the mean over orders."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.discretised import DiscreteTarget
from plantedu.topics.neurons.monosemanticity import baseline, factor_judge, monosemanticity


def loops(activation, judge):
    a = (activation - activation.min()) / np.ptp(activation)
    top = bottom = 0.0
    for n in range(len(a)):
        for m in range(n + 1, len(a)):
            cosine = judge[n] @ judge[m] / np.linalg.norm(judge[n]) / np.linalg.norm(judge[m])
            top += a[n] * a[m] * cosine
            bottom += a[n] * a[m]
    return top / bottom


def test_the_closed_form_equals_the_loop():
    rng = np.random.default_rng(0)
    units, judge = rng.normal(size=(40, 3)), rng.normal(size=(40, 5))
    found = monosemanticity(units, judge)
    for k in range(3):
        assert found[k] == pytest.approx(loops(units[:, k], judge), abs=1e-7)


def test_the_baseline_is_the_mean_over_shuffles():
    rng = np.random.default_rng(1)
    units, judge = rng.random((30, 1)), rng.normal(size=(30, 3)) + 0.7
    orders = [monosemanticity(units[rng.permutation(30)], judge)[0] for _ in range(3000)]
    assert baseline(judge) == pytest.approx(np.mean(orders), abs=0.004)


def test_a_unit_of_one_class_is_1_and_a_dead_one_is_nan():
    klass = np.arange(30) % 3
    judge = np.eye(3)[klass]
    units = np.stack([(klass == 1) * 1.0, np.ones(30), np.arange(30) == 4], axis=1)
    found = monosemanticity(units, judge)
    assert found[0] == pytest.approx(1)
    assert np.isnan(found[1])
    assert np.isnan(found[2])  # one plant makes no pair


def test_factors_count_the_same_and_what_cannot_show_does_not():
    values = np.random.default_rng(2).normal(size=200)
    asked = [
        DiscreteTarget("small", values * 1e-3),
        DiscreteTarget("class", np.arange(200) % 4, levels=4),
        DiscreteTarget("unseen", values, control=True),
        DiscreteTarget("some", values, shown=np.arange(200) < 50),
    ]
    judge = factor_judge(asked)
    assert judge.shape == (200, 6)
    assert (judge[:, 0] ** 2).mean() == pytest.approx(1)
    assert (judge[:, 1:5] ** 2).sum(axis=1).mean() == pytest.approx(1)
    assert (judge[50:, 5] == 0).all()


def test_other_plants_and_a_silent_judge_are_refused():
    with pytest.raises(PlantEduError, match="Units of 9 plants, a judge of 8"):
        monosemanticity(np.zeros((9, 1)), np.ones((8, 2)))
    with pytest.raises(PlantEduError, match="says nothing"):
        baseline(np.zeros((4, 2)))
