"""Buttons of readout, of the objectives and of the diagnosis: asked as a job, drawn with the null,
kept on reload."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from app.experiment import otherwise
from plantedu.shipped_files import results
from plantedu.statistics.evidence import Evidence
from plantedu.topics.probing.results.readout import ProbeScore, ReadoutResult
from tests.app.conftest import text_of
from tests.app.printed_commands import commands_in, fault_of


def readout_page():
    from app.labs.probing.readout import readout

    readout()


def diagnosis_page():
    from app.labs.bump.clinic import worth

    worth()


def rulers_page():
    from app.labs.bump.fork import rulers

    rulers()


def settings_page():
    from app.labs.probing.settings import probe_settings

    probe_settings()


def map_page():
    from app.labs.family.embedding import atlas

    atlas()


def read_once():
    score = Evidence(question="?", value=0.7, null=0.3, control="shuffled labels", n=8)
    one = ProbeScore("disease", "rgb", "h", "accuracy", score, (score,), (0.5, 0.6), 0.3, 0.4)
    return ReadoutResult((one,)).as_json()


def kept(name):
    found = json.loads((results() / f"{name}.json").read_text())
    return {key: value for key, value in found.items() if key != "command"}


@pytest.mark.parametrize(
    ("page", "kind", "found", "null"),
    [
        (readout_page, "readout", read_once, "shuffled labels"),
        (diagnosis_page, "clinic", lambda: kept("03_clinic"), "shuffled causes"),
        (settings_page, "probing", lambda: kept("02_probing")["bloom"], "control task"),
        (map_page, "embedding", lambda: kept("04_embedding")["maps"]["h-30"], "shuffled labels"),
        (rulers_page, "rulers", lambda: kept("03_rulers"), "random-init weights"),
    ],
)
def test_a_result_of_ones_own_is_drawn_with_its_null_and_kept(
    page, kind, found, null, store, token, workers
):
    def opened():
        app = AppTest.from_function(page, default_timeout=60)
        app.query_params["learner"] = token
        app.run()
        assert not app.exception, app.exception
        return app

    app = opened()
    before = len(app.get("vega_lite_chart"))
    app.button(key=f"ask {kind} ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind=kind)
    assert run.lane == "analysis"
    store.lease("analysis", "tester")
    store.finish(run.id, json.loads(json.dumps(found())), worker="tester")
    for _ in range(2):
        app = opened()
        assert len(app.get("vega_lite_chart")) > before
        assert null in text_of(app)


def test_a_result_says_where_it_is_not_of_the_controls(store, token, workers):
    """After a reload the controls stand at their defaults, and the result is of before."""
    request = {"checkpoints": ["cross-1"], "factors": ["bloom", "disease"]}
    run_id = store.submit("readout", request, lane="analysis", learner=token)
    store.lease("analysis", "tester")
    store.finish(run_id, read_once(), worker="tester")
    app = AppTest.from_function(readout_page, default_timeout=60)
    app.query_params["learner"] = token
    app.run()
    assert "checkpoints **cross-1** (above: cross-0)" in text_of(app)
    assert "factors **bloom, disease** (above: disease)" in text_of(app)
    (printed,) = [code.value for code in app.get("code")]
    assert printed.startswith("python -m plantedu probing readout cross-1 --probe-seeds 3")
    assert "--factors bloom disease" in printed
    assert fault_of(printed) == ""
    app.get_by_key("readout encoder").set_value("cross-1")
    app.get_by_key("readout factors").set_value(["bloom", "disease"]).run()
    assert "of other settings" not in text_of(app)


def test_a_result_stands_in_the_address_and_says_what_it_was_asked_with(store, token, workers):
    asked = [{"checkpoints": [name], "factors": ["disease"]} for name in ("cross-1", "cross-0")]
    runs = [store.submit("readout", one, lane="analysis", learner=token) for one in asked]
    for run in runs:
        store.lease("analysis", "tester")
        store.finish(run, read_once(), worker="tester")
    app = AppTest.from_function(readout_page, default_timeout=60)
    app.query_params["learner"] = token
    assert "Asked with checkpoints cross-0, factors disease;" in text_of(app.run())
    app.query_params["result"] = runs[0]
    app = app.run()
    assert "Asked with checkpoints cross-1, factors disease;" in text_of(app), "a link to it"
    app.button(key="ask readout ").click().run()
    assert app.query_params["result"] not in ([runs[0]], runs[0])


@pytest.mark.parametrize(
    ("view", "tab", "kind", "result"),
    [
        ("06_similarity", "Your own", "similarity", lambda: kept("06_random")["cka"]),
        ("08_attacks", "Attack a pair", "attack", lambda: kept("08_attack")),
        ("09_attribution", "Map a pair", "attribute", lambda: kept("09_attribute")),
    ],
)
def test_two_results_stand_side_by_side(open_page, store, token, view, tab, kind, result):
    first, second = (
        store.submit(kind, {"seed": k}, lane="analysis", learner=token, worker="w") for k in (1, 2)
    )
    for run in (first, second):
        store.finish(run, json.loads(json.dumps(result())), worker="w")
    app = open_page(view, result=first)
    app.session_state["lab"] = tab
    app.run()
    alone = len(app.get("vega_lite_chart"))
    key = "own" if kind == "similarity" else ""
    slot = f"asked {kind} {key}"
    app.session_state[slot] = first
    app.run().button(key=f"pin {slot}").click().run()
    app.session_state[slot] = second
    app.run()
    assert not app.exception, app.exception
    assert "Asked with seed 1;" in text_of(app)
    assert "Asked with seed 2;" in text_of(app)
    assert len(app.get("vega_lite_chart")) > alone - 1
    app.button(key=f"unpin {slot}").click().run()
    assert "Asked with seed 1;" not in text_of(app)


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ({"factors": ["a"]}, {"factors": ("a",)}),
        ({"amount": 2.0, "more": 1}, {"amount": 2.0}),
        ({}, {"plants": 3}),
    ],
)
def test_settings_that_were_stored_are_the_same(shown, asked):
    assert otherwise(shown, asked) == ""


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("python -m plantedu probing readout cross-0 --factors disease", ""),
        ("python -m experiments.spectrum maps", ""),
        ("python -m plantedu kept", "old name"),
        ("python -m plantedu generation kept", "no method"),
        ("python -m plantedu bump objectives --nothing 3", "Unrecognized"),
        ("python -m experiments.nothing", "no module"),
    ],
)
def test_a_command_that_would_not_run_is_found(command, said):
    assert commands_in(f"{command}\n# a comment") == [command]
    assert said in fault_of(command)
    assert bool(said) == bool(fault_of(command))
