"""Charts of the moved switch: curves with their switch, drops with the line of agreement."""

import json

import numpy as np
import pandas as pd
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.results.switch import arms_chart, drops_chart


@pytest.mark.parametrize("dark", [False, True])
def test_each_arm_is_a_panel_and_only_some_have_a_switch(dark):
    steps = np.arange(801)
    curves = pd.concat(
        pd.DataFrame({"arm": arm, "seed": seed, "step": steps, "loss": 5.0})
        for arm in ("0.5", "never")
        for seed in (0, 1)
    )
    drawing = arms_chart(curves, {"0.5": 401, "never": None}, dark=dark)
    lines = drawing.rows[drawing.rows["kind"] == "line"]
    assert len(lines) < 400
    assert lines.groupby(["panel", "name"]).ngroups == 4
    assert drawing.rows[drawing.rows["kind"] == "switch"]["step"].tolist() == [401]
    assert "queue never on: no switch" in drawing.alt
    assert json.loads(drawing.vega_lite())["columns"] == 3


def test_drops_without_a_switch_stand_apart_and_are_counted():
    points = [("0.25", 0, 201, 205), ("0.5", 0, 401, 400), ("never", 0, None, None)]
    points.append(("always", 1, None, 225))
    drawing = drops_chart(points, (2.0, 0.99), (0.9, 1.1))
    assert "title" not in drawing.spec, "a sentence above a chart is cut on a phone"
    kinds = drawing.rows["kind"].value_counts()
    assert (kinds["drop"], kinds["without"], kinds["identity"], kinds["fit"]) == (2, 1, 2, 2)
    assert "Slope 0.990 [0.900, 1.100]" in drawing.alt
    assert "queue never on: none of 1 runs" in drawing.alt
    assert "queue on from the first step: 1 of 1 runs" in drawing.alt


def test_nothing_to_draw_is_a_sentence():
    with pytest.raises(PlantEduError, match="No arm"):
        arms_chart(pd.DataFrame(), {})
    with pytest.raises(PlantEduError, match="No run with a switch"):
        drops_chart([("never", 0, None, None)], (0, 1), (0, 1))
