"""No mark lies over labels, and what a fixed axis cuts off is said with its number."""

import altair as alt
import numpy as np
import pandas as pd
import pytest

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.edges import beyond
from plantedu.charts.training_curves import probe_chart
from plantedu.store.series import Series
from plantedu.topics.neurons.results.dictionary import CodeScores, worth_chart

ROWS = [
    {"kind": "dot", "name": "a", "value": 0.5, "low": 0.2, "high": 0.7},
    {"kind": "dot", "name": "b", "value": -5.29, "low": -6.0, "high": 0.9},
    {"kind": "other", "name": "c", "value": 40.0, "low": 0.0, "high": 0.0},
]


def drawing(*, join=alt.layer, rows=ROWS, scale=None):
    scale = scale or alt.Scale(domain=[0, 1])
    y = alt.Y("name:N")
    dots = only("dot").mark_point().encode(alt.X("value:Q", scale=scale, title="share"), y)
    bars = only("dot").mark_rule().encode(alt.X("low:Q"), alt.X2("high:Q"), y)
    return Drawing(built(join(dots, bars)), pd.DataFrame(rows), "")


def test_what_is_cut_off_is_named_with_its_number():
    said = beyond(drawing())
    assert "b -5.29; b, end of its interval -6" in said
    assert "a " not in said
    assert "40" not in said


def test_layers_share_an_axis_and_charts_side_by_side_do_not():
    assert "b -5.29" in beyond(drawing(join=alt.hconcat))


def test_nothing_is_said_where_all_can_be_seen():
    assert beyond(drawing(rows=ROWS[:1])) == ""
    assert beyond(drawing(scale=alt.Scale(zero=False))) == ""


def test_a_null_is_not_taken_for_the_probe():
    """ "RGN, up to -1.23" stood under a probe between .63 and .82: the end of its null's band."""
    band = Series(np.array([0, 1]), *np.array([[-0.3, -0.3], [-1.23, -1.2], [0.1, 0.1], [0, 1]]))
    probe = Series(np.array([0, 1]), *np.array([[0.6, 0.8], [0.5, 0.7], [0.7, 0.9], [0, 1]]))
    runs = {"probe/angle/rgn": probe, "null/angle/rgn": band}
    assert "RGN, null, end of its interval, 2 values, up to -1.23" in beyond(
        probe_chart(runs, "angle")
    )


def test_one_end_can_be_fixed():
    assert "b" in beyond(drawing(scale=alt.Scale(type="symlog", domainMin=0)))


@pytest.mark.parametrize("join", [alt.layer, alt.hconcat, alt.vconcat])
def test_marks_stay_inside_of_a_fixed_axis(join):
    spec = drawing(join=join).spec
    parts = spec.get("layer") or spec.get("hconcat") or spec.get("vconcat")
    assert parts[0]["encoding"]["x"]["scale"]["clamp"] is True


def test_a_dictionary_that_recovers_less_than_nothing_is_not_drawn_as_nothing():
    rows = [
        CodeScores(name, 0.9, 8.0, 0.0, None, recovered, {"disease": 0.6})
        for name, recovered in (("neurons", 0.4), ("random dictionary", -11.7))
    ]
    assert "loss recovered, random dictionary -11.7" in beyond(worth_chart(rows, "n = 2"))
