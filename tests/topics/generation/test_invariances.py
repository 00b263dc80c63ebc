"""What is kept: a sampler that pins known factors is read off as such; nulls; JSON; refusals."""

import json

import pytest
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.errors import PlantEduError
from plantedu.topics.generation.invariances import METHOD, kept
from plantedu.topics.generation.results.invariances import KeptResult, Settings
from tests.topics.works import work_of

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

PINS = ("soil_rgb", "light_rgn", "chlorophyll", "disease", "mark")
FAST = Settings(
    plants=16, samples=4, free=32, effect_plants=8, values=3, rounds=2, probe_plants=256
)


@pytest.fixture(scope="module")
def sampler(fake_sampler):
    return fake_sampler(
        {FAST.conditioning.name: PINS, FAST.random_conditioning.name: ("angle", "soil_rgn")}
    )


@pytest.fixture(scope="module")
def result(sampler, reader):
    return kept(sampler, reader, FAST)


def test_the_factors_that_were_pinned_are_read_off_as_pinned_and_agree_with_the_source(result):
    for column in PINS:
        one = result.of(column)
        assert one.pinned.value > 0.7, column
        assert one.verdict == "pinned"
        assert one.narrow.value == pytest.approx(1, abs=0.45), column
        assert one.r2.value > 0.6
        assert one.pinned.null < 0.3, "set to one value, it is gone"
        assert abs(one.at_random) < 0.15
        assert abs(one.narrow.null) < 0.5


def test_all_others_are_free_or_cannot_be_read(result):
    others = [one for one in result.factors if one.column not in PINS]
    assert len(others) == len(COLUMNS) - len(PINS)
    assert all(one.verdict in ("free", "cannot be read") for one in others)
    assert result.of("angle").pinned.value < 0.35
    assert result.of("angle").random_init > 0.7  # the other condition pinned it
    assert result.of("angle").r2.value < 0.4


def test_a_blind_reader_says_so(result):
    assert result.of("noise_rgb").verdict == "cannot be read"
    assert "Cannot be read:" in result.chart().alt
    drawn = result.chart().rows
    assert "noise_rgb" not in set(drawn["factor"])
    assert set(drawn["of"].dropna()) == {"factor set to one value", "random weights"}
    assert set(result.narrow_chart(dark=True).rows["of"].dropna()) == {"unconditional"}


def test_what_moves_the_representation_is_what_is_pinned(result):
    grades = result.grades
    assert grades.grade.value > 0.4
    assert grades.p < 0.05
    assert abs(grades.grade.null) < 0.05
    low, high = grades.grade.interval
    assert high - low > 0.2, "over some 24 factors, not over plants"
    assert grades.less.n == grades.grade.n
    for column in PINS:
        assert result.of(column).effect.value > 0.05
        assert result.of(column).effect.null < 1e-9
    assert result.of("soil_rgn").effect.value < 0.05
    assert f"{grades.grade.value:.2f}" in result.grade_chart(dark=True).alt


def test_a_linear_probe_reads_what_is_there_and_the_table_agrees_with_it(result):
    for column in ("soil_rgb", "light_rgn", "chlorophyll", "disease"):
        assert result.of(column).linear.value > 0.6, column
    assert result.of("angle").linear.value < 0.3
    assert abs(result.of("angle").linear.null) < 0.1
    grades = result.grades
    assert grades.probe.value > grades.probe_crossed.value + 0.2
    assert grades.linear.n == grades.grade.n


def test_encoders_that_omit_factors_examine_the_table(result):
    exam = result.exams["R2"]
    assert len(exam.omitted) == 9
    assert exam.omitted[0] == ()
    assert exam.apart.value > 0.9, "what is not held is not in the condition"
    assert exam.wins.null == pytest.approx(1 / 9)
    assert set(result.exams) == {"pinned", "R2"}


def test_json_gives_the_result_back(result):
    found = KeptResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == KeptResult.from_json(json.loads(json.dumps(found.as_json())))
    assert found.of("angle") == result.of("angle")
    older = json.loads(json.dumps(result.as_json()))
    del older["settings"]["probe_plants"]
    for name in ("linear", "probe", "probe_crossed"):
        del older["grades"][name]
    for row in older["factors"]:
        del row["linear"]
    read = KeptResult.from_json(older)
    assert read.of("angle").linear is None
    assert read.grades.grade == result.grades.grade
    assert read.grade_chart().alt == result.grade_chart().alt
    fields = result.as_json()["factors"][0]["pinned"]
    assert {"value", "null", "n", "seeds", "interval"} <= set(fields)


def test_bad_settings_and_broken_pictures_are_refused(sampler, reader, monkeypatch):
    with pytest.raises(PlantEduError, match="at least 2 samples; got 1"):
        Settings(samples=1)
    with pytest.raises(PlantEduError, match="plants must be at least 8"):
        Settings(plants=3)
    with pytest.raises(PlantEduError, match="got 0"):
        Settings(rounds=0)
    with pytest.raises(PlantEduError, match="0, or from 32 to 8192; got 9"):
        Settings(probe_plants=9)
    with pytest.raises(PlantEduError, match="rgb and rgn"):
        kept(sampler, reader, Settings(sensors=("nir",)))
    broken = torch.full((16, 4, 6, 48, 48), torch.nan)
    monkeypatch.setattr(sampler, "draw", lambda *a, **k: broken)
    with pytest.raises(PlantEduError, match="not finite"):
        kept(sampler, reader, FAST)


def test_terminal_and_page_take_the_same_way(monkeypatch, sampler, result, capsys):
    monkeypatch.setattr(
        "plantedu.topics.generation.invariances.ConditionalSampler.at", lambda *a, **k: sampler
    )
    monkeypatch.setattr("plantedu.topics.generation.invariances.kept", lambda *a, **k: result)
    assert METHOD.main(["--plants", "16", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[-1])["condition"] == FAST.conditioning.name
    assert any(line.startswith("Spearman, grade") for line in printed)
    found = METHOD.job(work_of({"plants": 16, "sensors": ["rgb"]}))
    assert found["condition"] == FAST.conditioning.name
