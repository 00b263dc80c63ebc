"""The page of who teaches: begin, watch, keep, delete; and a learner who comes with a code."""

import pytest

from app import session
from plantedu.course.classes import Classes
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.progress import Progress
from plantedu.course.projection import Projection, Stage
from tests.app.conftest import text_of


@pytest.fixture
def classes(store):
    return Classes(store.path)


def begun(open_page):
    app = open_page("00_workshop")
    app.button(key="begin class").click().run()
    assert not app.exception, app.exception
    return app, *app.session_state["kept class"]


def locked(classes, store, code, count, *, lesson="01_pairs", k=0):
    asked, made = session.lesson(lesson).predictions[k], Predictions(store.path)
    for _ in range(count):
        token = new_token()
        classes.join(code, token)
        made.commit(token, lesson, asked, asked.keys[0], 0.7)
    return asked


def test_the_plan_stands_on_the_page_and_nothing_is_stored_by_looking(open_page, classes):
    words = text_of(open_page("00_workshop"))
    assert "Begin a class" in words or "A class has a code" in words
    assert "The plan" in words
    assert classes.of(new_token()) == []


def test_a_class_is_watched_and_deleted_when_asked_twice(open_page, classes, store):
    app, code, keeper = begun(open_page)
    locked(classes, store, code, 4)
    app.run()
    words = text_of(app)
    assert f"Class {code}" in words
    assert "4 in class" in words
    assert "4 of 4 locked" in words
    assert "Shares of the 4 who had locked. Mean confidence 70%" in words
    locked(classes, store, code, 1)
    assert "Shares of the 4 who had locked; 5 have locked by now." in text_of(app.run())
    app.toggle(key="class right answers").set_value(True).run()
    assert not app.exception, app.exception
    assert classes.keeps(code, keeper)
    app.button(key="delete class").click().run()
    assert not app.exception, app.exception
    assert not classes.keeps(code, keeper)
    assert "A class has a code" in text_of(app)


def test_few_answers_are_not_shown(open_page, classes, store):
    app, code, _ = begun(open_page)
    locked(classes, store, code, 2)
    words = text_of(app.run())
    assert "Votes are shown from 3 people on" in words
    assert "2 of 2 locked" in words
    assert "Shares of" not in words


def test_the_key_survives_a_walk_through_the_course(open_page, classes, token):
    code, keeper = classes.begin()
    app = open_page("00_workshop", **{"class": code, "keeper": keeper})
    assert f"Class {code}" in text_of(app)
    app.switch_page("views/03_bump.py")
    app.query_params.clear()
    app.query_params["learner"] = token
    app.run()
    app.switch_page("views/00_workshop.py")
    app.query_params.clear()
    app.run()
    assert f"Class {code}" in text_of(app)
    assert app.query_params["keeper"] == keeper  # so that a reload keeps it too
    assert classes.of(token) == []


def test_who_teaches_is_not_counted(open_page, classes, token):
    code, keeper = classes.begin()
    classes.join(code, token)
    app = open_page("00_workshop", **{"class": code, "keeper": keeper})
    assert "0 in class" in text_of(app)
    assert classes.of(token) == []


def test_a_teacher_leads_the_wall(open_page, classes, store):
    app, code, keeper = begun(open_page)
    asked = session.lesson("01_pairs").predictions[0]
    wall = Projection(store.path)
    app.selectbox(key="wall question 01_pairs").set_value(asked.id).run()
    assert wall.stage(code) == Stage("01_pairs", asked.id)
    app.toggle(key=f"wall votes {asked.id}").set_value(True).run()
    app.button(key="wall timer 2").click().run()
    stage = wall.stage(code)
    assert (stage.votes, stage.answer) == (True, False)
    assert 110 < wall.seconds_left(stage) <= 120
    app.run()
    assert wall.stage(code) == stage
    app.button(key="wall no timer").click().run()
    other = session.lesson("01_pairs").predictions[1]
    app.selectbox(key="wall question 01_pairs").set_value(other.id).run()
    assert wall.stage(code) == Stage("01_pairs", other.id)  # its votes are hidden again
    again = open_page("00_workshop", **{"class": code, "keeper": keeper})
    assert wall.stage(code) == Stage("01_pairs", other.id)  # a reload changes nothing
    assert again.selectbox(key="wall question 01_pairs").value == other.id


def test_where_a_class_is_stuck_is_shown_without_names(open_page, classes, store):
    app, code, _ = begun(open_page)
    for _ in range(4):
        token = new_token()
        classes.join(code, token)
        Progress(store.path).opened(token, "03_bump")
    app.run()
    table = app.dataframe[0].value
    assert table["people"].tolist() == ["3 or more"]
    assert table["page"].tolist()[0].startswith("03 ")


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
