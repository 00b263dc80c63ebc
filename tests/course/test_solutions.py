"""Every exercise: its worked solution passes its check, and answers that one might give do not."""

import re
from pathlib import Path

import pytest

from plantedu.course.checks import check, find_check
from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import without_comments
from plantedu.errors import PlantEduError

LESSONS = Path(__file__).parents[2] / "lessons"
EXERCISES = [e for lesson in lessons_in(LESSONS) for e in lesson.exercises]
ANSWERED = [e for e in EXERCISES if find_check(e.check).asks != "run"]
TOKEN = re.compile(r"[-−]?\d[\d,]*\.?\d*|\.\d+|[A-Za-z_]\w*")

# Wrong, and plausible: a slip of the formula, the neighbour's answer, the number one would guess.
WRONG = {
    "private_to_rgn": ("bloom", "chlorophyll"),
    "luck_of_partners": ("3", "64"),
    "leaked_share": ("0.2", "0.64"),
    "mark_makes_lesions": ("204", "1"),
    "collapse_level": ("6", "0"),
    "code_floor": ("4.541", "23.4"),
    "first_queue_step": ("24900", "24902"),
    "floor_with_queue": ("512", "528"),
    "finder_drop": ("83", "166"),
    "curve_alone": ("0.97", "0.083"),
    "best_of_twenty": ("1.645", "0"),
    "prior_log_loss": ("1.099", "0.56"),
    "noise_by_columns": ("0", "1"),
    "forced_ones": ("50", "150"),
    "smallest_p": ("0", "0.05"),
    "turn_score": ("0.866", "60"),
    "circular_spread": ("0.0039", "0.0625"),
    "loop_by_construction": ("0", "0.5"),
    "upper_edge": ("1", "2"),
    "eight_levels": ("8", "0.03"),
    "linear_radius": ("2", "0.02"),
    "default_loss": ("higher", "same"),
    "chance_of_rank": ("0.25", "0.5"),
    "draws_of_noise": ("50", "5"),
    "guided_spread": ("larger", "same"),
    "untold_layer": ("X2", "both"),
    "linear_path": ("6", "-3"),
    "leaf_mask_mass": ("0.1", "0.7"),
    "complete_is_right": ("yes", "sometimes"),
    "selective_by_hand": ("0.385", "0.5"),
    "luck_of_factors": ("0.01", "0.2"),
    "bias_of_information": ("0.0313", "0.0479"),
    "brier_of_wrong": ("0.8", "0.04"),
    "reliability_by_hand": ("0.3", "0.33"),
    "false_discoveries": ("0.05", "0.45"),
}


def passes(name: str, answer: str) -> bool:
    try:
        return check(name, answer).right
    except PlantEduError:
        return False  # no number where one is asked for


@pytest.mark.parametrize("exercise", ANSWERED, ids=lambda e: e.id)
def test_the_worked_solution_passes(exercise):
    told = without_comments(exercise.solution).replace("−", "-").replace("*", " ")
    words = [word.replace(",", "") for word in TOKEN.findall(told)]
    words += [word.rstrip(".") for word in words]
    assert any(passes(exercise.check, word) for word in words), exercise.solution


@pytest.mark.parametrize(("name", "answers"), list(WRONG.items()))
def test_plausible_wrong_answers_fail_with_a_sentence(name, answers):
    for answer in answers:
        verdict = check(name, answer)
        assert not verdict.right, answer
        assert len(verdict.text) > 15


def test_each_check_has_two_wrong_answers():
    asked = {e.check for e in ANSWERED}
    assert asked <= set(WRONG), f"add two wrong answers for {sorted(asked - set(WRONG))} above"
    assert all(len(answers) >= 2 for answers in WRONG.values())


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_a_hint_does_not_give_the_answer_away(exercise):
    assert len(exercise.hint) >= 5
    if find_check(exercise.check).asks == "number":
        words = [w.rstrip(".") for w in TOKEN.findall(without_comments(exercise.hint))]
        numbers = [w.replace(",", "") for w in words if any(c.isdigit() for c in w)]
        assert not any(passes(exercise.check, w) for w in numbers if w not in exercise.text)
