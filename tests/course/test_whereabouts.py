"""Where a class is stuck: pages, locks and waiting runs, in steps of three people, no names."""

from dataclasses import astuple
from pathlib import Path

import pytest

from plantedu.course.classes import Classes
from plantedu.course.lessons import parse_lesson
from plantedu.course.predictions import Predictions, new_token
from plantedu.course.progress import Progress
from plantedu.course.whereabouts import in_steps, whereabouts
from plantedu.store.store import Store

LESSONS = [
    parse_lesson(Path(__file__).parents[2] / "lessons" / f"{stem}.md")
    for stem in ("01_pairs", "03_bump")
]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "s.sqlite")


@pytest.fixture
def members(store):
    """A class of eleven; its code and tokens."""
    classes = Classes(store.path)
    code, keeper = classes.begin()
    tokens = [new_token() for _ in range(11)]
    for token in tokens:
        classes.join(code, token)
    teacher = new_token()
    classes.teach(code, keeper, teacher)
    Progress(store.path).opened(teacher, "03_bump")
    return code, tokens


def test_people_are_counted_where_they_were_last(store, members):
    code, tokens = members
    progress, made = Progress(store.path), Predictions(store.path)
    for token in tokens[:8]:
        progress.opened(token, "01_pairs")
    for token in tokens[:4]:
        progress.opened(token, "03_bump")
    for token in tokens[4:8]:
        for asked in LESSONS[0].predictions:
            made.commit(token, "01_pairs", asked, asked.keys[0], 0.5)
    for token in tokens[:3]:
        store.submit("bump", {"one": token}, lane="analysis", learner=token)
    found = {one.lesson: astuple(one)[1:] for one in whereabouts(store.path, code, LESSONS)}
    few = "fewer than 3"
    assert found == {
        "": ("3 or more", few, few, few),
        "01_pairs": ("3 or more", "3 or more", few, few),
        "03_bump": ("3 or more", few, "3 or more", few),
    }


def test_a_shared_run_makes_both_wait(store, members):
    code, tokens = members
    for token in tokens[:3]:
        store.submit("bump", {"same": 1}, lane="analysis", learner=token)
    (found,) = whereabouts(store.path, code, LESSONS)
    assert found.waiting == "3 or more"


def test_counts_tell_no_single_person():
    words = [in_steps(["x"] * n) for n in range(8)]
    few = "fewer than 3"
    assert words == [few] * 3 + ["3 or more"] * 3 + ["6 or more"] * 2


def test_an_empty_class_is_nowhere(store):
    code, _ = Classes(store.path).begin()
    assert whereabouts(store.path, code, LESSONS) == []
