"""The prototype transition of a tiny run."""

import json

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.spectrum.prototypes import METHOD, _judged, prototypes
from plantedu.topics.spectrum.results.prototypes import PrototypesResult, Settings

FAST = Settings(plants=24, shuffles=19)


@pytest.fixture(scope="module")
def result(tiny_stages):
    return prototypes(tiny_stages / "off-12.safetensors", FAST, bank_folder=tiny_stages / "bank")


def test_nulls_ceiling_and_edges_are_there(result):
    assert result.prototypes == 24
    assert len(result.values) == len(result.ceiling_values) == 23
    assert result.agreement.control == "shuffled pairs"
    assert len(result.gram) == len(result.gram_null) == 8
    assert np.mean(result.gram) == pytest.approx(1, abs=1e-3)
    assert result.edges[1] == pytest.approx((1 + np.sqrt(8 / 24)) ** 2)
    assert "24 plants for 24 prototypes" in result.says[0]


def test_json_gives_the_result_back_and_charts_show_the_null(result):
    found = PrototypesResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "shuffled pairs" in found.chart().alt
    assert "Marchenko-Pastur" in found.gram_chart(dark=True).alt


def judge(q1, p1, p2):
    draw = np.random.default_rng(0)
    c = draw.normal(size=(q1.shape[1], 6))
    about = ("planted", 0)
    return _judged([(q1, p1), (q1, p2)], [(q1, p1), (q1, p2)], c, Settings(shuffles=39), about)


def test_a_copy_and_independent_sensors_are_told_apart():
    draw = np.random.default_rng(0)
    codes = np.eye(5)[np.arange(200) % 5]
    own = 0.9 * codes + 0.02
    copied = judge(codes, own, own)
    assert copied.score.value == pytest.approx(1)
    assert copied.groups == 4
    assert copied.p_agreement == copied.p_score == pytest.approx(1 / 40)
    apart = judge(codes, own, own[draw.permutation(200)])
    assert apart.p_agreement > 0.05
    assert apart.groups <= 1
    assert apart.ceiling.value == pytest.approx(copied.ceiling.value)


def test_too_little_is_refused():
    with pytest.raises(PlantEduError, match="at least 8"):
        Settings(plants=3)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    words = [str(tiny_stages / "off-12.safetensors"), "--plants", "24", "--shuffles", "19"]
    assert METHOD.main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["agreement"])
