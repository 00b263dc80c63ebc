"""Commitments are final, survive a restart, and are scored by Brier's rule."""

import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from plantedu.course.blocks import Prediction
from plantedu.course.predictions import Predictions, is_token, new_token
from plantedu.errors import PlantEduError

ASKED = Prediction("first", "Will it?", (("yes", "y"), ("no", "n"), ("well", "w")), {}, "known")


@pytest.fixture
def book(tmp_path):
    return Predictions(tmp_path / "plantedu.sqlite")


def test_a_commitment_is_final_and_survives(book, tmp_path):
    token = new_token()
    book.commit(token, "99_lesson", ASKED, "yes", 0.8)
    with pytest.raises(PlantEduError, match="a commitment is final"):
        book.commit(token, "99_lesson", ASKED, "no", 0.9)
    kept = Predictions(tmp_path / "plantedu.sqlite").of(token, "99_lesson")["first"]
    assert (kept.choice, kept.confidence, kept.options, kept.answer) == ("yes", 0.8, 3, None)
    assert math.isnan(kept.score)


def test_a_token_is_no_option(monkeypatch):
    """`--learner -Jkcrd2xaU5sTo-cWWH9fQ` was read as options that are not there."""
    drawn = iter(["-Jkcrd2xaU5sTo-cWWH9fQ", "Jkcrd2xaU5sTo-cWWH9fQQ"])
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: next(drawn))
    assert new_token() == "Jkcrd2xaU5sTo-cWWH9fQQ"


def test_learners_and_lessons_are_apart(book):
    one, other = new_token(), new_token()
    book.commit(one, "98_a", ASKED, "yes", 0.8)
    book.commit(other, "98_a", ASKED, "no", 0.6)
    book.commit(one, "99_b", ASKED, "no", 0.5)
    assert book.of(one, "98_a")["first"].choice == "yes"
    assert book.of(other, "98_a")["first"].choice == "no"
    assert list(book.of(one)) == ["98_a/first", "99_b/first"]


def test_reveal_needs_a_commitment_and_keeps_its_first_answer(book):
    token = new_token()
    with pytest.raises(PlantEduError, match="Commit to an answer for first"):
        book.reveal(token, "99_b", "first", "no")
    book.commit(token, "99_b", ASKED, "yes", 0.5)
    assert book.reveal(token, "99_b", "first", "no").score == pytest.approx(0.25 + 0.5625 + 0.0625)
    assert book.reveal(token, "99_b", "first", "yes").answer == "no"
    assert not book.of(token, "99_b")["first"].right


@pytest.mark.parametrize("confidence", [-0.1, 1.1, math.nan, True, "high", None])
def test_confidence_is_a_probability(book, confidence):
    with pytest.raises(PlantEduError, match="probability from 0 to 1"):
        book.commit(new_token(), "99_b", ASKED, "yes", confidence)


def test_bad_choice_and_bad_token_write_nothing(book, tmp_path):
    with pytest.raises(PlantEduError, match="has the options yes, no, well"):
        book.commit(new_token(), "99_b", ASKED, "maybe", 0.5)
    with pytest.raises(PlantEduError, match="16 to 64"):
        book.commit("me", "99_b", ASKED, "yes", 0.5)
    with sqlite3.connect(tmp_path / "plantedu.sqlite") as link:
        assert link.execute("SELECT count(*) FROM predictions").fetchone() == (0,)
    link.close()


def test_tokens_are_long_and_differ():
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(is_token(token) for token in tokens)
    assert not any(is_token(bad) for bad in ("", "short", "a" * 65, "x" * 20 + "'", None, 7))


def test_of_two_windows_only_one_commits(tmp_path):
    token, path = new_token(), tmp_path / "plantedu.sqlite"

    def commit(choice):
        try:
            return Predictions(path).commit(token, "99_b", ASKED, choice, 0.9).choice
        except PlantEduError:
            return ""

    with ThreadPoolExecutor(8) as windows:
        won = list(windows.map(commit, ["yes", "no"] * 8))
    assert sum(map(bool, won)) == 1
    assert Predictions(path).of(token, "99_b")["first"].choice in won


def test_what_was_locked_with_the_answers_open_says_so(tmp_path):
    book, token = Predictions(tmp_path / "p.sqlite"), new_token()
    book.commit(token, "99_b", ASKED, "yes", 0.5, informed=True)
    assert book.of(token, "99_b")[ASKED.id].informed
    assert book.reveal(token, "99_b", ASKED.id, "no").informed
