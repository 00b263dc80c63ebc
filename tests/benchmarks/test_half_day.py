"""The plan as it is rehearsed: its rows, what is done in them, and where the server is killed."""

import re
from pathlib import Path

import pytest

from benchmarks.half_day import WORDS, deeds_of, half_day, killed_in
from benchmarks.half_day_deeds import LEARNS, TEACHES
from plantedu.course.lessons import lessons_in
from plantedu.errors import PlantEduError

LESSONS = Path(__file__).parents[2] / "lessons"
COURSE = lessons_in(LESSONS)


@pytest.fixture(scope="module")
def rows():
    return half_day(LESSONS, COURSE)


def test_the_half_day_is_four_hours_of_its_three_lessons(rows):
    assert sum(one.minutes for one in rows) == 240
    blocks = list(dict.fromkeys(one.block for one in rows))
    assert blocks == ["Home", "01_pairs", "break", "03_bump", "11_report", "end"]


def test_two_questions_are_locked_in_a_lesson_before_votes_and_answer(rows):
    asked = [(one.block, one.item) for one in rows if "lock" in one.deeds]
    assert asked == [
        ("01_pairs", "mesophyll_in_rgb"),
        ("01_pairs", "partner_by_light"),
        ("03_bump", "published"),
        ("03_bump", "old_ruler"),
        ("11_report", "probe"),
    ]
    for block, item in asked:
        deeds = [d for one in rows if (one.block, one.item) == (block, item) for d in one.deeds]
        assert deeds.index("lock") < deeds.index("votes") < deeds.index("the answer")


def test_every_deed_is_somebodys_and_every_tab_of_a_row_is_opened(rows):
    deeds = {deed for _, deed in WORDS}
    assert deeds == {*LEARNS, *TEACHES}
    assert deeds == {deed for one in rows for deed in one.deeds}
    pressing = [one for one in rows if re.search(r"tab \*(?!The curve)", one.says)]
    assert len(pressing) >= 5
    assert all(set(one.deeds) & set(LEARNS) for one in pressing)


@pytest.mark.parametrize(
    ("says", "deeds"),
    [
        ("wall: question 2. All lock", ("lock",)),
        ("votes; one says why; move `mesophyll` from end to end", ("votes", "move mesophyll")),
        ("votes; the detector; show the answer", ("votes", "both splits", "the answer")),
        ("one sentence each", ()),
    ],
)
def test_what_a_row_says_is_done_in_its_order(says, deeds):
    assert deeds_of(says) == deeds


def test_the_server_is_killed_while_people_lock_near_the_middle(rows):
    row = rows[killed_in(rows)]
    assert (row.block, row.item) == ("03_bump", "old_ruler")
    assert "lock" in row.deeds


def test_a_sheet_that_has_other_minutes_than_the_plan_is_refused(tmp_path):
    (tmp_path / "teaching").mkdir()
    plan = "### The plan\n\n| minutes | what | they do |\n|---|---|---|\n"
    plan += "| 60 | [01 Pairs](01_pairs.md) | predict |\n"
    (tmp_path / "workshop.md").write_text(plan)
    (tmp_path / "teaching" / "01_pairs.md").write_text("| 5 | wall: question 1. All lock |\n")
    with pytest.raises(PlantEduError, match="01_pairs: 60 minutes, its sheet has 5"):
        half_day(tmp_path, COURSE)
