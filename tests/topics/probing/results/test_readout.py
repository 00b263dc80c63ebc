"""The panels of a readout hold the score, its interval and both nulls, by day and at night."""

import json

import pytest

from plantedu.topics.probing.results.readout import LAYERS, VIEWS, readout_spec


@pytest.mark.parametrize("dark", [False, True])
def test_every_panel_has_a_score_its_interval_and_both_nulls(dark):
    words = json.dumps(readout_spec(dark))
    for name in ("score", "low", "high", "shuffled", "random init", "factor"):
        assert f'"{name}"' in words
    assert "RGB h" in words
    assert "both z" in words


def test_day_and_night_differ():
    assert readout_spec(False) != readout_spec(True)
    assert (LAYERS, VIEWS) == (("h", "z"), ("rgb", "rgn", "both"))
