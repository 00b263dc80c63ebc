"""Numbers of a run as series and tables: nulls beside values, nothing lost."""

import io
import math

import numpy as np
import pandas as pd
import pytest

from plantedu.charts import tables
from plantedu.store.run import Metric
from plantedu.store.series import Series


def series(values, *, every=1):
    values = np.asarray(values, dtype=float)
    steps = every * np.arange(len(values))
    return Series(steps, values, *(np.full(len(values), np.nan),) * 2, 0.1 * steps)


@pytest.fixture
def runs():
    found = {"loss": series(np.linspace(5, 2, 1000))}
    for view in tables.VIEWS:
        found[f"probe/disease/{view}"] = series(np.linspace(0.4, 0.97, 21), every=50)
        found[f"null/disease/{view}"] = series(np.full(21, 0.34), every=50)
        found[f"chance/disease/{view}"] = series([1 / 3])
    found["probe/angle/rgb"] = series([-3.0, 0.9], every=50)
    found["null/angle/rgb"] = series([-0.1, -0.2], every=50)
    found["chance/angle/rgb"] = series([0.0])
    return found


def test_units_follow_from_chance(runs):
    assert tables.probe_unit(runs, "disease") == "accuracy"
    assert tables.probe_unit(runs, "angle") == "R2"
    assert tables.probed_factors(runs) == ["disease", "angle"]


def test_what_a_run_began_with_has_its_name(runs):
    assert tables.beginning({}) == tables.beginning({"start": "scratch"}) == "before training"
    assert tables.beginning({"start": "source"}) == "encoder at the start"
    named = tables.null_table(runs, begins=tables.beginning({"start": "run:0@9"}))
    assert named["encoder at the start"].to_numpy()[:3] == pytest.approx(0.4)
    assert "before training" not in named


def test_null_table_sets_each_probe_beside_its_nulls(runs):
    table = tables.null_table(runs)
    row = table.query("factor == 'disease' and `read from` == 'both'").iloc[0]
    assert [
        row["chance"],
        row["shuffled labels"],
        row["before training"],
        row["now"],
    ] == pytest.approx([1 / 3, 0.34, 0.4, 0.97])
    assert len(table) == 4


def test_the_control_has_a_column_where_it_was_recorded(runs):
    assert "random init" not in tables.null_table(runs)
    found = runs | {"random/disease/both": Series(*(np.array([v]) for v in (0, 0.47, 0, 1, 0)))}
    table = tables.null_table(found).set_index(["factor", "read from"])
    assert table.loc[("disease", "both"), "random init"] == pytest.approx(0.47)


def test_recorded_rows_become_series(runs):
    rows = [Metric(5, "probe/x/rgb", 0.5, 0.4, 0.6, 2.0), Metric(1, "loss", 4.0)]
    found = tables.series_of([*rows, Metric(9, "probe/x/rgb", 0.7, 0.6, 0.8, 3.0)])
    probe = found["probe/x/rgb"]
    assert (probe.steps.tolist(), probe.values.tolist()) == ([5, 9], [0.5, 0.7])
    assert (probe.lows.tolist(), probe.highs.tolist()) == ([0.4, 0.6], [0.6, 0.8])
    assert probe.seconds.tolist() == [2.0, 3.0]
    assert math.isnan(found["loss"].lows[0])


def test_all_numbers_are_written(runs):
    lines = tables.all_numbers(runs).splitlines()
    assert lines[0] == "name,step,value,low,high,seconds"
    assert len(lines) == 1 + sum(len(one) for one in runs.values())
    lines_with_command = tables.all_numbers(runs, "python -m plantedu train --seed 3").splitlines()
    assert lines_with_command[0] == "name,step,value,low,high,seconds,made_by"
    assert [
        one.removesuffix(",python -m plantedu train --seed 3") for one in lines_with_command[1:]
    ] == lines[1:]


def test_numbers_of_a_run_that_no_command_makes_have_its_settings(runs):
    text = tables.all_numbers(runs, settings={"layers": ["layer4"], "classes": 4})
    read = pd.read_csv(io.StringIO(text))
    assert set(read["settings.layers"]) == {'["layer4"]'}
    assert set(read["settings.classes"]) == {4}


@pytest.mark.parametrize(("seconds", "said"), [(12.4, "12 s"), (89, "89 s"), (150, "2 min")])
def test_durations(seconds, said):
    assert tables.minutes(seconds) == said
