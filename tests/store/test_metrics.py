import time

import pytest

from plantedu.store import metrics
from plantedu.store.run import Metric


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


def long_run(store, values):
    run_id = store.submit("train", {"long": 1}, lane="training", worker="w")
    store.log(run_id, [Metric(step, "loss", value, 0.0, 9.0) for step, value in enumerate(values)])
    return run_id


def test_a_thinned_series_keeps_its_ends_its_bumps_and_its_missing_values(store):
    values = [1.0 + (step % 7) / 100 for step in range(5000)]
    values[2345], values[3456], values[4567] = 8.0, -8.0, float("nan")
    run_id = long_run(store, values)
    series = store.thinned(run_id, ["loss"], most=300)["loss"]
    kept = dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
    assert 200 < len(series) <= 300
    assert (kept[2345], kept[3456]) == (8.0, -8.0)
    assert kept[4567] != kept[4567]
    assert all(kept[step] == values[step] for step in kept if step != 4567)
    assert series.steps.tolist() == sorted(kept)
    assert set(series.highs.tolist()) == {9.0}


def test_a_short_series_is_not_thinned_and_an_unknown_name_is_left_out(store):
    run_id = long_run(store, [1.0, 2.0, 3.0])
    found = store.thinned(run_id, ["loss", "nobody"])
    assert list(found) == ["loss"]
    assert found["loss"].values.tolist() == [1.0, 2.0, 3.0]


def test_steps_far_apart_leave_stretches_without_a_row(store):
    run_id = store.submit("train", {"far": 1}, lane="training", worker="w")
    steps = [*range(10), *range(100_000, 100_010)]
    store.log(run_id, [Metric(step, "loss", float(step)) for step in steps])
    series = store.thinned(run_id, ["loss"], most=10)["loss"]
    assert (series.steps[0], series.steps[-1]) == (0, 100_009)
    assert len(series) <= 10
