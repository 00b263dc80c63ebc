"""The charts of a search draw what was found, the null and the events, and say so."""

import numpy as np
import pytest

from plantedu.topics.bump.changepoints.curve import tidy
from plantedu.topics.bump.changepoints.finding import find_bumps
from plantedu.topics.bump.results.detect import bump_chart, null_chart

EVENTS = [(120.0, "queue on")]


@pytest.fixture(scope="module")
def search():
    values = np.random.default_rng(0).standard_normal(240) * 0.1 - (np.arange(240) >= 121)
    return find_bumps(tidy(np.arange(240), values), draws=39)


def test_curve_bump_and_event_are_drawn(search):
    drawing = bump_chart(search, EVENTS, ["queue on"])
    rows = drawing.rows.set_index("kind")
    assert rows.loc["bump", "step"] == 121
    assert rows.loc["bump", "low"] == 120
    assert rows.loc["event", "name"] == "queue on"
    assert "first candidate queue on" in drawing.alt
    assert "Null:" in drawing.alt


def test_the_null_is_drawn_beside_the_statistic(search):
    drawing = null_chart(search, EVENTS, dark=True)
    rows = drawing.rows.set_index("kind")
    assert rows.loc["null", "value"] == pytest.approx(search.null)
    assert rows.loc["line", "value"].max() == pytest.approx(search.statistic.max())
    assert "wild bootstrap (blocks of 8 rows)" in drawing.alt


def test_long_curves_are_thinned_and_nothing_is_a_fair_answer():
    rows = np.arange(5000)
    values = np.random.default_rng(1).standard_normal(5000)
    quiet = find_bumps(tidy(rows, values), draws=39, most=0)
    drawing = bump_chart(quiet, [])
    assert len(drawing.rows) <= 1500
    assert "Bumps: none. No events are known." in drawing.alt
