"""The planted shortcut: quick networks, every number beside the twin's, and where corners lie."""

import json

import numpy as np
import pytest

from plantedu.topics.attacks.results.shortcut import SAYS, Settings, ShortcutResult
from plantedu.topics.attacks.shortcut import METHOD, _corner, _evidence, shortcut
from tests.topics.works import work_of

FAST = {"train": 32, "steps": 3, "plants": 4, "slopes": 2}


@pytest.fixture(scope="module")
def result():
    return shortcut(Settings(**FAST))


def test_every_number_stands_beside_its_twins(result):
    assert set(result.found) == set(SAYS)
    assert all("twin" in one.control for one in result.found.values())
    assert result.area == 64 / (2 * 64 * 64)


def test_several_seeds_have_the_wider_interval():
    """Three pairs of networks that differ by more than their plants do, as the lesson's did."""
    own = np.zeros((3, 40))
    own[0, :36], own[1, :20], own[2, :4] = 1, 1, 1
    found = _evidence("corner", own, np.zeros((3, 40)))
    assert (found.value, found.n, found.seeds) == (pytest.approx(0.5), 40, 3)
    assert found.interval == (0.0, 1.0)
    alike = np.tile(own[1], (3, 1))
    assert _evidence("corner", alike, alike).interval == _evidence("corner", own[1:2], own).interval


def test_corners_are_of_one_sensor_each():
    low, high = _corner(1, "low"), _corner(0, "high")
    assert low.sum() == high.sum() == 64
    assert low[1, ..., -1, -1] == 1
    assert not low[0].any()
    assert high[0, ..., 0, 0] == 1


def test_json_gives_the_result_back(result):
    found = ShortcutResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    assert "twin" in found.chart().alt


@pytest.mark.slow
def test_page_and_terminal(capsys):
    METHOD.job(work_of(FAST))
    words = [w for k, v in FAST.items() for w in (f"--{k}", str(v))]
    assert METHOD.main([*words, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(printed["found"]["do"])
