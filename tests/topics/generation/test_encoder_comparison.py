"""Rivals: what one of two painters pins is found and no more; the same pins make no difference."""

import json
from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.generation.encoder_comparison import METHOD, compare_encoders
from plantedu.topics.generation.results.encoder_comparison import EncoderComparisonResult, Settings

FAST = Settings(plants=14, samples=4, values=3)
BOTH = ("chlorophyll", "disease")


def look(x1, x2):
    return torch.nn.functional.avg_pool2d(x1, 6).flatten(1)


@pytest.fixture(scope="module")
def result(fake_sampler, reader):
    one, other = FAST.conditionings
    sampler = fake_sampler({one.name: (*BOTH, "soil_rgb", "mark"), other.name: (*BOTH, "angle")})
    return compare_encoders(sampler, reader, FAST, look)


def test_what_only_one_of_them_pins_is_found_on_its_side(result):
    assert result.of("soil_rgb").verdict == "more"
    assert result.of("angle").verdict == "less"
    for column in (*BOTH, "soil_rgn", "light_rgn", "width"):
        assert result.of(column).verdict == "no difference", column
    assert {"noise_rgb", "jpeg_quality_rgb"} <= set(result.unread)  # means over areas hold neither
    assert result.factors[0].name in ("soil_rgb", "mark", "angle")


def test_ends_and_nulls_are_there(result):
    soil = result.of("soil_rgb")
    assert soil.ends[0] > 0.7 > 0.4 > soil.ends[1]
    assert soil.evidence.value == pytest.approx(soil.ends[0] - soil.ends[1])
    assert abs(soil.evidence.null) < 0.05
    assert soil.corrected >= soil.p
    assert {one.name for one in result.whole} == {"variance", "mrr"}
    assert "soil_rgb" in result.chart().alt


def test_json_and_terminal(result, monkeypatch, capsys):
    assert EncoderComparisonResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    monkeypatch.setattr(
        "plantedu.topics.generation.encoder_comparison.ConditionalSampler.at", lambda *a, **k: None
    )
    monkeypatch.setattr(
        "plantedu.topics.generation.encoder_comparison.compare_encoders", lambda *a, **k: result
    )
    assert METHOD.main(["--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[-1])["names"][0] == "cross-0 h of rgb"


def test_a_comparison_with_itself_or_by_one_of_the_two_is_refused():
    with pytest.raises(PlantEduError, match="compared with itself"):
        Settings(other="cross-0")
    with pytest.raises(PlantEduError, match="no independent judge"):
        Settings(independent="cross-0")
    layers = replace(FAST, other="cross-0", other_layer="z")
    assert layers.conditionings[1].name == "cross-0 z of rgb"
