"""Charts of a run: nulls and events are in them, bumps survive, words say what is drawn."""

import json
import math

import numpy as np
import pytest

from plantedu.charts import training_curves
from plantedu.charts.tables import VIEWS
from plantedu.errors import PlantEduError
from plantedu.store.run import Event
from plantedu.store.series import Series


def series(values, *, every=1, band=0.0):
    values = np.asarray(values, dtype=float)
    ends = (values - band, values + band) if band else (np.full(len(values), np.nan),) * 2
    steps = every * np.arange(len(values))
    return Series(steps, values, *ends, 0.1 * steps)


@pytest.fixture
def runs():
    rising = np.linspace(0.4, 0.97, 21)
    found = {
        "loss": series(np.linspace(5, 2, 1000)),
        "entropy": series(np.linspace(4, 1, 1000)),
        "divergence": series(np.ones(1000)),
        "x1_to_x2": series(np.linspace(5, 2.1, 1000)),
        "x2_to_x1": series(np.linspace(5, 1.9, 1000)),
        "prototype_usage": series(np.linspace(0.9, 1, 1000)),
        "learning_rate": series(np.linspace(0, 1e-3, 1000)),
    }
    for view in VIEWS:
        found[f"probe/disease/{view}"] = series(rising, every=50, band=0.02)
        found[f"null/disease/{view}"] = series(np.full(21, 0.34), every=50, band=0.03)
        found[f"chance/disease/{view}"] = series([1 / 3])
    found["probe/angle/rgb"] = series([-3.0, 0.9], every=50)
    found["null/angle/rgb"] = series([-0.1, -0.2], every=50)
    found["chance/angle/rgb"] = series([0.0])
    return found


EVENTS = [Event(0, "start", "", 0.0), Event(200, "learning-rate peak", "", 0.0)]


def kinds(drawing):
    return set(drawing.rows["kind"])


def layers(drawing):
    return json.dumps(drawing.spec)


def test_loss_has_its_parts_the_ln_k_line_and_the_events(runs):
    drawing = training_curves.loss_chart(runs, EVENTS, prototypes=64, last=1000)
    assert kinds(drawing) == {"line", "floor", "event"}
    assert drawing.rows.query("kind == 'floor'")["value"].item() == pytest.approx(math.log(64))
    assert drawing.rows.query("kind == 'event'")["name"].tolist() == ["learning-rate peak"]
    assert set(drawing.rows.query("kind == 'line'")["name"]) == {"loss", "H(q)", "KL(q||p)"}
    for said in ("5.00 at first", "2.00 now", "4.16", "learning-rate peak at step 200"):
        assert said in drawing.alt
    assert all(f"datum.kind == '{kind}'" in layers(drawing) for kind in kinds(drawing))
    assert '"domain": [0, 1000]' in layers(drawing)


def test_a_bump_of_one_step_survives_a_long_run(runs):
    values = np.ones(50_000)
    values[31_417] = 9.0
    drawing = training_curves.loss_chart({"loss": series(values)}, [], prototypes=64)
    assert len(drawing.rows) <= training_curves.MOST
    assert drawing.rows["value"].max() == 9.0


def test_probes_carry_both_nulls_chance_and_band(runs):
    drawing = training_curves.probe_chart(runs, "disease")
    assert kinds(drawing) == {"probe", "null", "chance", "step 0"}
    probe = drawing.rows.query("kind == 'probe' and name == 'both'")
    assert (probe["high"] - probe["low"]).to_numpy() == pytest.approx(0.04)
    start = drawing.rows.query("kind == 'step 0'")["value"]
    assert start.to_numpy() == pytest.approx(0.4)
    assert "both 0.97 (before training 0.40)" in drawing.alt
    assert "shuffled labels 0.34" in drawing.alt
    assert all(f"datum.kind == '{kind}'" in layers(drawing) for kind in kinds(drawing))


def with_control(runs, value=0.47):
    return runs | {f"random/disease/{view}": series([value], band=0.02) for view in VIEWS}


def test_the_random_init_control_is_a_line_beside_the_probe(runs):
    drawing = training_curves.probe_chart(with_control(runs), "disease")
    assert kinds(drawing) == {"probe", "null", "chance", "random init"}
    lines = drawing.rows.query("kind == 'random init'")
    assert lines["value"].to_numpy() == pytest.approx(0.47)
    assert set(lines["name"]) == {"RGB", "RGN", "both"}
    assert "both 0.97 (before training 0.40, random init 0.47)" in drawing.alt
    assert "datum.kind == 'random init'" in layers(drawing)


def test_a_run_from_another_encoder_shows_that_one_and_the_control(runs):
    drawing = training_curves.probe_chart(
        with_control(runs), "disease", begins="encoder at the start"
    )
    assert kinds(drawing) == {"probe", "null", "chance", "random init", "step 0"}
    assert "(encoder at the start 0.40, random init 0.47)" in drawing.alt


def test_a_probe_without_its_null_is_not_drawn(runs):
    del runs["null/disease/rgb"]
    with pytest.raises(PlantEduError, match="no null/disease/rgb yet"):
        training_curves.probe_chart(runs, "disease")


def test_directions_usage_and_rate(runs):
    drawing = training_curves.direction_chart(runs)
    assert set(drawing.rows["name"]) == {"RGB's code, read from RGN", "RGN's code, read from RGB"}
    assert "2.10" in drawing.alt
    assert "1.00 now" in training_curves.usage_chart(runs).alt
    assert "0.001 now" in training_curves.rate_chart(runs).alt


@pytest.mark.parametrize(
    "chart",
    [training_curves.direction_chart, training_curves.usage_chart, training_curves.rate_chart],
)
def test_what_was_not_recorded_is_a_sentence(chart):
    with pytest.raises(PlantEduError, match="recorded no"):
        chart({})


def test_missing_loss_and_factor_are_sentences(runs):
    with pytest.raises(PlantEduError, match="no loss yet"):
        training_curves.loss_chart({}, [], prototypes=8)
    with pytest.raises(PlantEduError, match="does not probe 'bend'"):
        training_curves.probe_chart(runs, "bend")


def test_the_dark_page_has_its_own_colours(runs):
    for chart in (training_curves.direction_chart, training_curves.usage_chart):
        assert chart(runs).spec != chart(runs, dark=True).spec
    assert (
        training_curves.probe_chart(runs, "disease").spec
        != training_curves.probe_chart(runs, "disease", dark=True).spec
    )


def test_another_start_is_not_called_random(runs):
    said = training_curves.probe_chart(runs, "disease", begins="encoder at the start").alt
    assert "both 0.97 (encoder at the start 0.40)" in said
    assert "before training" not in said
