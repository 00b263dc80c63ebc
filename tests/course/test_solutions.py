"""Every exercise: its worked solution passes its check, and answers that one might give do not."""

import re
from pathlib import Path

import pytest

from plantedu.course.blocks import Exercise
from plantedu.course.checks import check, find_check
from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import without_comments
from plantedu.errors import PlantEduError

LESSONS = Path(__file__).parents[2] / "lessons"
EXERCISES = [e for lesson in lessons_in(LESSONS) for e in lesson.exercises]
BY_ID = {e.id: e for e in EXERCISES}
ANSWERED = [e for e in EXERCISES if find_check(e).asks != "run"]
TOKEN = re.compile(r"[-−]?\d[\d,]*\.?\d*|\.\d+|[A-Za-z_]\w*")

# Wrong, and plausible: a slip of the formula, the neighbour's answer, the number one would guess.
WRONG = {
    "01.1": ("bloom", "chlorophyll"),
    "01.2": ("3", "64"),
    "01.4": ("0.2", "0.64"),
    "01.3": ("204", "1"),
    "02.1": ("6", "0"),
    "02.4": ("4.541", "23.4"),
    "03.1": ("24900", "24902"),
    "03.2": ("512", "528"),
    "03.4": ("83", "166"),
    "03.5": ("0.97", "0.083"),
    "04.2": ("1.645", "0"),
    "04.1": ("1.099", "0.56"),
    "06.1": ("0", "1"),
    "06.2": ("50", "150"),
    "06.3": ("0", "0.05"),
    "07.1": ("0.866", "60"),
    "07.2": ("0.0039", "0.0625"),
    "07.3": ("0", "0.5"),
    "07.4": ("1", "2"),
    "08.1": ("8", "0.03"),
    "08.2": ("2", "0.02"),
    "08.3": ("higher", "same"),
    "05.1": ("0.25", "0.5"),
    "05.2": ("50", "5"),
    "05.4": ("X2", "both"),
    "09.1": ("6", "-3"),
    "09.2": ("0.1", "0.7"),
    "09.3": ("yes", "sometimes"),
    "10.1": ("0.385", "0.5"),
    "10.2": ("0.01", "0.2"),
    "10.3": ("0.0313", "0.0479"),
    "11.1": ("0.8", "0.04"),
    "11.2": ("0.3", "0.33"),
    "11.3": ("0.05", "0.45"),
    "12.1": ("0.62", "0.71"),
    "12.2": ("0.05", "0.08"),
    "12.3": ("readout", "attack"),
}


def passes(exercise: Exercise, answer: str) -> bool:
    try:
        return check(exercise, answer).right
    except PlantEduError:
        return False  # no number where one is asked for


@pytest.mark.parametrize("exercise", ANSWERED, ids=lambda e: e.id)
def test_the_worked_solution_passes(exercise):
    solution = without_comments(exercise.solution).replace("−", "-").replace("*", " ")
    words = [word.replace(",", "") for word in TOKEN.findall(solution)]
    words += [word.rstrip(".") for word in words]
    assert any(passes(exercise, word) for word in words), exercise.solution


@pytest.mark.parametrize(("name", "answers"), list(WRONG.items()))
def test_plausible_wrong_answers_fail_with_a_sentence(name, answers):
    for answer in answers:
        verdict = check(BY_ID[name], answer)
        assert not verdict.right, answer
        assert len(verdict.text) > 15


def test_each_check_has_two_wrong_answers():
    asked = {e.id for e in ANSWERED}
    assert asked <= set(WRONG), f"add two wrong answers for {sorted(asked - set(WRONG))} above"
    assert all(len(answers) >= 2 for answers in WRONG.values())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_a_hint_does_not_give_the_answer_away(exercise):
    assert len(exercise.hint) >= 5
    if find_check(exercise).asks == "number":
        words = [w.rstrip(".") for w in TOKEN.findall(without_comments(exercise.hint))]
        numbers = [w.replace(",", "") for w in words if any(c.isdigit() for c in w)]
        assert not any(passes(exercise, w) for w in numbers if w not in exercise.text)


PRINTED = re.compile(r"python -m plantedu check (\S+) (\S+)$", re.MULTILINE)


def test_no_printed_command_holds_an_answer():
    """Lesson 11 printed the answer of its own exercise as an example."""
    printed = [p for one in sorted(LESSONS.glob("*.md")) for p in PRINTED.findall(one.read_text())]
    assert printed
    assert [one for one in printed if check(BY_ID[one[0]], one[1]).right] == []
