"""What the cells of a lesson's notebook call: judge an answer, and say where numbers come from."""

import json
from pathlib import Path

from plantedu.course import quotes
from plantedu.course.checks import check, find_check
from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.quotes import Number, all_text, committed_value, rounds_to
from plantedu.errors import PlantEduError
from plantedu.shipped_files import lessons
from plantedu.store.store import Store


def answer(key: str, given: object = "") -> None:
    """Judge an answer to an exercise of a lesson, as the page does, and print the verdict.

    Args:
        key: The exercise, "02.1".
        given: A number, a word or the id of a run; "" prints what is asked for.

    Raises:
        PlantEduError: if there is no such exercise.
    """
    asked = [task for one in lessons_in(lessons()) for task in one.exercises if task.id == key]
    if not asked:
        raise PlantEduError(f"No exercise with an answer is called {key!r}.")
    wanted = find_check(asked[0])
    if not str(given).strip():
        print(f"{key} asks for: {wanted.prompt} ({wanted.asks}).")
        return
    verdict = check(asked[0], str(given), store=Store())
    print(("right. " if verdict.right else "not yet. ") + verdict.text)


def numbers(lesson: str, file: str = "") -> None:
    """Print where the numbers of a lesson come from, and whether they still agree.

    Args:
        lesson: "02".
        file: A results file, to print each number that is read from it; "" prints a line a file:
            how many numbers of it the lesson quotes, and the command that makes it (from a checkout
            of the course; minutes to hours).

    Raises:
        PlantEduError: if there is no such lesson, or a number is not where the lesson says.
    """
    found = {name: there for name, there in quoted(lesson).items() if file in ("", name)}
    if not found:
        raise PlantEduError(f"Lesson {lesson!r} quotes no number{f' of {file}' if file else ''}.")
    for name, there in found.items():
        values = [committed_value(lessons(), one.file, one.at) for one in there]
        pairs = list(zip(there, values, strict=True))
        fine = [rounds_to(one.shown, v, percent=one.percent) for one, v in pairs]
        print(f"{name}: {sum(fine)} of {len(fine)} numbers agree. {_command(name)}")
        if file:
            print(*(f"  {one.shown:>8}  {v:.6g}  {one.at}" for one, v in pairs), sep="\n")


def quoted(lesson: str) -> dict[str, list[Number]]:
    """The numbers of a lesson by the results file that holds them, each place once.

    Raises:
        PlantEduError: if there is no such lesson.
    """
    one = find_lesson(lesson)
    every = [number for text in all_text(one) for number in quotes.numbers(text)]
    found: dict[str, list[Number]] = {}
    for number in dict.fromkeys(every):
        found.setdefault(number.file, []).append(number)
    return found


def find_lesson(number: str) -> Lesson:
    """The lesson of a number, "02", or of a stem, "02_training".

    Raises:
        PlantEduError: if there is none; names those that there are.
    """
    there = lessons_in(lessons())
    for one in there:
        if number in (one.number, one.stem):
            return one
    raise PlantEduError(f"No lesson {number!r}; there are {', '.join(o.number for o in there)}.")


def _command(file: str) -> str:
    path = Path(lessons()) / file
    made = json.loads(path.read_text(encoding="utf-8")).get("command", "")
    return f"Made by: {made.removeprefix('uv run ')}" if made else ""
