"""What moved, beside what camera noise moves; read back as it was written."""

import json

import numpy as np
import pytest

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.topics.pairs.results.sensitivity import (
    SensitivityResult,
    Settings,
    change,
    compared,
    difference,
    noise_floor,
)
from plantedu.topics.pairs.sensitivity import sensitivity

FIELD = world("field")


@pytest.fixture(scope="module")
def result():
    return sensitivity(Settings(plants=3, size=24, factors=("bloom", "mesophyll")))


def test_it_is_read_back_as_it_was_written(result):
    assert SensitivityResult.from_json(json.loads(json.dumps(result.as_json()))) == result


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


def test_bad_input_is_a_sentence():
    with pytest.raises(PlantEduError, match="colour"):
        Settings(factors=("colour",))
    with pytest.raises(PlantEduError, match="at least 2 plants; got 1"):
        Settings(plants=1)
