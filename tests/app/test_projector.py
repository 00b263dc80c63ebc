"""The wall: no key, no learner, no sidebar; votes and answer only when the teacher shows them."""

import re
import sqlite3
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app import address, session
from app.projector import qr
from plantedu.course.classes import Classes
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.projection import Projection, Stage
from tests.app.conftest import MAIN, text_of

LESSON = "01_pairs"


@pytest.fixture
def classes(store):
    return Classes(store.path)


@pytest.fixture
def wall(store):
    return Projection(store.path)


@pytest.fixture
def look(workers, monkeypatch):
    """Opens the wall of a class as a browser with nothing else in its address."""
    monkeypatch.setattr(address, "on_wall", lambda: True)

    def look(code):
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.run()
        app.switch_page("views/00_projector.py")
        app.query_params.clear()
        app.query_params["class"] = code
        app.run()
        assert not app.exception, app.exception
        return app

    return look


def asked_of(classes, wall, store, people):
    code, keeper = classes.begin()
    asked = session.lesson(LESSON).predictions[0]
    for k in range(people):
        token = new_token()
        classes.join(code, token)
        if k < people - 1:
            Predictions(store.path).commit(token, LESSON, asked, asked.keys[0], 0.7)
    stage = Stage(LESSON, asked.id)
    wall.put(code, keeper, stage)
    return code, keeper, asked, stage


def test_a_question_shows_how_many_have_locked_and_nothing_else(look, classes, wall, store):
    code, _, asked, _ = asked_of(classes, wall, store, 7)
    app = look(code)
    words = text_of(app)
    assert asked.question.split()[0] in words
    assert "6 of 7 locked" in words
    assert f"Lesson 01 Two cameras, one plant, tab *{asked.at}*" in words
    assert "Right" not in words
    assert not app.get("vega_lite_chart")
    assert len(app.button) == len(app.toggle) == len(app.selectbox) == 0
    for text in asked.explanations.values():
        assert text not in words


def test_votes_and_answer_come_when_the_teacher_shows_them(look, classes, wall, store):
    code, keeper, _, stage = asked_of(classes, wall, store, 7)
    wall.put(code, keeper, replace(stage, votes=True))
    words = text_of(look(code))
    assert "Shares of the 6 who had locked" in words
    assert "Right" not in words
    wall.put(code, keeper, replace(stage, answer=True))
    words = text_of(look(code))
    assert words.count(":material/check_circle: **Right:**") == 1
    wall.put(code, keeper, replace(stage, votes=True, answer=True))
    assert "**Right:**" not in text_of(look(code)), "said once, in the chart: a screen is low"
    assert "Right:" in next(chart.proto.alt for chart in look(code).get("vega_lite_chart"))


def test_votes_of_two_people_are_not_shown(look, classes, wall, store):
    code, keeper, _, stage = asked_of(classes, wall, store, 3)
    wall.put(code, keeper, replace(stage, votes=True))
    app = look(code)
    assert "Shown from 3 people on" in text_of(app)
    assert not app.get("vega_lite_chart")


def test_a_timer_and_the_calibration_of_the_class(look, classes, wall, store):
    code, keeper, asked, stage = asked_of(classes, wall, store, 4)
    wall.put(code, keeper, replace(stage, ends=wall.timer(2)))
    shown = re.search(r":material/timer: \*\*(\d):(\d\d)", text_of(look(code)))
    assert shown is not None
    assert 0 < 60 * int(shown[1]) + int(shown[2]) <= 120  # however long the look took
    wall.put(code, keeper, replace(stage, calibration=True))
    assert "Shown once 3 people" in text_of(look(code))
    made = Predictions(store.path)
    for token in tokens_of(store, code):
        if made.of(token):
            made.reveal(token, LESSON, asked.id, asked.keys[0])
    words = text_of(look(code))
    assert "Mean confidence **70%**" in words
    assert "3 answers to 1 question." in words


def tokens_of(store, code):
    link = sqlite3.connect(store.path)
    rows = link.execute("SELECT learner FROM members WHERE class = ?", (code,)).fetchall()
    link.close()
    return [learner for (learner,) in rows]


def test_the_wall_makes_no_learner_and_joins_nobody(look, classes, wall, store):
    code, _, _, _ = asked_of(classes, wall, store, 3)
    app = look(code)
    assert "learner" not in app.query_params
    assert "keeper" not in app.query_params
    assert classes.size(code) == 3
    assert "There is no class" in text_of(look("NOSUCH"))


def test_a_qr_code_is_dark_on_white():
    drawn = qr("http://192.0.2.7:8501/?class=ABCDEF")
    assert drawn.startswith("<svg")
    assert "#fff" in drawn
    assert "#000" in drawn


@pytest.mark.parametrize(
    ("seen", "listens", "room"),
    [
        ("http://127.0.0.1:8501/workshop?class=A", "0.0.0.0", "http://192.0.2.7:8501"),
        ("http://localhost:8501/course/workshop", "0.0.0.0", "http://192.0.2.7:8501/course"),
        ("http://0.0.0.0:8501/projector", None, "http://192.0.2.7:8501"),
        ("http://[::1]:8501/", "::", "http://192.0.2.7:8501"),
        ("http://127.8.0.1/workshop", "0.0.0.0", "http://192.0.2.7"),
        ("https://course.example.org/workshop", "0.0.0.0", "https://course.example.org"),
        ("http://127.0.0.1:8501/workshop", "127.0.0.1", "http://127.0.0.1:8501"),
    ],
)
def test_the_rooms_address_is_one_that_others_can_open(monkeypatch, seen, listens, room):
    class Context:
        url = seen

    monkeypatch.delenv("PLANTEDU_ADDRESS", raising=False)
    monkeypatch.setattr(address.st, "context", Context)
    monkeypatch.setattr(address.config, "get_option", lambda name: listens)
    monkeypatch.setattr(address.net_util, "get_internal_ip", lambda: "192.0.2.7")
    assert address.room() == room
    monkeypatch.setenv("PLANTEDU_ADDRESS", "https://rice.example.org/")
    assert address.room() == "https://rice.example.org"
