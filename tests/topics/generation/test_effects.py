"""What moves a representation: one that only sees light, nulls, terminal, refusals."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.generation.effects import METHOD, measured
from plantedu.topics.generation.results.effects import EffectsResult, Settings
from plantedu.zoo.encoders import as_pictures
from tests.topics.works import work_of

FAST = Settings(encoder="light", layers=("h",), random="other", plants=12, side=16)


class Brightness:
    """An encoder that says how bright a picture is, and one that says how red."""

    def __init__(self, channel=None):
        self.channel = channel
        self.name, self.data, self.world_seed, self.pairs = "light", "", 0, 0

    def of(self, pictures, layer):
        x = as_pictures(pictures)
        x = x if self.channel is None else x[:, self.channel : self.channel + 1]
        return x.mean((1, 2, 3))[:, None]


@pytest.fixture(scope="module")
def result():
    return measured(FAST, {"light": Brightness(), "other": Brightness(0)})


def test_light_moves_what_sees_light_and_a_small_shift_does_not(result):
    light = [result.of(f"light_{s}", "light h").value for s in ("rgb", "rgn")]
    assert min(light) > 0.05
    assert result.of("shift_x_rgb", "light h").value < 0.02
    assert result.of("jpeg_quality_rgn", "light h").value < 0.01
    assert all(abs(one.effect.null) < 1e-9 for one in result.moved)
    assert result.names == ("light h", "other h")


def test_json_and_chart_hold_every_factor_and_the_null(result):
    assert EffectsResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    drawing = result.chart()
    assert set(drawing.rows["of"]) == {"light h", "other h"}
    assert "light_rgb" in drawing.alt


def test_terminal_and_page_take_the_same_way(monkeypatch, result, capsys):

    monkeypatch.setattr(
        "plantedu.topics.generation.effects.load_encoder", lambda name: Brightness()
    )
    monkeypatch.setattr("plantedu.topics.generation.effects.measured", lambda *a, **k: result)
    assert METHOD.main(["--plants", "12", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert json.loads(printed[-1])["settings"]["encoder"] == "light"
    assert METHOD.job(work_of({"layers": ["h"]}))["moved"]


def test_bad_settings_are_refused():
    with pytest.raises(PlantEduError, match="at least 8, got 2"):
        Settings(plants=2)
    with pytest.raises(PlantEduError, match="rgb and rgn"):
        Settings(sensors=("nir",))
