"""The page of who teaches: begin, watch, keep, delete; and a learner who comes with a code."""

import pytest

from app import session
from plantedu.course.classes import Classes
from plantedu.course.predictions import Predictions, new_token
from tests.app.conftest import text_of


@pytest.fixture
def classes(store):
    return Classes(store.path)


def begun(open_page):
    app = open_page("00_workshop")
    app.button(key="begin class").click().run()
    assert not app.exception, app.exception
    return app, *app.session_state["kept class"]


def test_the_plan_stands_on_the_page_and_nothing_is_stored_by_looking(open_page, classes):
    words = text_of(open_page("00_workshop"))
    assert "Begin a class" in words or "A class has a code" in words
    assert "The plan" in words
    assert classes.of(new_token()) == []


def test_a_class_is_watched_and_deleted_with_one_click(open_page, classes, store):
    app, code, keeper = begun(open_page)
    asked = session.lesson("01_pairs").predictions[0]
    made = Predictions(store.path)
    for _ in range(5):
        token = new_token()
        classes.join(code, token)
        made.commit(token, "01_pairs", asked, asked.keys[0], 0.7)
    app.run()
    words = text_of(app)
    assert f"Class {code}" in words
    assert "5 in class" in words
    assert "n = 5, mean confidence 70%" in words
    app.toggle(key="class told").set_value(True).run()
    assert not app.exception, app.exception
    app.button(key="delete class").click().run()
    assert not app.exception, app.exception
    assert not classes.keeps(code, keeper)
    assert "A class has a code" in text_of(app)


def test_few_answers_are_not_shown(open_page, classes):
    app, code, _ = begun(open_page)
    classes.join(code, new_token())
    app.run()
    assert "shown from 5 on" in text_of(app)


def test_a_learner_joins_by_the_address(open_page, classes, token):
    code, _ = classes.begin()
    open_page("", **{"class": code})
    assert classes.of(token) == [code]


def test_a_code_that_does_not_exist_is_a_sentence_and_no_end(open_page, classes, token):
    app = open_page("", **{"class": "NOSUCH"})
    assert "There is no class" in text_of(app)
    assert "plantedu" in text_of(app)
    assert classes.of(token) == []


def test_another_key_opens_no_class(open_page, classes):
    code, _ = classes.begin()
    app = open_page("00_workshop", **{"class": code, "keeper": new_token()})
    assert "holds no class that is still there" in text_of(app)
