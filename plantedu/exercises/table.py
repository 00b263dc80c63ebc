"""All exercises in code, by key. A lesson's file, and torch with it, is loaded on demand."""

import importlib
import re
from functools import cache
from pathlib import Path

from plantedu.errors import PlantEduError
from plantedu.exercises.exercise import Exercise

HERE = Path(__file__).parent


def lesson_numbers() -> list[str]:
    """The lessons that have exercises in code: "01", "02", ..."""
    return sorted(path.stem.removeprefix("lesson_") for path in HERE.glob("lesson_[0-9][0-9].py"))


@cache
def of_lesson(number: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in their order.

    Raises:
        PlantEduError: if the lesson has none.
    """
    if number not in lesson_numbers():
        given = ", ".join(lesson_numbers())
        raise PlantEduError(
            f"No exercises in code in lesson {number!r}; there are some in {given}."
        )
    return importlib.import_module(f"plantedu.exercises.lesson_{number}").EXERCISES


def find(key: str) -> Exercise:
    """The exercise of a key.

    Raises:
        PlantEduError: if there is none; names those of its lesson.
    """
    number = key.partition(".")[0]
    if not re.fullmatch(r"\d\d\.\d{1,2}", key) or number not in lesson_numbers():
        given = ", ".join(lesson_numbers())
        raise PlantEduError(
            f"No exercise {key!r}. A key is lesson and number, such as 02.5; exercises in code are "
            f"in the lessons {given}. `python -m plantedu exercise list` lists them."
        )
    found = {one.key: one for one in of_lesson(number)}
    if key not in found:
        raise PlantEduError(f"No exercise in code {key}; lesson {number} has {', '.join(found)}.")
    return found[key]
