"""Classes: a code, counts without names, and one click that ends it."""

import json
import sqlite3
from pathlib import Path

import pytest

from plantedu.course.classes import DAY, DAYS, MOST, MOST_OF_PARTY, Classes, tidy
from plantedu.course.lessons import parse_lesson
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.released_votes import STEP
from plantedu.errors import DiskFullError, PlantEduError

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
    learners(path, classes, code, 3)
    votes = classes.votes(code, LESSON)[0]
    assert (votes.n, votes.said) == (3, pytest.approx(0.7))
    assert [votes.counts[key] for key in ASKED.keys[:2]] == [2, 1]


def test_few_votes_are_not_shown(path, classes):
    code, _ = classes.begin()
    learners(path, classes, code, STEP - 1)
    votes = classes.votes(code, LESSON)[0]
    assert (votes.n, votes.counts, votes.said) == (STEP - 1, {}, None)


def test_another_class_is_not_counted(path, classes):
    one, _ = classes.begin()
    other, _ = classes.begin()
    learners(path, classes, one, 4)
    assert classes.votes(other, LESSON)[0].n == 0
    assert classes.size(other) == 0


def test_an_export_holds_counts_and_nobody(path, classes):
    code, keeper = classes.begin()
    tokens = learners(path, classes, code, 5, reveal=True)
    text = json.dumps(classes.export(code, keeper, [LESSON]))
    assert not any(token in text for token in tokens)
    assert keeper not in text
    assert json.loads(text)["lessons"][LESSON.stem][ASKED.id]["n"] == 5


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


def locks(path, classes, code, choice, confidence=0.7):
    token = new_token()
    classes.join(code, token)
    Predictions(path).commit(token, LESSON.stem, ASKED, choice, confidence)


def test_what_is_shown_grows_by_three_people_at_a_time(path, classes):
    """The teacher looks after every vote; every state shown has three more than the last."""
    code, _ = classes.begin()
    states = [0]
    for k in range(11):
        locks(path, classes, code, ASKED.keys[k % 2])
        votes = classes.votes(code, LESSON)[0]
        assert votes.n == k + 1
        assert len(classes.commitments(code)) == votes.shown == sum(votes.counts.values())
        states += [votes.shown] if votes.shown != states[-1] else []
    assert states == [0, 3, 6, 9]
    assert STEP == 3


def test_who_has_the_key_is_nobody_and_does_not_fill_a_threshold(path, classes):
    code, keeper = classes.begin()
    made, teacher = Predictions(path), new_token()
    classes.join(code, teacher)
    made.commit(teacher, LESSON.stem, ASKED, ASKED.keys[1], 0.9)
    for _ in range(2):
        locks(path, classes, code, ASKED.keys[0])
    classes.teach(code, keeper, teacher)
    classes.teach(code, keeper, teacher)
    assert classes.size(code) == 2
    assert (classes.votes(code, LESSON)[0].n, classes.votes(code, LESSON)[0].counts) == (2, {})
    assert classes.of(teacher) == []
    with pytest.raises(PlantEduError, match="You teach"):
        classes.join(code, teacher)
    with pytest.raises(PlantEduError, match="not the key"):
        classes.teach(code, new_token(), new_token())


def test_who_joins_or_leaves_changes_nothing_that_was_shown(path, classes):
    """Else a token that had voted before it joined would move somebody across a threshold."""
    code, _ = classes.begin()
    tokens = learners(path, classes, code, STEP)
    before = classes.votes(code, LESSON)[0].counts
    classes.leave(code, tokens[0])
    locks(path, classes, code, ASKED.keys[1])
    assert classes.votes(code, LESSON)[0].counts == before


def test_what_cannot_be_written_down_is_not_shown(path, classes, monkeypatch):
    code, _ = classes.begin()
    learners(path, classes, code, STEP)

    def full(*_, **__):
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr(classes._database, "write", full)
    assert classes.votes(code, LESSON)[0].counts == {}


def test_an_answer_stands_beside_the_votes_once_enough_have_seen_it(path, classes):
    code, _ = classes.begin()
    tokens = learners(path, classes, code, STEP)
    made = Predictions(path)
    for token in tokens[:-1]:
        made.reveal(token, LESSON.stem, ASKED.id, ASKED.keys[0])
    assert {one.answer for one in classes.commitments(code)} == {None}
    made.reveal(tokens[-1], LESSON.stem, ASKED.id, ASKED.keys[0])
    assert {one.answer for one in classes.commitments(code)} == {ASKED.keys[0]}


def test_one_visitor_does_not_use_up_the_classes(classes):
    for _ in range(MOST_OF_PARTY):
        classes.begin("a party")
    with pytest.raises(PlantEduError, match="begun from here"):
        classes.begin("a party")
    assert classes.begin("another")


def test_made_up_classes_give_way_and_a_class_with_people_does_not(path):
    now = [1e9]
    classes = Classes(path, clock=lambda: now[0])
    joined, keeper = classes.begin("teacher")
    classes.join(joined, new_token())
    for k in range(MOST - 1):
        classes.begin(f"party {k // 5}")
    with pytest.raises(PlantEduError, match="holds 200 classes"):
        classes.begin("late")
    now[0] += 3601
    assert classes.begin("late")
    assert classes.keeps(joined, keeper)


def test_a_host_lists_classes_and_ends_one_without_its_key(path):
    now = [1e9]
    classes = Classes(path, clock=lambda: now[0])
    first, keeper = classes.begin()
    learners(path, classes, first, 2)
    now[0] += DAY
    second, _ = classes.begin()
    found = classes.every()
    assert [(one.code, one.people) for one in found] == [(second, 0), (first, 2)]
    assert [one.days_left for one in found] == pytest.approx([DAYS, DAYS - 1])
    classes.remove(f" {first.lower()}")
    assert [one.code for one in classes.every()] == [second]
    assert not classes.keeps(first, keeper)


def test_old_classes_are_deleted_without_a_new_one(path):
    now = [1e9]
    classes = Classes(path, clock=lambda: now[0])
    code, _ = classes.begin()
    learners(path, classes, code, STEP)
    classes.votes(code, LESSON)
    assert classes.end_old() == 0
    now[0] += DAYS * DAY + 1
    assert classes.end_old() == 1
    link = sqlite3.connect(path)
    for table in ("classes", "members", "released", "begun", "teachers", "stage"):
        assert link.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,), table
    link.close()
