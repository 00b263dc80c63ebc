"""The live page: what Train asks for, and what is shown of a run in each of its states."""

import math
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app import live_run
from plantedu.store.run import Metric
from plantedu.training.recipe import Recipe
from tests.app.conftest import text_of


def shown_run(app):
    found = app.query_params["run"]
    return found if isinstance(found, str) else found[0]


def test_train_asks_for_the_run_that_the_knobs_say(open_page, store, workers):
    app = open_page("02_training")
    app.get_by_key("epsilon").set_value(0.03)
    app.get_by_key("data").set_value("shared_light")
    app.get_by_key("queue").set_value(True)
    app.button(key="train").click().run()
    assert not app.exception, app.exception
    run = store.run(shown_run(app))
    wanted = Recipe(epsilon=0.03, data="shared_light", queue_length=1024)
    assert Recipe.from_json(run.request) == wanted
    assert run.state == "queued"
    assert "shared_light" in run.name
    assert "training" in workers
    assert "Waiting: it is next, as soon as a worker is awake" in text_of(app)
    assert "about 0 s" not in text_of(app)


def test_pressing_twice_shares_the_run_and_again_makes_a_new_one(open_page, store):
    app = open_page("02_training")
    first = shown_run(app.button(key="train").click().run())
    assert shown_run(app.button(key="train").click().run()) == first
    again = shown_run(app.button(key="same seed").click().run())
    assert again != first
    assert store.run(again).request == store.run(first).request


def test_new_seed_moves_the_seed_on(open_page, store):
    app = open_page("02_training")
    app.button(key="new seed").click().run()
    assert store.run(shown_run(app)).request["seed"] == 1
    assert app.number_input(key="seed").value == 1


@pytest.mark.parametrize(
    ("preset", "knob", "value", "temperature"),
    [
        ("Collapse", "epsilon", 0.05, 0.1),
        ("Shared light", "data", "shared_light", 0.1),
        ("One camera", "pairing", "rgb_only", 0.1),
        ("Quick look", "size", "quick", 0.2),  # it leaves ln K: benchmarks.quick_look
    ],
)
def test_presets_put_the_knobs(open_page, preset, knob, value, temperature):
    app = open_page("02_training")
    app.get_by_key("temperature").set_value(0.4).run()
    app.button(key=f"preset {preset}").click().run()
    assert not app.exception
    assert app.get_by_key(knob).value == value
    assert app.get_by_key("temperature").value == temperature


def test_knobs_that_clash_are_a_sentence_and_no_run(open_page, store):
    app = open_page("02_training")
    app.get_by_key("epsilon").set_value(0.3).run()
    assert any("must be below temperature" in one.value for one in app.warning)
    assert app.button(key="train").disabled
    assert store.runs() == []


def test_a_running_run_shows_pace_loss_and_probes(open_page, half_done):
    app = open_page("02_training", run=half_done)
    words = text_of(app)
    assert "step 100 of 200 · 5.0 steps/s · 20 s left" in words
    assert "learning-rate peak at step 40" in words
    assert "both 0.80 (before training 0.40)" in words
    table = app.dataframe[0].value
    assert set(table.columns) >= {"chance", "shuffled labels", "before training", "now"}


def test_a_run_that_stands_at_ln_k_is_named(open_page, store, half_done):
    at = {"loss": math.log(64), "entropy": 3.6}
    rows = [Metric(step, name, at[name]) for step in range(101, 161) for name in at]
    store.log(half_done, rows, step=160)
    said = "\n".join(one.value for one in open_page("02_training", run=half_done).warning)
    assert "Still at ln K" in said
    assert "not started yet" in said


def test_the_control_stands_beside_the_live_probe(open_page, store, half_done):
    app = open_page("02_training", run=half_done)
    said = text_of(app)
    assert "Thin: the encoder before training (step 0)." in said
    assert "random-init" not in said.partition("What a linear probe reads")[2].partition("\n\n")[0]
    views = ("rgb", "rgn", "both")
    rows = [Metric(0, f"random/disease/{view}", 0.47) for view in views]
    store.log(half_done, rows, step=101)  # recorded after the first steps
    store.set_step(half_done, 101, 200)
    app = open_page("02_training", run=half_done)
    said = text_of(app)
    assert "Dashed: a random-init encoder, which never learned." in said
    assert "random init 0.47" in said  # the chart's own words
    (spec,) = [c.proto for c in app.get("vega_lite_chart") if "Probe for disease" in c.proto.alt]
    assert "random init" in spec.spec


def test_cancel_and_pause_reach_the_store(open_page, store, half_done):
    app = open_page("02_training", run=half_done)
    app.button(key=f"Pause {half_done}").click().run()
    assert store.run(half_done).wish == "pause"
    assert app.button(key=f"Pause {half_done}").disabled
    app.button(key=f"Cancel {half_done}").click().run()
    assert store.run(half_done).wish == "cancel"


