"""The page of lesson 06: labs show what is recorded beside its null, cells open, runs start."""

import json

import pytest

from app import session
from plantedu.topics.similarity.results.compare import CompareResult
from plantedu.topics.similarity.results.comparisons import COMPARISONS
from tests.app.conftest import text_of

NOT_ENCODERS = ("denoisers", "dictionaries", "cues", "reader-0")


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("06_similarity")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(
    ("lab", "said"),
    [
        ("Heat maps", "what one shuffle of the plants in twenty passes"),
        ("Two traps", "Dashed: 0, the truth"),
        ("Who notices?", "two seeds trained on the same"),
        ("Your own", "weights that never saw a leaf"),
    ],
)
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("name", [one.name for one in COMPARISONS])
def test_every_comparison_is_recorded_by_the_default_measure(name):
    found = CompareResult.from_json(session.results(f"06_{name}")["cka"])
    assert found.settings.shuffles == 199
    assert found.tables["value"].shape == (len(found.first), len(found.second))


def test_another_measure_and_another_cell_are_shown(open_lab):
    app = open_lab("Heat maps")
    app.selectbox(key="comparison").set_value("sensors").run()
    app.selectbox(key="measure").set_value("nbs").run()
    assert "normalised Bures similarity of 7 by 7" in text_of(app)
    app.selectbox(key="recorded sensors nbs first").set_value(0).run()
    assert not app.exception, app.exception
    assert "RGB pictures pixels" in text_of(app)


def test_a_slider_goes_over_the_checkpoints(open_lab):
    app = open_lab("Heat maps", comparison="stages")
    app.select_slider(key="recorded stages cka first").set_value(2).run()
    assert not app.exception, app.exception
    assert "How alike are step 150 and step 700" in text_of(app)


def test_what_is_not_recorded_says_what_is(open_lab):
    app = open_lab("Heat maps", comparison="stages", measure="pwcca")
    assert "not recorded; here are CKA, debiased" in "\n".join(one.value for one in app.info)


def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    for lab in ("Heat maps", "Two traps", "Who notices?"):
        assert len(open_lab(lab).info) >= 1


def test_only_encoders_are_offered(open_lab):
    box = open_lab("Your own").selectbox(key="first encoder")
    assert {"stages/0000", "supervised_rgb-0", "random:1001"} <= set(box.options)
    assert not [name for name in box.options if name.split("/")[0] in NOT_ENCODERS]


def test_a_comparison_of_ones_own_is_asked_for_and_shown(open_lab, store, token):
    app = open_lab("Your own")
    app.button(key="ask similarity own").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="similarity", learner=token)
    assert run.request["encoders"] == ["bump-0", "collapse-0"]
    store.lease("analysis", "tester")
    found = json.loads((session.RESULTS / "06_seeds.json").read_text())["cka"]
    whole = CompareResult.from_json(found).as_json()
    store.finish(run.id, whole)
    app.run()
    assert "Do two runs that differ in their seed" in text_of(app)


def test_the_page_names_every_control(open_page, open_lab):
    words = text_of(open_page("06_similarity"))
    for lab in ("Heat maps", "Two traps", "Who notices?", "Your own"):
        words += text_of(open_lab(lab))
    for control in session.lesson("06_similarity").controls:
        assert control in words, control
