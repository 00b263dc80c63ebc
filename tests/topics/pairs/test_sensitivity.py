"""Interventions find what was planted, and nothing where nothing was changed."""

import json
import math

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.errors import PlantEduError
from plantedu.topics.pairs.sensitivity import change, compared, difference, noise_floor, sight

FIELD = world("field")


@pytest.fixture(scope="module")
def result():
    return sight(FIELD, plants=4, size=32, factors=("bloom", "mesophyll", "angle", "light"))


def test_private_cues_are_found(result):
    seen = {(e.factor, e.sensor): e.seen for e in result.effects}
    assert seen[("bloom", "rgb")]
    assert not seen[("bloom", "rgn")]
    assert not seen[("mesophyll", "rgb")]
    assert seen[("mesophyll", "rgn")]
    assert result.grade == 1


def test_change_is_the_mean_over_plants_bands_and_pixels(result):
    """The slow twin: one value at a time."""
    low, high = (render(FIELD, range(4), size=32, do={"angle": end}) for end in (-35.0, 35.0))
    total = sum(abs(int(a) - int(b)) for a, b in zip(low.x2.ravel(), high.x2.ravel(), strict=True))
    found = next(e for e in result.effects if (e.factor, e.sensor) == ("angle", "rgn"))
    assert found.evidence.value == pytest.approx(total / low.x2.size)
    assert found.evidence.n == 4


def test_setting_a_factor_to_its_value_changes_nothing():
    plain = render(FIELD, [3], size=32)
    drawn = draw_factors(FIELD, np.array([3]))
    for name in ("chlorophyll", "light_rgb", "angle", "soil_rgn"):
        same = render(FIELD, [3], size=32, do={name: float(drawn[name][0])})
        assert change(plain, same, "rgb").max() == change(plain, same, "rgn").max() == 0


def test_one_intervention_on_one_plant():
    before, after = (render(FIELD, [2], size=32, do=do) for do in (None, {"mesophyll": 2.5}))
    rgb, rgn = (compared(before, after, s, "mesophyll = 2.5") for s in ("rgb", "rgn"))
    assert (rgb.seen, rgn.seen) == (False, True)
    assert rgn.evidence.value == pytest.approx(change(before, after, "rgn").mean())
    assert rgn.evidence.null == pytest.approx(1.1284 * before.factors["noise_rgn"][0], rel=1e-3)
    assert not difference(before, after, "rgb").any()
    shown, moved = difference(before, after, "rgn"), change(before, after, "rgn")[0]
    assert shown.shape == (32, 32, 3)
    assert shown[5, 7, 2] == min(4 * moved[2, 5, 7], 255)


def test_noise_floor_is_what_two_shots_differ_by():
    generator = np.random.default_rng(0)
    shots = generator.normal(0, 3.0, size=(2, 200_000))
    assert noise_floor(np.array(3.0)) == pytest.approx(np.abs(shots[0] - shots[1]).mean(), rel=0.01)


def test_the_null_is_drawn_and_said(result):
    drawing = result.chart()
    assert set(drawing.rows["kind"]) == {"effect", "null"}
    assert "mesophyll by RGN alone" in drawing.alt
    assert "Camera noise alone" in drawing.alt
    whole = json.loads(drawing.vega_lite())
    assert whole["description"] == drawing.alt
    assert len(whole["data"]["values"]) == len(drawing.rows)
    assert not any("data" in layer for layer in whole["layer"])
    assert drawing.csv().startswith("factor,sensor,change")


def test_same_seed_same_answer():
    one, two = (sight(FIELD, plants=3, size=16, factors=("severity",)) for _ in range(2))
    assert one.as_json() == two.as_json()


def test_bad_input_is_a_sentence():
    with pytest.raises(PlantEduError, match="No factor is called 'colour'"):
        sight(FIELD, factors=("colour",))
    with pytest.raises(PlantEduError, match="at least 2 plants; got 1"):
        sight(FIELD, plants=1)


def test_command(capsys):
    words = ["sight", "--plants", "2", "--size", "16", "--factors", "mesophyll", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    rgb = found["factors"]["mesophyll"]["rgb"]
    assert rgb["value"] == 0
    assert rgb["null"] > 0
    assert set(rgb) >= {"value", "null", "n", "seeds", "interval"}
    assert math.isclose(found["grade"], 1)
