"""Every page opens, follows its lesson, and answers to its controls."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from app import rendered_plants, session
from plantedu.course.lessons import HEADINGS
from plantedu.course.predictions import Predictions
from tests.app.conftest import MAIN, text_of

LABS = ("One plant", "All factors", "Partners", "Pipes", "Folder")


def images(app):
    return [image.alt for image in app.get("imgs") for image in image.proto.imgs]


@pytest.mark.parametrize("lesson", session.lessons(), ids=lambda lesson: lesson.stem)
def test_a_page_reads_in_the_order_of_its_lesson(open_page, lesson):
    app = open_page(lesson.stem)
    assert [title.value for title in app.title] == [lesson.title]
    assert [header.value for header in app.header] == [*HEADINGS, "Claim"]
    words = text_of(app)
    first = [tab.label for tab in app.tabs][:1] or ["Default"]
    for prediction in lesson.predictions:
        assert f"*{prediction.at}* (" in words
    asked = [one.question for one in lesson.predictions if one.at in first]
    assert all(question in words for question in asked[:1]), "one at a time"
    for exercise in lesson.exercises:
        assert f"{exercise.id} {exercise.title}" in words


def test_one_sitting_through_all_pages_and_back(workers, token):
    """Nothing that a page keeps for itself is taken for a value by a widget of another."""
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["learner"] = token
    app.run()
    stems = [lesson.stem for lesson in session.lessons()]
    for stem in [*stems, *reversed(stems)]:
        app.switch_page(f"views/{stem}.py").run()
        assert not app.exception, (stem, app.exception)


def test_home_says_what_this_is_and_maps_the_lessons(open_page):
    words = text_of(open_page())
    assert "rigorously" in words
    for lesson in session.lessons():
        assert f"{lesson.minutes} minutes · 0 of {len(lesson.predictions)} predictions" in words


def test_home_shows_a_first_result_at_once(open_page):
    app = open_page()
    before = text_of(app)
    assert before.count("mean change **0.00**") == 2
    app.slider(key="home bloom").set_value(1.0).run()
    assert not app.exception
    after = text_of(app)
    assert after.count("mean change **0.00**") == 1, "RGN must not see bloom, RGB must"
    assert "another shot of camera noise" in after


def test_home_shows_what_a_recorded_run_knows_only_after_a_prediction(open_page, recording, token):
    words = text_of(open_page())
    assert "the ln K line" in words
    assert "Probe for disease" not in words
    asked = session.lesson("02_training").predictions[0]
    assert asked.id == "disease_probe"
    Predictions().commit(token, "02_training", asked, asked.keys[0], 0.5)
    words = text_of(open_page())
    assert "Probe for disease, accuracy at step" in words
    assert "; shuffled labels 0." in words
    assert "the same probe on shuffled labels" in words


def test_home_continues_where_one_stopped(open_page):
    links = [link.value for link in open_page().get("page_link")]
    assert links[0].startswith("Start: Two cameras, one plant"), "the first button of a new learner"
    open_page("02_training")
    links = [link.value for link in open_page().get("page_link")]
    assert any(link.startswith("Continue: What does the encoder know") for link in links)


def test_knobs_that_come_back_empty_stand_at_their_defaults(open_page):
    """The browser's Back brought `None` and each slider's lowest end: KeyError: None."""
    app = open_page("02_training")
    app.get_by_key("prototypes").set_value(128).run()
    assert app.session_state["prototypes"] == 128, "a knob keeps what is chosen on its page"
    app.switch_page("views/00_home.py").run()
    app.session_state["size"], app.session_state["prototypes"] = None, 8
    app.query_params.pop("prototypes", None)
    app.switch_page("views/02_training.py").run()
    assert not app.exception, app.exception
    assert (app.session_state["size"], app.session_state["prototypes"]) == ("full", 64)


def test_pairs_sets_factors_and_counts_lesions(open_page):
    app = open_page("01_pairs", world="decoy")
    app.get_by_key("factor").set_value(["disease", "mark"]).run()
    app.get_by_key("do disease").set_value("healthy").run()
    app.get_by_key("do mark").set_value("present").run()
    assert not app.exception
    assert "**0** after do()" in text_of(app)


def open_labs(app):
    """The words of every tab of the lab, and the charts in them."""
    words, specs = [], []
    for lab in LABS:
        app.session_state["lab"] = lab
        app.run()
        assert not app.exception, app.exception
        words.append(text_of(app))
        specs += [chart.proto.spec for chart in app.get("vega_lite_chart")]
    return "\n".join(words), specs


def test_pairs_draws_every_null_that_its_lesson_names(open_page, monkeypatch):
    monkeypatch.setattr(rendered_plants, "FOLDER", {"pairs": 16, "size": 24})
    words, specs = open_labs(open_page("01_pairs"))
    for control in session.lesson("01_pairs").controls:
        assert control in words, control
    assert len(specs) == 4
    assert any("datum.kind == 'null'" in spec for spec in specs)
    assert "both sides" in words or "in Train" in words


def test_training_draws_every_null_that_its_lesson_names(open_page, half_done):
    app = open_page("02_training")
    words = text_of(app)
    for control in session.lesson("02_training").controls:
        assert control in words, control
    probe = next(c for c in app.get("vega_lite_chart") if "Probe for disease" in c.proto.alt)
    layers = json.loads(probe.proto.spec)["layer"]
    drawn = json.dumps(layers)
    for kind in ("probe", "null", "chance", "step 0"):
        assert f"datum.kind == '{kind}'" in drawn


def test_a_page_without_lesson_and_a_bad_token_are_survived(open_page):
    app = open_page("01_pairs", learner="'; drop table runs; --")
    assert app.query_params["learner"] != ["'; drop table runs; --"]
    assert app.title


@pytest.mark.parametrize("stem", ["03_bump", "08_attacks"])
def test_marks_for_tests_are_not_shown_in_solutions_either(open_page, stem):
    """Solutions quote results; their marks stood on the page as raw comments."""
    (lesson,) = (one for one in session.lessons() if one.stem == stem)
    assert any("<!--" in task.solution for task in lesson.exercises)
    assert "<!--" not in text_of(open_page(stem))
