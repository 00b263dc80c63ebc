"""Every row of the card: a lesson that is there, cases of both kinds, the same marks again."""

from pathlib import Path

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.report_card.table import TRIALS, trial

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

LESSONS = Path(__file__).parents[3] / "lessons"
SLOW = ("cues", "encoders", "maps", "features", "directions")  # their own tests ask for both kinds


def subject(one) -> str:
    return one.run.__module__.rpartition(".")[2]


def test_names_are_their_own_and_lessons_are_there():
    assert len({one.name for one in TRIALS}) == len(TRIALS)
    for one in TRIALS:
        assert (LESSONS / f"{one.lesson}.md").is_file(), one.name
        assert one.null
        assert one.reports
    assert {one.lesson[:2] for one in TRIALS} == {f"{k:02}" for k in range(1, 12)}
    assert any(one.trap for one in TRIALS)


@pytest.mark.parametrize(
    "one", [t for t in TRIALS if subject(t) not in SLOW], ids=lambda one: one.name
)
def test_a_trial_has_cases_of_both_kinds(one):
    assert {mark.there for mark in one.run(3)} == {True, False}


@pytest.mark.parametrize("name", ["PGD", "CKA, debiased", "S, shuffled pairs", "share settled"])
def test_a_world_gives_the_same_marks_again_and_another_world_others(name):
    one = trial(name)
    assert one.run(3) == one.run(3)
    assert name == "PGD" or one.run(4) != one.run(3)


def test_an_unknown_method_is_named():
    assert trial("PGD").lesson == "08_attacks"
    with pytest.raises(PlantEduError, match="No method on the card is called 'guess'"):
        trial("guess")
