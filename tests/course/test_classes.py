"""Classes: a code, counts without names, and one click that ends it."""

import json
import sqlite3
from pathlib import Path

import pytest

from plantedu.course.classes import DAYS, FEWEST, Classes, tidy
from plantedu.course.lessons import parse_lesson
from plantedu.course.predictions import Predictions, new_token
from plantedu.errors import PlantEduError

LESSON = parse_lesson(Path(__file__).parents[2] / "lessons" / "01_pairs.md")
ASKED = LESSON.predictions[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.sqlite"


@pytest.fixture
def classes(path):
    return Classes(path)


def learners(path, classes, code, count: int, *, reveal: bool = False) -> list[str]:
    made, tokens = Predictions(path), [new_token() for _ in range(count)]
    for k, token in enumerate(tokens):
        classes.join(code, token)
        made.commit(token, LESSON.stem, ASKED, ASKED.keys[k % 2], 0.7)
        if reveal:
            made.reveal(token, LESSON.stem, ASKED.id, ASKED.keys[0])
    return tokens


def test_votes_are_counted_before_anything_is_revealed(path, classes):
    code, _ = classes.begin()
    learners(path, classes, code, 5)
    votes = classes.votes(code, LESSON)[0]
    assert (votes.n, votes.said) == (5, pytest.approx(0.7))
    assert [votes.counts[key] for key in ASKED.keys[:2]] == [3, 2]


def test_few_votes_are_not_shown(path, classes):
    code, _ = classes.begin()
    learners(path, classes, code, FEWEST - 1)
    votes = classes.votes(code, LESSON)[0]
    assert (votes.n, votes.counts, votes.said) == (FEWEST - 1, {}, None)


def test_another_class_is_not_counted(path, classes):
    one, _ = classes.begin()
    other, _ = classes.begin()
    learners(path, classes, one, 4)
    assert classes.votes(other, LESSON)[0].n == 0
    assert classes.size(other) == 0


def test_an_export_holds_counts_and_nobody(path, classes):
    code, keeper = classes.begin()
    tokens = learners(path, classes, code, 4, reveal=True)
    text = json.dumps(classes.export(code, keeper, [LESSON]))
    assert not any(token in text for token in tokens)
    assert keeper not in text
    assert json.loads(text)["lessons"][LESSON.stem][ASKED.id]["n"] == 4


def test_deleting_leaves_no_trace_of_the_class_and_the_learners_their_own(path, classes):
    code, keeper = classes.begin()
    tokens = learners(path, classes, code, 3)
    classes.delete(code, keeper)
    link = sqlite3.connect(path)
    assert link.execute("SELECT COUNT(*) FROM classes").fetchone() == (0,)
    assert link.execute("SELECT COUNT(*) FROM members").fetchone() == (0,)
    link.close()
    assert len(Predictions(path).of(tokens[0])) == 1
    assert classes.of(tokens[0]) == []


def test_a_class_that_does_not_exist_is_a_sentence(classes):
    for code in ("ABCDEF", "", "' OR 1=1 --"):
        with pytest.raises(PlantEduError, match="There is no class"):
            classes.join(code, new_token())
        with pytest.raises(PlantEduError, match="There is no class"):
            classes.commitments(code)


def test_only_the_keeper_exports_and_deletes(classes):
    code, keeper = classes.begin()
    _, other = classes.begin()
    assert classes.keeps(code, keeper)
    for key in (other, "", "ä"):
        assert not classes.keeps(code, key)
        with pytest.raises(PlantEduError, match="not the key"):
            classes.delete(code, key)
        with pytest.raises(PlantEduError, match="not the key"):
            classes.export(code, key, [LESSON])
    assert not classes.keeps("NOSUCH", keeper)


def test_a_code_is_read_as_it_is_written_on_a_board(classes):
    code, _ = classes.begin()
    token = new_token()
    classes.join(f" {code[:3].lower()} {code[3:]}", token)
    classes.join(code, token)
    assert classes.of(token) == [code]
    assert classes.size(code) == 1
    classes.leave(code, token)
    assert classes.size(code) == 0
    assert tidy("a b\n") == "AB"
    with pytest.raises(PlantEduError, match="Only a learner"):
        classes.join(code, "me")


def test_old_classes_end_by_themselves(path):
    then = Classes(path, clock=lambda: 0.0)
    code, keeper = then.begin()
    then.join(code, new_token())
    now = Classes(path, clock=lambda: DAYS * 86_400 + 1.0)
    assert not now.keeps(code, keeper)
    assert now.size(code) == 0
