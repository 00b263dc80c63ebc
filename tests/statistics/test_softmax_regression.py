"""Softmax regression beside scikit-learn's, its gradient at the end, and bad input."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from plantedu.errors import PlantEduError
from plantedu.statistics.softmax_regression import fit_softmax, with_one


def three_classes(n=300, seed=0):
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 3, n)
    x = rng.normal(size=(n, 5)) * [1, 10, 0.1, 1, 1] + 7
    x[:, 0] += classes
    x[:, 1] -= 8 * (classes == 2)
    return x, classes


@pytest.mark.parametrize("penalty", [0.001, 0.05, 1.0])
def test_it_is_scikit_learn_s(penalty):
    x, classes = three_classes()
    ours = fit_softmax(x, classes, count=3, penalty=penalty)
    z = (x - x.mean(0)) / x.std(0)
    twin = LogisticRegression(C=1 / (penalty * len(x)), tol=1e-10, max_iter=5000).fit(z, classes)
    np.testing.assert_allclose(softmax(ours.scores(x), 1), twin.predict_proba(z), atol=1e-4)
    p = twin.predict_proba(z)[np.arange(len(x)), classes]
    assert ours.log_loss(x, classes) == pytest.approx(-np.log(p).mean(), abs=1e-5)


def test_at_its_end_nothing_pulls():
    x, classes = three_classes()
    found = fit_softmax(x, classes, count=4, penalty=0.01)  # one class that no row has
    z = with_one((x - found.middle) / found.spread)
    pull = z.T @ (softmax(found.scores(x), 1) - np.eye(4)[classes]) / len(x)
    pull[:-1] += 0.01 * found.weights[:-1]
    assert np.abs(pull[:, :3]).max() < 1e-4


def test_shuffled_classes_are_worth_nothing_to_new_rows():
    """On average: three clusters are named by the luck of one shuffle."""
    x, classes = three_classes(800)
    right = []
    for seed in range(40):
        shuffled = np.random.default_rng(seed).permutation(classes)
        found = fit_softmax(x[:400], shuffled[:400], count=3, penalty=0.05)
        right.append((found.scores(x[400:]).argmax(1) == classes[400:]).mean())
    assert abs(np.mean(right) - 1 / 3) < 0.06


def test_a_column_that_stands_still_says_nothing():
    x, classes = three_classes()
    x[:, 2] = 5.0
    found = fit_softmax(x, classes, count=3, penalty=0.05)
    assert np.abs(found.weights[2]).max() < 1e-6
    assert np.isfinite(found.scores(x)).all()


@pytest.mark.parametrize(
    ("x", "classes", "penalty", "said"),
    [
        (np.full((4, 2), np.nan), [0, 1, 0, 1], 0.1, "finite"),
        (np.ones((4, 2)), [0, 1, 0], 0.1, "each row"),
        (np.ones((4, 2)), [0, 1, 0, 2], 0.1, "0 to 1"),
        (np.ones((4, 2)), [0, 1, 0, 1], 0.0, "above 0"),
        (np.ones((0, 2)), [], 0.1, "finite"),
    ],
)
def test_what_cannot_be_fitted_is_refused(x, classes, penalty, said):
    with pytest.raises(PlantEduError, match=said):
        fit_softmax(x, classes, count=2, penalty=penalty)
