"""The chart of a fork: shared axes, floors and the switch are in it."""

import json
import math

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.series import Series
from plantedu.topics.bump.results.fork import fork_chart
from plantedu.topics.bump.results.objectives import rulers_chart

SIZES = {"start": 400, "prototypes": 512, "batch": 16, "queue": 1024}


def series(values):
    nan = np.full(len(values), math.nan)
    return Series(np.arange(401, 401 + len(values)), np.array(values, float), nan, nan, nan)


def test_both_arms_stand_in_each_panel_with_floor_and_switch():
    runs = {"off/loss": series([5, 5]), "on/loss": series([4, 3]), "off/ruler/none": series([5])}
    drawing = fork_chart(runs, **SIZES, last=700)
    lines = drawing.rows[drawing.rows["kind"] == "line"]
    assert len(lines) == 5
    floors = drawing.rows[drawing.rows["kind"] == "floor"]
    assert floors["value"].tolist() == [pytest.approx(math.log(32))] * 2
    assert drawing.rows[drawing.rows["kind"] == "switch"]["panel"].nunique() == 2
    assert "queue on 4.00 to 3.00" in drawing.alt
    assert "3.47 (with the queue 0.00)" in drawing.alt
    text = json.dumps(drawing.spec)
    assert '"resolve"' not in text, "panels of one fork share their axes"
    assert "strokeDash" in text


def test_long_series_are_thinned_and_a_one_step_dip_survives():
    values = np.full(5000, 5.0)
    values[1234] = 1.0
    drawing = fork_chart({"off/loss": series(values)}, **SIZES)
    assert len(drawing.rows) < 300
    assert drawing.rows["value"].min() == 1.0


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="recorded nothing yet"):
        fork_chart({}, **SIZES)
    with pytest.raises(PlantEduError, match="at least one checkpoint"):
        rulers_chart([])
