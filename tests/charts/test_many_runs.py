"""Many curves: one line a run, nulls behind them, and which of them a rectangle catches."""

import json

import pandas as pd
import pytest

from plantedu.charts.many_runs import BRUSH, in_order, inside, many_chart
from plantedu.errors import PlantEduError


def rows(shift=0.0):
    found = [
        (f"r{k}", str(32 * (1 + k % 2)), step, 4 - k / 10 - step / 50 + shift)
        for k in range(6)
        for step in (1, 50, 100)
    ]
    return pd.DataFrame(found, columns=["run", "setting", "step", "value"])


LEVEL = pd.DataFrame({"run": ["ln K"], "setting": [""], "step": [float("nan")], "value": [4.16]})
SAYS = {"knob": "image_size", "unit": "loss, nats", "control": "ln K"}


def test_every_run_is_a_line_and_the_null_is_drawn():
    drawing = many_chart(rows(), LEVEL, **SAYS)
    assert drawing.rows["kind"].value_counts().to_dict() == {"run": 18, "level": 1}
    assert "loss, nats of 6 runs" in drawing.alt
    assert "image_size 32: 1.80 (1.60 to 2.00, 3 runs)" in drawing.alt
    assert "ln K 4.16" in drawing.alt
    for kind in ("run", "null", "level"):
        assert f"datum.kind == '{kind}'" in json.dumps(drawing.spec)
    lines = many_chart(rows(), rows(1.0), **SAYS)
    assert set(lines.rows["kind"]) == {"run", "null"}


def test_a_rectangle_catches_the_runs_that_pass_through_it():
    assert inside(rows(), [49, 51], [2.6, 2.85]) == {"r2", "r3", "r4"}
    assert inside(rows(), [51, 49], [2.85, 2.6]) == {"r2", "r3", "r4"}
    assert inside(rows(), [2, 3], [0, 9]) == {f"r{k}" for k in range(6)}, "between two points"
    assert inside(rows(), [60, 70], [2.45, 2.46]) == {"r2", "r3"}, "thinner than a step"
    assert inside(rows(), [100, 120], [1.99, 2.01]) == {"r0"}
    assert inside(rows(), [101, 120], [0, 9]) == set()


def test_the_brush_has_its_name_and_can_be_left_out():
    drawn = many_chart(rows(), LEVEL, **SAYS).spec["params"]
    assert [one["name"] for one in drawn] == [BRUSH]
    assert "params" not in many_chart(rows(), LEVEL, brush=False, **SAYS).spec


def test_values_stand_in_their_order():
    assert in_order(["64", "32", "128"]) == ("32", "64", "128")
    assert in_order(["source", "scratch", "2"]) == ("2", "scratch", "source")


def test_no_runs_are_a_sentence():
    with pytest.raises(PlantEduError, match="no runs to draw"):
        many_chart(rows().iloc[:0], LEVEL, **SAYS)
