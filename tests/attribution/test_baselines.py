"""Maps that know no network."""

import numpy as np
import pytest

from plantedu.attribution.baselines import baseline
from plantedu.attribution.names import BASELINES
from plantedu.errors import PlantEduError

VIEWS = np.random.default_rng(0).random((2, 3, 3, 16, 16))
LEAF = np.zeros((2, 3, 16, 16), bool)
LEAF[:, :, 4:8] = True


@pytest.mark.parametrize("name", BASELINES)
def test_each_sensor_has_half(name):
    found = baseline(name, VIEWS, LEAF)
    assert found.shape == (2, 3, 16, 16)
    assert (found >= 0).all()
    assert np.allclose(found.sum((2, 3)), 0.5)


def test_they_are_what_they_are_called():
    edge = np.zeros((2, 1, 3, 16, 16))
    edge[..., 8:] = 1
    bare = LEAF[:, :1]
    edges = baseline("edges", edge, bare)
    assert edges[..., 7:9].sum() == pytest.approx(1)
    assert baseline("dark", edge, bare)[..., 8:].sum() == 0
    assert baseline("leaf", edge, bare)[0, 0, 4:8].sum() == pytest.approx(0.5)
    assert baseline("uniform", edge, bare)[0, 0, 0, 0] == pytest.approx(0.5 / 256)
    centre = baseline("centre", edge, bare)[0, 0]
    assert centre[7, 7] == centre.max()
    assert centre[0, 0] == centre.min()


def test_a_flat_picture_has_no_edges_and_says_nothing():
    flat = np.full((2, 1, 3, 16, 16), 0.4)
    assert np.allclose(baseline("edges", flat, LEAF[:, :1]), 0.5 / 256)


def test_another_name():
    with pytest.raises(PlantEduError, match="there are uniform"):
        baseline("depth", VIEWS, LEAF)
