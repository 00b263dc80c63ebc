"""A factor in a direction that hardly varies: a fixed penalty hides it, a chosen one does not."""

import numpy as np

from plantedu.topics.report_card import probes as faint


def test_the_factor_lies_in_a_direction_of_a_thousandth_of_the_largest_variance():
    for there, features, y in faint._cases(0):
        x = features.double().numpy()
        values, axes = np.linalg.eigh(np.cov(x.T))
        along = np.abs(np.corrcoef((x @ axes).T, y)[-1, :-1])
        assert (along.max() > 0.8) == there
        if there:
            assert values[along.argmax()] < 3e-3 * values[-1]


def test_the_chosen_penalty_reads_it_and_the_fixed_one_does_not():
    ours, first = faint.chosen_penalty(1), faint.fixed_penalty(1)
    assert [m.said for m in ours] == [True, False]
    assert ours[0].value > 0.7
    assert not first[0].said
    assert first[0].value < 0.3


def test_descent_ends_where_ridge_regression_does():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    y = x @ [1, 2, 0, -1]
    gram = x.T @ x / 200 + faint.STRONG * np.eye(4)
    np.testing.assert_allclose(faint._descended(x, y), np.linalg.solve(gram, x.T @ y / 200), 1e-6)
