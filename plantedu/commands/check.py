"""`python -m plantedu check 06.2 ANSWER`: judge an answer to an exercise, as the page does."""

import json as js
from dataclasses import dataclass
from typing import Annotated

import tyro

from plantedu.course.blocks import Exercise
from plantedu.course.checks import check, find_check
from plantedu.course.lessons import lessons_in
from plantedu.course.quotes import without_comments
from plantedu.errors import PlantEduError
from plantedu.exercises.outline import outlines
from plantedu.exercises.table import lesson_numbers
from plantedu.shipped_files import lessons
from plantedu.store.store import Store

LESSONS = lessons()


@dataclass(frozen=True)
class Options:
    """Judge an answer to an exercise.

    Attributes:
        exercise: Its number, such as 06.2; "list" lists all.
        answer: A number, a word, or the id of a run, as the exercise asks. Leave it out to read
            the exercise.
        hint: Show the hint.
        solution: Show the worked solution.
        json: Print the verdict as one JSON object on the last line.
    """

    exercise: Annotated[str, tyro.conf.Positional]
    answer: Annotated[str, tyro.conf.Positional] = ""
    hint: bool = False
    solution: bool = False
    json: bool = False


def exercises() -> dict[str, Exercise]:
    """Every exercise of the course by its number."""
    return {task.id: task for lesson in lessons_in(LESSONS) for task in lesson.exercises}


def main(argv: list[str]) -> int:
    """Exit code 0 for a right answer, 1 for a wrong one, 0 where nothing was answered."""
    options = tyro.cli(
        Options,
        args=argv,
        prog="python -m plantedu check",
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    known = exercises()
    if options.exercise == "list":
        print("\n".join(f"{task.id}  {task.title} ({task.difficulty})" for task in known.values()))
        return 0
    if any(options.exercise == one.key for n in lesson_numbers() for one in outlines(n)):
        raise PlantEduError(
            f"{options.exercise} is written in code: python -m plantedu exercise start "
            f"{options.exercise}"
        )
    if options.exercise not in known:
        raise PlantEduError(f"No exercise {options.exercise!r}; there are {', '.join(known)}.")
    return _asked(known[options.exercise], options)


def _asked(task: Exercise, options: Options) -> int:
    """The exercise, or the verdict on an answer."""
    verdict = None
    if options.answer:
        verdict = check(task, options.answer, store=Store())
        print(("right. " if verdict.right else "not yet. ") + verdict.text)
    else:
        print(f"{task.id} {task.title}\n\n{without_comments(task.text)}\n")
        print(f"Asked for: {find_check(task).prompt} ({find_check(task).asks})")
    for wanted, name, text in (
        (options.hint, "Hint", task.hint),
        (options.solution, "Solution", task.solution),
    ):
        if wanted:
            print(f"\n{name}: {without_comments(text)}")
    if options.json:
        right = verdict.right if verdict else None
        print(js.dumps({"exercise": task.id, "right": right}))
    return 0 if verdict is None or verdict.right else 1
