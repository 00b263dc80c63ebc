"""The page of lesson 09: guess first, then what is recorded; mistakes are refused."""

import pytest

from app import session
from tests.app.conftest import text_of

LABS = {
    "Guess first": "Which is the trained one?",
    "Map a pair": "random weights",
    "Report": "changes",
    "Sensors and factors": "uniform map",
    "Randomise the weights": "random order",
}


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("09_attribution")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(("lab", "said"), list(LABS.items()))
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("lab", list(LABS))
def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch, lab):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    assert len(open_lab(lab).info) >= 1


def test_the_page_names_every_control(open_lab):
    words = text_of(open_lab("Guess first"))
    for control in session.lesson("09_attribution").controls:
        assert control in words, control


def test_guesses_are_locked_and_scored_once(open_lab):
    game = session.results("09_guess")["rounds"]
    app = open_lab("Guess first")
    assert "at random it would be" not in text_of(app)
    for k, one in enumerate(game):
        app.button_group(key=f"guess {k}").set_value(one["trained"].upper())
    next(b for b in app.button if b.label == "Lock my guesses").click().run()
    assert not app.exception, app.exception
    said = "\n".join(one.value for one in app.success)
    assert f"{len(game)} of {len(game)} guesses are correct" in said
    assert not [b for b in app.button if b.label == "Lock my guesses"]
    later = open_lab("Guess first")  # another session: after a reload, or a restart of the host
    assert "guesses are correct" in "\n".join(one.value for one in later.success)


def test_a_row_without_a_guess_is_asked_for(open_lab):
    app = open_lab("Guess first")
    next(b for b in app.button if b.label == "Lock my guesses").click().run()
    assert "every row" in "\n".join(one.value for one in app.warning)


@pytest.mark.parametrize(("lab", "kind"), [("Map a pair", "attribute"), ("Report", "attribution")])
def test_a_button_asks_the_worker_once(open_lab, store, workers, lab, kind):
    app = open_lab(lab)
    app.button(key=f"ask {kind} ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind=kind)
    assert run.lane == "analysis"
    assert "analysis" in workers


def test_what_is_asked_for_is_what_the_controls_say(open_lab, store):
    app = open_lab("Map a pair")
    app.selectbox(key="map network").set_value("cross-1").run()
    app.selectbox(key="map target").set_value("similarity")
    app.selectbox(key="map method").set_value("occlusion").run()
    app.selectbox(key="map reference").set_value("mean")
    app.slider(key="map window").set_value(12).run()
    app.button(key="ask attribute ").click().run()
    (run,) = store.runs(kind="attribute")
    asked = dict(run.request)
    assert (asked["network"], asked["target"]) == ("cross-1", "similarity")
    assert (asked["method"], asked["reference"], asked["window"]) == ("occlusion", "mean", 12)


def test_a_classifier_offers_classes_alone(open_lab):
    app = open_lab("Map a pair", **{"map network": "lesions-0"})
    assert app.selectbox(key="map target").options == ["class"]


def test_one_control_moves_the_report(open_lab):
    app = open_lab("Report")
    assert "*lesions* is used" in text_of(app)
    app.selectbox(key="recorded arm").set_value("mark").run()
    assert not app.exception, app.exception
    assert "was **not learned**" in text_of(app)


def test_a_finished_map_is_shown(open_lab, store):
    app = open_lab("Map a pair")
    app.button(key="ask attribute ").click().run()
    (run,) = store.runs(kind="attribute")
    found = dict(session.results("09_attribute"))
    found.pop("command")
    found["output"] = "class 1, a name of its own"
    store.lease("analysis", "tester")
    store.finish(run.id, found)
    app.run()
    assert "a name of its own" in text_of(app)
