"""The page of lesson 07: every lab opens beside its null, and asks the worker once."""

import time

import pytest

from app import session
from plantedu.topics.spectrum.results.eigenvalues import SpectrumResult
from tests.app.conftest import text_of

LABS = {
    "From sensor to sensor": "Grey: random rotation",
    "Planted heads": "fitted way back",
    "Prototypes": "Marchenko-Pastur",
    "The head": "it has singular values and no eigenvalues",
    "Ranks along a run": "random init",
}


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("07_spectrum")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(("lab", "said"), LABS.items())
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("lab", LABS)
def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch, lab):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    assert len(open_lab(lab).info) >= 1


def test_the_page_names_every_control(open_page):
    words = text_of(open_page("07_spectrum"))
    for control in session.lesson("07_spectrum").controls:
        assert control in words, control


@pytest.mark.parametrize("run", ["Default run", "Bump run", "Its twin"])
def test_a_slider_goes_along_a_run(open_lab, run):
    app = open_lab("From sensor to sensor", **{"map run": run})
    slider = app.select_slider(key=f"map checkpoint {run}")
    before = text_of(app)
    slider.set_value(slider.options[0] if slider.value != slider.options[0] else slider.options[1])
    app.run()
    assert not app.exception, app.exception
    assert text_of(app) != before


def test_another_null_is_drawn_below_the_dots_within_a_second(open_lab):
    app = open_lab("From sensor to sensor")
    began = time.perf_counter()
    app.session_state["map cloud"] = "random-init encoder"
    app.run()
    assert "Grey: random-init encoder" in text_of(app)
    assert time.perf_counter() - began < 10, "one second is measured by benchmarks/spectrum_page.py"


@pytest.mark.parametrize(
    ("lab", "kind"),
    [
        ("From sensor to sensor", "spectrum"),
        ("Planted heads", "heads"),
        ("Prototypes", "prototypes"),
        ("The head", "jacobian"),
        ("Ranks along a run", "collapse"),
    ],
)
def test_a_button_asks_the_worker_once(open_lab, store, workers, lab, kind):
    app = open_lab(lab)
    button = next(one for one in app.button if str(one.key).startswith(f"ask {kind} own"))
    button.click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind=kind)
    assert run.lane == "analysis"
    assert "analysis" in workers
    assert "Waiting: it is next" in text_of(app)


def test_a_run_of_ones_own_can_be_measured_and_is_shown(open_lab, store, half_done):
    folder = store.folder(half_done) / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "step-000100.safetensors").write_bytes(b"x")
    app = open_lab("From sensor to sensor")
    chosen = f"run:{half_done}@100"
    assert app.selectbox(key="map source").value == chosen
    next(one for one in app.button if str(one.key).startswith("ask spectrum own")).click().run()
    (run,) = store.runs(kind="spectrum")
    assert run.request["checkpoint"] == chosen
    store.lease("analysis", "tester")
    store.finish(run.id, dict(session.results("07_maps")["cross-1 z"]), worker="tester")
    app.run()
    assert not app.exception, app.exception
    found = SpectrumResult.from_json(session.results("07_maps")["cross-1 z"])
    assert f"cross-1, z: {len(found.values)} eigenvalues" in text_of(app)
