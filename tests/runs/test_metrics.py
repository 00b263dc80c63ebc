import time

import pytest

from plantedu.runs import metrics
from plantedu.runs.run import Metric


@pytest.fixture
def full(store):
    """A run with 20 metrics of 2,000 steps between two others."""
    ids = [store.submit("train", {"seed": n}, lane="training", worker="w") for n in range(3)]
    for run_id in ids:
        names = [f"probe/{n:02d}" for n in range(20)]
        store.log(run_id, [Metric(step, name, step) for step in range(2000) for name in names])
    return ids[1]


def test_a_row_of_the_same_name_and_step_is_replaced(store):
    run_id = store.submit("train", {}, lane="training", worker="w")
    store.log(run_id, [Metric(3, "loss", 1.0, 0.5, 1.5)])
    store.log(run_id, [Metric(3, "loss", 2.0)])
    series = store.metrics(run_id)["loss"]
    assert (series.steps.tolist(), series.values.tolist()) == ([3], [2.0])
    assert series.lows[0] != series.lows[0]


def test_names_are_found_without_reading_the_rows(store, full):
    with store.database.read() as link:
        number = link.execute("SELECT number FROM runs WHERE id = ?", (full,)).fetchone()[0]
        plan = link.execute(f"EXPLAIN QUERY PLAN {metrics.NAMES}", {"run": number}).fetchall()
        assert metrics.names(link, number) == [f"probe/{n:02d}" for n in range(20)]
    assert not any("SCAN metrics" in row["detail"] for row in plan)


def test_one_series_is_read_through_the_index(store, full):
    began = time.perf_counter()
    found = store.metrics(full, ["probe/07"], after_step=1989)["probe/07"]
    assert time.perf_counter() - began < 0.5
    assert found.values.tolist() == list(range(1990, 2000))
    with store.database.read() as link:
        plan = link.execute(
            "EXPLAIN QUERY PLAN SELECT step, value FROM metrics "
            "WHERE run = 2 AND name = 'a' AND step > 5 ORDER BY step"
        ).fetchall()
    assert [row["detail"] for row in plan] == [
        "SEARCH metrics USING PRIMARY KEY (run=? AND name=? AND step>?)"
    ]


def test_events_are_in_step_order(store):
    run_id = store.submit("train", {}, lane="training", worker="w")
    for step, name in ((5, "b"), (3, "a"), (5, "c")):
        store.event(run_id, step, name, "why")
    assert [e.name for e in store.events(run_id)] == ["start", "a", "b", "c"]
    assert store.events(run_id)[1].detail == "why"
