"""Interventions find what was planted, and nothing where nothing was changed."""

import json
import math

import numpy as np
import pytest

from plantedu.__main__ import main
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import draw_factors, world
from plantedu.topics.method import Context
from plantedu.topics.pairs.results.sensitivity import Settings, change
from plantedu.topics.pairs.sensitivity import sensitivity

FIELD = world("field")


@pytest.fixture(scope="module")
def result():
    return sensitivity(
        Settings(plants=4, size=32, factors=("bloom", "mesophyll", "angle", "light"))
    )


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


def test_same_request_same_answer():
    wanted = Settings(plants=3, size=16, factors=("severity",))
    assert sensitivity(wanted).as_json() == sensitivity(wanted).as_json()


def test_factors_are_counted_as_they_are_done_and_may_be_stopped():
    steps = []
    context = Context(step=lambda done, of: steps.append((done, of)))
    sensitivity(Settings(plants=2, size=16, factors=("severity", "bloom")), context)
    assert steps == [(1, 2), (2, 2)]

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sensitivity(Settings(plants=2, size=16), Context(check=stop))


def test_command(capsys):
    words = ["sight", "--plants", "2", "--size", "16", "--factors", "mesophyll", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    rgb = found["factors"]["mesophyll"]["rgb"]
    assert rgb["value"] == 0
    assert rgb["null"] > 0
    assert set(rgb) >= {"value", "null", "n", "seeds", "interval"}
    assert math.isclose(found["grade"], 1)
