"""One loop in one place: bet above, result folded until it is locked, reveal below."""

import pytest

from app import session
from app.bets import OPEN
from app.folding import WAITS
from plantedu.course.predictions import Predictions
from plantedu.course.progress import Progress
from tests.app.conftest import text_of

LESSONS = [one for one in session.lessons() if any(asked.at for asked in one.predictions)]
RAW = {*OPEN, "The curve"}  # what is asked about is itself drawn there
PRESETS = {"Default", "Shared light"}  # of lesson 02, which has no tabs


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.stem)
def test_every_bet_stands_in_its_tab_and_its_result_is_folded(open_page, lesson):
    app = open_page(lesson.stem, folded=True)
    tabs = [tab.label.partition(". ")[2] or tab.label for tab in app.tabs]
    assert {one.at for one in lesson.predictions if one.at} <= {*tabs, *PRESETS}
    assert {place for one in lesson.predictions for place in one.also} <= {*tabs}
    for place in dict.fromkeys(one.at for one in lesson.predictions):
        if tabs:
            app.session_state["lab"] = place
        else:
            app.session_state["data"] = "shared_light" if place == "Shared light" else "field"
        app.run()
        assert not app.exception, app.exception
        asked = [one for one in lesson.predictions if one.at == place]
        here = {radio.key for radio in app.radio if str(radio.key).startswith("choice ")}
        assert here == {f"choice {asked[0].id}"}, "one at a time"
        offered = [button for button in app.button if button.key == f"anyway {place}"]
        shown = bool(tabs) and place not in OPEN
        assert bool(offered) == shown, "lesson 02 has nothing recorded to show"
        drawn = [chart.proto.alt[:60] for chart in app.get("vega_lite_chart")]
        assert not drawn or place in RAW, (place, drawn)


def test_the_bets_of_a_tab_are_asked_one_at_a_time(open_page):
    app = open_page("06_similarity", folded=True)
    first, second = (
        one for one in session.lesson("06_similarity").predictions if one.at == "Heat maps"
    )
    app = lock(app, first)
    assert [r.key for r in app.radio if str(r.key).startswith("choice")] == [f"choice {second.id}"]
    assert WAITS in text_of(app), "one of two is locked"
    assert WAITS not in text_of(lock(app, second))


def open_failure_modes(open_page):
    app = open_page("06_similarity", folded=True)
    app.session_state["lab"] = "Two traps"
    return app.run()


def lock(app, asked):
    app.radio(key=f"choice {asked.id}").set_value(asked.keys[0])
    button = next(b for b in app.form_submit_button if b.form_id == f"predict {asked.id}")
    return button.click().run()


def test_a_locked_bet_opens_the_result_and_the_reveal_stands_below(open_page, token, store):
    asked = next(o for o in session.lesson("06_similarity").predictions if o.id == "noise")
    app = open_failure_modes(open_page)
    assert WAITS in text_of(app)
    assert not app.get("vega_lite_chart")
    app = lock(app, asked)
    assert app.get("vega_lite_chart")
    own = {"biased": {"2048": {"value": 0.9, "null": 0.02, "control": "debiased CKA"}}}
    run = store.submit("traps", {}, lane="analysis", learner=token, worker="w")
    store.finish(run, own, worker="w")
    app.button(key=f"reveal {asked.id}").click().run()
    words = text_of(app)
    assert f"Your run `{run}`: **.90**; debiased CKA .020." in words
    assert "Recorded: **.95**" in words
    assert not Predictions(store.path).of(token, "06_similarity")["noise"].informed


def test_shown_anyway_is_kept_with_that_bet_alone(open_page, token, store):
    lesson = session.lesson("06_similarity")
    first, other = (next(o for o in lesson.predictions if o.id == i) for i in ("noise", "notices"))
    app = open_failure_modes(open_page)
    app.button(key="anyway Two traps").click().run()
    assert app.get("vega_lite_chart")
    assert Progress(store.path).looked(token, "06_similarity") == {"noise"}
    lock(app, first)
    app.session_state["lab"] = "Who notices?"
    lock(app.run(), other)
    made = Predictions(store.path).of(token, "06_similarity")
    assert (made["noise"].informed, made["notices"].informed) == (True, False)


def test_a_tab_that_answers_a_bet_of_another_waits_for_it_too(open_page):
    """The report of lesson 08 draws the share under both sensors, which Attack a pair asks."""
    app = open_page("08_attacks", folded=True)
    app.session_state["lab"] = "Report"
    app.run()
    assert WAITS in text_of(app)
    assert "answers a bet of *Attack a pair*" in text_of(app)
    assert not app.get("vega_lite_chart")
    app.session_state["lab"] = "Attack a pair"
    lock(app.run(), next(o for o in session.lesson("08_attacks").predictions if o.id == "both"))
    app.session_state["lab"] = "Report"
    app.run()
    assert app.get("vega_lite_chart")