def test_a_failed_run_shows_its_sentence(open_page, store, half_done):
    store.fail(half_done, "The loss is nan at step 101: lower the learning rate.")
    app = open_page("02_training", run=half_done)
    assert any("lower the learning rate" in error.value for error in app.error)
    assert "**failed**" in text_of(app)


def test_a_waiting_run_says_how_many_are_before_it(open_page, store, token):
    for seed in range(3):
        last = store.submit(
            "train", Recipe(seed=seed).as_json(), lane="training", learner=token, name=f"{seed}"
        )
    assert "Waiting: 2 before it" in text_of(open_page("02_training", run=last))


def test_a_run_of_somebody_else_opens_by_its_link(open_page, store):
    run_id = store.submit("train", Recipe(seed=9).as_json(), lane="training", name="theirs")
    assert f"run `{run_id}`" in text_of(open_page("02_training", run=run_id))


def test_nobody_is_shown_the_curves_of_others_unasked(open_page, store):
    run_id = store.submit("train", Recipe(seed=9).as_json(), lane="training", name="theirs")
    app = open_page("02_training")
    assert run_id not in text_of(app)
    assert any(run_id in option for option in app.selectbox(key="shown run").options)


@pytest.mark.parametrize("wrong", ["ffffffff", "../../etc", "x" * 400])
def test_a_link_to_no_run_is_a_sentence(open_page, wrong):
    app = open_page("02_training", run=wrong)
    assert any("There is no run" in warning.value for warning in app.warning)


def test_a_run_with_loss_alone_is_drawn(open_page, store, token):
    run_id = store.submit("train", Recipe().as_json(), lane="training", learner=token, name="new")
    store.lease("training", "tester")
    store.log(run_id, [Metric(1, "loss", 4.2)], step=1)
    app = open_page("02_training", run=run_id)
    assert len(app.get("vega_lite_chart")) == 1


def test_a_recorded_run_is_replayed_as_a_run(open_page, store, workers, recording):
    app = open_page("02_training")
    app.get_by_key("speed").set_value("instant")
    app.button(key="replay it").click().run()
    assert not app.exception, app.exception
    run = store.run(shown_run(app))
    assert (run.kind, run.lane) == ("replay", "replay")
    assert run.request == {"recording": run.request["recording"], "speed": "instant"}
    assert "replay" in workers
    store.lease("replay", "tester")
    store.log(run.id, recording.metrics(), step=100)
    words = text_of(open_page("02_training", run=run.id))
    assert "over 64 prototypes" in words, "K comes from the recorded recipe"
    assert "Probe for disease" in words


@pytest.mark.parametrize(("cores", "hosted", "times"), [(8, "", 1), (2, "", 2), (8, "1", 2)])
def test_a_run_is_looked_at_as_often_as_it_can_change(store, monkeypatch, cores, hosted, times):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setenv("PLANTEDU_HOSTED", hosted)
    monkeypatch.setattr("app.session.learner", lambda: "a" * 20)
    first, second = (
        store.submit("ping", {"steps": n, "seconds": 0.0}, lane="training", learner="a" * 20)
        for n in (1, 2)
    )
    run = store.run(second)
    assert live_run.intervals(run) == (times * live_run.WAIT, None), "somebody is before it"
    assert live_run.intervals(store.run(first)) == (live_run.FIRST, None)
    assert live_run.intervals(replace(run, state="running")) == (live_run.FIRST, live_run.FIRST)
    going = replace(run, state="running", step=1)
    assert live_run.intervals(going) == (times * live_run.LOOK, times * live_run.DRAW)
    assert live_run.intervals(replace(run, state="done", step=1)) == (None, None)


@pytest.mark.parametrize("silence", [0, 60])
def test_who_watches_a_run_whose_worker_died_starts_another(
    open_page, store, token, workers, silence
):
    """The page of a replay asks for its lane by itself; no other page needs to be open."""
    request = {"recording": "cross-0", "speed": 1}
    run_id = store.submit("replay", request, lane="replay", learner=token, worker="replay-1-dead")
    with store.database.write() as link:
        link.execute("UPDATE runs SET heartbeat = heartbeat - ?", (silence,))
    open_page("02_training", run=run_id)
    assert ("replay" in workers) == bool(silence)


def two_of_them():
    import streamlit as st

    from app.live_run import follow

    for run_id in st.session_state["both"]:
        follow(run_id, lambda run: None)


@pytest.mark.usefixtures("workers")
def test_a_page_follows_several_runs(store, token):
    """Lesson 02 reads probes in two ways at once, and trains above them."""
    asked = [
        store.submit(kind, {"seed": 1}, lane="analysis", learner=token)
        for kind in ("probing", "readout")
    ]
    app = AppTest.from_function(two_of_them, default_timeout=60)
    app.session_state["both"] = asked
    app.query_params["learner"] = token
    app.run()
    assert not app.exception
    assert len([one for one in app.button if one.label == "Cancel"]) == 2
