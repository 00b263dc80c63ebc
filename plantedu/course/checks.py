"""What judges an exercise: the answer in its own block, or a computation on a learner's run.

    <!-- exercise ... check=number answer=1/7 within=.004 asks="Relevance mass" why="Yes: ..." -->
    <!-- exercise ... check=word answer=no asks="yes or no" why="No: ..." -->
    <!-- exercise ... check=fork_a_run -->

A new question is a line in its lesson; a new check of a run is one row in `RUN_CHECKS`.
"""

from dataclasses import dataclass
from typing import Literal

from plantedu.course.blocks import Exercise
from plantedu.course.run_pairs import collapses_and_is_rescued, narrows, tunes_both_ways
from plantedu.course.validators import (
    CheckResult,
    Judge,
    branches,
    compares_with_untrained,
    dissects_untrained,
    examines,
    examines_another,
    forks,
    maps_a_run,
    maps_the_mark,
    near,
    rings,
    takes_the_shortcut,
    word,
)
from plantedu.errors import PlantEduError, require
from plantedu.store.store import Store


@dataclass(frozen=True)
class Check:
    """One judge.

    Attributes:
        name: "number", "word", or what exercises call it.
        asks: "number", "word", or "run" (the id of a run in the store).
        prompt: Label of the field that the page shows.
        judge: The computation.
    """

    name: str
    asks: Literal["number", "word", "run"]
    prompt: str
    judge: Judge


def find_check(task: Exercise) -> Check:
    """The check of an exercise.

    Raises:
        PlantEduError: if there is none; lists those that there are.
    """
    key = task.answer
    if key is not None and key.kind == "number":
        judge = near(key.expected, key.within, key.why, percent=key.percent)
        return Check("number", "number", key.prompt, judge)
    if key is not None:
        return Check("word", "word", key.prompt, word(key.expected, key.why))
    for one in RUN_CHECKS:
        if one.name == task.check:
            return one
    known = ["number", "word", *(one.name for one in RUN_CHECKS)]
    raise PlantEduError(f"No check is called {task.check!r}; there are {known}.")


def check(task: Exercise, answer: str, *, store: Store | None = None) -> CheckResult:
    """Judge an answer.

    Args:
        task: The exercise.
        answer: What the learner entered; a run's id where the check asks for a run.
        store: Where runs are, for checks that ask for one.

    Raises:
        PlantEduError: for an empty answer or one that is no number where a number is asked.
    """
    require(bool(str(answer).strip()), "There is no answer yet; enter one and press Check.")
    return find_check(task).judge(str(answer).strip(), store)


RUN_CHECKS = (
    Check("make_it_collapse", "run", "Your collapsed run", collapses_and_is_rescued),
    Check("shortcut_run", "run", "Your run on shared light", takes_the_shortcut),
    Check("guide_a_drawing", "run", "Your drawing with w = 3", narrows),
    Check("fork_a_run", "run", "Your fork", forks),
    Check("branch_a_run", "run", "Your branch", branches),
    Check(
        "compare_untrained", "run", "Your comparison with random weights", compares_with_untrained
    ),
    Check("tune_the_head", "run", "Your run with the frozen encoder", tunes_both_ways),
    Check("map_a_run", "run", "Your measured map", maps_a_run),
    Check("ring_an_alarm", "run", "Your attack", rings),
    Check("map_the_mark", "run", "Your map", maps_the_mark),
    Check("examine_again", "run", "Your report card", examines),
    Check("examine_another", "run", "Your examination", examines_another),
    Check("dissect_untrained", "run", "Your dictionary of random weights", dissects_untrained),
)
