"""The page that says what is kept: true, reached from Home, and it deletes after one question."""

from app import session
from plantedu.course.predictions import Predictions, is_token
from plantedu.course.progress import Progress
from tests.app.conftest import text_of

LESSON = session.lessons()[0]
ASKED = LESSON.predictions[0]


def page(open_page, store, token):
    Predictions(store.path).commit(token, LESSON.stem, ASKED, ASKED.keys[0], 0.7)
    Progress(store.path).solved(token, "01_pairs", "exercise")
    return open_page("00_privacy")


def learner_of(app):
    """The token in the address; a list or a word by who has written it."""
    found = app.query_params["learner"]
    return found if isinstance(found, str) else found[0]


def test_starting_again_keeps_the_key(open_page, store, token):
    app = page(open_page, store, token)
    app.button(key="start again").click().run()
    app.button(key="start again yes").click().run()
    assert not Progress(store.path).solved_by(token)
    assert learner_of(app) == token


def test_it_asks_once_and_deletes(open_page, store, token):
    app = page(open_page, store, token)
    app.button(key="delete my record").click().run()
    assert "is deleted" in app.warning[0].value
    app.button(key="delete my record no").click().run()
    assert Predictions(store.path).of(token)
    assert not app.warning
    app.button(key="delete my record").click().run()
    app.button(key="delete my record yes").click().run()
    assert not app.exception
    assert not Predictions(store.path).of(token)
    new = learner_of(app)
    assert is_token(new)
    assert new != token
    assert "Done" in app.success[0].value
    assert "0 answers and solved exercises" in text_of(app)


def test_home_leads_there_and_it_says_what_is_kept(open_page, store, token, monkeypatch):
    links = [one.proto.page for one in open_page().get("page_link")]
    assert "privacy" in links
    app = page(open_page, store, token)
    assert "2 answers and solved exercises" in text_of(app)
    assert "your own machine" in text_of(app)
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    assert "have not said how to reach" in text_of(app.run())
    monkeypatch.setenv("PLANTEDU_CONTACT", "course@example.org")
    assert "course@example.org" in app.run().text[0].value
