"""The page of lesson 01: each measurement is asked of the worker, drawn, and kept on reload."""

from types import SimpleNamespace

import pytest

from plantedu.jobs.jobs import job_for
from plantedu.store.work import Work
from tests.app.conftest import text_of


@pytest.mark.parametrize(
    ("lab", "kind", "null"),
    [
        ("All factors", "sight", "another shot of camera noise"),
        ("Partners", "partners", "bands shuffled"),
        ("Pipes", "pipe", "the first view, which comes from X1"),
    ],
)
def test_a_button_measures_in_the_chosen_world_and_a_reload_keeps_it(
    open_page, store, lab, kind, null
):
    app = open_page("01_pairs", world="calm")
    app.session_state["lab"] = lab
    app.run()
    assert null in text_of(app)
    assert "world calm" not in text_of(app)
    app.button(key=f"ask {kind} ").click().run()
    run = store.lease("analysis", "tester")
    found = job_for(kind)(Work(store, run, SimpleNamespace(wish="")))
    store.finish(run.id, found, worker="tester")
    for _ in range(2):
        app = open_page("01_pairs", world="calm")
        app.session_state["lab"] = lab
        app.run()
        assert not app.exception, app.exception
        assert null in text_of(app)
        assert "calm" in text_of(app)
        assert app.get("vega_lite_chart")
        assert "step 1 of 1" not in text_of(app), "a full bar beside the word done says nothing"
        assert not [bar for bar in app.get("progress") if "step" in bar.proto.text]
