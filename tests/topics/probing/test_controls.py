"""One factor read in every way: each number beside its controls, charts that say so."""

import json

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.probing import controls, probe_controls
from plantedu.topics.probing.controls import METHOD, probing
from plantedu.topics.probing.results.controls import ControlsResult, Settings


@pytest.fixture
def small(monkeypatch):
    """Planted features in place of an encoder's, and no network, which takes seconds."""
    monkeypatch.setattr(controls, "READERS", ("unpenalised", "linear", "gaussian"))
    made = iter(range(100))

    def seen(objective, sensors, layer):
        generator = torch.Generator().manual_seed(next(made))
        ((train, held_out),) = sensors
        level = torch.cat([train, held_out]).mean((1, 2, 3))
        x = torch.randn(len(level), 40, generator=generator)
        x[:, 0] += 20 * (level - level.mean()) / level.std()
        return probe_controls.EncoderFeatures(x[:64], x[:64] + 0.01, x[64:])

    monkeypatch.setattr(controls, "seen_by", seen)


def test_every_score_stands_beside_its_controls(small, tmp_path):
    settings = Settings(factor="light", plants=64, controls=2, seeds=2)
    found = probing(settings, bank_folder=tmp_path)
    straight, free = found.of("linear"), found.of("unpenalised")
    assert straight.evidence.value > 0.5
    assert abs(straight.evidence.null) < 0.3
    assert free.control > straight.control
    assert straight.selectivity == straight.evidence.value - straight.control
    assert [len(r.random_inits) for r in found.readers] == [2, 2, 2]
    assert [one.plants for one in found.sizes] == [32, 64]
    assert found.path.chosen in found.path.penalties
    assert ControlsResult.from_json(json.loads(json.dumps(found.as_json()))) == found
    for drawing in (found.chart(), found.path_chart(dark=True), found.size_chart()):
        assert len(drawing.rows) > 4
        assert "held-out" in drawing.alt or "control task" in drawing.alt


def test_the_command_prints_one_object_last(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    words = ["--factor", "light", "--plants", "64", "--controls", "1", "--seeds", "1", "--json"]
    assert METHOD.main(words) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["settings"]["factor"] == "light"
    assert {"evidence", "control", "random_inits"} <= set(found["readers"][0])


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"view": "uv"}, "rgb, rgn, both"),
        ({"plants": 8}, "64 or more, got 8"),
        ({"controls": 6}, "1 to 5, got 6"),
        ({"seeds": 0}, "1 or more, got 0"),
    ],
)
def test_bad_settings_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(PlantEduError, match="No checkpoint 'none'"):
        probing(Settings(encoder="none"), bank_folder=tmp_path)
    with pytest.raises(PlantEduError, match="was not pretrained"):
        probing(Settings(encoder="supervised_rgb-0"), bank_folder=tmp_path)
