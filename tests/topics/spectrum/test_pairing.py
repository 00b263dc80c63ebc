"""The door: what is refused, and in which words."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.pairing import check_features, check_pairs

X = np.random.default_rng(0).normal(size=(6, 3))
IDS = [3, 5, 8, 9, 11, 12]


def test_good_pairs_pass_as_float64():
    x, y = check_pairs(X.astype(np.float32), X, (IDS, IDS))
    assert x.dtype == y.dtype == np.float64


@pytest.mark.parametrize(
    ("x", "y", "plants", "said"),
    [
        (X[:3], X[:3], None, "at least 4 plants are needed, got 3"),
        (np.ones((6, 3)), X, None, "are constant"),
        (np.where(np.arange(6)[:, None] == 2, np.nan, X), X, None, "row 2 holds NaN"),
        (X, X[:5], None, "6 and 5 plants"),
        (X, X[:, :2], None, "rectangular and has no eigenvalues"),
        (X[:, 0], X, None, "one row a plant"),
        (X, X, (IDS, [3, 5, 7, 9, 11, 12]), "row 2 is plant 8 in the first and plant 7"),
        (X, X, ([3, 5, 3, 9, 11, 12],) * 2, "Plant 3 is there twice \\(again in row 2\\)"),
        (X, X, (IDS, IDS[:-1]), "6 rows need 6 plant ids"),
    ],
)
def test_what_is_no_pair_is_refused(x, y, plants, said):
    with pytest.raises(PlantEduError, match=said):
        check_pairs(x, y, plants)


def test_a_constant_column_alone_is_no_reason():
    assert check_features(np.column_stack([X, np.ones(6)])).shape == (6, 4)
