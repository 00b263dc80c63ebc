"""Run sheets: numbers that the results hold, questions and tabs that the lessons have, plans that
say that they are plans."""

import re
from pathlib import Path

import pytest

from plantedu.course.lessons import parse_lesson
from plantedu.course.quotes import committed_value, numbers, rounds_to

LESSONS = Path(__file__).parents[2] / "lessons"
TEACHING = LESSONS / "teaching"
SHEETS = ("01_pairs", "03_bump", "06_similarity", "08_attacks", "11_report")


@pytest.mark.parametrize("stem", SHEETS)
def test_a_run_sheet_quotes_its_results_and_names_answers_that_are_there(stem):
    text = (TEACHING / f"{stem}.md").read_text(encoding="utf-8")
    found = numbers(text)
    assert len(found) >= 4
    for one in found:
        value = committed_value(LESSONS, one.file, one.at)
        assert rounds_to(one.shown, value, percent=one.percent), (one, value)
    lesson = parse_lesson(LESSONS / f"{stem}.md")
    keys = {key for asked in lesson.predictions for key in asked.keys}
    named = re.findall(r"Right: `(\w+)`", text)
    assert named
    assert set(named) <= keys
    said = re.search(r"^(\d+) minutes", text, re.MULTILINE)
    assert said
    assert int(said[1]) == sum(int(m) for m in re.findall(r"^\| (\d+) \|", text, re.MULTILINE))
    for part in ("Usual wrong idea", "**Waits.**", "**Leave out:**", "Same setting", "Expected"):
        assert part in text or (part == "Same setting" and stem == "11_report"), part
    tabs = (LESSONS.parent / "app" / "views" / f"{stem}.py").read_text(encoding="utf-8")
    for tab in re.findall(r"tab \*([^*]+)\*", text):
        assert f'"{tab}"' in tabs, tab


@pytest.mark.parametrize("stem", SHEETS)
def test_a_sheet_says_where_a_bet_stands_and_what_its_tab_waits_for(stem):
    """A recorded result opens when all bets of its tab are locked: also those left out."""
    text = (TEACHING / f"{stem}.md").read_text(encoding="utf-8")
    asked, locked = parse_lesson(LESSONS / f"{stem}.md").predictions, set[int]()
    rows = re.findall(r"^\|.*[Ww]all: question (\d)(.*)\|$", text, re.MULTILINE)
    assert len(rows) >= 1
    for number, words in rows:
        bet = asked[int(number) - 1]
        assert f"tab *{bet.at}*" in words
        locked |= {int(number), *map(int, re.findall(r"\d", words.partition("each locks")[2]))}
        beside = {k for k, one in enumerate(asked, 1) if one.at == bet.at}
        assert beside <= locked, (bet.at, beside - locked)


def test_plans_say_that_they_are_plans_and_take_their_minutes_from_the_sheets():
    half = (LESSONS / "workshop.md").read_text(encoding="utf-8")
    day = (TEACHING / "full_day.md").read_text(encoding="utf-8")
    assert "A plan: no people have gone through it yet" in half
    assert "A plan: no rehearsal of it has been run" in day
    for stem in SHEETS:
        sheet = (TEACHING / f"{stem}.md").read_text(encoding="utf-8")
        minutes = re.search(r"^(\d+) minutes", sheet, re.MULTILINE)
        assert minutes
        assert f"| {minutes[1]} | [{stem[:2]}]" in day
        if stem[:2] in ("01", "03", "11"):
            assert f"| {minutes[1]} | [{stem[:2]} " in half


def test_all_that_a_teacher_needs_is_there():
    names = {path.stem for path in TEACHING.glob("*.md")}
    assert names == {*SHEETS, "full_day", "handout", "answer_key", "helpers", "feedback", "reset"}
