"""Runs the checks of an exercise on a function of this process. Files of a learner: `running`."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from plantedu.errors import require
from plantedu.exercises.exercise import Check, Exercise, Failed, check_name
from plantedu.exercises.reporting import Outcome, Report, report
from plantedu.exercises.table import find
from plantedu.exercises.watching import Printed, TooLongError, Watched, said_of, time_limit

STOPS = ("form", "exception", "time", "memory")  # the checks that follow would say the same again


def check(key: str, function: Callable[..., Any]) -> Report:
    """Check a function of a notebook or a script against an exercise.

    It runs in this process: a loop that never ends is stopped after some seconds where the system
    can (in the main thread, on Linux and macOS); memory has no limit. `python -m plantedu exercise
    check` runs a file in a process of its own, which has both everywhere.

    Args:
        key: The exercise, "02.5".
        function: The function; its name does not matter.

    Returns:
        The report. Printing it shows passes, failures and what they look like.

    Raises:
        PlantEduError: for a key that is not there, or something that cannot be called.
    """
    require(callable(function), f"check(key, function) checks a function; got {function!r}.")
    exercise = find(key)
    return report(exercise, list(outcomes(exercise, function)))


def outcomes(exercise: Exercise, function: Callable[..., Any]) -> Iterator[Outcome]:
    """One outcome after the other; stops after one that the others would only repeat."""
    for one in exercise.checks:
        outcome = _outcome(one, function, exercise)
        yield outcome
        if outcome.kind in STOPS:
            return


def _outcome(one: Check, function: Callable[..., Any], exercise: Exercise) -> Outcome:
    printed, started = Printed(), time.perf_counter()
    failed = None
    try:
        with contextlib.redirect_stdout(printed), time_limit(exercise.seconds):
            one(Watched(function, exercise.name))
    except Failed as error:
        failed = error
    except TooLongError:
        failed = Failed(
            f"{exercise.name} was stopped: it had not returned after {exercise.seconds:g} s of "
            "work. Does every loop end?",
            kind="time",
        )
    except Exception as error:  # the check could not use the answer
        said = said_of(error, "The check, which used your answer,")
        failed = Failed(f"{said}. Look at what your function returns.", kind="form")
    return Outcome(
        check=check_name(one),
        passed=failed is None,
        kind=failed.kind if failed else "",
        sentence=failed.sentence if failed else "",
        mistake=failed.mistake if failed else "",
        seconds=round(time.perf_counter() - started, 3),
        printed=printed.start,
    )
