"""Matching and mismatched pairs: a painter that listens to X1 alone, partners, JSON, refusals."""

import json

import numpy as np
import pytest
import torch

from plantedu.data.renderer.worlds import draw_factors
from plantedu.errors import PlantEduError
from plantedu.topics.generation.matching import KINDS, METHOD, matching, partner
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.results.matching import MatchingResult, Settings

FAST = Settings(plants=12, samples=3)
PAIR, ONE = Conditioning(), Conditioning(sensors=("rgb",))
FIRST = ("disease", "soil_rgb", "light_rgb", "warmth_rgb", "chlorophyll", "angle", "width")


def look(x):
    return torch.nn.functional.avg_pool2d(x, 6).flatten(1)


@pytest.fixture(scope="module")
def sampler(fake_sampler):
    """It pins what X1's plant has, whatever stands behind X2."""
    return fake_sampler({PAIR.name: FIRST, ONE.name: FIRST}, gallery=64)


@pytest.fixture(scope="module")
def result(sampler, reader):
    return matching(sampler, reader, FAST, {"rgb": look, "rgn": look})


def test_a_painter_that_listens_to_x1_alone_knows_no_difference(result):
    for kind in KINDS[1:]:
        assert result.of(f"variance, {kind}").verdict == "no difference"
        assert result.of(f"mrr x1, {kind}").verdict == "no difference"
        assert result.of(f"variance, {kind}").evidence.value == 0  # the very same pictures
    assert result.of("mrr x2, other disease").evidence.value < 0  # X2's plant is not there


def test_values_stand_beside_chance_and_matching(result):
    assert set(result.values) == {"variance", "mrr x1", "mrr x2"}
    assert set(result.values["variance"]) == set(KINDS)
    mrr = result.values["mrr x1"]["matching"]
    assert mrr.value > 2 * mrr.null
    assert 0.2 < result.values["variance"]["matching"].value < 1.2


def test_samples_follow_the_plant_that_is_listened_to(result):
    follow = {one.kind: one for one in result.following}
    assert follow["other disease"].first.value > 0.85
    assert follow["other disease"].second < 0.15
    assert follow["other disease"].first.null < 0.6
    assert follow["matching"].first.value == follow["matching"].second


def test_partners_are_other_plants_with_the_disease_that_was_asked_for(sampler):
    rng = np.random.default_rng(0)
    sources = sampler.sources(12)
    own = draw_factors(sampler.world, sources)["disease"]
    for kind, alike in (("same disease", True), ("other disease", False)):
        found = partner(sampler, sources, kind, rng)
        assert ((draw_factors(sampler.world, found)["disease"] == own) == alike).all()
        assert (found != sources).all()
    assert (partner(sampler, sources, "matching", rng) == sources).all()


def test_json_terminal_and_chart(result, monkeypatch, capsys):
    assert MatchingResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert set(result.chart().rows["kind"]) == {"difference", "zero"}
    assert "no difference" in result.chart(dark=True).alt
    monkeypatch.setattr(
        "plantedu.topics.generation.matching.ConditionalSampler.at", lambda *a, **k: None
    )
    monkeypatch.setattr("plantedu.topics.generation.matching.judges_of", lambda settings: {})
    monkeypatch.setattr("plantedu.topics.generation.matching.matching", lambda *a, **k: result)
    assert METHOD.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["values"]["variance"]


def test_too_little_is_refused():
    with pytest.raises(PlantEduError, match="plants must be at least 8"):
        Settings(plants=2)
    with pytest.raises(PlantEduError, match="needs 2 samples"):
        Settings(samples=1)
