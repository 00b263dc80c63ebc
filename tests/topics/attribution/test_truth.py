"""The truth by do(): sensors' parts, moved names, ranks of factors."""

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.pair import PairBatch
from plantedu.topics.attribution.truth import changed, effects, factor_ranks


def blackened(pair):
    return PairBatch(0 * pair.x1, 0 * pair.x2)


def test_parts_of_a_linear_network_are_its_two_sums(linear, pair):
    found = effects(linear, pair, blackened(pair), 1)
    for part, x, w in ((found.rgb, pair.x1, linear.w1), (found.rgn, pair.x2, linear.w2)):
        assert np.allclose(part, (w[1] * x).sum((1, 2, 3)).numpy(), atol=1e-5)
    assert np.allclose(found.effect, found.rgb + found.rgn)
    assert np.allclose(found.effect, (linear(*pair.both) - 0)[:, 1].numpy(), atol=1e-5)


def test_parts_add_up_where_sensors_interact(convolved, pair):
    found = effects(convolved, pair, blackened(pair), 0)
    assert np.allclose(found.effect, found.rgb + found.rgn, atol=1e-5)
    assert 0 <= found.rgb_share <= 1


def test_nothing_taken_away_moves_nothing(convolved, pair):
    found = effects(convolved, pair, pair, 1)
    assert not found.effect.any()
    assert not found.moved.any()
    assert found.rgb_share == 0.5


def test_moved_names(linear, pair):
    found = effects(linear, pair, blackened(pair), 1)
    was = linear(*pair.both).argmax(1)
    now = linear(*blackened(pair).both).argmax(1)
    assert found.moved.tolist() == (was != now).double().tolist()
    with pytest.raises(PlantEduError, match="same plants"):
        effects(linear, pair, pair.rows(slice(0, 1)), 1)


def test_each_plant_can_have_its_own_target(linear, pair):
    own = effects(linear, pair, blackened(pair), np.array([0, 1, 0])).effect
    for k, target in enumerate((0, 1, 0)):
        assert own[k] == effects(linear, pair, blackened(pair), target).effect[k]


def test_changed_pixels(pair):
    x = pair.x1.clone()
    x[0, 1, 2, 3] = (x[0, 1, 2, 3] + 0.5) % 1
    x[1] = (x[1] + 1 / 255).clamp(0, 1)
    found = changed(pair, PairBatch(x, pair.x2))
    assert found.shape == (2, 3, 8, 8)
    assert np.argwhere(found).tolist() == [[0, 0, 2, 3]]


def test_ranks_of_factors():
    places = {name: np.zeros((2, 4, 8, 8), bool) for name in "abc"}
    for k, name in enumerate("abc"):
        places[name][:, :, k] = True
    relevance = np.zeros((2, 4, 8, 8))
    relevance[:, :, :3] = np.array([1.0, 2.0, 3.0])[None, None, :, None]
    sizes = {name: np.full(4, float(k)) for k, name in enumerate("abc")}
    assert factor_ranks(relevance, sizes, places).tolist() == pytest.approx([1.0] * 4)
    flipped = {name: -3 + one for name, one in sizes.items()}
    assert factor_ranks(relevance, flipped, places).tolist() == pytest.approx([-1.0] * 4)
    assert not factor_ranks(np.ones_like(relevance), sizes, places).any()
    with pytest.raises(PlantEduError, match="three or more"):
        factor_ranks(relevance, {"a": sizes["a"]}, places)
