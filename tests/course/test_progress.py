"""Where a learner stopped, and what they solved."""

from pathlib import Path

import pytest

from plantedu.course.lessons import lessons_in, parse_lesson
from plantedu.course.predictions import new_token
from plantedu.course.progress import Progress, counted, share_done, so_far
from plantedu.errors import PlantEduError
from tests.course.test_lessons import GOOD, written


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "plantedu.sqlite")


def test_the_last_lesson_opened(progress):
    token = new_token()
    assert progress.last_lesson(token) is None
    for lesson in ("01_a", "02_b", "01_a"):
        progress.opened(token, lesson)
        assert progress.last_lesson(token) == lesson
    assert progress.last_lesson(new_token()) is None


def test_solved_exercises(progress):
    token = new_token()
    progress.opened(token, "01_a")
    for exercise in ("01.1", "01.2", "01.1"):
        progress.solved(token, "01_a", exercise)
    assert progress.solved_by(token) == {"01_a": {"01.1", "01.2"}}
    assert progress.solved_by(new_token()) == {}


def test_who_learned_last(progress):
    assert progress.last_learner() is None
    first, second = new_token(), new_token()
    progress.opened(first, "01_a")
    progress.solved(second, "01_a", "01.1")
    assert progress.last_learner() == second
    progress.opened(first, "01_a")  # the same row again, now the latest
    assert progress.last_learner() == first


def test_share_counts_predictions_and_exercises(tmp_path: Path):
    lesson = parse_lesson(written(tmp_path, GOOD))
    assert [share_done(lesson, 0, 0), share_done(lesson, 1, 0), share_done(lesson, 1, 1)] == [
        0,
        0.5,
        1,
    ]
    assert share_done(lesson, 5, 5) == 1


def test_tokens_are_checked(progress):
    with pytest.raises(PlantEduError, match="16 to 64"):
        progress.opened("me", "01_a")


def test_so_far_counts_the_course_and_the_learner():
    lessons = lessons_in(Path(__file__).parents[2] / "lessons")
    said = so_far(lessons, 3, 2)
    asked = sum(len(lesson.predictions) for lesson in lessons)
    assert f"{len(lessons)} lessons" in said
    assert f"**3 of {asked}** predictions" in said
    assert "**2 of " in said


def test_an_explanation_opened_early_is_known_and_no_solved_exercise(progress):
    token = new_token()
    assert progress.looked(token, "01_pairs") == set()
    progress.explained(token, "01_pairs")
    progress.explained(token, "01_pairs", "fed_mean")
    assert progress.looked(token, "01_pairs") == {"", "fed_mean"}
    assert progress.looked(token, "02_training") == set()
    assert progress.looked(new_token(), "01_pairs") == set()
    assert progress.solved_by(token) == {}


def test_tests_of_the_clinic_are_no_exercises():
    lesson = next(x for x in lessons_in(Path(__file__).parents[2] / "lessons") if x.number == "03")
    first = lesson.predictions[0].id
    made = {f"{lesson.stem}/{first}": None, "clinic/case 1": None, "03_bump/gone": None}
    solved = {"clinic": {"case 1 fork", "case 1 probe"}, lesson.stem: {lesson.tasks[0], "gone"}}
    assert counted(lesson, made, solved) == (1, 1)
    assert counted(lesson, {}, {}) == (0, 0)
