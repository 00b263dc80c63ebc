"""Ten numbers a lesson, in words that hold their number and its null."""

from pathlib import Path

import pytest

from plantedu.course.headlines import TEN, headlines, matching, sentences, short
from plantedu.course.lessons import lessons_in
from plantedu.course.result_pointers import Place, evidence_at

LESSONS = Path(__file__).parents[2] / "lessons"
STEMS = [lesson.stem for lesson in lessons_in(LESSONS)]


@pytest.mark.parametrize("stem", STEMS)
def test_every_lesson_has_ten_numbers_with_a_null_in_words(stem):
    words = sentences(LESSONS)[stem]
    assert len(words) == TEN
    for source, sentence in words.items():
        evidence_at(source, results=LESSONS / "results")  # raises where it is gone or has no null
        assert sentence.count("{value}") == sentence.count("{null}") == 1, sentence
    found = headlines(LESSONS, stem)
    assert len({one.says for one in found}) == TEN
    assert not any("{" in one.says for one in found)


def test_no_lesson_is_named_that_is_not_there():
    assert set(sentences(LESSONS)) == set(STEMS)


def test_what_is_not_here_is_left_out(tmp_path):
    assert headlines(tmp_path, "01_pairs") == []
    (tmp_path / "headlines.yaml").write_text(
        "01_pairs:\n  results/x.json#/a: It is {value} {null}\n"
    )
    assert headlines(tmp_path, "01_pairs") == []


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0421, ".042"), (0.13, ".13"), (-0.1, "-.10"), (1.3149, "1.31"), (12450.1, "12,450"),
     (0.00001, "0"), (-0.00001, "0"), (0.0, "0"), (95, "95")],
)  # fmt: skip
def test_numbers_are_short(number, text):
    assert short(number) == text


def test_a_search_wants_every_word_in_any_order():
    found = [Place("a", "mass of IG on lesions", True), Place("b", "rank of IG on the mark", True)]
    assert [one.source for one in matching(found, "lesions ig")] == ["a"]
    assert [one.source for one in matching(found, "ig")] == ["a", "b"]
    assert [one.source for one in matching(found, "ig", most=1)] == ["a"]
    assert matching(found, "nothing") == []
    assert matching([Place("c", "both_at_4: How many?", True)], "both at")
    assert matching([Place("c", "both_at_4: How many?", True)], "both_at_4")
