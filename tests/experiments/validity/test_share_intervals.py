"""Committed shares of plants have an interval with a width, made from value and n."""

import json
from pathlib import Path

import pytest

from experiments.validity.share_intervals import RESULTS, renewed, shares
from plantedu.statistics.intervals import count_interval

ALL = {"question": "Which share of plants is classified correctly?", "value": 1.0, "n": 24, "seeds":
1,
       "control": "noise", "interval": [1.0, 1.0], "level": 0.95}  # fmt: skip


def test_a_share_of_all_gets_its_width_and_others_are_left():
    loss = ALL | {"question": "How large is the loss?"}
    seeds = ALL | {"seeds": 3, "value": 0.5, "interval": [0.2, 0.8]}
    odd = ALL | {"value": 0.51, "interval": [0.4, 0.6]}
    found = {"a": [ALL.copy(), loss.copy()], "b": {"c": seeds.copy(), "d": odd.copy()}}
    assert renewed(found) == 1
    assert found["a"][0]["interval"] == list(count_interval(24, 24))
    assert found["a"][1] == loss
    assert found["b"] == {"c": seeds, "d": odd}
    assert renewed(found) == 0
    narrow = {"x": seeds | {"interval": [0.45, 0.55]}}
    assert renewed(narrow) == 1
    assert narrow["x"]["interval"] == list(count_interval(12, 24))


def results() -> list[Path]:
    return sorted(RESULTS.glob("*.json"))


@pytest.mark.parametrize("path", results(), ids=lambda path: path.stem)
def test_no_committed_share_of_plants_is_a_point(path):
    """284 were: every one of 24 plants right, and the interval [1, 1]."""
    points = [one for one in shares(json.loads(path.read_text(encoding="utf-8")))
              if one["interval"][0] == one["interval"][1]]  # fmt: skip
    assert points == []
