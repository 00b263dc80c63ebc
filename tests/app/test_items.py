"""Predictions stay locked, are revealed and scored; exercises are judged."""

from app import session
from plantedu.course.answers import Context, settle
from plantedu.course.predictions import Predictions
from tests.app.conftest import text_of

LESSON = session.lesson("01_pairs")
ASKED = LESSON.predictions[0]
SUBMIT = "FormSubmitter:predict {}-Lock my answer"


def lock(app, choice, sure):
    app.radio(key=f"choice {ASKED.id}").set_value(choice)
    app.slider(key=f"sure {ASKED.id}").set_value(sure)
    button = next(b for b in app.form_submit_button if b.form_id == f"predict {ASKED.id}")
    button.click().run()
    assert not app.exception, app.exception
    return app


def test_a_commitment_is_locked_and_survives_a_reload(open_page, token):
    app = lock(open_page("01_pairs"), ASKED.keys[0], 80)
    assert "(80% sure)" in text_of(app)
    made = Predictions().of(token, "01_pairs")[ASKED.id]
    assert (made.choice, made.confidence, made.answer) == (ASKED.keys[0], 0.8, None)
    again = open_page("01_pairs")
    assert "(80% sure)" in text_of(again)
    assert not [radio for radio in again.radio if radio.key == f"choice {ASKED.id}"]


def test_a_guess_scores_like_a_guess(open_page, token):
    lock(open_page("01_pairs"), ASKED.keys[1], round(100 / len(ASKED.options)))
    made = Predictions().of(token, "01_pairs")[ASKED.id]
    assert made.confidence == 1 / len(ASKED.options)


def test_nothing_chosen_is_no_commitment(open_page, token):
    app = open_page("01_pairs")
    next(b for b in app.form_submit_button if b.form_id == f"predict {ASKED.id}").click().run()
    assert any("Choose one" in warning.value for warning in app.warning)
    assert Predictions().of(token, "01_pairs") == {}


def test_the_answer_is_computed_scored_and_explained(open_page, token):
    right = settle(ASKED, Context(session.RESULTS)).key
    wrong = next(key for key in ASKED.keys if key != right)
    app = lock(open_page("01_pairs", folded=True), wrong, 90)
    assert ASKED.explanations[right] not in text_of(app), "shown before it was asked for"
    app.button(key=f"reveal {ASKED.id}").click().run()
    words = text_of(app)
    for explanation in ASKED.explanations.values():
        assert explanation in words
    made = Predictions().of(token, "01_pairs")[ASKED.id]
    assert made.answer == right
    assert f"Your Brier score: {made.score:.2f}. Guessing evenly scores {made.even:.2f}" in words


def test_results_that_are_not_there_are_a_sentence(open_page, token, tmp_path, monkeypatch):
    monkeypatch.setattr("app.session.RESULTS", tmp_path)
    app = lock(open_page("01_pairs"), ASKED.keys[0], 50)
    app.button(key=f"reveal {ASKED.id}").click().run()
    assert any("not measured here yet" in info.value for info in app.info)
    assert Predictions().of(token, "01_pairs")[ASKED.id].answer is None


def test_an_exercise_is_judged_and_counted(open_page):
    task = next(t for t in LESSON.exercises if t.id == "01.1")
    app = open_page("01_pairs")

    def answer(text):
        app.text_input(key=f"given {task.id}").set_value(text)
        next(b for b in app.form_submit_button if b.form_id == f"answer {task.id}").click().run()

    answer("bloom")
    assert any("\u201cbloom\u201d is not the answer" in warning.value for warning in app.warning)
    answer("")
    assert any("no answer yet" in warning.value for warning in app.warning)
    answer("Mesophyll")
    assert app.success
    assert f"1 of {len(LESSON.tasks)} exercises" in text_of(open_page())


def test_every_prediction_and_exercise_has_its_computation():
    from plantedu.course.checks import find_check

    for lesson in session.lessons():
        assert all(settle(one, Context(session.RESULTS)).key for one in lesson.predictions)
        assert all(find_check(task).prompt for task in lesson.exercises)


def test_a_run_check_offers_the_learners_runs(open_page, half_done):
    app = open_page("02_training")
    boxes = [box for box in app.selectbox if box.key and box.key.startswith("given")]
    assert boxes
    assert all(any(half_done in option for option in box.options) for box in boxes)
