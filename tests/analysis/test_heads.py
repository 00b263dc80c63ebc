"""Planted heads are read off within the error that the lesson states."""

import json

import pytest

from plantedu.analysis.heads import HeadsResult, Settings, heads, main
from plantedu.errors import PlantEduError


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("copy", 0),
        ("attenuate", 0.25),
        ("rotate", 30),
        ("rotate", 120),
        ("invert", 0),
        ("mixed", 0),
    ],
)
def test_each_kind_is_read_off(kind, size):
    found = heads(Settings(kind, size, plants=512, dim=16, seeds=2))
    assert found.right == 1
    assert found.worst["score"] < 0.03
    assert found.worst["gain"] < 0.06
    assert found.jacobian < 1e-9
    assert found.closed_loop["pure noise"] == pytest.approx(1, abs=1e-6)
    assert abs(found.score.null) < 0.1
    assert found.gain.null < 0.2


def test_json_gives_the_result_back_and_the_chart_shows_the_null():
    result = heads(Settings(plants=128, dim=8, seeds=2))
    found = HeadsResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "shuffled pairs" in found.chart().alt


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"kind": "swap"}, "kind is one of copy"),
        ({"plants": 20}, "20 plants for 32 dimensions"),
        ({"seeds": 0}, "seeds must be from 1"),
    ],
)
def test_bad_orders_are_refused(words, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**words)


def test_a_turn_out_of_range_is_refused():
    with pytest.raises(PlantEduError, match="between 0 and 180"):
        heads(Settings(size=200, seeds=1))


def test_terminal_prints_one_object_last(capsys):
    assert main(["--kind", "copy", "--plants", "64", "--dim", "8", "--seeds", "2", "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert {"value", "null", "n", "seeds", "interval"} <= set(json.loads(printed[-1])["score"])
    assert any("fitted way back" in line for line in printed)
