"""Faithfulness: a painter that keeps everything, one that keeps nothing, nulls, the ladder."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError
from plantedu.statistics.retrieval import chance_mrr
from plantedu.topics.generation.results.source_retrieval import FaithfulResult, Settings
from plantedu.topics.generation.source_retrieval import LADDER, METHOD, faithful, learnt_plants

FAST = Settings(plants=12, samples=3, single=16, ladder_plants=12)
LEARNT = np.arange(6000, 6040)


def look(x1, x2):
    small = [torch.nn.functional.avg_pool2d(x, 6).flatten(1) for x in (x1, x2)]
    return torch.cat(small, 1)


@pytest.fixture(scope="module")
def make(fake_sampler):
    def found(pins, settings=FAST):
        sampler = fake_sampler({settings.conditioning.name: pins}, gallery=64)
        judges = {"own": look, "independent": look}
        return sampler, faithful(sampler, settings, judges, learnt=LEARNT)

    return found


@pytest.fixture(scope="module")
def keeper(make):
    return make(tuple(COLUMNS))


def test_a_painter_that_keeps_every_factor_is_led_back_to_its_source(keeper):
    _, result = keeper
    own = result.scores[0]
    assert own.mrr.value > 0.5
    assert own.mrr.null == chance_mrr(64)
    assert own.mean_rank.value < 10
    assert own.mean_rank.null == 32.5
    assert own.remembered.value < own.mrr.value
    assert own.nothing < 0.25
    assert result.gallery == 64


def test_a_painter_that_keeps_nothing_is_at_chance_and_real_pictures_are_real(make):
    _, result = make((), replace(FAST, ladder_plants=0))
    own = result.scores[1]
    assert own.mrr.value == pytest.approx(own.mrr.null, abs=0.1)
    assert own.copies.value == pytest.approx(own.copies.null, rel=0.35)
    for one in result.kid.values():
        assert abs(one.value - one.null) < 3 * (one.interval[1] - one.value) + 0.05


def test_every_rung_is_tried_and_charts_show_nulls(keeper):
    sampler, result = keeper
    assert sampler.calls == list(LADDER)
    assert [(one.sampler, one.steps) for one in result.ladder] == list(LADDER)
    drawing = result.chart()
    assert set(drawing.rows["kind"]) == {"mrr", "chance"}
    assert "Chance 0.07" in drawing.alt
    assert "chance" in set(result.ladder_chart(dark=True).rows["kind"])


def test_json_and_terminal(keeper, monkeypatch, capsys):
    _, result = keeper
    assert FaithfulResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    monkeypatch.setattr(
        "plantedu.topics.generation.source_retrieval.ConditionalSampler.at",
        lambda *a, **k: SimpleNamespace(trained=LEARNT),
    )
    monkeypatch.setattr(
        "plantedu.topics.generation.source_retrieval.judges_of", lambda settings: {}
    )
    monkeypatch.setattr(
        "plantedu.topics.generation.source_retrieval.faithful", lambda *a, **k: result
    )
    assert METHOD.main(["--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[-1])["gallery"] == 64
    assert "times chance" in "\n".join(printed)


def test_bad_settings_are_refused():
    with pytest.raises(PlantEduError, match="its own independent judge"):
        Settings(independent="cross-0")
    with pytest.raises(PlantEduError, match="single must be at least 8"):
        Settings(single=2)
    sampler = SimpleNamespace(trained=np.arange(100, 900))
    assert learnt_plants(sampler, Settings(trained=10)).tolist() == list(range(100, 110))
    assert len(learnt_plants(sampler, Settings())) == 800
