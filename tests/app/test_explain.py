"""Explain names the answers: it opens when a page's predictions are locked, or at a click."""

from app import session
from app.page import ANSWERS
from plantedu.course.blocks import Text
from plantedu.course.lessons import DEEPER, lessons_in
from plantedu.course.predictions import Predictions
from plantedu.course.progress import Progress
from tests.app.conftest import MAIN, text_of

LESSON = next(one for one in lessons_in(MAIN.parents[1] / "lessons") if one.stem == "01_pairs")
WORDS = {
    heading: next(b.markdown for b in LESSON.sections[heading] if isinstance(b, Text))[:30]
    for heading in ANSWERS
}


def lock(store, token, predictions):
    for one in predictions:
        Predictions(store.path).commit(token, LESSON.stem, one, one.keys[0], 0.6)


def test_it_is_folded_until_every_prediction_is_locked(open_page, store, token):
    lock(store, token, LESSON.predictions[1:])
    app = open_page(LESSON.stem, folded=True)
    assert not [w for w in WORDS.values() if w in text_of(app)]
    lock(store, token, LESSON.predictions[:1])
    assert all(w in text_of(app.run()) for w in WORDS.values())


def test_who_opens_it_before_is_told_and_it_is_kept_with_the_answer(open_page, store, token):
    app = open_page(LESSON.stem, folded=True)
    app.button(key="explain anyway").click().run()
    assert all(w in text_of(app) for w in WORDS.values())
    assert "" in Progress(store.path).looked(token, LESSON.stem)
    asked = LESSON.predictions[0]
    app.radio(key=f"choice {asked.id}").set_value(asked.keys[0])
    next(b for b in app.button if b.label == "Lock my answer").click()
    app.run()
    assert Predictions(store.path).of(token, LESSON.stem)[asked.id].informed


def test_what_goes_deeper_opens_at_a_click_and_its_bets_keep_nothing_shut(open_page, store, token):
    lesson = session.lesson("03_bump")
    for one in lesson.bets("Predict"):
        Predictions(store.path).commit(token, lesson.stem, one, one.keys[0], 0.6)
    app = open_page(lesson.stem, folded=True)
    assert not [b for b in app.button if b.key == "explain anyway"]
    first = next(b.markdown for b in lesson.sections[DEEPER] if isinstance(b, Text))[:40]
    assert first not in text_of(app)
    app.session_state["go deeper"] = True
    assert first in text_of(app.run())
    assert "finds one more: *Before and after*" in text_of(app)
