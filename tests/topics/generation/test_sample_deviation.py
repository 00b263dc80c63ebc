"""Where samples differ: samplers that keep all but one factor, nulls, slow twin, refusals."""

import json

import numpy as np
import pytest
import scipy.stats
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import PlantEduError
from plantedu.topics.generation.interventional_effects import other_plants
from plantedu.topics.generation.results.sample_deviation import DeviationResult, Settings
from plantedu.topics.generation.sample_deviation import (
    METHOD,
    agreement,
    deviation,
    moved_by,
    sample_deviation,
)
from plantedu.topics.generation.variance_components import Ground, pictures_of
from tests.topics.works import work_of

FAST = Settings(plants=8, samples=4, moves=1, values=4, free=8)
SOIL = ("soil_rgb", "soil_rgn")


BLIND = ("rotation_rgb", "rotation_rgn", "shift_x_rgb", "shift_x_rgn")


class OtherSoil:
    """Samples are the same plant on the soil of others: every other factor is kept, to the bit."""

    world, gallery = world("field", 0), np.arange(4096, 4128)

    def sources(self, plants):
        return self.gallery[:plants]

    def draw(self, condition, first, *, samples, do=None):
        drawn, rng = draw_factors(self.world, first), np.random.default_rng(3)
        parts = []
        for _ in range(samples):
            soil = {name: other_plants(drawn, name, rng) for name in SOIL}
            pairs = [
                render(self.world, [plant], size=48, do={name: soil[name][k] for name in SOIL})
                for k, plant in enumerate(first.tolist())
            ]
            parts.append(torch.cat([pictures_of(one.x1, one.x2) for one in pairs]))
        return torch.stack(parts, 1)

    def free(self, pictures):
        pairs = render(self.world, np.arange(20_000, 20_000 + pictures), size=48)
        return pictures_of(pairs.x1, pairs.x2)


@pytest.fixture(scope="module")
def result(reader):
    world_ = dict.fromkeys(COLUMNS, 1.0)
    real = Ground(world_, {name: 1.0 if name in BLIND else 0.1 for name in COLUMNS})
    return sample_deviation(OtherSoil(), reader, FAST, real=real)


def test_samples_that_differ_in_soil_alone_differ_where_do_moves_the_soil(result):
    for one in result.cameras:
        assert one.agreement.value > 0.6, one.sensor
        assert one.agreement.value > one.agreement.null + 0.2
        assert one.agreement.value > one.nothing.value
        assert one.mean < one.unconditioned
    assert [one.sensor for one in result.cameras] == ["rgb", "rgn"]
    assert result.free["soil_rgb"] > 0.8
    assert result.free["light_rgb"] < 0.5
    assert not set(BLIND) & set(result.free)


def test_a_map_is_the_deviation_of_each_pixel_and_what_do_moves_by_hand():
    rng = np.random.default_rng(0)
    pictures = rng.random((2, 4, 6, 8, 8))
    found = deviation(torch.from_numpy(pictures))
    assert found.shape == (2, 2, 8, 8)
    by_hand = np.mean([np.std(pictures[1, :, c, 3, 5], ddof=1) for c in (3, 4, 5)])
    assert found[1, 1, 3, 5] == pytest.approx(by_hand)

    plants = OtherSoil().sources(8)
    how = {"side": 16, "moves": 1, "generator": np.random.default_rng(0)}
    still = moved_by(OtherSoil.world, plants, {"light_rgb": 0.0}, **how)
    assert not still.any()
    once = moved_by(OtherSoil.world, plants, {"light_rgb": 0.25}, **how)
    how["generator"] = np.random.default_rng(0)
    whole = moved_by(OtherSoil.world, plants, {"light_rgb": 1.0}, **how)
    assert once == pytest.approx(whole / 2)
    assert whole[:, 0].mean() > 0
    assert not whole[:, 1].any(), "the light of the first camera is not that of the second"


def test_agreement_is_spearman_s_and_flat_maps_agree_with_nothing():
    a, b = np.random.default_rng(1).random((2, 3, 5, 5))
    assert agreement(a, b)[2] == scipy.stats.spearmanr(a[2].ravel(), b[2].ravel()).statistic
    assert agreement(a, a) == pytest.approx(1)
    assert agreement(a, np.zeros_like(a)).tolist() == [0, 0, 0]


def test_json_and_chart_hold_the_nulls(result):
    assert DeviationResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    drawing = result.chart()
    assert "conditioned on nothing" in drawing.alt
    assert "map of another plant" in drawing.alt


def test_terminal_and_page_take_the_same_way(monkeypatch, result, capsys):
    where = "plantedu.topics.generation.sample_deviation.sample_deviation"
    monkeypatch.setattr(where, lambda *a, **k: result)
    assert METHOD.main(["--plants", "10", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[-1])["cameras"][0]["sensor"] == "rgb"
    assert METHOD.job(work_of({"plants": 10}))["condition"] == FAST.conditioning.name


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"samples": 1}, "2 samples"), ({"moves": 0}, "value"), ({"plants": 4}, "at least 8")],
)
def test_what_cannot_be_is_a_sentence(asked, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**asked)
