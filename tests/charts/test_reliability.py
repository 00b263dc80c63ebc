"""The reliability diagram carries its band, its diagonal and its base rate."""

import numpy as np

from plantedu.charts.reliability import reliability_chart
from plantedu.statistics.brier import reliability


def test_the_diagram_draws_the_null_and_says_it():
    found = reliability(np.linspace(0.3, 0.95, 20), np.arange(20) % 3 > 0)
    for dark in (False, True):
        drawing = reliability_chart(found, dark=dark)
        assert set(drawing.rows["kind"]) == {"bin", "line", "base"}
        assert "Null: a calibrated forecaster" in drawing.alt
        assert len(drawing.spec["layer"]) == 5
    bins = drawing.rows[drawing.rows["kind"] == "bin"]
    assert bins["count"].sum() == 20
    assert (bins["low"] <= bins["high"]).all()
