"""A learner in a class: joins on Home, sees it on every page, leaves."""

import asyncio
import sqlite3

import pytest

from app import server
from plantedu.course.classes import Classes
from tests.app.conftest import text_of


@pytest.fixture
def classes(store):
    return Classes(store.path)


def join(app, code):
    app.text_input(key="class code").set_value(code)
    next(one for one in app.button if one.label == "Join").click()
    app.run()
    assert not app.exception, app.exception
    return app


def test_a_code_on_the_board_is_typed_on_home(open_page, classes, token):
    code, _ = classes.begin()
    app = join(open_page(), f" {code[:3].lower()} {code[3:]}")
    assert classes.of(token) == [code]
    assert f"You are in class {code}" in text_of(app)
    assert not app.text_input


def test_a_wrong_code_is_a_sentence(open_page, classes, token):
    assert "There is no class" in text_of(join(open_page(), "NOSUCH"))
    assert classes.of(token) == []


def test_membership_is_seen_on_every_page_and_left(open_page, classes, token):
    code, _ = classes.begin()
    app = open_page("03_bump", **{"class": code})
    app.run()
    app.button(key=f"leave {code} sign").click().run()
    assert not app.exception, app.exception
    assert classes.of(token) == []
    assert "class" not in app.query_params
    app.run()
    assert classes.of(token) == []  # a reload does not join again


def test_who_teaches_is_offered_no_class(open_page, classes):
    code, keeper = classes.begin()
    app = open_page("00_workshop", **{"class": code, "keeper": keeper})
    app.switch_page("views/00_home.py").run()
    assert not app.text_input


def test_a_running_server_ends_old_classes_by_itself(plantedu_home, monkeypatch):
    monkeypatch.setattr(server, "HOUR", 0.01)
    monkeypatch.setattr(server.config, "get_option", lambda _: True)  # headless
    path = plantedu_home / "plantedu.sqlite"
    code, _ = Classes(path, clock=lambda: 0.0).begin()

    def gone() -> bool:
        link = sqlite3.connect(path)
        found = link.execute("SELECT 1 FROM classes WHERE code = ?", (code,)).fetchone()
        link.close()
        return found is None

    async def serve() -> None:
        async with server.opened(None):
            for _ in range(200):
                if gone():
                    return
                await asyncio.sleep(0.02)

    assert not gone()
    asyncio.run(serve())
    assert gone()
