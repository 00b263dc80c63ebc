"""The page of lesson 08: every lab shows what is recorded, asks the worker, refuses mistakes."""

import pytest

from app import session
from tests.app.conftest import text_of

LABS = {
    "Attack a pair": "random noise of the same size",
    "Report": "noise",
    "Transfer": "null: noise",
    "Does the other notice?": "The detector turns away",
    "Shortcut": "twin",
    "Is the attack any good?": "random pictures on the border",
}
KINDS = ("attack", "robustness", "transfer", "agreement", "shortcut", "active")


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("08_attacks")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


@pytest.mark.parametrize(("lab", "said"), list(LABS.items()))
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("lab", ["Attack a pair", "Report"])
def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch, lab):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    assert len(open_lab(lab).info) >= 1


def test_the_page_names_every_control(open_lab):
    words = "".join(text_of(open_lab(lab)) for lab in LABS)
    for control in session.lesson("08_attacks").controls:
        assert control in words, control


@pytest.mark.parametrize(("lab", "kind"), list(zip(LABS, KINDS, strict=True)))
def test_a_button_asks_the_worker_once(open_lab, store, workers, lab, kind):
    app = open_lab(lab)
    app.button(key=f"ask {kind} ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind=kind)
    assert run.lane == "analysis"
    assert "analysis" in workers


def test_what_is_asked_for_is_what_the_controls_say(open_lab, store):
    app = open_lab("Attack a pair")
    app.selectbox(key="attack network").set_value("cross-1")
    app.selectbox(key="attack where").set_value("rgn")
    app.selectbox(key="attack goal").set_value("breakaway")
    app.slider(key="attack radius").set_value(8.0)
    app.toggle(key="attack alarms").set_value(True).run()
    app.button(key="ask attack ").click().run()
    (run,) = store.runs(kind="attack")
    asked = dict(run.request)
    assert (asked["network"], asked["where"], asked["goal"]) == ("cross-1", "rgn", "breakaway")
    assert asked["radius"] == pytest.approx(8 / 255)
    assert asked["alarms"]


def test_a_network_without_an_embedding_offers_no_goal_of_one(open_lab):
    app = open_lab("Attack a pair", **{"attack network": "supervised_both-0"})
    assert len(app.selectbox(key="attack goal").options) == 3


def test_an_impossible_choice_is_a_sentence(open_lab):
    app = open_lab("Attack a pair", **{"attack norm": "l2_pair", "attack where": "rgb"})
    assert not [one for one in app.button if one.key == "ask attack "]
    assert "one radius" in "\n".join(one.value for one in app.warning)


def test_a_ringing_alarm_is_shown_loudly(open_lab, store):
    app = open_lab("Attack a pair")
    app.button(key="ask attack ").click().run()
    (run,) = store.runs(kind="attack")
    found = dict(session.results("08_attack"))
    found.pop("command")
    found["notes"] = ["100% of the slopes are exactly zero"]
    found["signs"] = [{"name": "zero slopes", "rings": True, "says": "100% are 0"}]
    store.lease("analysis", "tester")
    store.finish(run.id, found)
    app.run()
    assert "Alarm: zero slopes" in "\n".join(one.value for one in app.error)
    made_by = [one.value for one in app.code if "attacks attack-pairs" in one.value]
    assert made_by, "a result without a curve, too, says its command"
    assert "exactly zero" in "\n".join(one.value for one in app.warning)
