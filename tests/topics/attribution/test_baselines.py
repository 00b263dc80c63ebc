"""Maps that know no network."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.results.names import BASELINES, REFERENCES
from plantedu.topics.attribution.targets import Scored

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


@pytest.mark.parametrize("kind", REFERENCES)
def test_differences_from_a_reference_against_a_plain_loop(kind):
    pair = PairBatch(*(torch.from_numpy(x) for x in VIEWS))
    starts = [x.numpy() for x in reference(pair, kind)]
    for name, power in (("diff", 1), ("square", 2)):
        found = baseline(f"{name} {kind}", VIEWS, LEAF)
        for s in (0, 1):
            plant, row, column = 2, 5, 9
            away = [
                abs(VIEWS[s, plant, band, row, column] - starts[s][plant, band, row, column])
                for band in range(3)
            ]
            whole = (np.abs(VIEWS[s, plant] - starts[s][plant]) ** power).sum()
            wanted = sum(x**power for x in away) / whole / 2
            assert found[s, plant, row, column] == pytest.approx(wanted)


@pytest.mark.parametrize("kind", REFERENCES)
def test_where_every_slope_is_one_integrated_gradients_are_that_baseline(kind):
    """What a map must beat: it is complete, and no network had a part in it."""

    class Sum(Scored):
        outputs = 1

        def forward(self, x1, x2):
            return (x1 + x2).sum((1, 2, 3))[:, None]

    pair = PairBatch(*(torch.from_numpy(x) for x in VIEWS))
    drawn = torch.Generator().manual_seed(0)
    map_ = method("ig", against=kind, steps=2)(Sum().eval(), pair, 0, generator=drawn).relevance
    scaled = map_ / map_.sum((2, 3), keepdims=True) / 2
    assert np.allclose(scaled, baseline(f"diff {kind}", VIEWS, LEAF))


def test_a_flat_picture_has_no_edges_and_says_nothing():
    flat = np.full((2, 1, 3, 16, 16), 0.4)
    assert np.allclose(baseline("edges", flat, LEAF[:, :1]), 0.5 / 256)


def test_another_name():
    with pytest.raises(PlantEduError, match="there are uniform"):
        baseline("depth", VIEWS, LEAF)
